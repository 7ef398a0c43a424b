// Outbox: sends decisions and alerts to receivers.
//
// Messages are read from the log, which holds each decision once it is made. So nothing is sent
// that is not on disk, and nothing that is on disk is forgotten. Each endpoint has its own cursor,
// so a receiver that is down delays only itself, and never the pipeline. The messages of one order
// are sent in order. Every message is sent at least once: after a crash, messages since the cursor
// was last stored are sent again with the same id.
//
// A post that fails is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h,
// each varied by up to a tenth (the schedule that Standard Webhooks proposes). After three days it
// becomes a dead letter. After five failures in a row only one message at a time is tried until one
// succeeds. Failures within one second count once; refusals with 4xx do not count.
//
// FOLDER/NAME.json holds the cursor and the messages to be tried again, FOLDER/NAME.dead.ndjson the
// dead letters. Any program may write FOLDER/NAME.replay: the offsets of messages to send once
// more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/outbox/endpoint.h"
#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/message.h"
#include "engine/store/event_log.h"

namespace holdfast {

class Outbox {
 public:
  // Sends from `log`, which must outlive it, with one thread for each endpoint. A new endpoint
  // begins at the end of the log. `finish` is called on the threads of the endpoints. Errors: kIo,
  // kCorrupt for the files of `folder`.
  static Result<std::unique_ptr<Outbox>> Start(const EventLog& log, const std::string& folder,
                                               const std::vector<EndpointConfig>& endpoints,
                                               const FinishDecision& finish = {});
  // Stops sending. Messages that are not confirmed are sent again at the next start.
  ~Outbox();

  std::vector<EndpointState> States() const;
  // What became of the message of the record `offset` at each endpoint for this merchant.
  std::vector<DeliveryStatus> DeliveriesOf(std::string_view merchant, std::uint64_t offset) const;

 private:
  Outbox() = default;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace holdfast
