// FactRow: the facts that an order was decided on, as logged with the decision. Rules that read no
// other facts can be evaluated on it without replaying the log; see engine/rescore/from_facts.h.
//
// A schema describes the rows of a pack: the facts and features that its rules read, and the
// deadlines of its holds. docs/formats.md has the encoding.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/result.h"
#include "engine/decide/combine_results.h"
#include "engine/decide/hindsight.h"
#include "engine/packs/pack.h"

namespace holdfast {

// The schema of the rows that a pack records.
class FactSchema {
 public:
  explicit FactSchema(const Pack& pack);
  // The encoded schema. The log stores it once; rows refer to it by its id. Equal texts are equal
  // schemas.
  const std::string& text() const { return text_; }
  std::uint64_t id() const { return id_; }

  // The variables whose values are recorded, in this order; and the deadlines (nanoseconds) for
  // which a row records whether they have passed.
  const std::vector<int>& slots() const { return slots_; }
  const std::vector<std::int64_t>& spans() const { return spans_; }

 private:
  std::vector<int> slots_;
  std::vector<std::int64_t> spans_;
  std::string text_;
  std::uint64_t id_ = 0;
};

// Maps the values in rows of one schema to the variables of a pack.
struct FactMap {
  std::vector<int> slots;           // slot of each value; -1: the pack does not read it
  std::vector<std::int64_t> spans;  // as FactSchema::spans

  // Errors: kNotFound, which names something that the pack reads and the rows do not have;
  // kCorrupt.
  static Result<FactMap> Of(std::string_view schema, const Pack& pack);
};

struct FactRow {
  // Of the event.
  EventTime occurred_at;
  std::string_view merchant, order_id;
  bool changes_list = false;
  std::optional<Evidence> evidence;

  // Of the decision that it led to.
  bool decided = false;
  std::uint64_t pack = 0;  // PackIdOf the pack that decided
  bool late = false;
  EventTime placed_at;
  std::optional<std::int64_t> amount;  // minor units of the base currency
  std::string_view ruling;             // as PutRuling writes it

  // The inputs of the decision. Recorded only while no person has decided; after that a decision is
  // always late (IsLate).
  bool judged = false;
  std::uint64_t schema = 0;
  FundsCertainty funds = FundsCertainty::kNone;
  bool funds_by_method = false;
  bool cancelled = false;
  struct Parcel {
    bool differs = false, shown = false;
  };
  std::vector<Parcel> packed;
  std::size_t unanswered = 0;               // questions to the buyer
  std::vector<std::string_view> confirmed;  // requests that the buyer has confirmed
  EventTime as_of;                          // the time as of which it was made
  EventTime deadline_from;
  std::uint64_t come = 0;   // bit i: the deadline spans()[i] has passed
  std::string_view values;  // as cel::PutValue writes them
};

// A 64-bit id of a pack: a hash of Pack::hash.
std::uint64_t PackIdOf(const Pack& pack);

// The most deadlines of a pack that are recorded.
inline constexpr std::size_t kSpansMost = 64;

void PutFactRow(const FactRow& row, std::string& out);
// Returns false when `bytes` is not a row. The texts in `row` are views of `bytes`; its vectors
// keep their memory.
bool GetFactRow(std::string_view bytes, FactRow& row);

// The circumstances that were recorded in a row.
class RecordedCircumstances final : public Circumstances {
 public:
  RecordedCircumstances(const FactRow& row, const FactMap& map) : row_(row), map_(map) {}
  FundsCertainty funds() const override { return row_.funds; }
  bool funds_by_method() const override { return row_.funds_by_method; }
  bool cancelled() const override { return row_.cancelled; }
  const Verdict& verdict() const override { return verdict_; }
  bool HasConfirmed(std::string_view request) const override;
  EventTime DueOf(const Rule& rule) const override;
  bool IsOver(const Rule& rule) const override;
  std::vector<EngineHold> PackingAndQuestionHolds(bool evidence) const override;
  std::vector<EngineHold> ReviewerHolds() const override { return {}; }

 private:
  const FactRow& row_;
  const FactMap& map_;
  const Verdict verdict_;  // empty: no person had decided
};

}  // namespace holdfast
