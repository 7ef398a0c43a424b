// JsonObject: writes a JSON object member by member.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "engine/codec/json.h"

namespace holdfast {

class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view text) {
    WriteJsonText(text, Member(name));
    return *this;
  }
  // Only when it is not empty.
  JsonObject& GivenText(std::string_view name, std::string_view text) {
    return text.empty() ? *this : Text(name, text);
  }
  JsonObject& Number(std::string_view name, std::integral auto number) {
    Member(name) += std::to_string(number);
    return *this;
  }
  JsonObject& Bool(std::string_view name, bool value) {
    Member(name) += value ? "true" : "false";
    return *this;
  }
  // A member whose value is JSON text.
  JsonObject& Raw(std::string_view name, std::string_view json) {
    Member(name) += json;
    return *this;
  }
  std::string Done() const { return json_.empty() ? "{}" : json_ + '}'; }

 private:
  std::string& Member(std::string_view name) {
    json_ += json_.empty() ? '{' : ',';
    WriteJsonText(name, json_);
    json_ += ':';
    return json_;
  }
  std::string json_;
};

// Writes a JSON array of values that are JSON text.
class JsonList {
 public:
  JsonList& Add(std::string_view json) {
    json_ += json_.empty() ? '[' : ',';
    json_ += json;
    return *this;
  }
  bool empty() const { return json_.empty(); }
  std::string Done() const { return json_.empty() ? "[]" : json_ + ']'; }

 private:
  std::string json_;
};

// A JSON array of strings.
std::string JsonTexts(const auto& texts) {
  JsonList list;
  for (const auto& text : texts) {
    std::string one;
    WriteJsonText(text, one);
    list.Add(one);
  }
  return list.Done();
}

}  // namespace holdfast
