#include "engine/cli/cases/amendment.h"

#include <algorithm>
#include <deque>
#include <iostream>
#include <iterator>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"
#include "engine/decide/amendment.h"
#include "engine/decide/packing.h"
#include "engine/decide/permit.h"
#include "engine/decide/reviewer_verdict.h"

namespace holdfast::cli {
namespace {

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

Result<std::string> AmendmentEvent(const Amendment& amendment, const JsonValue& looked_at) {
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
  return json;
}

Result<JsonDocument> SendAmendment(OpsClient& client, const Amendment& amendment,
                                   const JsonValue& looked_at) {
  const auto event = AmendmentEvent(amendment, looked_at);
  if (!event) return tl::unexpected(event.error());
  return client.Send(*event, SeenOf(looked_at));
}

namespace {

// Reads an event as the service wrote it.
Status ReadEvent(const JsonValue& json, Event& event) {
  std::string text;
  WriteJson(json, text);
  JsonEventParser parser(UnknownFields::kKeep);
  return parser.Parse(text, event);
}

// Adds the release and the answers that the amendment ends. `parcels_only`: only parcels change.
void AddDecisionEffects(const JsonValue& root, bool parcels_only, AmendmentEffects& effects) {
  const JsonValue& review = root["review"];
  const JsonValue& verdict = review["verdict"];
  const JsonValue& decision = root["decision"];
  std::vector<std::string> released;
  for (const JsonValue& rule : decision["released"].list()) released.emplace_back(rule.text());
  const bool of_packing =
      std::find(released.begin(), released.end(), kPackingReason) != released.end();
  const bool is_release =
      verdict["type"].text() == "review.released" && verdict["state"].text() != "ended";
  if (is_release && (!parcels_only || of_packing)) {
    effects.ends.push_back("the release by " + std::string(verdict["by"].text()));
    effects.holds = released;
  }
  for (const JsonValue& answer : review["answers"].list()) {
    if (answer["standing"].text() == "not_valid") continue;
    effects.ends.push_back("the buyer's answer to " + std::string(answer["request"].text()));
  }
  // Rules that the buyer's answer satisfied hold again, because the amendment voids the answer.
  for (const JsonValue& reason : decision["reasons"].list()) {
    const std::string rule(reason["rule"].text());
    const bool answered = reason["effect"].text() == "advise" && !reason["ask"].text().empty();
    const bool known = std::find(released.begin(), released.end(), rule) != released.end();
    if (answered && !known) effects.holds.push_back(rule);
  }
}

}  // namespace

Result<AmendmentEffects> EffectsOf(const Amendment& amendment, const JsonValue& looked_at) {
  const auto text = AmendmentEvent(amendment, looked_at);
  if (!text) return tl::unexpected(text.error());
  Event before, after;
  JsonEventParser parser(UnknownFields::kKeep);
  Status read = ReadEvent(looked_at["order"], before);
  if (read) read = parser.Parse(*text, after);
  if (!read) return tl::unexpected(read.error());
  AmendmentEffects effects;
  AddDecisionEffects(looked_at, DiffersInParcelsOnly(*before.order, *after.order), effects);
  const bool has_permit = !looked_at["decision"]["permit"].text().empty();
  if (has_permit && OrderClaim(*before.order) != OrderClaim(*after.order)) {
    effects.ends.push_back("the permit of the order as it is");
  }
  bool wrong = false;
  for (const JsonValue& one : looked_at["packed"].list()) {
    Event packed;
    if (Status parsed = ReadEvent(one, packed); !parsed) return tl::unexpected(parsed.error());
    if (packed.shipment == nullptr) continue;
    const auto differences = PackingDifferences(*after.order, *packed.shipment);
    if (differences.empty()) continue;
    const std::string parcel(packed.shipment->parcel);
    effects.ends.push_back("the packing check of " +
                           (parcel.empty() ? "the parcel" : "parcel " + parcel) + " (" +
                           differences.front() + ")");
    wrong = true;
  }
  if (wrong) effects.holds.emplace_back(kPackingReason);
  return effects;
}

}  // namespace holdfast::cli
