#include "engine/codec/json_value.h"

#if defined(__SSE4_2__) && !defined(RAPIDJSON_SSE42)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/codec/json.h"

namespace holdfast {

// Builds values from the parser's tokens. The members of open lists and maps are kept on a stack.
class JsonBuilder {
 public:
  JsonBuilder(Arena& memory, int depth) : memory_(memory), depth_(depth) {}

  bool Null() { return Add({}); }
  bool Bool(bool value) {
    JsonValue made;
    made.kind_ = JsonValue::Kind::kBool;
    made.bool_ = value;
    return Add(made);
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return AddText(JsonValue::Kind::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return AddText(JsonValue::Kind::kText, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    name_ = {text, size};
    return true;
  }
  bool StartObject() { return Open(); }
  bool StartArray() { return Open(); }
  bool EndObject(rapidjson::SizeType count) {
    JsonValue made;
    made.kind_ = JsonValue::Kind::kMap;
    made.count_ = count;
    auto* members = memory_.AllocateArray<JsonValue::Member>(count);
    std::copy(waiting_.end() - count, waiting_.end(), members);
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(members[i].name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) {
      fault_ = "has the name '" + std::string(twice->substr(0, 40)) + "' twice in one object";
      return false;
    }
    made.members_ = members;
    return Close(made);
  }
  bool EndArray(rapidjson::SizeType count) {
    JsonValue made;
    made.kind_ = JsonValue::Kind::kList;
    made.count_ = count;
    auto* list = memory_.AllocateArray<JsonValue>(count);
    for (std::size_t i = 0; i < count; ++i) {
      list[i] = waiting_[waiting_.size() - count + i].value;
    }
    made.list_ = list;
    return Close(made);
  }
  // Numbers arrive as text (RawNumber). The parser's interface requires these functions.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  const std::string& fault() const { return fault_; }
  const JsonValue& root() const { return waiting_.front().value; }

 private:
  bool AddText(JsonValue::Kind kind, std::string_view text) {
    JsonValue made;
    made.kind_ = kind;
    made.text_ = text;
    return Add(made);
  }
  bool Add(const JsonValue& value) {
    waiting_.push_back({name_, value});
    return true;
  }
  bool Open() {
    names_.push_back(name_);
    if (static_cast<int>(names_.size()) <= depth_) return true;
    fault_ = "is nested deeper than " + std::to_string(depth_);
    return false;
  }
  bool Close(const JsonValue& made) {
    waiting_.resize(waiting_.size() - made.count_);
    name_ = names_.back();
    names_.pop_back();
    return Add(made);
  }

  Arena& memory_;
  const int depth_;
  std::string_view name_;
  std::vector<std::string_view> names_;     // of the open maps and lists
  std::vector<JsonValue::Member> waiting_;  // until their list or map ends
  std::string fault_;
};

const JsonValue& JsonValue::operator[](std::string_view name) const {
  static const JsonValue kNone;
  for (const Member& member : members()) {
    if (member.name == name) return member.value;
  }
  return kNone;
}

const JsonValue& JsonValue::operator[](std::size_t index) const {
  static const JsonValue kNone;
  return kind_ == Kind::kList && index < count_ ? list_[index] : kNone;
}

bool JsonValue::truth() const {
  return kind_ == Kind::kBool ? bool_ : text_ == "true" || text_ == "True";
}

std::span<const JsonValue> JsonValue::list() const {
  if (kind_ != Kind::kList) return {};
  return {list_, count_};
}

std::span<const JsonValue::Member> JsonValue::members() const {
  if (kind_ != Kind::kMap) return {};
  return {members_, count_};
}

Result<JsonDocument> JsonDocument::Parse(std::string_view json, int depth) {
  JsonDocument document;
  document.memory_ = std::make_unique<Arena>();
  // The parser reads whole 16-byte blocks and requires a zero byte at the end.
  char* bytes = static_cast<char*>(document.memory_->Allocate(json.size() + 17));
  json.copy(bytes, json.size());
  std::memset(bytes + json.size(), 0, 17);
  if (!IsValidUtf8({bytes, json.size()})) {
    return Fail(ErrorCode::kMalformedInput, {}, "is not valid UTF-8");
  }
  // The parser is recursive, as deep as the builder allows.
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(bytes);
  JsonBuilder builder(*document.memory_, depth);
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!builder.fault().empty()) return Fail(ErrorCode::kMalformedInput, {}, builder.fault());
  if (result.IsError()) {
    return Fail(ErrorCode::kMalformedInput, {},
                "is not JSON at byte " + std::to_string(result.Offset()) + ": " +
                    rapidjson::GetParseError_En(result.Code()));
  }
  if (stream.Tell() < json.size()) {
    return Fail(ErrorCode::kMalformedInput, {}, "holds a zero byte");
  }
  auto* root = static_cast<JsonValue*>(document.memory_->Allocate(sizeof(JsonValue)));
  *root = builder.root();
  document.root_ = root;
  return document;
}

void WriteJson(const JsonValue& value, std::string& out) {
  bool first = true;
  const auto comma = [&] {
    if (!std::exchange(first, false)) out += ',';
  };
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      out += "null";
      return;
    case JsonValue::Kind::kBool:
      out += value.truth() ? "true" : "false";
      return;
    case JsonValue::Kind::kNumber:
      out += value.text();
      return;
    case JsonValue::Kind::kText:
      WriteJsonText(value.text(), out);
      return;
    case JsonValue::Kind::kList:
      out += '[';
      for (const JsonValue& one : value.list()) {
        comma();
        WriteJson(one, out);
      }
      out += ']';
      return;
    case JsonValue::Kind::kMap:
      out += '{';
      for (const auto& [name, member] : value.members()) {
        comma();
        WriteJsonText(name, out);
        out += ':';
        WriteJson(member, out);
      }
      out += '}';
  }
}

}  // namespace holdfast
