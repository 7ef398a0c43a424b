// Outbox: decisions and alerts on their way to others.
//
// What leaves is read from the log, where a decision stands because the write that made it put it
// there: nothing can leave that is not on disk, and nothing that is on disk is forgotten. Each
// endpoint has a cursor of its own, so one that is down waits alone; who decides does not wait at
// all. Messages of one order leave in their order. Every message leaves at least once: after a
// crash those since the cursor was last kept leave again, with the same id.
//
// A post that fails is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h,
// each a tenth more or less (the schedule that Standard Webhooks proposes); after three days it is
// a dead letter. When five in a row have failed (those of one second count once, and those that the
// receiver refused with 4xx not at all), only one at a time is tried until one succeeds.
//
// FOLDER/NAME.json holds the cursor and what is to be tried again, FOLDER/NAME.dead.ndjson the dead
// letters. FOLDER/NAME.replay may be written by anyone: offsets to send once more.
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
  // Sends from `log`, which outlives it, one thread an endpoint. An endpoint that is new begins at
  // the end of the log. `finish` is called in the threads of the endpoints. Errors: kIo, kCorrupt
  // for the files of `folder`.
  static Result<std::unique_ptr<Outbox>> Start(const EventLog& log, const std::string& folder,
                                               const std::vector<EndpointConfig>& endpoints,
                                               const FinishDecision& finish = {});
  // Stops; what is on its way is sent again later.
  ~Outbox();

  std::vector<EndpointState> States() const;

 private:
  Outbox() = default;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace holdfast
