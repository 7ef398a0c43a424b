// Rescore: computes what another pack would have decided. The log is replayed from its beginning by
// the engine that also decides live, into separate state; nothing else is changed. If the pack
// reads only facts that were recorded with the decisions, those are used instead (from_facts.h).
// Both give the same result.
//
// The rulings on each order are put together at the end. The result is the same, byte for byte, for
// any number of jobs. Memory is bounded: state by the cache, orders by the parts of
// engine/rescore/spill.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/packs/pack.h"
#include "engine/rescore/tally.h"
#include "engine/store/event_log.h"

namespace holdfast {

struct RescoreOptions {
  std::shared_ptr<const Pack> pack;
  // The pack to compare with; null: compare with the logged decisions.
  std::shared_ptr<const Pack> baseline;
  std::string merchant;                // only this; empty: all
  std::optional<EventTime> from, to;   // only orders placed then; `to` itself not
  std::uint32_t jobs = 1;              // threads that fold; merchants are spread over them
  std::size_t cache_bytes = 1 << 30;   // of state in memory, all jobs together
  std::uint64_t checkpoint = 250'000;  // events after which all is put on disk
  // An order that was sent and has no complaint this long after it was placed counts as good; a
  // younger one may still get one. Card schemes allow 120 days; most chargebacks come within 60.
  std::int64_t label_delay = 60 * 86'400 * kNanosPerSecond;
  // The time at which the age of orders is measured; evidence after it is ignored. Empty: the time
  // of the log's latest event.
  std::optional<EventTime> as_of;
  bool fold = false;  // replay even if recorded facts would be enough
  // Compare the logged decisions of the same pack byte for byte; this needs a replay.
  bool prove = true;
  // A folder for scratch, and with "-facts" behind it another; the caller's to remove, by
  // RemoveScratch, and to keep others from. One that a stopped fold of the same kind has left is
  // gone on with.
  std::string work;
  // Calls its argument with each label given by the user. These labels override the evidence in the
  // log.
  using TakeLabel =
      std::function<void(std::string_view merchant, std::string_view order_id, bool fraud)>;
  std::function<Status(const TakeLabel&)> labels;
};

// Reports progress: `done` of `all` events. Returning false stops (kInterrupted).
using RescoreProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

struct Rescored {
  Tally tally;
  EventTime as_of;
  std::string why_folded;            // why it was replayed; empty: recorded facts were used
  bool recorded_of_trimmed = false;  // these, of a log that was trimmed: a fold may say otherwise
  std::uint64_t labels_unknown = 0;  // labels from outside of orders that the log has not
};

// Calls `visit` with every order that has rulings. The sequence depends only on the orders. Errors:
// as ReplayLog and OpenStateDisk; kIo for scratch; kInvalidInput for labels that disagree; as
// `visit`.
Result<Rescored> Rescore(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress,
                         const std::function<Status(const OrderCase&)>& visit);

}  // namespace holdfast
