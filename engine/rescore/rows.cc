#include "engine/rescore/rows.h"

#include <algorithm>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/number.h"
#include "engine/codec/json_value.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

enum class RowKind : std::uint8_t { kRuled = 1, kEvidence = 2 };

}  // namespace

Result<Ruling> ReadRuling(std::string_view decision) {
  const auto document = JsonDocument::Parse(decision);
  if (!document) return tl::unexpected(document.error());
  const JsonValue& root = document->root();
  Ruling ruling;
  ruling.given = true;
  const auto outcome = ValueOf<Outcome>(root["outcome"].text());
  if (!outcome) return Fail(ErrorCode::kCorrupt, "decision", "has no outcome that is known");
  ruling.outcome = *outcome;
  ruling.cause = ValueOf<Cause>(root["cause"].text()).value_or(Cause::kNone);
  ruling.score = ParseNumber<int>(root["score"].text()).value_or(0);
  ruling.ends = !root["deadline"].text().empty();
  for (const JsonValue& reason : root["reasons"].list()) {
    const auto effect = ValueOf<Effect>(reason["effect"].text());
    if (!effect || *effect == Effect::kAdvise) continue;
    ruling.hits.push_back({std::string(reason["rule"].text()), *effect,
                           ParseNumber<int>(reason["points"].text()).value_or(0)});
  }
  return ruling;
}

void PutRow(const RuledRow& row, std::string& out) {
  out += static_cast<char>(RowKind::kRuled);
  const bool same = row.before == row.after;
  out += static_cast<char>((row.late ? 1 : 0) | (same ? 2 : 0));
  PutVarint(row.offset, out);
  PutSigned(row.placed_at.nanos, out);
  out += row.amount ? '\1' : '\0';
  PutSigned(row.amount.value_or(0), out);
  PutText(row.after, out);
  if (!same) PutText(row.before, out);
}

void PutRow(Evidence evidence, std::string& out) {
  out += static_cast<char>(RowKind::kEvidence);
  out += static_cast<char>(evidence);
}

std::shared_ptr<const Rulings> RulingsPool::Of(std::string_view before, std::string_view after) {
  key_.clear();
  PutText(before, key_);
  key_ += after;
  const auto known = known_.find(key_);
  if (known != known_.end()) return known->second;
  ByteReader one(before), other(after);
  auto read = std::make_shared<Rulings>(GetRuling(one), GetRuling(other));
  if (!one.Done() || !other.Done()) return nullptr;
  constexpr std::size_t kOfEach = 64;
  bytes_ += kOfEach + key_.size();
  if (bytes_ > kMostBytes) {
    known_.clear();
    bytes_ = kOfEach + key_.size();
  }
  return known_.emplace(key_, std::move(read)).first->second;
}

Status CaseBuilder::Add(std::string_view row) {
  ByteReader in(row);
  const auto kind = static_cast<RowKind>(in.Byte());
  if (kind == RowKind::kRuled) {
    RuledRow next;
    const std::uint8_t flags = in.Byte();
    next.late = (flags & 1) != 0;
    next.offset = in.Varint();
    next.placed_at.nanos = in.Signed();
    const bool priced = in.Byte() != 0;
    const std::int64_t amount = in.Signed();
    if (priced) next.amount = amount;
    next.after = in.Text();
    next.before = (flags & 2) != 0 ? next.after : in.Text();
    // A decision that came too late counts only if there is no other.
    if (!next.late || !ruled_) row_ = next;
    ruled_ = true;
  } else if (kind == RowKind::kEvidence) {
    const auto evidence = static_cast<Evidence>(in.Byte());
    switch (evidence) {
      case Evidence::kDisputed:
      case Evidence::kUndisputed:
        disputed_ = evidence == Evidence::kDisputed;
        break;
      case Evidence::kTakenBack:
      case Evidence::kGivenBack:
        taken_back_ = evidence == Evidence::kTakenBack;
        break;
      case Evidence::kRejected:
        by_person_ = Label::kFraud;
        break;
      case Evidence::kReleased:
        by_person_ = Label::kGood;
        break;
      case Evidence::kLeft:
        by_person_ = Label::kUnknown;
        break;
      case Evidence::kSent:
        sent_ = true;
        break;
      case Evidence::kFraud:
      case Evidence::kGood: {
        const Label label = evidence == Evidence::kFraud ? Label::kFraud : Label::kGood;
        disagree_ = disagree_ || given_.value_or(label) != label;
        given_ = label;
        break;
      }
    }
  }
  if (!in.Done()) return Fail(ErrorCode::kCorrupt, "row", "is damaged");
  return {};
}

Result<OrderCase> CaseBuilder::Build(std::string_view merchant, std::string_view order_id,
                                     EventTime mature, RulingsPool& pool) const {
  HOLDFAST_CHECK(ruled_);
  OrderCase made;
  made.merchant = merchant;
  made.order_id = order_id;
  made.placed_at = row_.placed_at;
  made.amount = row_.amount;
  made.offset = row_.offset;
  made.rulings = pool.Of(row_.before, row_.after);
  if (made.rulings == nullptr) return Fail(ErrorCode::kCorrupt, "row", "is damaged");
  made.sent = sent_;
  made.immature = row_.placed_at > mature;
  if (given_) {
    made.label = *given_;
  } else if (disputed_ || taken_back_) {
    made.label = Label::kFraud;
  } else if (by_person_) {
    made.label = *by_person_;
  } else if (sent_ && !made.immature) {
    made.label = Label::kGood;
  }
  return made;
}

}  // namespace holdfast
