#include "engine/cli/cases/ops_work.h"

#include <chrono>
#include <cstdio>
#include <deque>
#include <iostream>
#include <iterator>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"

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

Status Change(Order& order, const std::string& change, std::deque<std::string>& memory) {
  const std::size_t equals = change.find('=');
  const std::string name = change.substr(0, equals);
  Address& address = order.shipping.address;
  std::string_view* const to = name == "name"          ? &order.shipping.name
                               : name == "phone"       ? &order.shipping.phone
                               : name == "line1"       ? &address.line1
                               : name == "line2"       ? &address.line2
                               : name == "city"        ? &address.city
                               : name == "region"      ? &address.region
                               : name == "postal_code" ? &address.postal_code
                               : name == "country"     ? &address.country
                                                       : nullptr;
  if (to == nullptr || equals == std::string::npos) {
    return Fail(ErrorCode::kUsage, "--shipping",
                "'" + change +
                    "' is not one of name=, phone=, line1=, line2=, city=, region=, postal_code=, "
                    "country=");
  }
  *to = memory.emplace_back(change.substr(equals + 1));
  return {};
}

// "SKU=PARCEL": the whole line. "SKU:2=PARCEL": two pieces of it.
Status Split(std::vector<Item>& items, const std::string& text, std::deque<std::string>& memory) {
  const auto wrong = [&](const std::string& why) {
    return Fail(ErrorCode::kUsage, "--parcel", "'" + text + "': " + why);
  };
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    return wrong("write SKU=PARCEL, or SKU:QUANTITY=PARCEL");
  }
  std::string sku = text.substr(0, equals);
  std::optional<std::int64_t> quantity;
  const auto at_sku = [&](const Item& item) { return item.sku == sku && item.parcel.empty(); };
  auto item = std::find_if(items.begin(), items.end(), at_sku);
  const std::size_t colon = sku.rfind(':');
  if (item == items.end() && colon != std::string::npos) {
    quantity = ParseNumber<std::int64_t>(std::string_view(sku).substr(colon + 1));
    if (quantity.value_or(0) < 1) return wrong("the quantity is a whole number from 1");
    sku.resize(colon);
    item = std::find_if(items.begin(), items.end(), at_sku);
  }
  if (item == items.end()) return wrong("no line with this SKU is without a parcel");
  const std::string_view parcel = memory.emplace_back(text.substr(equals + 1));
  if (quantity && *quantity > item->quantity) {
    return wrong("only " + std::to_string(item->quantity) + " are ordered");
  }
  if (!quantity || *quantity == item->quantity) {
    item->parcel = parcel;
    return {};
  }
  Item part = *item;
  part.quantity = *quantity;
  part.parcel = parcel;
  item->quantity -= *quantity;
  items.insert(item + 1, part);
  return {};
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
  return effect == "hold" || effect == "reject" || effect == "funds" || effect == "threshold";
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

Result<JsonDocument> SendAmendment(OpsClient& client, const Amendment& amendment,
                                   const JsonValue& looked_at) {
  if (!looked_at["order"].IsMap()) {
    return Fail(ErrorCode::kUnknownOrder, std::string(looked_at["order_id"].text()),
                "has not been placed; only what came before it is known");
  }
  std::string text;
  if (amendment.file.empty()) {
    WriteJson(looked_at["order"], text);
  } else {
    std::string file;
    if (amendment.file == "-") {
      file.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
      auto read = ReadFile(amendment.file, limits::kEventBytes);
      if (!read) return tl::unexpected(read.error());
      file = std::move(*read);
    }
    const auto document = JsonDocument::Parse(file);
    if (!document) return tl::unexpected(document.error());
    std::string order;
    WriteJson(document->root(), order);
    text = JsonObject()
               .Text("id", "amendment")
               .Text("type", "order.amended")
               .Text("occurred_at", FormatRfc3339(WallTime()))
               .Raw("order", order)
               .Done();
  }
  Event event;
  JsonEventParser parser(UnknownFields::kKeep);
  if (Status parsed = parser.Parse(text, event); !parsed) return tl::unexpected(parsed.error());
  if (event.order == nullptr || event.order_id != looked_at["order_id"].text()) {
    return Fail(ErrorCode::kUsage, amendment.file, "is not this order");
  }
  // The order is copied and changed. Its texts belong to the event and to `memory`.
  Order order = *event.order;
  std::vector<Item> items(order.items.begin(), order.items.end());
  std::deque<std::string> memory;
  for (const std::string& change : amendment.shipping) {
    if (Status changed = Change(order, change, memory); !changed) {
      return tl::unexpected(changed.error());
    }
  }
  for (const std::string& parcel : amendment.parcels) {
    if (Status split = Split(items, parcel, memory); !split) return tl::unexpected(split.error());
  }
  order.items = items;
  order.payment = nullptr;  // only providers report payments
  Event amended;
  const std::string id = NewEventId();
  amended.id = id;
  amended.type = EventType::kOrderAmended;
  amended.merchant = event.merchant;
  amended.occurred_at = WallTime();
  amended.order_id = event.order_id;
  amended.order = &order;
  std::string json;
  WriteEvent(amended, json);
  return client.Send(json, SeenOf(looked_at));
}

}  // namespace holdfast::cli
