// JSON: reads events, and writes events and decisions in canonical form: fixed key order and no
// spaces, so equal values give equal bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/exclusive_use.h"
#include "engine/base/result.h"
#include "engine/codec/event_reader.h"
#include "engine/model/decision.h"
#include "engine/model/event.h"

namespace holdfast {

// Reads one event, or one bare order, from JSON text. Reusable; one a thread.
//
// The text is copied into the event once and parsed in place; the event does not refer to `json`.
// UTF-8 is validated in a separate pass.
class JsonEventParser {
 public:
  explicit JsonEventParser(UnknownFields unknown = UnknownFields::kKeep,
                           const EventLimits& limits = {})
      : reader_(unknown, limits.depth), bytes_max_(limits.bytes) {}

  // Errors: kMalformedInput (not UTF-8, not JSON; `detail` names the byte); kInvalidInput and
  // kLimitExceeded as EventReader says. After an error `event` holds nothing of use.
  Status Parse(std::string_view json, Event& event);

 private:
  EventReader reader_;
  std::size_t bytes_max_;
  mutable ExclusiveUse use_;
};

// Adds `geo` to the JSON of an event that has none. The digest of the event does not change.
void AddGeo(const Geo& geo, std::string& json);

// Adds its merchant to the text of an event or a bare order. Returns false, and changes nothing,
// when the text may name a merchant already.
bool AddMerchant(std::string_view merchant, std::string& json);

// Appends `event` as one JSON object in canonical form, without a line end.
void WriteEvent(const Event& event, std::string& out);

// Appends `decision` as one JSON object, without a line end.
void WriteDecision(const Decision& decision, std::string& out);

// Appends `text` as a JSON string, quotes included.
void WriteJsonText(std::string_view text, std::string& out);

}  // namespace holdfast
