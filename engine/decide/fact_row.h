// FactRow: what an order was judged by, as it stands in the log beside the decision. Rules that
// read nothing else can be tried on it without folding the log, see engine/rescore/from_facts.h.
//
// A schema says what the rows of a pack hold: the facts and features that its rules read, and the
// deadlines of its holds. docs/formats.md has the bytes.
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

// Of a pack's own rows.
class FactSchema {
 public:
  explicit FactSchema(const Pack& pack);
  // As the log keeps it, once; rows name it by its id. Equal texts are equal schemas.
  const std::string& text() const { return text_; }
  std::uint64_t id() const { return id_; }

  // The variables whose values are recorded, in this order, and the deadlines (nanoseconds) of
  // which it is recorded whether they have come.
  const std::vector<int>& slots() const { return slots_; }
  const std::vector<std::int64_t>& spans() const { return spans_; }

 private:
  std::vector<int> slots_;
  std::vector<std::int64_t> spans_;
  std::string text_;
  std::uint64_t id_ = 0;
};

// How the rows of one schema are read for a pack.
struct FactMap {
  std::vector<int> slots;           // of the values; -1: the pack does not read it
  std::vector<std::int64_t> spans;  // as FactSchema::spans

  // Errors: kNotFound with what the pack reads that the rows do not hold; kCorrupt.
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
  std::uint64_t pack = 0;  // PackIdOf the one that decided
  bool late = false;
  EventTime placed_at;
  std::optional<std::int64_t> amount;  // minor units of the base currency
  std::string_view ruling;             // as PutRuling writes it

  // What that was judged by; nothing once a person has decided, as that is always too late.
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
  std::vector<std::string_view> confirmed;  // requests
  EventTime deadline_from;
  std::uint64_t come = 0;   // bit i: the deadline spans()[i] has come
  std::string_view values;  // as cel::PutValue writes them
};

// A short name of a pack, for rows.
std::uint64_t PackIdOf(const Pack& pack);

// Deadlines of a pack beyond these are not recorded.
inline constexpr std::size_t kSpansMost = 64;

void PutFactRow(const FactRow& row, std::string& out);
// False for bytes that are no row. The texts are views of `bytes`; `row` keeps its memory.
bool GetFactRow(std::string_view bytes, FactRow& row);

// How an order of a row stands.
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
  std::vector<OwnHold> OwnHolds(bool evidence) const override;
  std::vector<OwnHold> HoldsByPeople() const override { return {}; }

 private:
  const FactRow& row_;
  const FactMap& map_;
  const Verdict verdict_;  // nobody's
};

}  // namespace holdfast
