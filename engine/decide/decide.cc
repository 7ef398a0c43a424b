#include "engine/decide/decide.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/cel/eval/value_bytes.h"
#include "engine/decide/live_circumstances.h"
#include "engine/decide/packing.h"
#include "engine/decide/permit.h"
#include "engine/decide/question_holds.h"
#include "engine/model/names.h"
#include "engine/orders/answers.h"
#include "engine/packs/keys.h"

namespace holdfast {

using cel::Value;

namespace {

// Explains the certainty of the funds, with amounts where they are known.
std::string FundsText(const OrderState& state, FundsCertainty certainty) {
  const Funds& funds = state.funds;
  const Currency currency = *state.order->order->currency;
  const auto money = [&](std::int64_t minor) {
    return GroupedAmount(FormatMinor(minor, currency)) + " " + std::string(currency.code());
  };
  if (!state.paid_elsewhere.empty() && certainty != FundsCertainty::kCertain) {
    return "The payment that it names is that of order " + state.paid_elsewhere;
  }
  if (!state.claimed_by.empty() && certainty != FundsCertainty::kCertain) {
    return "Order " + state.claimed_by +
           " names this payment too, and the provider has not reported whose it is";
  }
  if (state.too_much_money) {
    return "More was reported of its money than is kept (" +
           std::to_string(OrderState::kMoneyMost) + " events): look it up at the provider";
  }
  if (funds.count == 0) return "No payment has been reported";
  const Payment* payment = PaymentIn(state.payment.get());
  std::string text;
  switch (certainty) {
    case FundsCertainty::kNone:
      text = "The money has not come";
      break;
    case FundsCertainty::kReserved:
      text = "The money is authorised, and not captured";
      break;
    case FundsCertainty::kUncertain:
      text = funds.in_review > 0 ? "The payment is under review" : "The payment is pending";
      break;
    case FundsCertainty::kCertain:
      text = "The money has come";
      break;
    case FundsCertainty::kContested:
      text = "A dispute is open";
      break;
    case FundsCertainty::kLost:
      text = funds.taken_back > 0 ? "The money was taken back"
             : funds.paid > 0     ? "A part was refunded"
                                  : "The order was refunded";
      break;
  }
  if (payment != nullptr && !payment->pending_reason.empty() &&
      certainty == FundsCertainty::kUncertain) {
    text += " (" + std::string(payment->pending_reason) + ")";
  }
  if (!funds.known) return text + "; its amount was not reported, or has no rate";
  text += ": " + money(funds.paid) + " of " + money(funds.due) + " have arrived";
  const std::pair<std::int64_t, const char*> more[] = {
      {funds.authorized, "authorised"}, {funds.pending, "pending"},
      {funds.in_review, "in review"},   {funds.disputed, "disputed"},
      {funds.refunded, "refunded"},     {funds.taken_back, "taken back"},
  };
  for (const auto& [amount, what] : more) {
    if (amount > 0) text += ", " + money(amount) + " " + what;
  }
  const bool recorded = std::any_of(state.money.begin(), state.money.end(), [](const auto& one) {
    return one.second->type == EventType::kReviewPaid;
  });
  if (recorded && certainty == FundsCertainty::kUncertain) {
    text += "; a second person must record the same reference and amount";
  }
  return text;
}

}  // namespace

Decider::Decider(std::shared_ptr<const Pack> pack, Store& store, FeatureFold& features)
    : pack_(std::move(pack)), store_(store), features_(features), lists_(*pack_, store) {
  const std::size_t variables = pack_->environment.variables().size();
  constants_.resize(variables);
  unread_.resize(variables + pack_->shared.size(), Value::Unread());
  for (std::size_t i = 0; i < pack_->lists.size(); ++i) {
    const auto slot = static_cast<std::size_t>(pack_->lists[i].slot);
    unread_[slot] = constants_[slot] = Value::Set(&lists_.At(i));
  }
  slots_ = unread_;
}

void Decider::Read(int slot, const FactContext& context) {
  const auto index = static_cast<std::size_t>(slot);
  const std::size_t facts = Facts().size();
  const std::size_t variables = constants_.size();
  if (context.state == nullptr && index < variables) {
    slots_[index] = Value::Error("was not recorded");
  } else if (index < facts) {
    slots_[index] = GetFact(slot, context);
  } else if (index < variables) {
    const Feature& feature = pack_->features.features[index - facts - pack_->lists.size()];
    slots_[index] = features_.Read(feature, context, machine_.arena());
  } else {
    slots_[index] = Run(pack_->shared[index - variables], context);
  }
}

Value Decider::Run(const cel::Program& program, const FactContext& context) {
  return machine_.Run(program, slots_.data(), [&](int slot) { Read(slot, context); });
}

// Writes the result in place. Copying a small struct right after its members are written stalls the
// processor.
void Decider::Evaluate(const Rule& rule, const FactContext& context, RuleResult& result) {
  using How = RuleResult::How;
  result.value = Run(rule.when.program, context);
  const Value& value = result.value;
  if (value.Is(cel::Kind::kBool)) {
    result.how = value.boolean ? How::kMatched : How::kNo;
  } else if (value.Is(cel::Kind::kUnknown)) {
    const auto facts = value.Facts();
    const bool failed = !facts.empty() && facts.back() == cel::kFailureFact;  // ascending
    result.how = failed ? How::kFailed : How::kMissing;
  } else {
    result.how = How::kFailed;
    if (!value.Is(cel::Kind::kError)) {
      result.value = Value::Error("the condition is not true or false");
    }
  }
}

std::vector<std::string> Decider::NamesOfMissing(const Value& value) const {
  if (value.Is(cel::Kind::kError)) return {"error: " + std::string(value.AsText())};
  std::vector<std::string> names;
  for (const std::uint32_t fact : value.Facts()) {
    if (fact == cel::kFailureFact) {
      names.push_back("error: a part of the condition failed");
    } else if (fact >= kItemFactBase) {
      names.push_back(NameOfField(fact));
    } else {
      names.push_back(pack_->environment.variables()[fact].name);
    }
  }
  return names;
}

std::string Decider::Render(const Template& text, const FactContext& context) {
  std::string out;
  for (const Template::Part& part : text.parts) {
    out += part.text;
    if (!part.expression) continue;
    const Value value = Run(part.expression->program, context);
    if (value.IsAbsent()) {
      out += "(unknown)";
    } else if (part.is_money && value.Is(cel::Kind::kDouble)) {
      const Currency base = pack_->amounts->base();
      const auto minor = FromUnits(value.number, base);
      out += minor ? GroupedAmount(FormatMinor(*minor, base)) : cel::ToText(value);
    } else if (value.Is(cel::Kind::kDuration)) {
      out += DurationInWords(value.integer);
    } else {
      out += cel::ToText(value);
    }
  }
  return out;
}

Reason Decider::ReasonFor(const Rule& rule, const FactContext& context) {
  return {rule.id, rule.effect, rule.points, rule.code, Render(rule.reason, context), rule.ask};
}

std::string Decider::MissingText(const std::vector<std::string>& facts) const {
  std::string text = "cannot be judged: ";
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (i > 0) text += ", ";
    text += facts[i];
    for (const Fact& fact : Facts()) {
      if (fact.name == facts[i]) text += " is missing (" + std::string(fact.missing_when) + ")";
    }
  }
  return text;
}

Reason Decider::MissingReason(const Rule& rule, const std::vector<std::string>& facts) const {
  return {rule.id, Effect::kHold, 0, rule.code + "_MISSING", rule.title + " " + MissingText(facts),
          ""};
}

Reason Decider::ThresholdReason(const CombinedResult& combined) const {
  return {std::string(kThresholdReason),
          Effect::kThreshold,
          0,
          "SCORE_THRESHOLD",
          "Score " + std::to_string(combined.score) + " reaches the hold threshold " +
              std::to_string(pack_->hold_threshold),
          ""};
}

// What has been added since the release in force, where it does not cover the score.
std::string Decider::NewSinceRelease(const CombinedResult& combined, const Verdict& verdict) {
  const Event* release = verdict.released;
  if (release == nullptr || !verdict.Covers(kThresholdReason, false)) return {};
  std::string text = "; the release by " + std::string(release->review->by) +
                     " covers a score of " + std::to_string(release->review->score.value_or(0));
  const auto fresh = Verdict::NewSince(*release, combined.scored_by);
  if (fresh.empty() || fresh.size() == combined.scored_by.size()) return text;
  text += ", new since: ";
  for (const Rule* rule : fresh) {
    text += (rule == fresh.front() ? "" : "; ") + rule->title + " (+" +
            std::to_string(rule->points) + ")";
  }
  return text;
}

ReleasePaths Decider::PathsToEnd(const Rule& rule) const {
  ReleasePaths ways = WaysToFalse(*rule.when.tree);
  if (!rule.ask.empty()) ways.push_back({"'" + rule.ask + "' in verification.confirmed"});
  if (ways.empty()) ways.push_back({rule.hard ? kByAdmin : kByReview});
  KeepShortest(ways);
  return ways;
}

ReleasePaths Decider::WaysOutOfFunds() const {
  std::string list;
  int count = 0;
  const auto names = NamesOf<FundsCertainty>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!pack_->ship_when[i]) continue;
    if (count++ > 0) list += ", ";
    list += "'" + std::string(names[i]) + "'";
  }
  return {{count == 1 ? "payment.certainty == " + list : "payment.certainty in [" + list + "]"}};
}

// The reason that a draft stands for, with its text.
Reason Decider::Say(const ReasonDraft& draft, const CombinedResult& combined,
                    const FactContext& context, const LiveCircumstances& standing) {
  const Verdict& verdict = standing.verdict();
  const auto released = [&](Reason reason) {
    reason.effect = Effect::kAdvise;
    reason.text = "Released by " + WhoAndWhy(*verdict.released) + ": " + reason.text;
    return reason;
  };
  const auto by_rule = [&](std::string_view before) {
    Reason reason = ReasonFor(*draft.rule, context);
    reason.effect = draft.effect;
    reason.text.insert(0, before);
    return reason;
  };
  const auto own = [&](std::string_view rule, std::string code, std::string text) {
    return Reason{std::string(rule), draft.effect, 0, std::move(code), std::move(text), ""};
  };
  switch (draft.kind) {
    case ReasonKind::kRule:
      return by_rule(verdict.released != nullptr && draft.effect == Effect::kHold
                         ? "New since the release: "
                         : "");
    case ReasonKind::kOverdue:
      return by_rule("Not cleared in time: ");
    case ReasonKind::kWaited:
      return by_rule("Held long enough: ");
    case ReasonKind::kConfirmed:
      return by_rule("Confirmed by the buyer: ");
    case ReasonKind::kReleased:
      return released(ReasonFor(*draft.rule, context));
    case ReasonKind::kMissing:
      return MissingReason(*draft.rule, NamesOfMissing(draft.value));
    case ReasonKind::kMissingReleased:
      return released(MissingReason(*draft.rule, NamesOfMissing(draft.value)));
    case ReasonKind::kOwn:
      return combined.own[draft.own].reason;
    case ReasonKind::kOwnReleased:
      return released(combined.own[draft.own].reason);
    case ReasonKind::kThreshold: {
      Reason reason = ThresholdReason(combined);
      reason.text += NewSinceRelease(combined, verdict);
      return reason;
    }
    case ReasonKind::kThresholdReleased:
      return released(ThresholdReason(combined));
    case ReasonKind::kFunds: {
      std::string code = "FUNDS_";
      for (const char c : NameOf(standing.funds())) code += static_cast<char>(c - 'a' + 'A');
      return own(kFundsReason, std::move(code), FundsText(*context.state, standing.funds()));
    }
    case ReasonKind::kFundsReleased:
      return own(kFundsReason, "FUNDS_OVERRIDDEN",
                 "Released by " + WhoAndWhy(*verdict.released) + ", an administrator, although " +
                     FundsText(*context.state, standing.funds()));
    case ReasonKind::kCancelled:
      return own(kCancelledReason, "ORDER_CANCELLED", "The order was cancelled");
    case ReasonKind::kRejectedByPerson:
      return own(kReviewReason, "REVIEW_REJECTED", "Rejected by " + WhoAndWhy(*verdict.rejected));
    case ReasonKind::kReleaseEnded:
      return own(kReviewReason, "RELEASE_ENDED",
                 "The release by " + WhoAndWhy(*verdict.ended) + " counts no longer: " +
                     std::string(NameOf(context.state->review.voided_by->type)) + " came");
  }
  return {};
}

const CombinedResult& Decider::CombineRules(const FactContext& context,
                                            const Circumstances& circumstances) {
  results_.resize(pack_->rules.size());
  for (std::size_t i = 0; i < results_.size(); ++i) Evaluate(pack_->rules[i], context, results_[i]);
  needs_evidence_ = NeedsEvidence(context);
  return combiner_.Combine(*pack_, results_, needs_evidence_, circumstances);
}

// If a fact is missing, evidence counts as required.
bool Decider::NeedsEvidence(const FactContext& context) {
  return pack_->evidence && !Run(pack_->evidence->program, context).IsFalse();
}

std::vector<std::string> Decider::EvidenceMissing(const FactContext& given) {
  HOLDFAST_CHECK(given.order != nullptr && given.state != nullptr);
  machine_.Reset();
  slots_ = unread_;
  FactContext context = given;
  context.arena = &machine_.arena();
  if (!NeedsEvidence(context)) return {};
  return ParcelsNotShown(*context.order, *context.state);
}

Decision Decider::Decide(const FactContext& given, std::uint64_t offset) {
  HOLDFAST_CHECK(given.order != nullptr && given.state != nullptr);
  machine_.Reset();
  slots_ = unread_;
  FactContext context = given;
  context.arena = &machine_.arena();
  const LiveCircumstances standing(*pack_, store_, context);
  const CombinedResult& combined = CombineRules(context, standing);

  Decision decision;
  decision.order_id = context.order->id;
  decision.merchant = context.order->merchant;
  decision.pack_name = pack_->name;
  decision.pack_version = pack_->version;
  decision.pack_hash = pack_->hash;
  decision.offset = offset;
  decision.decided_at = context.now;
  decision.funds = standing.funds();
  decision.outcome = combined.outcome;
  decision.cause = combined.cause;
  decision.score = combined.score;
  decision.released = combined.released;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const bool open =
        results_[i].how == RuleResult::How::kMissing || results_[i].how == RuleResult::How::kFailed;
    if (!open) continue;
    decision.missing.push_back({pack_->rules[i].id, NamesOfMissing(results_[i].value)});
  }
  decision.rules_missing = static_cast<int>(decision.missing.size());
  decision.rules_evaluated = static_cast<int>(results_.size()) - decision.rules_missing;
  for (const Rule* rule : combined.shadow) decision.shadow.push_back(ReasonFor(*rule, context));
  for (const ReasonDraft& draft : combined.drafts) {
    decision.reasons.push_back(Say(draft, combined, context, standing));
    // Advice by rules is also given to packers.
    const bool advises = draft.kind == ReasonKind::kRule && draft.effect == Effect::kAdvise;
    if (advises) decision.handling.push_back(decision.reasons.back().text);
  }
  if (needs_evidence_ && standing.LacksEvidence()) {
    decision.handling.push_back("Film or photograph the packing, and give the reference");
  }

  // If the claims have changed, the permit that was given before is void.
  const PermitClaims& given_before = context.state->permit;
  if (decision.outcome == Outcome::kShip) decision.permit = ClaimsOf(*context.state);
  if (decision.permit != given_before) decision.voids = given_before;
  if (decision.outcome == Outcome::kHold) FillReleaseInfo(context, standing, combined, decision);
  return decision;
}

void Decider::AppendRuling(const FactContext& given, std::string& ruling) {
  machine_.Reset();
  slots_ = unread_;
  FactContext context = given;
  context.arena = &machine_.arena();
  const LiveCircumstances standing(*pack_, store_, context);
  PutRulingOf(CombineRules(context, standing), standing, ruling);
}

void Decider::FillReleaseInfo(const FactContext& context, const LiveCircumstances& standing,
                              const CombinedResult& combined, Decision& decision) const {
  decision.review_by = standing.ReviewBy(decision.cause);
  const Event* held = standing.verdict().held;
  if (held != nullptr && held->review->until) {
    decision.review_by = std::max(context.now, *held->review->until);
  }
  decision.on_deadline = "hold";
  for (const Rule* rule : combined.active) {
    if (!rule->deadline) continue;
    const EventTime due = standing.DueOf(*rule);
    if (due == kEndOfTime || standing.IsOver(*rule)) continue;
    if (decision.deadline && *decision.deadline <= due) continue;
    decision.deadline = due;
    decision.on_deadline = OnDeadlineWords()[static_cast<std::size_t>(rule->on_deadline)];
  }
  ReleasePaths ways = {{}};
  if (!combined.funds_gate_passed) ways = CombinePaths(ways, WaysOutOfFunds());
  for (const ReasonDraft& draft : combined.drafts) {
    if (draft.kind == ReasonKind::kOwn) ways = CombinePaths(ways, combined.own[draft.own].ways);
  }
  for (const Rule* rule : combined.active) ways = CombinePaths(ways, PathsToEnd(*rule));
  for (const ReasonDraft& draft : combined.drafts) {
    if (draft.kind != ReasonKind::kMissing) continue;
    ReleasePath known;
    for (const std::string& fact : NamesOfMissing(draft.value)) {
      known.push_back(fact.starts_with("error: ") ? kByReview : "has(" + fact + ")");
    }
    std::sort(known.begin(), known.end());
    ways = CombinePaths(ways, {known});
  }
  if (combined.threshold_holds) {
    ways = CombinePaths(ways, PathsBelowThreshold(combined.scored_by, combined.sum));
  }
  decision.release_paths = WithOneThatCanBeTaken(std::move(ways), context, combined);
}

// A buyer whose mailbox at the payment provider is not known cannot confirm anything, and nobody
// can make a provider report what it has not. Where no other way is left, a person releases the
// order.
ReleasePaths Decider::WithOneThatCanBeTaken(ReleasePaths ways, const FactContext& context,
                                            const CombinedResult& combined) const {
  const Payment* payment = PaymentIn(context.state->payment.get());
  const bool may_confirm = payment != nullptr && !payment->payer.email.empty();
  const auto has = [](const ReleasePath& way, std::string_view text) {
    return std::any_of(way.begin(), way.end(), [&](const std::string& condition) {
      return condition.find(text) != condition.npos;
    });
  };
  if (!may_confirm) {
    std::erase_if(ways, [&](const ReleasePath& way) { return has(way, "verification.confirmed"); });
  }
  const bool open = std::any_of(ways.begin(), ways.end(),
                                [&](const ReleasePath& way) { return !has(way, "has(payment."); });
  if (open) return ways;
  const bool hard =
      std::any_of(combined.drafts.begin(), combined.drafts.end(), [](const ReasonDraft& draft) {
        return draft.rule != nullptr && (draft.rule->hard || draft.rule->effect == Effect::kReject);
      });
  ReleasePaths by_person = {{hard ? kByAdmin : kByReview}};
  if (!combined.funds_gate_passed) by_person = CombinePaths(by_person, WaysOutOfFunds());
  ways.insert(ways.end(), by_person.begin(), by_person.end());
  KeepShortest(ways);
  return ways;
}

void Decider::Record(const FactContext& given, const FactSchema& schema, FactRow& row,
                     std::string& values) {
  HOLDFAST_CHECK(given.state != nullptr && given.state->review.verdict == nullptr);
  FactContext context = given;
  context.arena = &machine_.arena();
  const OrderState& state = *context.state;
  row.schema = schema.id();
  row.funds = CertaintyOf(state);
  row.funds_by_method = state.funds.by_method;
  row.cancelled = state.cancelled;
  for (const ParcelCheck& parcel : CheckParcels(*context.order, state)) {
    row.packed.push_back({!parcel.differences.empty(), parcel.shown});
  }
  for (const auto& [request, event] : state.review.asked) {
    row.unanswered += IsAnswered(state, request, *event, *pack_) ? 0 : 1;
  }
  for (const auto& [request, answer] : state.answers) {
    if (IsConfirmed(state, request, pack_->funds, *pack_->amounts)) {
      row.confirmed.push_back(request);
    }
  }
  row.as_of = context.now;
  row.deadline_from = DeadlineFrom(state);
  for (std::size_t i = 0; i < schema.spans().size(); ++i) {
    if (HasCome(context, store_, schema.spans()[i])) row.come |= std::uint64_t{1} << i;
  }
  for (const int slot : schema.slots()) {
    if (slots_[static_cast<std::size_t>(slot)].Is(cel::Kind::kUnread)) Read(slot, context);
    cel::PutValue(slots_[static_cast<std::size_t>(slot)], values);
  }
  row.values = values;
}

Status Decider::AppendRuling(const FactRow& row, const FactMap& map, std::string& ruling) {
  machine_.Reset();
  slots_ = unread_;
  ByteReader in(row.values);
  for (const int slot : map.slots) {
    Value value = cel::GetValue(in, machine_.arena());
    if (slot < 0) continue;
    OpenKeys(slot, value);
    slots_[static_cast<std::size_t>(slot)] = value;
  }
  if (!in.Done()) return Fail(ErrorCode::kCorrupt, {}, "recorded facts are damaged");
  const RecordedCircumstances standing(row, map);
  FactContext context;
  context.arena = &machine_.arena();
  PutRulingOf(CombineRules(context, standing), standing, ruling);
  return {};
}

Explanation Decider::Explain(const FactContext& given, std::uint64_t offset) {
  Explanation explanation;
  explanation.decision = Decide(given, offset);
  FactContext context = given;
  context.arena = &machine_.arena();
  for (const Rule& rule : pack_->rules) {
    for (const int slot : rule.reads) {
      if (slots_[static_cast<std::size_t>(slot)].Is(cel::Kind::kUnread)) Read(slot, context);
    }
    RuleResult result;
    Evaluate(rule, context, result);
    ExplainedRule explained;
    explained.rule = &rule;
    explained.how = result.how;
    explained.condition =
        ExplainCondition(*rule.when.tree, *pack_, slots_.data(), machine_.arena());
    if (result.value.IsAbsent()) explained.missing = NamesOfMissing(result.value);
    const bool holds = rule.effect == Effect::kHold && result.how == RuleResult::How::kMatched;
    if (holds) explained.release_paths = PathsToEnd(rule);
    explanation.rules.push_back(std::move(explained));
  }
  return explanation;
}

ReleasePaths Decider::PathsBelowThreshold(const std::vector<const Rule*>& scored_by,
                                          int score) const {
  // Only the rules with the most points are tried, in every subset.
  constexpr std::size_t kHeaviest = 8;
  std::vector<const Rule*> heavy;
  for (const Rule* rule : scored_by) {
    if (rule->points > 0) heavy.push_back(rule);
  }
  std::stable_sort(heavy.begin(), heavy.end(),
                   [](const Rule* a, const Rule* b) { return a->points > b->points; });
  if (heavy.size() > kHeaviest) heavy.resize(kHeaviest);
  ReleasePaths all;
  for (unsigned subset = 1; subset < (1U << heavy.size()); ++subset) {
    int left = score;
    ReleasePaths ways = {{}};
    for (std::size_t i = 0; i < heavy.size(); ++i) {
      if ((subset & (1U << i)) == 0) continue;
      left -= heavy[i]->points;
    }
    if (left >= pack_->hold_threshold) continue;
    for (std::size_t i = 0; i < heavy.size() && !ways.empty(); ++i) {
      if ((subset & (1U << i)) != 0) ways = CombinePaths(ways, WaysToFalse(*heavy[i]->when.tree));
    }
    all.insert(all.end(), ways.begin(), ways.end());
    if (all.size() > 64) KeepShortest(all);
  }
  KeepShortest(all);
  if (all.empty()) all.push_back({kByReview});
  return all;
}

}  // namespace holdfast
