// Rescore: what another pack would have done. A log is folded again from its beginning, by the same
// engine that decides live, into state of its own; nothing else is changed. For a pack that reads
// nothing but facts that were recorded with the decisions, these are enough: see from_facts.h. Both
// give the same.
//
// What each order had before and would have had is put together at the end; whatever the number of
// jobs, the result is the same, byte for byte. Memory is bounded: state by the cache, orders by the
// parts of engine/rescore/spill.h.
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
  // What it is compared with; null: what was decided then.
  std::shared_ptr<const Pack> baseline;
  std::string merchant;                // only this; empty: all
  std::optional<EventTime> from, to;   // only orders placed then; `to` itself not
  std::uint32_t jobs = 1;              // threads that fold; merchants are spread over them
  std::size_t cache_bytes = 1 << 30;   // of state in memory, all jobs together
  std::uint64_t checkpoint = 250'000;  // events after which all is put on disk
  // An order that was sent and has no complaint so long after it was placed is a good one; a
  // younger one may still get one. Card schemes allow 120 days, most chargebacks come within 60.
  std::int64_t label_delay = 60 * 86'400 * kNanosPerSecond;
  // What is young is young then, and what came later says nothing of an order; nothing: at the
  // log's latest event.
  std::optional<EventTime> as_of;
  bool fold = false;  // also where recorded facts would do
  // Decisions that the pack has made itself are compared byte for byte; that takes a fold.
  bool prove = true;
  // A folder for scratch, and with "-facts" behind it another; the caller's to remove, by
  // RemoveScratch, and to keep others from. One that a stopped fold of the same kind has left is
  // gone on with.
  std::string work;
  // Calls with the labels that are known from outside: they count more than what the log says.
  using TakeLabel =
      std::function<void(std::string_view merchant, std::string_view order_id, bool fraud)>;
  std::function<Status(const TakeLabel&)> labels;
};

// Called with how many events of how many have been folded; false stops (kInterrupted).
using RescoreProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

struct Rescored {
  Tally tally;
  EventTime as_of;
  std::string why_folded;            // empty: it was rescored from recorded facts
  bool recorded_of_trimmed = false;  // these, of a log that was trimmed: a fold may say otherwise
  std::uint64_t labels_unknown = 0;  // labels from outside of orders that the log has not
};

// Calls `visit` with every order that was ruled on, in an order that depends on nothing but the
// orders. Errors: as ReplayLog and OpenStateDisk; kIo for scratch; kInvalidInput for labels that
// disagree; as `visit`.
Result<Rescored> Rescore(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress,
                         const std::function<Status(const OrderCase&)>& visit);

}  // namespace holdfast
