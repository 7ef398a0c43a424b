// Type: the static type of an expression. Immutable, shared, compared by structure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cel {

enum class TypeKind : std::uint8_t {
  kDyn,  // any type, decided when the expression runs
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,      // of args[0]
  kMap,       // from args[0] to args[1]
  kType,      // of args[0], if given
  kRecord,    // named fields
  kAbstract,  // named, with parameters; opaque to the language
  kParam,     // a type parameter of an overload, or a fresh one of the checker
};

struct RecordType;

class Type {
 public:
  Type() : Type(TypeKind::kDyn) {}
  Type(TypeKind kind);  // NOLINT: kinds without particulars read well as types

  static Type List(Type element);
  static Type Map(Type key, Type value);
  static Type TypeOf(Type inner);
  static Type Record(std::shared_ptr<const RecordType> record);
  static Type Abstract(std::string name, std::vector<Type> args);
  static Type Param(std::string name);

  TypeKind kind() const { return node_->kind; }
  bool Is(TypeKind k) const { return node_->kind == k; }
  const std::vector<Type>& args() const { return node_->args; }
  const std::string& name() const { return node_->name; }
  const RecordType& record() const { return *node_->record; }

  bool operator==(const Type& other) const;

  // "list(string)".
  std::string Text() const;

 private:
  struct Node {
    TypeKind kind;
    std::vector<Type> args;
    std::string name;
    std::shared_ptr<const RecordType> record;
  };
  explicit Type(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::shared_ptr<const Node> node_;
};

// The type of a record's fields, in the order of their values.
struct RecordType {
  struct Field {
    std::string name;
    Type type;
    std::vector<std::string> words = {};  // not empty: the only texts that it can be
  };
  std::string name;
  std::vector<Field> fields;

  int IndexOf(std::string_view field) const;  // -1 when there is none
};

// Reads "list(map(string, A))"; single upper-case letters are parameters. REQUIRES: well formed.
Type ParseType(std::string_view text);

}  // namespace holdfast::cel
