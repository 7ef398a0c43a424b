#include "engine/cli/cases/ops_work.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/number.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"

namespace holdfast::cli {
namespace {

// The rules whose reasons hold an order; a release names them.
std::vector<std::string> HoldingRules(const JsonValue& decision) {
  std::vector<std::string> rules;
  for (const JsonValue& reason : decision["reasons"].list()) {
    if (Holds(reason)) rules.emplace_back(reason["rule"].text());
  }
  // A release of the score also names the rules that gave the points which the reviewer saw.
  if (std::find(rules.begin(), rules.end(), "threshold") == rules.end()) return rules;
  for (const JsonValue& reason : decision["reasons"].list()) {
    if (reason["effect"].text() == "points") rules.emplace_back(reason["rule"].text());
  }
  return rules;
}

}  // namespace

std::string OtherParcels(const JsonValue& order, const std::string& parcel) {
  std::string names;
  for (const JsonValue& item : order["order"]["order"]["items"].list()) {
    const std::string name(item["parcel"].text());
    if (name == parcel) return {};
    const std::string shown = name.empty() ? "one without a name" : "'" + name + "'";
    if (names.find(shown) == names.npos) names += (names.empty() ? "" : ", ") + shown;
  }
  return names;
}

bool Holds(const JsonValue& reason) {
  const std::string_view effect = reason["effect"].text();
  return effect == "reject" || IsHolding(ValueOf<Effect>(effect));
}

Result<JsonDocument> FetchOrder(OpsClient& client, const std::string& order) {
  return client.Get("/v1/orders/" + EncodeUrl(order) +
                    (client.merchant().empty() ? "" : "?" + client.merchant()));
}

std::uint64_t SeenOf(const JsonValue& order) {
  return ParseNumber<std::uint64_t>(order["decision"]["offset"].text()).value_or(0);
}

Result<JsonDocument> SendReview(OpsClient& client, const OpsOptions& options,
                                const std::string& type, const std::string& order,
                                const ReviewWords& words, const JsonValue* looked_at) {
  JsonObject review;
  review.GivenText("reason", words.reason);
  review.GivenText("note", words.note);
  if (words.until) review.Text("until", FormatRfc3339(*words.until));
  review.GivenText("person", words.person);
  review.GivenText("request", words.request);
  review.GivenText("to", words.to);
  review.GivenText("reference", words.reference);
  review.GivenText("amount", words.amount);
  review.GivenText("currency", words.currency);
  if (!words.tags.empty()) review.Raw("tags", JsonTexts(words.tags));
  if (!words.untag.empty()) review.Raw("untag", JsonTexts(words.untag));
  std::optional<std::uint64_t> seen;
  if (looked_at != nullptr) {
    const JsonValue& decision = (*looked_at)["decision"];
    seen = SeenOf(*looked_at);
    if (type == "released") {
      review.Raw("rules", JsonTexts(HoldingRules(decision)));
      review.Raw("score", decision["score"].text().empty() ? "0" : decision["score"].text());
      review.GivenText("funds", decision["funds"].text());
    }
  }
  return client.Send(NewEvent(options, "review." + type, order, "review", review.Done()), seen);
}

int SayResult(const JsonDocument& result, const std::string& order, std::string_view wanted,
              bool json, std::string_view what) {
  const JsonValue& root = result.root();
  const JsonValue& decision = root["decision"];
  const std::string_view outcome = decision["outcome"].text();
  const int status = wanted.empty() || outcome.empty() || outcome == wanted ? 0 : 1;
  if (json) {
    std::string text;
    WriteJson(root, text);
    std::printf("%s\n", text.c_str());
    return status;
  }
  if (outcome.empty()) {
    std::printf("%s\n", Safe(std::string(what) + " saved on " + order).c_str());
    return status;
  }
  std::string line = "order " + order + ": " + std::string(outcome);
  if (outcome == "hold") line += " (" + std::string(decision["cause"].text()) + ")";
  const auto reasons = decision["reasons"].list();
  const bool waits = std::any_of(reasons.begin(), reasons.end(), [](const JsonValue& reason) {
    return reason["code"].text() == "SECOND_PERSON";
  });
  if (waits && wanted == "ship") line += ". Recorded. A second person must approve";
  std::printf("%s\n", Safe(line).c_str());
  if (outcome == "hold" || outcome == "reject") {
    for (const JsonValue& reason : decision["reasons"].list()) {
      const std::string_view effect = reason["effect"].text();
      if (effect == "points" || effect == "advise") continue;
      std::printf("  %s\n", Safe(reason["text"].text()).c_str());
    }
  }
  return status;
}

}  // namespace holdfast::cli
