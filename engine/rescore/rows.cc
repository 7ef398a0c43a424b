#include "engine/rescore/rows.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/base/coding.h"
#include "engine/base/text.h"
#include "engine/codec/json_value.h"
#include "engine/features/facts.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

enum class RowKind : std::uint8_t { kRuled = 1, kEvidence = 2 };

void PutRuling(const Ruling& ruling, std::string& out) {
  out += static_cast<char>((ruling.given ? 1 : 0) | (ruling.ends ? 2 : 0));
  if (!ruling.given) return;
  out += static_cast<char>(ruling.outcome);
  out += static_cast<char>(ruling.cause);
  PutSigned(ruling.score, out);
  PutVarint(ruling.hits.size(), out);
  for (const RuleHit& hit : ruling.hits) {
    PutText(hit.rule, out);
    out += static_cast<char>(hit.effect);
    PutSigned(hit.points, out);
  }
}

Ruling GetRuling(ByteReader& in) {
  Ruling ruling;
  const std::uint8_t flags = in.Byte();
  ruling.given = (flags & 1) != 0;
  ruling.ends = (flags & 2) != 0;
  if (!ruling.given) return ruling;
  ruling.outcome = static_cast<Outcome>(in.Byte());
  ruling.cause = static_cast<Cause>(in.Byte());
  ruling.score = static_cast<int>(in.Signed());
  const std::size_t hits = in.Count();
  for (std::size_t i = 0; i < hits; ++i) {
    RuleHit& hit = ruling.hits.emplace_back();
    hit.rule = in.Text();
    hit.effect = static_cast<Effect>(in.Byte());
    hit.points = static_cast<int>(in.Signed());
  }
  return ruling;
}

// The value of an enumeration that has this name; nothing where none has.
template <typename Enum>
std::optional<Enum> ValueOf(std::string_view name) {
  const auto names = NamesOf<Enum>();
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

int NumberIn(const JsonValue& value) {
  int number = 0;
  const std::string_view text = value.text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Ruling RulingOf(const Decision& decision) {
  Ruling ruling;
  ruling.given = true;
  ruling.outcome = decision.outcome;
  ruling.cause = decision.cause;
  ruling.score = decision.score;
  ruling.ends = decision.deadline.has_value();
  for (const Reason& reason : decision.reasons) {
    if (reason.effect == Effect::kAdvise) continue;
    ruling.hits.push_back({reason.rule, reason.effect, reason.points});
  }
  return ruling;
}

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
  ruling.score = NumberIn(root["score"]);
  ruling.ends = !root["deadline"].text().empty();
  for (const JsonValue& reason : root["reasons"].list()) {
    const auto effect = ValueOf<Effect>(reason["effect"].text());
    if (!effect || *effect == Effect::kAdvise) continue;
    ruling.hits.push_back(
        {std::string(reason["rule"].text()), *effect, NumberIn(reason["points"])});
  }
  return ruling;
}

namespace {

bool SaysFraud(std::string_view reason) {
  const std::string text = ToLowerAscii(Trim(reason));
  for (const char* word : {"fraud", "unauthorized", "unauthorised"}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

// Does what is the last word on a dispute stand against the order?
bool StandsAgainst(const Dispute& dispute) {
  const bool over =
      dispute.outcome == DisputeOutcome::kWon || dispute.outcome == DisputeOutcome::kWithdrawn;
  return !over && (dispute.kind == DisputeKind::kChargeback ||
                   dispute.kind == DisputeKind::kFraudWarning || SaysFraud(dispute.reason));
}

}  // namespace

std::optional<Evidence> EvidenceOf(const Event& event, const OrderState& state) {
  switch (event.type) {
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed: {
      const bool any =
          std::any_of(state.disputes.begin(), state.disputes.end(), [](const auto& one) {
            return one.second->dispute != nullptr && StandsAgainst(*one.second->dispute);
          });
      return any ? Evidence::kDisputed : Evidence::kUndisputed;
    }
    case EventType::kPaymentUpdated: {
      const Payment* payment = PaymentIn(state.payment.get());
      const bool lost = payment != nullptr && (payment->status == PaymentStatus::kReversed ||
                                               payment->status == PaymentStatus::kChargedBack);
      if (lost) return Evidence::kTakenBack;
      return state.taken_back.empty() ? std::nullopt : std::optional(Evidence::kGivenBack);
    }
    case EventType::kReviewRejected: {
      const bool fraud = event.review != nullptr && SaysFraud(event.review->reason);
      return fraud ? Evidence::kRejected : Evidence::kLeft;
    }
    case EventType::kReviewHeld:
      return Evidence::kLeft;
    case EventType::kReviewReleased:
      return Evidence::kReleased;
    case EventType::kShipmentDispatched:
    case EventType::kShipmentDelivered:
      return Evidence::kSent;
    default:
      return std::nullopt;
  }
}

std::string RowOf(const RuledRow& row) {
  std::string out;
  out += static_cast<char>(RowKind::kRuled);
  const bool same = row.before == row.after;
  out += static_cast<char>((row.late ? 1 : 0) | (same ? 2 : 0));
  PutVarint(row.offset, out);
  PutSigned(row.placed_at.nanos, out);
  out += row.amount ? '\1' : '\0';
  PutSigned(row.amount.value_or(0), out);
  PutRuling(row.after, out);
  if (!same) PutRuling(row.before, out);
  return out;
}

std::string RowOf(Evidence evidence) {
  std::string out;
  out += static_cast<char>(RowKind::kEvidence);
  out += static_cast<char>(evidence);
  return out;
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
    next.after = GetRuling(in);
    next.before = (flags & 2) != 0 ? next.after : GetRuling(in);
    // What came too late says nothing, unless nothing else was said.
    if (!next.late || !ruled_) row_ = std::move(next);
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
        given_ = Label::kFraud;
        break;
      case Evidence::kGood:
        given_ = Label::kGood;
        break;
    }
  }
  if (!in.Done()) return Fail(ErrorCode::kCorrupt, "row", "is damaged");
  return {};
}

OrderCase CaseBuilder::Build(std::string_view merchant, std::string_view order_id,
                             EventTime mature) const {
  OrderCase made;
  made.merchant = merchant;
  made.order_id = order_id;
  made.placed_at = row_.placed_at;
  made.amount = row_.amount;
  made.offset = row_.offset;
  made.before = row_.before;
  made.after = row_.after;
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
