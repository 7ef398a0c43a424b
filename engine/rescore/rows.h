// Rows: the rows that a rescoring writes about an order, and the OrderCase built from them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/result.h"
#include "engine/decide/hindsight.h"
#include "engine/rescore/order_case.h"

namespace holdfast {

// The ruling of a decision that WriteDecision wrote.
Result<Ruling> ReadRuling(std::string_view decision);

struct RuledRow {
  bool late = false;  // see IsLate
  std::uint64_t offset = 0;
  EventTime placed_at;
  std::optional<std::int64_t> amount;
  std::string_view before, after;  // as PutRuling writes them
};

// Appended to `out`.
void PutRow(const RuledRow& row, std::string& out);
void PutRow(Evidence evidence, std::string& out);

// Decodes pairs of rulings, each different pair once: there are many orders but few pairs.
class RulingsPool {
 public:
  // As PutRuling wrote them; null for bytes that are none.
  std::shared_ptr<const Rulings> Of(std::string_view before, std::string_view after);

 private:
  static constexpr std::size_t kMostBytes = 1 << 22;  // about, of keys; then it is emptied
  std::unordered_map<std::string, std::shared_ptr<const Rulings>> known_;
  std::size_t bytes_ = 0;
  std::string key_;  // scratch
};

// Builds the OrderCase of one order from its rows, which must outlive the builder.
class CaseBuilder {
 public:
  // Errors: kCorrupt.
  Status Add(std::string_view row);
  // True when a row with rulings was added.
  bool Ruled() const { return ruled_; }
  bool HasGivenLabel() const { return given_.has_value(); }
  // True when the order was labelled both fraud and good.
  bool LabelsDisagree() const { return disagree_; }
  // `mature`: orders placed before it have had time for complaints.
  // Errors: kCorrupt. REQUIRES: Ruled().
  Result<OrderCase> Build(std::string_view merchant, std::string_view order_id, EventTime mature,
                          RulingsPool& pool) const;

 private:
  bool ruled_ = false;
  RuledRow row_;
  bool disputed_ = false, taken_back_ = false, sent_ = false, disagree_ = false;
  std::optional<Label> by_person_, given_;
};

}  // namespace holdfast
