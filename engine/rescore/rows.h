// Rows: what is set down about an order while a log is folded, and what it comes to.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/rescore/order_case.h"
#include "engine/store/order_state.h"

namespace holdfast {

// What a decision says, and one that WriteDecision wrote.
Ruling RulingOf(const Decision& decision);
Result<Ruling> ReadRuling(std::string_view decision);

// What an event says of an order by hindsight. Of the kinds that belong together the last word
// counts.
enum class Evidence : std::uint8_t {
  kDisputed,    // a chargeback or a fraud warning is open or lost, or a dispute that says fraud
  kUndisputed,  // none is any more
  kTakenBack,   // the money was reversed or charged back
  kGivenBack,   // and came back
  kRejected,    // by a person, for fraud
  kReleased,    // by a person
  kLeft,        // by a person, for another reason, or held
  kSent,        // the parcel has left
  kFraud,       // a label from outside; it overrides all others
  kGood,        // likewise
};

// Of an event that `state` has just folded; nothing when it says nothing.
std::optional<Evidence> EvidenceOf(const Event& event, const OrderState& state);

struct RuledRow {
  bool late = false;  // when nothing could be done any more
  std::uint64_t offset = 0;
  EventTime placed_at;
  std::optional<std::int64_t> amount;
  Ruling before, after;
};

std::string RowOf(const RuledRow& row);
std::string RowOf(Evidence evidence);

// Puts the rows of one order together.
class CaseBuilder {
 public:
  // Errors: kCorrupt.
  Status Add(std::string_view row);
  // Was anything said of the order itself?
  bool Ruled() const { return ruled_; }
  bool HasGivenLabel() const { return given_.has_value(); }
  // `mature`: orders placed before it have had time for complaints.
  OrderCase Build(std::string_view merchant, std::string_view order_id, EventTime mature) const;

 private:
  bool ruled_ = false;
  RuledRow row_;
  bool disputed_ = false, taken_back_ = false, sent_ = false;
  std::optional<Label> by_person_, given_;
};

}  // namespace holdfast
