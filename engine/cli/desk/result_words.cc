#include "engine/cli/desk/result_words.h"

#include "engine/cli/cases/ops_work.h"

namespace holdfast::cli {
namespace {

// The reason that holds the order, preferably one that is new since a release. The text of a reason
// names the new parts after kNew.
std::string WhyHeld(const JsonValue& decision) {
  constexpr std::string_view kNew = "new since: ";
  std::string first;
  for (const JsonValue& reason : decision["reasons"].list()) {
    if (!Holds(reason)) continue;
    const std::string_view text = reason["text"].text();
    const std::size_t at = text.find(kNew);
    if (at != text.npos) {
      return "new since your release: " + std::string(text.substr(at + kNew.size()));
    }
    if (first.empty()) first = text;
  }
  return first;
}

}  // namespace

std::string ResultWords(const JsonValue& result, const std::string& order, std::string_view type) {
  const JsonValue& decision = result["decision"];
  const std::string_view outcome = decision["outcome"].text();
  if (outcome.empty()) {
    const std::string_view what = type == "noted"    ? "note"
                                  : type == "tagged" ? "tag"
                                  : type == "asked"  ? "question"
                                                     : "decision";
    return std::string(what) + " saved on " + order;
  }
  std::string words = "order " + order + ": ";
  if (outcome != "hold") return words + std::string(outcome);
  for (const JsonValue& reason : decision["reasons"].list()) {
    if (reason["code"].text() == "SECOND_PERSON") {
      return words + "recorded, a second person must approve";
    }
  }
  words += (type == "held" ? "held, " : "still held, ") + std::string(decision["cause"].text());
  const std::string why = WhyHeld(decision);
  return why.empty() ? words : words + ": " + why;
}

}  // namespace holdfast::cli
