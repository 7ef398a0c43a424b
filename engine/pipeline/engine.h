// Engine: folds events into state and decides the orders they touch.
//
// One engine is one shard: a deterministic fold, apply(state, event) -> state', outputs. The same
// events in the same order give the same decisions, byte for byte.
// Threads: one owner.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/base/exclusive_use.h"
#include "engine/base/result.h"
#include "engine/decide/decide.h"
#include "engine/decide/fact_row.h"
#include "engine/features/feature_fold.h"
#include "engine/features/links.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/due_events.h"
#include "engine/pipeline/event_checks.h"
#include "engine/pipeline/find.h"
#include "engine/pipeline/order_fold.h"
#include "engine/pipeline/order_money.h"
#include "engine/pipeline/order_names.h"
#include "engine/store/store.h"

namespace holdfast {

struct Applied {
  bool duplicate = false;            // this event was applied before; nothing changed
  bool joined = false;               // its order was found by the event's references
  bool parked = false;               // its order is not known yet; the event waits for it
  std::uint64_t offset = 0;          // in the log; of a duplicate: that of the original event
  std::optional<Decision> decision;  // set when the event led to one
  std::string ruling;                // set with Deciding::kRuling; encoded by PutRuling
  std::string facts;  // fact row, encoded by PutFactRow; empty unless RecordFacts was called
};

// What the engine computes for an order that an event changed.
enum class Deciding : std::uint8_t {
  kNothing,
  kDecision,  // a complete decision: Applied::decision
  kRuling,    // only the ruling, without texts: Applied::ruling
};

// Preconditions of an event. It is refused when one of them does not hold.
struct Preconditions {
  // The offset of the last decision that the sender has seen. kConflict when the order has a later
  // decision, or a deadline that is due at the event's time.
  std::optional<std::uint64_t> seen;
  // An amendment may change only the shipping party and the parcels; otherwise kForbidden.
  bool only_shipping_may_change = false;
};

class Engine {
 public:
  Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store);

  // Applies one event and assigns it the next offset. Some events are applied before it; each gets
  // its own offset and is passed to `fired`:
  // - deadlines of the merchant's orders that are due at the event's time. Without `fired` they are
  //   not applied. At most 1,000 are applied with one event. A deadline more than 30 days before
  //   the event's time is not, because such a time means a wrong clock;
  // - events that waited for one of the event's references, now that the event says which order
  //   that is;
  // - alerts, such as about an order that is dispatched although it was not to be shipped.
  // After an error nothing has changed. Errors: kDuplicateConflict, kOrderExists, kUnknownOrder (an
  // amendment or a review before its order), kInvalidInput (such as a change of a list that cannot
  // be changed), kLimitExceeded (too many events wait for one reference); those of CheckReview and
  // `terms`.
  using OnOwnEvent = std::function<void(const std::shared_ptr<Event>& event, Applied applied)>;
  // With `decide` false the event is imported as history: no order is decided and no deadline
  // fires.
  Result<Applied> Apply(const std::shared_ptr<Event>& event, const OnOwnEvent& fired = {},
                        bool decide = true, const Preconditions& terms = {});

  // Applies up to `most` deadlines, of all merchants, that are due at `now`, however old they are.
  void FireDeadlines(EventTime now, std::size_t most, const OnOwnEvent& fired);

  // From now on Apply and FireDeadlines also record facts (Applied::facts). Returns the schema of
  // the facts (FactSchema::text).
  const std::string& RecordFacts();

  // Evaluates the rules on recorded facts and appends the ruling to `ruling`, encoded by PutRuling.
  // `map` must be made from the row's schema and this engine's pack. Of the state only list edits
  // are read. Errors: kCorrupt.
  Status AppendRuling(const FactRow& row, const FactMap& map, std::string& ruling);

  // Prefetches the memory that applying `event` will need. A hint; changes nothing.
  void Prefetch(const Event& event) const;

  // Applies an event of the log at its logged offset. It may have been accepted under another pack;
  // changes of lists that this pack does not have are ignored. `decision` is the logged decision as
  // JSON; the order's deadline, hold and permit are set from it. Empty: there was none. Errors:
  // kCorrupt for an event that cannot have been accepted.
  Result<Applied> Replay(const std::shared_ptr<Event>& event, Deciding deciding,
                         std::string_view decision);

  // The offset of an event that was applied, or of the event that it duplicates; 0 if not known.
  std::uint64_t OffsetOf(const Event& event) const;
  // True when the permit of the decision that the event led to is still the order's permit.
  bool PermitStands(const Event& event) const;
  // Replaces the offset of an event that was applied. `decided`: it led to a decision. For events
  // of one order, call it in the order in which they were applied.
  void AssignOffset(Event& event, std::uint64_t offset, bool decided);

  // The offset of the last event applied; the next gets the one after it.
  std::uint64_t last() const { return last_; }
  void SetLast(std::uint64_t offset) { last_ = offset; }

  // Decides the order from its current state and explains every rule. Changes nothing. Empty when
  // the order is not known.
  std::optional<Explanation> Explain(std::string_view merchant, std::string_view order_id);

  // The facts of an order as pairs of name and text, without missing facts. Empty when the order is
  // not known.
  std::vector<std::pair<std::string, std::string>> FactTexts(std::string_view merchant,
                                                             std::string_view order_id) const;

  // The parcels of an order whose packing needs evidence that was not given. Empty also when the
  // order is not known.
  std::vector<std::string> EvidenceMissing(std::string_view merchant,
                                           std::string_view order_id) const;

  // A count of buyer.* or linked.* in two parts: up to the time when the order was placed, and from
  // then to `now`.
  struct CountAround {
    std::string_view name;  // of the fact
    std::int64_t before = 0, since = 0;
  };
  // The counts that are known, in the order of Facts(). Empty when the order is not known.
  std::vector<CountAround> CountsAround(std::string_view merchant, std::string_view order_id,
                                        EventTime now) const;

  const Pack& pack() const { return *pack_; }
  const Store& store() const { return *store_; }

 private:
  void Begin();
  void FireBefore(const Event& event, bool quiet, const OnOwnEvent& fired);
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
  std::unique_ptr<FindIndex> find_;
  std::unique_ptr<EventChecks> checks_;
  std::unique_ptr<DueEvents> due_;
  std::optional<FactSchema> schema_;  // set when facts are recorded
  std::uint64_t pack_id_ = 0;         // PackIdOf, set with schema_
  mutable ExclusiveUse use_;
};

}  // namespace holdfast
