// BodyMapping: the common base of mappings of JSON bodies.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "engine/codec/json_value.h"
#include "engine/webhooks/event_draft.h"

namespace holdfast {

// The base of a mapping of one delivery; everything it was given outlives it.
class BodyMapping {
 protected:
  BodyMapping(std::string_view provider, const JsonValue& root, const Delivery& delivery,
              const WebhookSettings& settings)
      : provider_(provider), root_(root), delivery_(delivery), settings_(settings) {}

  EventDraft Draft(EventType type, std::string_view id) const {
    return EventDraft(provider_, id, type, at_, settings_);
  }
  // Adds the draft to the result, with the delivery it was made from.
  void Take(EventDraft& draft) {
    draft.SetProof(delivery_);
    mapped_.events.push_back({draft.Json(), {}});
  }

  const std::string_view provider_;
  const JsonValue& root_;
  const Delivery& delivery_;
  const WebhookSettings& settings_;
  EventTime at_;  // when it happened
  Mapped mapped_;
};

// Has `Mapping` map the delivery. Errors: kMalformedInput for a body that is no JSON; the
// mapping's.
template <typename Mapping>
Result<Mapped> MapBody(const Delivery& delivery, const WebhookSettings& settings) {
  const auto document = JsonDocument::Parse(delivery.body);
  if (!document) return tl::unexpected(document.error());
  return Mapping(document->root(), delivery, settings).Run();
}

}  // namespace holdfast
