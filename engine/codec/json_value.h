// JsonValue: a parsed JSON document as a tree, for documents of others that have no schema here.
//
// Numbers keep their text, so that money and ids beyond 2^53 lose nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/base/result.h"

namespace holdfast {

class JsonValue {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText, kList, kMap };
  struct Member;

  Kind kind() const { return kind_; }
  bool IsMap() const { return kind_ == Kind::kMap; }
  bool IsList() const { return kind_ == Kind::kList; }

  // The member called `name`; the null value when there is none, or this is not a map. So a path
  // can be followed without a check at each step.
  const JsonValue& operator[](std::string_view name) const;
  // The element at `index`, likewise.
  const JsonValue& operator[](std::size_t index) const;

  // A text, or a number as it was written; empty for anything else.
  std::string_view text() const { return text_; }
  // True for true, and for the texts "true" and "True": some providers write it so.
  bool truth() const;
  std::span<const JsonValue> list() const;
  std::span<const Member> members() const;

 private:
  friend class JsonBuilder;
  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  std::uint32_t count_ = 0;
  std::string_view text_;
  const JsonValue* list_ = nullptr;
  const Member* members_ = nullptr;
};

struct JsonValue::Member {
  std::string_view name;
  JsonValue value;
};

// A parsed JSON text, with the memory of its values.
class JsonDocument {
 public:
  // Errors: kMalformedInput for text that is not UTF-8 or not JSON, is deeper than `depth`, or has
  // a name twice in one object, because two readers could read that differently.
  static Result<JsonDocument> Parse(std::string_view json, int depth = 64);

  const JsonValue& root() const { return *root_; }

 private:
  std::unique_ptr<Arena> memory_;
  const JsonValue* root_ = nullptr;
};

// Appends a value as JSON without spaces; numbers as they were written.
void WriteJson(const JsonValue& value, std::string& out);

}  // namespace holdfast
