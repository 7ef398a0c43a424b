#include "engine/packs/question_templates.h"

#include <algorithm>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kPlaceholders[] = {"order_id", "total", "currency",
                                              "name",     "city",  "country"};

// Calls `add_text` and `add_name` with the parts of a template, in order. Returns what is wrong.
template <typename AddText, typename AddName>
std::string Split(std::string_view text, const AddText& add_text, const AddName& add_name) {
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    if (open > 0) add_text(text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('}');
    if (close == text.npos) return "a '{' is not closed";
    const std::string_view name = text.substr(1, close - 1);
    const auto known = std::find(std::begin(kPlaceholders), std::end(kPlaceholders), name);
    if (known == std::end(kPlaceholders)) {
      return "there is no placeholder '{" + std::string(name) + "}'; it is " +
             OrList({std::begin(kPlaceholders), std::end(kPlaceholders)});
    }
    add_name(name);
    text.remove_prefix(close + 1);
  }
  return {};
}

}  // namespace

std::string FaultOfQuestion(std::string_view text) {
  if (Trim(text).empty()) return "is empty";
  if (text.size() > limits::kLongTextBytes / 2) {
    return "is longer than " + std::to_string(limits::kLongTextBytes / 2) + " bytes";
  }
  return Split(
      text, [](std::string_view) {}, [](std::string_view) {});
}

std::string FillQuestion(std::string_view text,
                         const std::function<std::string(std::string_view name)>& value_of) {
  std::string filled;
  const std::string fault = Split(
      text, [&](std::string_view part) { filled += part; },
      [&](std::string_view name) {
        for (const char c : value_of(name)) {
          const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
          filled += control ? ' ' : c;
        }
      });
  HOLDFAST_CHECK(fault.empty());
  return filled;
}

}  // namespace holdfast
