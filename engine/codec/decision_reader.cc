#include "engine/codec/decision_reader.h"

#include <algorithm>
#include <functional>

#include "engine/base/number.h"
#include "engine/codec/json_value.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

// Finds values by their keys, in the order of the text. Quotes within texts are escaped, so a match
// is always a key.
class InOrder {
 public:
  explicit InOrder(std::string_view json) : rest_(json) {}

  // The value after the next `key`. If the key is not found, the result is empty and the position
  // does not change.
  std::string_view Value(std::string_view key) {
    if (!Skip(key)) return {};
    const bool text = rest_.starts_with('"');
    if (text) rest_.remove_prefix(1);
    std::size_t end = 0;
    while (end < rest_.size() &&
           (text ? rest_[end] != '"' : rest_[end] != ',' && rest_[end] != '}')) {
      ++end;
    }
    return rest_.substr(0, end);
  }
  bool Skip(std::string_view key) {
    const std::size_t at = rest_.find(key);
    if (at == rest_.npos) return false;
    rest_.remove_prefix(at + key.size());
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// The end of a decision, from review_by on. Texts of any length come before it, so it is searched
// from the end.
std::string_view BackOf(std::string_view json) {
  static constexpr std::string_view kFirst = "\"review_by\":";
  static const std::boyer_moore_horspool_searcher kSeeker(kFirst.rbegin(), kFirst.rend());
  const auto at = std::search(json.rbegin(), json.rend(), kSeeker);
  if (at == json.rend()) return {};
  return json.substr(static_cast<std::size_t>(json.rend() - at) - kFirst.size());
}

}  // namespace

std::optional<DecisionHead> ReadDecisionHead(std::string_view json) {
  InOrder front(json), back(BackOf(json));
  DecisionHead head;
  const auto outcome = ValueOf<Outcome>(front.Value("\"outcome\":"));
  head.cause = ValueOf<Cause>(front.Value("\"cause\":")).value_or(Cause::kNone);
  head.score = ParseNumber<decltype(head.score)>(front.Value("\"score\":")).value_or(0);
  head.review_by = ParseEventTime(back.Value("\"review_by\":"));
  head.deadline = ParseEventTime(back.Value("\"deadline\":"));
  if (back.Skip("\"permit\":{")) {
    head.permit.order = back.Value("\"order\":");
    head.permit.payment = back.Value("\"payment\":");
  }
  if (back.Skip("\"released\":")) {
    // Ids of rules and requests. A quote within an id is escaped with a backslash.
    const std::string_view list = back.rest();
    const auto document = JsonDocument::Parse(list.substr(0, list.find("],\"pack\":") + 1));
    if (!document) return std::nullopt;
    for (const JsonValue& one : document->root().list()) head.released.emplace_back(one.text());
  }
  head.offset = ParseNumber<std::uint64_t>(back.Value("\"offset\":")).value_or(0);
  const auto decided = ParseEventTime(back.Value("\"decided_at\":"));
  if (!outcome || !decided) return std::nullopt;
  head.outcome = *outcome;
  head.decided_at = *decided;
  return head;
}

namespace {

// The first text whose key is `key`, which ends with the opening quote of the text.
std::string FirstText(std::string_view json, std::string_view key) {
  const std::size_t at = json.find(key);
  if (at == json.npos) return {};
  json.remove_prefix(at + key.size());
  std::size_t end = 0;
  bool plain = true;
  for (; end < json.size() && json[end] != '"'; ++end) {
    if (json[end] != '\\') continue;
    plain = false;
    ++end;
  }
  if (plain) return std::string(json.substr(0, end));
  const auto text = JsonDocument::Parse("[\"" + std::string(json.substr(0, end)) + "\"]");
  return text ? std::string(text->root()[std::size_t{0}].text()) : std::string();
}

}  // namespace

int ReadDecisionEngine(std::string_view json) {
  InOrder back(BackOf(json));
  return ParseNumber<int>(back.Value("},\"engine\":")).value_or(0);
}

std::string ReadDecisionMerchant(std::string_view json) {
  return FirstText(json, ",\"merchant\":\"");
}

namespace {

constexpr std::string_view kPermitKey = "\"permit\":{";

}  // namespace

bool HasPermit(std::string_view json) { return json.rfind(kPermitKey) != json.npos; }

bool SetPermitText(std::string_view permit, std::string& json) {
  const std::size_t at = json.rfind(kPermitKey);
  if (at == std::string::npos) return false;
  const std::size_t value = at + kPermitKey.size() - 1;
  json.replace(value, json.find('}', value) + 1 - value, permit);
  return true;
}

std::string ReadDecisionOrder(std::string_view json) { return FirstText(json, "{\"order_id\":\""); }

}  // namespace holdfast
