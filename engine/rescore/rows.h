// Rows: what is set down about an order while a log is folded, and what it comes to.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/rescore/order_case.h"

namespace holdfast {

// What a decision says, and one that WriteDecision wrote.
Ruling RulingOf(const Decision& decision);
Result<Ruling> ReadRuling(std::string_view decision);

// What an event says of an order by hindsight.
enum class Evidence : std::uint8_t {
  kLoss,      // charged back, reversed, reported as fraud, rejected as such by a person
  kReleased,  // by a person
  kSent,      // the parcel has left
  kFraud,     // a label from outside; it overrides all others
  kGood,      // likewise
};

// Nothing for an event that says nothing.
std::optional<Evidence> EvidenceOf(const Event& event);

struct RuledRow {
  bool late = false;  // when nothing could be done any more
  std::uint64_t offset = 0;
  EventTime placed_at;
  std::int64_t amount = 0;
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
  // `mature`: orders placed before it have had time for complaints.
  OrderCase Build(std::string_view merchant, std::string_view order_id, EventTime mature) const;

 private:
  bool ruled_ = false;
  RuledRow row_;
  bool loss_ = false, released_ = false, sent_ = false;
  std::optional<Label> given_;
};

}  // namespace holdfast
