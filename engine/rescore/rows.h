// Rows: what is set down about an order while a log is folded, and what it comes to.
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
  bool late = false;  // when nothing could be done any more
  std::uint64_t offset = 0;
  EventTime placed_at;
  std::optional<std::int64_t> amount;
  std::string_view before, after;  // as PutRuling writes them
};

// Appended to `out`.
void PutRow(const RuledRow& row, std::string& out);
void PutRow(Evidence evidence, std::string& out);

// Rulings from their bytes, each pair read once: orders are many, what is said of them is not.
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

// Puts the rows of one order together. They outlive it.
class CaseBuilder {
 public:
  // Errors: kCorrupt.
  Status Add(std::string_view row);
  // Was anything said of the order itself?
  bool Ruled() const { return ruled_; }
  bool HasGivenLabel() const { return given_.has_value(); }
  // Was it given both?
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
