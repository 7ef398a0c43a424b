// Engine: folds events into state and decides the orders they touch.
//
// One engine is one shard: a deterministic fold, apply(state, event) -> state', outputs. The same
// events in the same order give the same decisions, byte for byte.
// Threads: one owner.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/decide/decide.h"
#include "engine/decide/fact_row.h"
#include "engine/features/fold.h"
#include "engine/features/links.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/due_events.h"
#include "engine/pipeline/event_checks.h"
#include "engine/pipeline/order_fold.h"
#include "engine/pipeline/order_money.h"
#include "engine/pipeline/order_names.h"
#include "engine/store/store.h"

namespace holdfast {

struct Applied {
  bool duplicate = false;            // this event was applied before; nothing changed
  bool joined = false;               // its order was found by the event's references
  bool parked = false;               // its order is not known; it waits for one of its references
  std::uint64_t offset = 0;          // in the log; of a duplicate that of the first
  std::optional<Decision> decision;  // of the order that the event touched, where there is one
  std::string ruling;                // of Deciding::kRuling, as PutRuling writes it
  std::string facts;  // what it came from, as PutFactRow writes it; empty unless they are recorded
};

// What is made of an order that an event has touched.
enum class Deciding : std::uint8_t {
  kNot,
  kWords,   // a decision, as it is answered
  kRuling,  // what it comes to, and no more: Applied::ruling
};

// On what terms an event is taken; what does not meet them is refused.
struct Terms {
  // The last decision of the order that the sender of the event has seen: kConflict when there is a
  // later one, or there would be by now.
  std::optional<std::uint64_t> seen;
  // An amendment may change where the order goes and its parcels alone: else kForbidden.
  bool keeps_lines = false;
};

class Engine {
 public:
  Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store);

  // Applies one event, and gives it the next offset. Before it come, as events of their own, each
  // with an offset, and handed to `fired`:
  // - deadlines of the merchant's orders that have come by its time; without `fired` they wait. At
  //   most 1,000 come with one event, and none that the event is more than 30 days behind: its time
  //   is taken for a fault;
  // - events that waited for one of the event's references, now that it says which order that is;
  // - the alert of an order that is dispatched though it was not to be shipped.
  // Errors, after which nothing has changed: kDuplicateConflict, kOrderExists, kUnknownOrder (an
  // amendment or a review before its order), kInvalidInput (a change of a list that cannot be
  // changed), kLimitExceeded (too much waits for one reference).
  using Fired = std::function<void(const std::shared_ptr<Event>& event, Applied applied)>;
  // Without `decide` nothing is decided and no deadline comes: history is taken over.
  Result<Applied> Apply(const std::shared_ptr<Event>& event, const Fired& fired = {},
                        bool decide = true, const Terms& terms = {});

  // Applies the deadlines of all merchants that have come by `now`, however far behind they are, at
  // most `most` of them.
  void FireDeadlines(EventTime now, std::size_t most, const Fired& fired);

  // From now on what Apply and FireDeadlines do comes with facts. Returns their schema.
  const std::string& RecordFacts();

  // What the rules say of recorded facts, appended as PutRuling writes it; `map` is of their schema
  // and this engine's pack. Only lists are read of the state. Errors: kCorrupt.
  Status GiveRuling(const FactRow& row, const FactMap& map, std::string& ruling);

  // Says that `event` will be applied soon: what is known of it is brought near. Changes nothing.
  void Prefetch(const Event& event) const;

  // Folds an event that was accepted before at its offset, maybe under another pack: changes of
  // lists that this pack has not are passed over. `decision` is what it led to then; deadlines are
  // kept as it says. Errors: kCorrupt for an event that cannot have been accepted.
  Result<Applied> Replay(const std::shared_ptr<Event>& event, Deciding deciding,
                         std::string_view decision);

  // The offset of an event that was applied, or of the one that it repeats.
  std::uint64_t OffsetOf(const Event& event) const;
  // Is the permit of the decision that the event led to still that of its order?
  bool PermitStands(const Event& event) const;
  // Gives an event that was applied, and may have led to a decision, another offset; those of one
  // order in the order in which they were applied.
  void AssignOffset(Event& event, std::uint64_t offset, bool decided);

  // The offset of the last event applied; the next gets the one after it.
  std::uint64_t last() const { return last_; }
  void SetLast(std::uint64_t offset) { last_ = offset; }

  // How the order is decided as things stand; nothing for an order that is not known. Changes
  // nothing.
  std::optional<Explanation> Explain(std::string_view merchant, std::string_view order_id);

  // What is known of an order, by the names of facts, as texts; those that are missing are left
  // out. Nothing for an order that is not known.
  std::vector<std::pair<std::string, std::string>> FactTexts(std::string_view merchant,
                                                             std::string_view order_id) const;

  const Pack& pack() const { return *pack_; }
  const Store& store() const { return *store_; }

 private:
  void Begin();
  void FireBefore(const Event& event, bool quiet, const Fired& fired);
  void Remember(const Event& event);
  Applied ApplyOne(const EventPtr& event, Deciding deciding, bool stands = true);
  std::string FactsOf(const Event& event, const OrderState* state, const Applied& applied);

  std::shared_ptr<const Pack> pack_;
  std::unique_ptr<Store> store_;
  std::uint64_t last_ = 0;
  std::unique_ptr<FeatureFold> features_;
  std::unique_ptr<Links> links_;
  std::unique_ptr<Decider> decider_;
  std::unique_ptr<OrderNames> names_;
  std::unique_ptr<OrderMoney> money_;
  std::unique_ptr<FactContexts> contexts_;
  std::unique_ptr<History> history_;
  std::unique_ptr<OrderFold> fold_;
  std::unique_ptr<EventChecks> checks_;
  std::unique_ptr<DueEvents> due_;
  std::optional<FactSchema> schema_;  // when facts are recorded
  std::uint64_t pack_id_ = 0;         // then
};

}  // namespace holdfast
