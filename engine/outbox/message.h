// Message: what of a record of the log is told to others, and in which envelope.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/event_log.h"

namespace holdfast {

struct OutboxMessage {
  std::string id;  // the same whenever it is sent again; has no '.'
  std::string merchant;
  std::string order_id;  // or empty
  std::string body;      // JSON
  std::string content_type;
};

// What is done to a decision, as it stands in the log, before it leaves: see SetPermit.
using FinishDecision = std::function<void(std::string& decision)>;

// The message of a record, if it has one: a decision that was made or made again, a question to the
// buyer, an alert, a pack that was activated. `log_name` is the log's own, so that ids of two logs
// differ.
//   {"type":"order.decision.made","timestamp":"...","data":{...}}
// or as a CloudEvent (1.0.2, structured JSON).
std::optional<OutboxMessage> MessageOf(const LogRecord& record, std::string_view log_name,
                                       bool cloud_event, const FinishDecision& finish);

}  // namespace holdfast
