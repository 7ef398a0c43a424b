#include "engine/decide/fact_row.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/hash.h"
#include "engine/features/facts.h"
#include "engine/model/engine_version.h"
#include "engine/packs/read_tables.h"

namespace holdfast {
namespace {

// A digest of everything, apart from events, that affects the values of facts.
std::string TablesOf(const Pack& pack) {
  Sha256 digest;
  AddTables(pack, [&digest](std::string_view text) {
    digest.Add(std::to_string(text.size()) + ":");
    digest.Add(text);
  });
  return digest.Hex();
}

const Feature* FeatureIn(const Pack& pack, int slot) {
  for (const Feature& feature : pack.features.features) {
    if (feature.slot == slot) return &feature;
  }
  return nullptr;
}

bool IsList(const Pack& pack, int slot) {
  return std::any_of(pack.lists.begin(), pack.lists.end(),
                     [slot](const PackList& list) { return list.slot == slot; });
}

// The fields of a fact that is a list of records, which are recorded by their places; empty for any
// other.
std::string FieldsOf(const Pack& pack, int slot) {
  std::string text;
  const cel::Type& type = pack.environment.variables()[static_cast<std::size_t>(slot)].type;
  if (!type.Is(cel::TypeKind::kList) || !type.args()[0].Is(cel::TypeKind::kRecord)) return text;
  for (const auto& field : type.args()[0].record().fields) PutText(field.name, text);
  return text;
}

// How a variable's value is computed. Empty for a fact without fields, whose name is enough.
std::string DefinitionOf(const Pack& pack, int slot) {
  const Feature* feature = FeatureIn(pack, slot);
  if (feature == nullptr) return FieldsOf(pack, slot);
  std::string text;
  for (const std::string& part : {feature->by, feature->value, feature->where}) {
    PutText(part, text);
    // The contents of a list affect what is counted.
    if (part.find("lists.") != part.npos) PutText(pack.hash, text);
  }
  PutVarint(static_cast<std::uint64_t>(feature->op), text);
  PutVarint(static_cast<std::uint64_t>(feature->on), text);
  PutSigned(feature->over.value_or(-1), text);
  return text;
}

// The facts and features that the pack's decisions read, ascending.
std::set<int> ReadBy(const Pack& pack) {
  std::set<int> slots;
  const auto add = [&](const std::vector<int>& reads) {
    for (const int slot : reads) {
      if (!IsList(pack, slot)) slots.insert(slot);
    }
  };
  for (const Rule& rule : pack.rules) add(rule.reads);
  if (pack.evidence) add(pack.evidence->program.slots());
  return slots;
}

std::set<std::int64_t> SpansOf(const Pack& pack) {
  std::set<std::int64_t> spans;
  for (const Rule& rule : pack.rules) {
    if (rule.deadline) spans.insert(*rule.deadline);
  }
  return spans;
}

}  // namespace

FactSchema::FactSchema(const Pack& pack) {
  const auto slots = ReadBy(pack);
  const auto spans = SpansOf(pack);
  slots_.assign(slots.begin(), slots.end());
  spans_.assign(spans.begin(), spans.end());
  if (spans_.size() > kSpansMost) spans_.resize(kSpansMost);
  PutVarint(kEngineVersion, text_);
  PutText(TablesOf(pack), text_);
  PutVarint(slots_.size(), text_);
  for (const int slot : slots_) {
    PutText(pack.environment.variables()[static_cast<std::size_t>(slot)].name, text_);
    PutText(DefinitionOf(pack, slot), text_);
  }
  PutVarint(spans_.size(), text_);
  for (const std::int64_t span : spans_) PutSigned(span, text_);
  id_ = Hash64(text_);
}

Result<FactMap> FactMap::Of(std::string_view schema, const Pack& pack) {
  const auto lacks = [](std::string what) {
    return Fail(ErrorCode::kNotFound, {}, std::move(what));
  };
  ByteReader in(schema);
  if (in.Varint() != kEngineVersion) return lacks("the facts were recorded by another version");
  if (in.Text() != TablesOf(pack)) {
    return lacks("rates, product classes, e-mail domains or phrases have changed");
  }
  FactMap map;
  std::map<std::string_view, int> read;
  for (const int slot : ReadBy(pack)) {
    read.emplace(pack.environment.variables()[static_cast<std::size_t>(slot)].name, slot);
  }
  const std::size_t count = in.Count();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = in.Text(), definition = in.Text();
    const auto at = read.find(name);
    const bool same = at != read.end() && DefinitionOf(pack, at->second) == definition;
    map.slots.push_back(same ? at->second : -1);
    if (same) read.erase(at);
  }
  const std::size_t spans = in.Count();
  for (std::size_t i = 0; i < spans; ++i) map.spans.push_back(in.Signed());
  if (!in.Done()) return Fail(ErrorCode::kCorrupt, {}, "the schema of recorded facts is damaged");
  if (!read.empty()) {
    return lacks("'" + std::string(read.begin()->first) + "' was not recorded, or has changed");
  }
  for (const std::int64_t span : SpansOf(pack)) {
    if (std::find(map.spans.begin(), map.spans.end(), span) == map.spans.end()) {
      return lacks(map.spans.size() < kSpansMost ? "a deadline is another"
                                                 : "not all deadlines were recorded");
    }
  }
  return map;
}

namespace {

enum Flag : std::uint8_t {
  kChangesList = 1,
  kHasEvidence = 2,
  kDecided = 4,
  kLate = 8,
  kPriced = 16,
  kJudged = 32,
  kCancelled = 64,
};

}  // namespace

std::uint64_t PackIdOf(const Pack& pack) { return Hash64(pack.hash); }

void PutFactRow(const FactRow& row, std::string& out) {
  const auto flag = [](bool is, Flag bit) { return is ? bit : 0; };
  out += static_cast<char>(
      flag(row.changes_list, kChangesList) | flag(row.evidence.has_value(), kHasEvidence) |
      flag(row.decided, kDecided) | flag(row.late, kLate) | flag(row.amount.has_value(), kPriced) |
      flag(row.judged, kJudged) | flag(row.cancelled, kCancelled));
  PutSigned(row.occurred_at.nanos, out);
  PutText(row.merchant, out);
  PutText(row.order_id, out);
  if (row.evidence) out += static_cast<char>(*row.evidence);
  if (!row.decided) return;
  PutBig64(row.pack, out);
  PutSigned(row.placed_at.nanos, out);
  if (row.amount) PutSigned(*row.amount, out);
  PutText(row.ruling, out);
  if (!row.judged) return;
  PutBig64(row.schema, out);
  out += static_cast<char>(static_cast<int>(row.funds) | (row.funds_by_method ? 0x40 : 0));
  PutVarint(row.packed.size(), out);
  for (const FactRow::Parcel& parcel : row.packed) {
    out += static_cast<char>((parcel.differs ? 1 : 0) | (parcel.shown ? 2 : 0));
  }
  PutVarint(row.unanswered, out);
  PutVarint(row.confirmed.size(), out);
  for (const std::string_view request : row.confirmed) PutText(request, out);
  PutSigned(row.as_of.nanos, out);
  PutSigned(row.deadline_from.nanos, out);
  PutVarint(row.come, out);
  out += row.values;
}

bool GetFactRow(std::string_view bytes, FactRow& row) {
  ByteReader in(bytes);
  const std::uint8_t flags = in.Byte();
  row.changes_list = (flags & kChangesList) != 0;
  row.decided = (flags & kDecided) != 0;
  row.late = (flags & kLate) != 0;
  row.judged = (flags & kJudged) != 0;
  row.cancelled = (flags & kCancelled) != 0;
  row.occurred_at.nanos = in.Signed();
  row.merchant = in.Text();
  row.order_id = in.Text();
  row.evidence.reset();
  if ((flags & kHasEvidence) != 0) row.evidence = static_cast<Evidence>(in.Byte());
  if (row.evidence && *row.evidence > Evidence::kSent) return false;
  if (!row.decided) return in.Done();
  row.pack = in.Big64();
  row.placed_at.nanos = in.Signed();
  row.amount.reset();
  if ((flags & kPriced) != 0) row.amount = in.Signed();
  row.ruling = in.Text();
  if (!row.judged) return in.Done();
  row.schema = in.Big64();
  const int funds_byte = in.Byte();
  row.funds_by_method = (funds_byte & 0x40) != 0;
  row.funds = static_cast<FundsCertainty>(funds_byte & ~0x40);
  row.packed.resize(in.Count());
  for (FactRow::Parcel& parcel : row.packed) {
    const std::uint8_t how = in.Byte();
    parcel = {(how & 1) != 0, (how & 2) != 0};
  }
  row.unanswered = in.Varint();
  row.confirmed.resize(in.Count());
  for (std::string_view& request : row.confirmed) request = in.Text();
  row.as_of.nanos = in.Signed();
  row.deadline_from.nanos = in.Signed();
  row.come = in.Varint();
  row.values = in.Rest();
  const bool funds = row.funds <= FundsCertainty::kLost;
  return in.ok() && funds;
}

bool RecordedCircumstances::HasConfirmed(std::string_view request) const {
  return std::find(row_.confirmed.begin(), row_.confirmed.end(), request) != row_.confirmed.end();
}

EventTime RecordedCircumstances::DueOf(const Rule& rule) const {
  return Later(row_.deadline_from, *rule.deadline);
}

bool RecordedCircumstances::IsOver(const Rule& rule) const {
  const auto at = std::find(map_.spans.begin(), map_.spans.end(), *rule.deadline);
  return at != map_.spans.end() && (row_.come >> (at - map_.spans.begin()) & 1) != 0;
}

std::vector<EngineHold> RecordedCircumstances::PackingAndQuestionHolds(bool evidence) const {
  std::vector<EngineHold> own;
  const auto hold = [&own](Cause cause, std::string_view rule) {
    EngineHold& one = own.emplace_back();
    one.cause = cause;
    one.cover = rule;
    one.reason.rule = rule;
    one.reason.effect = Effect::kHold;
  };
  for (const FactRow::Parcel& parcel : row_.packed) {
    if (parcel.differs) hold(Cause::kPacking, kPackingReason);
    if (evidence && !parcel.shown) hold(Cause::kPacking, kPackingReason);
  }
  for (std::size_t i = 0; i < row_.unanswered; ++i) hold(Cause::kVerification, kAskedReason);
  return own;
}

}  // namespace holdfast
