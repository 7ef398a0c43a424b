#include "engine/ingest/mapping.h"

#include <algorithm>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/yaml/yaml_reader.h"

namespace holdfast {
namespace {

using cel::Value;

Value ParseTime(std::span<const Value> args, Arena&) {
  for (const Value& arg : args) {
    if (!arg.Is(cel::Kind::kString)) return cel::NoOverload();
  }
  const auto time = ParseTimeAs(std::string(args[0].AsText()), std::string(args[1].AsText()),
                                args.size() == 3 ? args[2].AsText() : "UTC");
  return time ? Value::Timestamp(*time) : Value::Error("not a time in this format and zone");
}

Value Round(std::span<const Value> args, Arena& arena) {
  if (!args[0].Is(cel::Kind::kString) || !args[1].Is(cel::Kind::kInt)) return cel::NoOverload();
  if (args[1].integer < 0 || args[1].integer > 9) return Value::Error("digits must be 0 to 9");
  const auto rounded = RoundDecimal(args[0].AsText(), static_cast<int>(args[1].integer));
  return rounded ? Value::String(arena.Copy(*rounded)) : Value::Error("not a decimal number");
}

class MappingReader : public YamlReader {
 public:
  MappingReader(const YamlFile& file, Diagnostics& diagnostics) : YamlReader(file, diagnostics) {
    environment_.AddVariable("row", cel::ParseType("map(string, string)"));
    environment_.AddFunction("parse_time",
                             {"(string, string) timestamp", "(string, string, string) timestamp"},
                             &ParseTime);
    environment_.AddFunction("decimal", {"(string, int) string"}, &Round);
  }

  std::shared_ptr<const Mapping> Run() {
    const YamlNode& root = file().root();
    if (!root.IsMap()) {
      if (CountErrors(diagnostics()) == 0) Report("syntax", root, "a mapping is a map of keys");
      return nullptr;
    }
    CheckKeys(root, "a mapping",
              {"mapping", "delimiter", "group_by", "event", "event_id", "occurred_at", "order"});
    if (const YamlNode* name = root.Find("mapping")) mapping_->name = name->text;
    if (const YamlNode* delimiter = root.Find("delimiter")) {
      if (delimiter->text.size() == 1 || delimiter->text == "\\t") {
        mapping_->delimiter = delimiter->text == "\\t" ? '\t' : delimiter->text[0];
      } else {
        Report("type-mismatch", *delimiter, "delimiter must be one character, or \\t");
      }
    }
    Optional(root.Find("group_by"), mapping_->group_by);
    Optional(root.Find("event"), mapping_->event_type);
    Optional(root.Find("event_id"), mapping_->event_id);
    Optional(root.Find("occurred_at"), mapping_->occurred_at);
    const YamlNode* order = root.Find("order");
    if (order == nullptr || !order->IsMap()) {
      Report("missing-key", order == nullptr ? root : *order,
             "the mapping needs 'order', a map of fields");
      return nullptr;
    }
    for (const auto& [key, value] : order->members) {
      if (key.text != "items") {
        ReadField(key, value, mapping_->order);
      } else if (value.IsMap()) {
        for (const auto& [item_key, item_value] : value.members) {
          ReadField(item_key, item_value, mapping_->item);
        }
      } else {
        Report("type-mismatch", value, "items must be a map of fields; each row makes one item");
      }
    }
    for (const std::string_view name : {"id", "placed_at"}) {
      const YamlNode* field = order->Find(name);
      if (field != nullptr && field->IsScalar()) continue;
      Report("missing-key", *order,
             "the mapping needs an expression for order." + std::string(name));
    }
    if (CountErrors(diagnostics()) > 0) return nullptr;
    return mapping_;
  }

 private:
  void Optional(const YamlNode* node, std::optional<cel::Expression>& out) {
    if (node != nullptr) out = Compile(*node);
  }

  std::optional<cel::Expression> Compile(const YamlNode& node) {
    cel::Issues issues;
    auto expression = cel::CompileWritten(node.text, environment_, issues, {}, {"parse_time"});
    for (const cel::Issue& issue : issues) {
      diagnostics().push_back(file().At(Severity::kError, node, issue));
    }
    if (expression) CollectColumns(*expression->tree);
    return expression;
  }

  void CollectColumns(const cel::Expr& expr) {
    const bool select = expr.kind == cel::ExprKind::kSelect;
    const bool index = expr.kind == cel::ExprKind::kCall && expr.name == cel::op::kIndex;
    if ((select || index) && expr.args[0]->kind == cel::ExprKind::kIdent &&
        expr.args[0]->name == "row") {
      const std::string* text =
          index ? std::get_if<std::string>(&expr.args[1]->literal) : &expr.name;
      auto& columns = mapping_->columns;
      if (text != nullptr && std::find(columns.begin(), columns.end(), *text) == columns.end()) {
        columns.push_back(*text);
      }
    }
    for (const auto& arg : expr.args) CollectColumns(*arg);
  }

  void ReadField(const YamlNode& key, const YamlNode& value, std::vector<MappedField>& out) {
    MappedField field;
    field.name = key.text;
    if (value.IsMap()) {
      for (const auto& [inner_key, inner_value] : value.members) {
        ReadField(inner_key, inner_value, field.fields);
      }
    } else if (value.IsScalar()) {
      field.expression = Compile(value);
    } else {
      Report("type-mismatch", value, "a field is an expression or a map of fields");
    }
    out.push_back(std::move(field));
  }

  cel::Environment environment_;
  std::shared_ptr<Mapping> mapping_ = std::make_shared<Mapping>();
};

}  // namespace

std::shared_ptr<const Mapping> LoadMapping(const std::string& path, Diagnostics& diagnostics) {
  auto text = ReadFile(path, limits::kMappingBytes);
  if (!text) {
    diagnostics.push_back(
        {Severity::kError, "unreadable-file", path, 0, 0, 0, {}, text.error().detail, {}});
    return nullptr;
  }
  const YamlFile file = YamlFile::Parse(path, std::move(*text), diagnostics);
  return MappingReader(file, diagnostics).Run();
}

std::optional<std::string> RoundDecimal(std::string_view decimal, int digits) {
  const bool negative = !decimal.empty() && decimal.front() == '-';
  std::string_view rest = decimal.substr(negative ? 1 : 0);
  const std::size_t point = std::min(rest.find('.'), rest.size());
  std::string whole(rest.substr(0, point));
  const std::string_view fraction =
      point < rest.size() ? rest.substr(point + 1) : std::string_view();
  const auto all_digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
  const auto keep = static_cast<std::size_t>(digits);
  std::string kept = whole + std::string(fraction.substr(0, keep));
  kept.append(keep - std::min(keep, fraction.size()), '0');
  const std::string_view dropped =
      fraction.size() > keep ? fraction.substr(keep) : std::string_view();
  const bool above_half =
      !dropped.empty() &&
      (dropped[0] > '5' ||
       (dropped[0] == '5' && dropped.find_first_not_of('0', 1) != std::string_view::npos));
  const bool half = !dropped.empty() && dropped[0] == '5' && !above_half;
  if (above_half || (half && (kept.back() - '0') % 2 == 1)) {
    std::size_t i = kept.size();
    while (i > 0 && kept[i - 1] == '9') kept[--i] = '0';
    if (i == 0) {
      kept.insert(0, "1");
    } else {
      ++kept[i - 1];
    }
  }
  if (keep > 0) kept.insert(kept.size() - keep, ".");
  const bool zero = kept.find_first_not_of("0.") == std::string::npos;
  return (negative && !zero ? "-" : "") + kept;
}

}  // namespace holdfast
