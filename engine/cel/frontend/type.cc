#include "engine/cel/frontend/type.h"

#include <array>
#include <cassert>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/enum_names.h"

namespace holdfast::cel {
namespace {

constexpr std::string_view kNames[] = {"dyn",    "null",   "bool",  "int",       "uint",
                                       "double", "string", "bytes", "timestamp", "duration",
                                       "list",   "map",    "type"};
// Records, abstract types and parameters have names of their own.
static_assert(std::size(kNames) + 3 == EnumCount<TypeKind>());

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}
  Type Read() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '(' && text_[at_] != ',' && text_[at_] != ')') ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    std::vector<Type> args;
    if (at_ < text_.size() && text_[at_] == '(') {
      do {
        ++at_;
        while (text_[at_] == ' ') ++at_;
        args.push_back(Read());
      } while (text_[at_] == ',');
      ++at_;
    }
    if (name == "list") return Type::List(args.at(0));
    if (name == "map") return Type::Map(args.at(0), args.at(1));
    if (name == "type" && !args.empty()) return Type::TypeOf(args.at(0));
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
      if (kNames[i] == name) return Type(static_cast<TypeKind>(i));
    }
    if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') return Type::Param(std::string(name));
    return Type::Abstract(std::string(name), std::move(args));
  }

  bool at_end() const { return at_ == text_.size(); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Type::Type(TypeKind kind) {
  static const auto kNodes = [] {
    std::array<std::shared_ptr<const Node>, EnumCount<TypeKind>()> nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      nodes[i] = std::make_shared<const Node>(Node{static_cast<TypeKind>(i), {}, {}, {}});
    }
    return nodes;
  }();
  node_ = kNodes[static_cast<std::size_t>(kind)];
}

Type Type::List(Type element) {
  return Type(std::make_shared<const Node>(Node{TypeKind::kList, {std::move(element)}, {}, {}}));
}
Type Type::Map(Type key, Type value) {
  return Type(std::make_shared<const Node>(
      Node{TypeKind::kMap, {std::move(key), std::move(value)}, {}, {}}));
}
Type Type::TypeOf(Type inner) {
  return Type(std::make_shared<const Node>(Node{TypeKind::kType, {std::move(inner)}, {}, {}}));
}
Type Type::Record(std::shared_ptr<const RecordType> record) {
  return Type(std::make_shared<const Node>(Node{TypeKind::kRecord, {}, {}, std::move(record)}));
}
Type Type::Abstract(std::string name, std::vector<Type> args) {
  return Type(std::make_shared<const Node>(
      Node{TypeKind::kAbstract, std::move(args), std::move(name), {}}));
}
Type Type::Param(std::string name) {
  return Type(std::make_shared<const Node>(Node{TypeKind::kParam, {}, std::move(name), {}}));
}

bool Type::operator==(const Type& other) const {
  if (node_ == other.node_) return true;
  return node_->kind == other.node_->kind && node_->name == other.node_->name &&
         node_->record == other.node_->record && node_->args == other.node_->args;
}

std::string Type::Text() const {
  if (Is(TypeKind::kRecord)) return record().name;
  std::string text = Is(TypeKind::kAbstract) || Is(TypeKind::kParam)
                         ? name()
                         : std::string(kNames[static_cast<std::size_t>(kind())]);
  if (args().empty()) return text;
  text += '(';
  for (std::size_t i = 0; i < args().size(); ++i) {
    if (i > 0) text += ", ";
    text += args()[i].Text();
  }
  return text + ")";
}

int RecordType::IndexOf(std::string_view field) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return static_cast<int>(i);
  }
  return -1;
}

Type ParseType(std::string_view text) {
  TypeReader reader(text);
  Type type = reader.Read();
  HOLDFAST_CHECK(reader.at_end());
  return type;
}

}  // namespace holdfast::cel
