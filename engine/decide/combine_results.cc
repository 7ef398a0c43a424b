#include "engine/decide/combine_results.h"

#include <algorithm>

namespace holdfast {

EventTime Later(EventTime time, std::int64_t span) {
  EventTime later;
  return __builtin_add_overflow(time.nanos, span, &later.nanos) ? kEndOfTime : later;
}

// True when the verdict covers `cover`. What a release that waits for approval will cover is
// recorded as released, because the approval covers nothing else.
bool ResultCombiner::Covers(const Verdict& verdict, const std::string& cover, bool hard) {
  if (verdict.WillCover(cover, hard)) out_.released.push_back(cover);
  return verdict.Covers(cover, hard);
}

void ResultCombiner::Release(ReasonKind kind, const Rule* rule, const cel::Value& value,
                             std::string cover) {
  advice_.push_back({kind, Effect::kAdvise, rule, value});
  out_.released.push_back(std::move(cover));
}

void ResultCombiner::Take(const Rule& rule, const RuleResult& judged,
                          const Circumstances& circumstances) {
  const bool matched = judged.how == RuleResult::How::kMatched;
  const bool failed = judged.how == RuleResult::How::kFailed;
  if (judged.how == RuleResult::How::kNo) return;
  if (!matched) {
    if (rule.shadow) return;
    // A failed rule must not let an order pass. It holds, whatever its on_missing says.
    const bool bars = rule.effect != Effect::kAllow && rule.effect != Effect::kAdvise;
    if ((failed && bars) || rule.on_missing == OnMissing::kHold) {
      std::string cover = MissingCover(rule.id);
      if (Covers(circumstances.verdict(), cover, rule.hard || rule.effect == Effect::kReject)) {
        return Release(ReasonKind::kMissingReleased, &rule, judged.value, std::move(cover));
      }
      missing_.push_back({ReasonKind::kMissing, Effect::kHold, &rule, judged.value});
      return;
    }
    if (rule.on_missing != OnMissing::kMatch) return;
  }
  if (rule.shadow) {
    out_.shadow.push_back(&rule);
    return;
  }
  switch (rule.effect) {
    case Effect::kReject:
      if (Covers(circumstances.verdict(), rule.id, true)) {
        return Release(ReasonKind::kReleased, &rule, {}, rule.id);
      }
      rejects_.push_back({ReasonKind::kRule, Effect::kReject, &rule});
      return;
    case Effect::kAllow:
      allows_.push_back({ReasonKind::kRule, Effect::kAllow, &rule});
      return;
    case Effect::kHold:
      return TakeHold(rule, circumstances);
    case Effect::kPoints:
      out_.sum += rule.points;
      points_.push_back({ReasonKind::kRule, Effect::kPoints, &rule});
      out_.scored_by.push_back(&rule);
      return;
    default:
      advice_.push_back({ReasonKind::kRule, Effect::kAdvise, &rule});
  }
}

void ResultCombiner::TakeHold(const Rule& rule, const Circumstances& circumstances) {
  if (!rule.ask.empty() && circumstances.HasConfirmed(rule.ask)) {
    advice_.push_back({ReasonKind::kConfirmed, Effect::kAdvise, &rule});
    return;
  }
  if (Covers(circumstances.verdict(), rule.id, rule.hard)) {
    return Release(ReasonKind::kReleased, &rule, {}, rule.id);
  }
  const bool ends = rule.deadline && rule.on_deadline != OnDeadline::kHold;
  if (ends && circumstances.IsOver(rule)) {
    if (rule.on_deadline == OnDeadline::kReject) {
      rejects_.push_back({ReasonKind::kOverdue, Effect::kReject, &rule});
    } else {
      advice_.push_back({ReasonKind::kWaited, Effect::kAdvise, &rule});
    }
    return;
  }
  holds_.push_back({ReasonKind::kRule, Effect::kHold, &rule});
}

const CombinedResult& ResultCombiner::Combine(const Pack& pack,
                                              const std::vector<RuleResult>& judged, bool evidence,
                                              const Circumstances& circumstances) {
  for (auto* part : {&out_.drafts, &rejects_, &allows_, &holds_, &missing_, &points_, &advice_}) {
    part->clear();
  }
  out_.shadow.clear();
  out_.released.clear();
  out_.active.clear();
  out_.scored_by.clear();
  out_.outcome = Outcome::kHold;
  out_.cause = Cause::kNone;
  out_.sum = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) Take(pack.rules[i], judged[i], circumstances);
  out_.score = std::clamp(out_.sum, 0, 100);

  // ---- the outcome, by precedence --------------------------------------------------------------
  const Verdict& verdict = circumstances.verdict();
  std::vector<EngineHold> own = circumstances.PackingAndQuestionHolds(evidence), gone;
  out_.own.clear();
  for (EngineHold& hold : own) {
    const bool covered = Covers(verdict, hold.cover, hold.cause == Cause::kPacking);
    if (covered) out_.released.push_back(hold.cover);
    (covered ? gone : out_.own).push_back(std::move(hold));
  }
  for (EngineHold& hold : circumstances.ReviewerHolds()) out_.own.push_back(std::move(hold));
  const std::size_t holding = out_.own.size();
  for (EngineHold& hold : gone) {
    advice_.push_back({ReasonKind::kOwnReleased, Effect::kAdvise, nullptr, {}, out_.own.size()});
    out_.own.push_back(std::move(hold));
  }

  const FundsCertainty funds = circumstances.funds();
  const bool rejected =
      !rejects_.empty() || circumstances.cancelled() || verdict.rejected != nullptr;
  const bool certain =
      pack.ship_when[static_cast<std::size_t>(funds)] || circumstances.funds_by_method();
  out_.funds_gate_passed = certain || verdict.CoversFunds(funds);
  if (!certain && verdict.WillCoverFunds(funds)) out_.released.emplace_back(kFundsReason);
  const bool allowed = !allows_.empty();
  bool over = pack.hold_threshold > 0 && out_.sum >= pack.hold_threshold;
  if (over && verdict.CoversScore(out_.sum, out_.scored_by)) {
    over = false;
    Release(ReasonKind::kThresholdReleased, nullptr, {}, std::string(kThresholdReason));
  }
  if (over && verdict.WillCoverScore(out_.sum, out_.scored_by))
    out_.released.emplace_back(kThresholdReason);
  for (const ReasonDraft& hold : holds_) {
    if (!allowed || hold.rule->hard) out_.active.push_back(hold.rule);
  }
  std::erase_if(missing_, [&](const ReasonDraft& missing) {
    // A reject rule outranks allow rules, also while a fact is missing.
    return allowed && !missing.rule->hard && missing.rule->effect != Effect::kReject;
  });
  out_.threshold_holds = over && !allowed;

  const Rule* heaviest = nullptr;  // the points rule that gives the threshold its cause
  for (const Rule* rule : out_.scored_by) {
    if (heaviest == nullptr || rule->points > heaviest->points) heaviest = rule;
  }
  if (rejected) {
    out_.outcome = Outcome::kReject;
  } else if (!out_.funds_gate_passed) {
    out_.cause = Cause::kFunds;
  } else if (holding > 0) {
    out_.cause = out_.own.front().cause;
  } else if (!out_.active.empty()) {
    out_.cause = out_.active.front()->cause;
  } else if (!missing_.empty()) {
    out_.cause = Cause::kUnknown;
  } else if (out_.threshold_holds) {
    out_.cause = heaviest->cause;
  } else {
    out_.outcome = Outcome::kShip;
  }

  // ---- reasons, in the same order --------------------------------------------------------------
  std::vector<ReasonDraft>& drafts = out_.drafts;
  const auto append = [&drafts](const std::vector<ReasonDraft>& more) {
    drafts.insert(drafts.end(), more.begin(), more.end());
  };
  if (circumstances.cancelled())
    drafts.push_back({ReasonKind::kCancelled, Effect::kReject, nullptr});
  if (verdict.rejected != nullptr)
    drafts.push_back({ReasonKind::kRejectedByPerson, Effect::kReject, nullptr});
  append(rejects_);
  if (!certain) {
    if (out_.funds_gate_passed) out_.released.emplace_back(kFundsReason);
    drafts.push_back({out_.funds_gate_passed ? ReasonKind::kFundsReleased : ReasonKind::kFunds,
                      Effect::kFunds, nullptr});
  }
  for (std::size_t i = 0; i < holding; ++i) {
    drafts.push_back({ReasonKind::kOwn, Effect::kHold, nullptr, {}, i});
  }
  append(allows_);
  append(holds_);
  append(missing_);
  if (over) drafts.push_back({ReasonKind::kThreshold, Effect::kThreshold, nullptr});
  append(points_);
  append(advice_);
  if (verdict.ended != nullptr)
    drafts.push_back({ReasonKind::kReleaseEnded, Effect::kAdvise, nullptr});
  return out_;
}

namespace {

std::string_view NameOf(const ReasonDraft& draft, const CombinedResult& combined) {
  if (draft.rule != nullptr) return draft.rule->id;
  switch (draft.kind) {
    case ReasonKind::kOwn:
    case ReasonKind::kOwnReleased:
      return combined.own[draft.own].reason.rule;
    case ReasonKind::kThreshold:
    case ReasonKind::kThresholdReleased:
      return kThresholdReason;
    case ReasonKind::kFunds:
    case ReasonKind::kFundsReleased:
      return kFundsReason;
    case ReasonKind::kCancelled:
      return kCancelledReason;
    default:
      return kReviewReason;
  }
}

}  // namespace

void PutRulingOf(const CombinedResult& combined, const Circumstances& circumstances,
                 std::string& out) {
  bool ends = false;
  for (const Rule* rule : combined.active) {
    if (combined.outcome != Outcome::kHold || !rule->deadline) continue;
    ends = ends || (circumstances.DueOf(*rule) != kEndOfTime && !circumstances.IsOver(*rule));
  }
  std::size_t hits = 0;
  for (const ReasonDraft& draft : combined.drafts) hits += draft.effect == Effect::kAdvise ? 0 : 1;
  PutRulingHead({combined.outcome, combined.cause, combined.score, ends, hits}, out);
  for (const ReasonDraft& draft : combined.drafts) {
    if (draft.effect == Effect::kAdvise) continue;
    const bool by_rule = draft.rule != nullptr && draft.kind != ReasonKind::kMissing;
    PutHit(NameOf(draft, combined), draft.effect, by_rule ? draft.rule->points : 0, out);
  }
}

}  // namespace holdfast
