// Message: the message that is sent to receivers for a record of the log.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/event.h"
#include "engine/store/event_log.h"

namespace holdfast {

// What a message is about, before it is made.
struct MessageHead {
  std::shared_ptr<const Event> event;  // of the record
  std::string type;                    // such as order.decision.made
};

struct OutboxMessage {
  std::string id;            // the same whenever it is sent again; has no '.'
  std::string body;          // JSON
  std::string content_type;  // of the body
};

// Changes a logged decision (JSON) before it is sent; see SetPermit.
using FinishDecision = std::function<void(std::string& decision)>;

// Returns what the record's message is about. Empty for a record without a message, which has no
// decision, raises no alert and activates no pack.
std::optional<MessageHead> ReadMessageHead(const LogRecord& record);

// The message of a record. `log_name` is the log's own, so that ids of two logs differ.
//   {"type":"order.decision.made","timestamp":"...","data":{...}}
// or as a CloudEvent (1.0.2, structured JSON).
OutboxMessage MakeMessage(const LogRecord& record, const MessageHead& head,
                          std::string_view log_name, bool cloud_event,
                          const FinishDecision& finish);

}  // namespace holdfast
