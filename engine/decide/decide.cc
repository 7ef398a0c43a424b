#include "engine/decide/decide.h"

#include <algorithm>
#include <limits>
#include <set>

#include "engine/base/text.h"
#include "engine/decide/deadline.h"
#include "engine/decide/packing.h"
#include "engine/decide/permit.h"
#include "engine/model/names.h"
#include "engine/packs/keys.h"

namespace holdfast {

using cel::Value;

namespace {

// The text of a review's release among release paths: what no fact can mend, a person may.
constexpr const char* kByReview = "review.outcome == 'released'";

// `span` nanoseconds after `time`, or the last moment that there is.
EventTime Later(EventTime time, std::int64_t span) {
  std::int64_t nanos = 0;
  if (__builtin_add_overflow(time.nanos, span, &nanos))
    nanos = std::numeric_limits<std::int64_t>::max();
  return {nanos};
}

// When a hold by `rule` ends by itself: counted from when the order became what it is.
EventTime DeadlineOf(const Rule& rule, const FactContext& context) {
  const OrderState& state = *context.state;
  EventTime from = *state.placed_at;
  if (state.order->type == EventType::kOrderAmended) {
    from = std::max(from, state.order->occurred_at);
  }
  // What is repeated later changes nothing.
  if (state.certain_at) from = std::max(from, *state.certain_at);
  return Later(from, *rule.deadline);
}

// Why the funds are as they are, in words.
std::string FundsText(const OrderState& state, FundsCertainty certainty) {
  const Payment* payment = PaymentIn(state.payment.get());
  const bool by_payment = payment != nullptr && CertaintyOf(payment->status) == certainty;
  if (certainty == FundsCertainty::kNone) return "No payment has been reported";
  std::string text = "Funds are " + std::string(NameOf(certainty)) + ": ";
  if (!by_payment) {
    if (certainty == FundsCertainty::kContested) return text + "a dispute is open";
    if (certainty == FundsCertainty::kUncertain) return text + "the payment is under review";
    return text + (state.refunds.empty() ? "a dispute was lost" : "the order was refunded");
  }
  text += payment->provider.empty() ? "payment" : std::string(payment->provider) + " payment";
  text += " is " + std::string(NameOf(payment->status));
  if (!payment->pending_reason.empty()) text += " (" + std::string(payment->pending_reason) + ")";
  return text;
}

}  // namespace

Decider::Decider(std::shared_ptr<const Pack> pack, Store& store, FeatureFold& features)
    : pack_(std::move(pack)), store_(store), features_(features) {
  const std::size_t variables = pack_->environment.variables().size();
  constants_.resize(variables);
  unread_.resize(variables + pack_->shared.size(), Value::Unread());
  for (const PackList& list : pack_->lists) {
    lists_.push_back(std::make_unique<ActiveList>(list));
    const auto slot = static_cast<std::size_t>(list.slot);
    unread_[slot] = constants_[slot] = Value::Set(lists_.back().get());
  }
  slots_ = unread_;
}

void Decider::UseMerchant(std::string_view merchant) {
  for (const auto& list : lists_) list->Use(store_.Edits(merchant, list->name()));
}

void Decider::Read(int slot, const FactContext& context) {
  const auto index = static_cast<std::size_t>(slot);
  const std::size_t facts = Facts().size();
  const std::size_t variables = constants_.size();
  if (index < facts) {
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

Decider::Evaluated Decider::Evaluate(const Rule& rule, const FactContext& context) {
  const Value value = Run(rule.when.program, context);
  if (value.IsTrue()) return {Found::kMatched, value};
  if (value.IsFalse()) return {Found::kNo, value};
  if (value.Is(cel::Kind::kUnknown)) {
    const auto facts = value.Facts();
    const bool failed = !facts.empty() && facts.back() == cel::kFailureFact;  // they ascend
    return {failed ? Found::kFailed : Found::kMissing, value};
  }
  if (value.Is(cel::Kind::kError)) return {Found::kFailed, value};
  return {Found::kFailed, Value::Error("the condition is not true or false")};
}

std::vector<std::string> Decider::NamesOfMissing(const Value& value) const {
  if (value.Is(cel::Kind::kError)) return {"error: " + std::string(value.AsText())};
  std::vector<std::string> names;
  for (const std::uint32_t fact : value.Facts()) {
    if (fact == cel::kFailureFact) {
      names.push_back("error: a part of the condition failed");
    } else if (fact >= kItemFactBase) {
      names.push_back("order.items[]." + ItemRecord()->fields[fact - kItemFactBase].name);
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
      out += minor ? FormatMinor(*minor, base) : cel::ToText(value);
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

Reason Decider::ThresholdReason(int score) const {
  return {std::string(kThresholdReason),
          Effect::kThreshold,
          0,
          "SCORE_THRESHOLD",
          "Score " + std::to_string(score) + " reaches the hold threshold " +
              std::to_string(pack_->hold_threshold),
          ""};
}

bool Decider::IsOver(const Rule& rule, const FactContext& context) const {
  const Event& event = *context.state->order;
  const EventTime due = DeadlineOf(rule, context);
  return context.now >= due && HasCome(store_, event.merchant, event.order_id, due);
}

Ways Decider::WaysOutOf(const Rule& rule) const {
  Ways ways = WaysToFalse(*rule.when.tree);
  if (!rule.ask.empty()) ways.push_back({"'" + rule.ask + "' in verification.confirmed"});
  if (ways.empty()) ways.push_back({kByReview});
  Minimise(ways);
  return ways;
}

Ways Decider::WaysOutOfFunds() const {
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

// How it was packed, and what the buyer was asked; the gravest first. What packers should know
// beforehand becomes advice.
std::vector<Decider::OwnHold> Decider::OwnHolds(const FactContext& context, Decision& decision) {
  std::vector<OwnHold> own;
  const OrderState& state = *context.state;
  const auto hold = [&own](Cause cause, std::string_view rule, std::string cover, std::string code,
                           std::string text, Ways ways) {
    own.push_back({cause,
                   std::move(cover),
                   {std::string(rule), Effect::kHold, 0, std::move(code), std::move(text), ""},
                   std::move(ways)});
  };

  // Whether evidence is needed cannot be told when a fact is missing: then it is.
  const bool evidence = pack_->evidence && !Run(pack_->evidence->program, context).IsFalse();
  bool lacks_evidence = state.packed.empty();
  for (const auto& [parcel, event] : state.packed) {
    const auto differences = PackingDifferences(*context.order, *event->shipment);
    const bool shown = !Trim(event->shipment->evidence).empty();
    lacks_evidence = lacks_evidence || !shown;
    const std::string name = parcel.empty() ? "The parcel" : "Parcel " + parcel;
    if (!differences.empty()) {
      std::string text = name + " is not what was ordered: ";
      for (std::size_t i = 0; i < differences.size(); ++i) {
        text += (i > 0 ? "; " : "") + differences[i];
      }
      hold(Cause::kPacking, kPackingReason, std::string(kPackingReason), "PACKING_DIFFERS",
           std::move(text), {{"packed as ordered"}});
    }
    if (evidence && !shown) {
      hold(Cause::kPacking, kPackingReason, std::string(kPackingReason), "PACKING_NOT_SHOWN",
           name + " was packed without evidence, which this order needs",
           {{"packed with evidence"}});
    }
  }
  if (evidence && lacks_evidence) {
    decision.handling.push_back("Film or photograph the packing, and give the reference");
  }

  for (const auto& [request, event] : state.review.asked) {
    const auto answered = state.answers.find(request);
    const bool came =
        answered != state.answers.end() && answered->second->occurred_at >= event->occurred_at;
    if (came && IsConfirmed(state, request)) continue;
    const bool refused = came;
    hold(Cause::kVerification, kAskedReason, AskedCover(request),
         refused ? "ANSWER_NOT_VALID" : "WAITS_FOR_BUYER",
         refused ? "The buyer's answer to " + request +
                       " is no confirmation: refused, not from the "
                       "payment account's mailbox, or given before the order was changed"
                 : std::string(event->review->by) + " has asked the buyer: " + request,
         {{"'" + request + "' in verification.confirmed"}});
  }
  return own;
}

void Decider::HoldsByPeople(const FactContext& context, const Verdict& verdict,
                            std::vector<OwnHold>& own) const {
  const auto hold = [&own](std::string code, std::string text, Ways ways) {
    own.push_back(
        {Cause::kReview,
         std::string(kReviewReason),
         {std::string(kReviewReason), Effect::kHold, 0, std::move(code), std::move(text), ""},
         std::move(ways)});
  };
  if (verdict.held != nullptr) {
    hold("REVIEW_HELD", "Held by " + WhoAndWhy(*verdict.held), {{kByReview}});
  }
  if (verdict.waiting != nullptr) {
    const auto total = BaseTotal(*context.state, *pack_);
    const Currency base = pack_->amounts->base();
    const auto& limit = pack_->review.SecondPersonAbove(verdict.waiting->review->role);
    hold("SECOND_PERSON",
         "Released by " + WhoAndWhy(*verdict.waiting) + "; a second person must approve " +
             (total ? FormatMinor(*total, base) + " " + std::string(base.code())
                    : std::string("an amount that is not known in base currency")) +
             ", above " + FormatMinor(limit.value_or(0), base),
         {{"approved by a second person"}});
  }
}

Decision Decider::Decide(const FactContext& given, std::uint64_t offset) {
  machine_.Reset();
  slots_ = unread_;
  FactContext context = given;
  context.arena = &machine_.arena();

  Decision decision;
  decision.order_id = context.order->id;
  decision.merchant = context.order->merchant;
  decision.pack_name = pack_->name;
  decision.pack_version = pack_->version;
  decision.pack_hash = pack_->hash;
  decision.offset = offset;
  decision.decided_at = context.now;
  decision.funds = CertaintyOf(*context.state);

  // ---- evaluate every rule ---------------------------------------------------------------------
  std::vector<Reason> rejects, allows, holds, points, advice;
  std::vector<const Rule*> held_by, scored_by;
  struct MissingHold {
    const Rule* rule;
    std::vector<std::string> facts;
  };
  std::vector<MissingHold> missing_holds;
  int score = 0;
  const Verdict verdict = VerdictOf(*context.state, *pack_, context.event);
  const auto release = [&](std::string cover, Reason reason) {
    reason.effect = Effect::kAdvise;
    reason.text = "Released by " + WhoAndWhy(*verdict.released) + ": " + reason.text;
    advice.push_back(std::move(reason));
    decision.released.push_back(std::move(cover));
  };
  // Is it released? What a release that waits is for is noted: its approval is for no more.
  const auto covers = [&](const std::string& cover, bool hard) {
    if (verdict.WillCover(cover, hard)) decision.released.push_back(cover);
    return verdict.Covers(cover, hard);
  };
  for (const Rule& rule : pack_->rules) {
    const Evaluated evaluated = Evaluate(rule, context);
    bool matched = evaluated.verdict == Found::kMatched;
    if (evaluated.verdict == Found::kMissing || evaluated.verdict == Found::kFailed) {
      ++decision.rules_missing;
      decision.missing.push_back({rule.id, NamesOfMissing(evaluated.value)});
      // A rule that breaks must not open the way: whatever it says of missing facts, it holds.
      const bool failed = evaluated.verdict == Found::kFailed && rule.effect != Effect::kAllow &&
                          rule.effect != Effect::kAdvise;
      if (rule.shadow) continue;
      if (failed || rule.on_missing == OnMissing::kHold) {
        const std::string cover = MissingCover(rule.id);
        if (covers(cover, rule.hard || rule.effect == Effect::kReject)) {
          release(cover, MissingReason(rule, decision.missing.back().facts));
          continue;
        }
        missing_holds.push_back({&rule, decision.missing.back().facts});
        continue;
      }
      matched = rule.on_missing == OnMissing::kMatch;
    } else {
      ++decision.rules_evaluated;
    }
    if (!matched) continue;
    Reason reason = ReasonFor(rule, context);
    if (rule.shadow) {
      decision.shadow.push_back(std::move(reason));
      continue;
    }
    switch (rule.effect) {
      case Effect::kReject:
        if (covers(rule.id, true)) {
          release(rule.id, std::move(reason));
          break;
        }
        rejects.push_back(std::move(reason));
        break;
      case Effect::kAllow:
        allows.push_back(std::move(reason));
        break;
      case Effect::kHold:
        if (!rule.ask.empty() && IsConfirmed(*context.state, rule.ask)) {
          reason.effect = Effect::kAdvise;
          reason.text = "Confirmed by the buyer: " + reason.text;
          advice.push_back(std::move(reason));
          break;
        }
        if (covers(rule.id, rule.hard)) {
          release(rule.id, std::move(reason));
          break;
        }
        if (rule.deadline && IsOver(rule, context)) {
          if (rule.on_deadline == OnDeadline::kReject) {
            reason.effect = Effect::kReject;
            reason.text = "Not cleared in time: " + reason.text;
            rejects.push_back(std::move(reason));
            break;
          }
          if (rule.on_deadline == OnDeadline::kShip) {
            reason.effect = Effect::kAdvise;
            reason.text = "Held long enough: " + reason.text;
            advice.push_back(std::move(reason));
            break;
          }
        }
        holds.push_back(std::move(reason));
        held_by.push_back(&rule);
        break;
      case Effect::kPoints:
        score += rule.points;
        points.push_back(std::move(reason));
        scored_by.push_back(&rule);
        break;
      default:
        decision.handling.push_back(reason.text);
        advice.push_back(std::move(reason));
    }
  }
  decision.score = std::clamp(score, 0, 100);

  // ---- the outcome, by precedence --------------------------------------------------------------
  std::vector<OwnHold> own = OwnHolds(context, decision);
  std::erase_if(own, [&](OwnHold& hold) {
    if (!covers(hold.cover, hold.cause == Cause::kPacking)) return false;
    release(hold.cover, std::move(hold.reason));
    return true;
  });
  HoldsByPeople(context, verdict, own);
  const bool rejected = !rejects.empty() || context.state->cancelled || verdict.rejected != nullptr;
  const bool funds_certain = pack_->ship_when[static_cast<std::size_t>(decision.funds)];
  const bool funds_open = funds_certain || verdict.CoversFunds(decision.funds);
  if (!funds_certain && verdict.WillCoverFunds(decision.funds)) {
    decision.released.emplace_back(kFundsReason);
  }
  const bool allowed = !allows.empty();
  bool over = pack_->hold_threshold > 0 && score >= pack_->hold_threshold;
  if (over && verdict.CoversScore(decision.score)) {
    over = false;
    release(std::string(kThresholdReason), ThresholdReason(decision.score));
  }
  if (over && verdict.WillCoverScore(decision.score)) {
    decision.released.emplace_back(kThresholdReason);
  }
  std::vector<const Rule*> active;  // hold rules that an allow rule does not override
  for (const Rule* rule : held_by) {
    if (!allowed || rule->hard) active.push_back(rule);
  }
  std::erase_if(missing_holds, [&](const MissingHold& m) {
    // A reject rule stands above allow rules, also while it cannot be judged.
    return allowed && !m.rule->hard && m.rule->effect != Effect::kReject;
  });
  const bool threshold_holds = over && !allowed;

  const Rule* heaviest = nullptr;  // the points rule whose cause the threshold takes
  for (const Rule* rule : scored_by) {
    if (heaviest == nullptr || rule->points > heaviest->points) heaviest = rule;
  }
  if (rejected) {
    decision.outcome = Outcome::kReject;
  } else if (!funds_open) {
    decision.cause = Cause::kFunds;
  } else if (!own.empty()) {
    decision.cause = own.front().cause;
  } else if (!active.empty()) {
    decision.cause = active.front()->cause;
  } else if (!missing_holds.empty()) {
    decision.cause = Cause::kUnknown;
  } else if (threshold_holds) {
    decision.cause = heaviest->cause;
  } else {
    decision.outcome = Outcome::kShip;
  }

  // ---- the reasons, in the same order ----------------------------------------------------------
  auto& reasons = decision.reasons;
  const auto append = [&reasons](std::vector<Reason>& more) {
    std::move(more.begin(), more.end(), std::back_inserter(reasons));
  };
  if (context.state->cancelled) {
    reasons.push_back({std::string(kCancelledReason), Effect::kReject, 0, "ORDER_CANCELLED",
                       "The order was cancelled", ""});
  }
  if (verdict.rejected != nullptr) {
    reasons.push_back({std::string(kReviewReason), Effect::kReject, 0, "REVIEW_REJECTED",
                       "Rejected by " + WhoAndWhy(*verdict.rejected), ""});
  }
  append(rejects);
  if (!funds_certain) {
    const std::string_view name = NameOf(decision.funds);
    std::string text = FundsText(*context.state, decision.funds);
    std::string code = "FUNDS_";
    for (const char c : name) code += static_cast<char>(c - 'a' + 'A');
    if (funds_open) {
      decision.released.emplace_back(kFundsReason);
      text = "Released by " + WhoAndWhy(*verdict.released) + ", an administrator, although " + text;
      code = "FUNDS_OVERRIDDEN";
    }
    reasons.push_back(
        {std::string(kFundsReason), Effect::kFunds, 0, std::move(code), std::move(text), ""});
  }
  for (OwnHold& hold : own) reasons.push_back(hold.reason);
  append(allows);
  append(holds);
  for (const MissingHold& m : missing_holds) {
    reasons.push_back(MissingReason(*m.rule, m.facts));
  }
  if (over) {
    reasons.push_back(ThresholdReason(decision.score));
  }
  append(points);
  append(advice);
  if (verdict.ended != nullptr) {
    reasons.push_back({std::string(kReviewReason), Effect::kAdvise, 0, "RELEASE_ENDED",
                       "The release by " + WhoAndWhy(*verdict.ended) + " counts no longer: " +
                           std::string(NameOf(context.state->review.voided_by->type)) + " came",
                       ""});
  }

  // A permit was given, and what it is for has changed.
  const PermitClaims& given_before = context.state->permit;
  if (decision.outcome == Outcome::kShip) decision.permit = ClaimsOf(*context.state);
  if (decision.permit != given_before) decision.voids = given_before;
  if (decision.outcome != Outcome::kHold) return decision;

  // ---- the way out of a hold -------------------------------------------------------------------
  decision.review_by = Later(context.now, pack_->review_within);
  if (verdict.held != nullptr && verdict.held->review->until) {
    decision.review_by = std::max(context.now, *verdict.held->review->until);
  }
  decision.on_deadline = "hold";
  for (const Rule* rule : active) {
    if (!rule->deadline) continue;
    const EventTime due = DeadlineOf(*rule, context);
    if (due.nanos == std::numeric_limits<std::int64_t>::max()) continue;  // beyond all time
    if (IsOver(*rule, context) || (decision.deadline && *decision.deadline <= due)) continue;
    decision.deadline = due;
    decision.on_deadline = OnDeadlineWords()[static_cast<std::size_t>(rule->on_deadline)];
  }
  Ways ways = {{}};
  if (!funds_open) ways = Both(ways, WaysOutOfFunds());
  for (const OwnHold& hold : own) ways = Both(ways, hold.ways);
  for (const Rule* rule : active) ways = Both(ways, WaysOutOf(*rule));
  for (const MissingHold& m : missing_holds) {
    Way known;
    for (const std::string& fact : m.facts) {
      known.push_back(fact.starts_with("error: ") ? kByReview : "has(" + fact + ")");
    }
    std::sort(known.begin(), known.end());
    ways = Both(ways, {known});
  }
  if (threshold_holds) ways = Both(ways, WaysUnderThreshold(scored_by, score));
  decision.release_paths = std::move(ways);
  return decision;
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
    const Evaluated evaluated = Evaluate(rule, context);
    ExplainedRule explained;
    explained.rule = &rule;
    explained.verdict = evaluated.verdict;
    explained.condition =
        ExplainCondition(*rule.when.tree, *pack_, slots_.data(), machine_.arena());
    if (evaluated.value.IsAbsent()) explained.missing = NamesOfMissing(evaluated.value);
    const bool holds = rule.effect == Effect::kHold && evaluated.verdict == Found::kMatched;
    if (holds) explained.ways_out = WaysOutOf(rule);
    explanation.rules.push_back(std::move(explained));
  }
  return explanation;
}

Ways Decider::WaysUnderThreshold(const std::vector<const Rule*>& scored_by, int score) const {
  // The heaviest rules decide; every subset of them is tried.
  constexpr std::size_t kHeaviest = 8;
  std::vector<const Rule*> heavy;
  for (const Rule* rule : scored_by) {
    if (rule->points > 0) heavy.push_back(rule);
  }
  std::stable_sort(heavy.begin(), heavy.end(),
                   [](const Rule* a, const Rule* b) { return a->points > b->points; });
  if (heavy.size() > kHeaviest) heavy.resize(kHeaviest);
  Ways all;
  for (unsigned subset = 1; subset < (1U << heavy.size()); ++subset) {
    int left = score;
    Ways ways = {{}};
    for (std::size_t i = 0; i < heavy.size(); ++i) {
      if ((subset & (1U << i)) == 0) continue;
      left -= heavy[i]->points;
    }
    if (left >= pack_->hold_threshold) continue;
    for (std::size_t i = 0; i < heavy.size() && !ways.empty(); ++i) {
      if ((subset & (1U << i)) != 0) ways = Both(ways, WaysToFalse(*heavy[i]->when.tree));
    }
    all.insert(all.end(), ways.begin(), ways.end());
    if (all.size() > 64) Minimise(all);
  }
  Minimise(all);
  if (all.empty()) all.push_back({kByReview});
  return all;
}

}  // namespace holdfast
