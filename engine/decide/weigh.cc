#include "engine/decide/weigh.h"

#include <algorithm>

namespace holdfast {

using Voice = Spoken::Voice;

EventTime Later(EventTime time, std::int64_t span) {
  EventTime later;
  return __builtin_add_overflow(time.nanos, span, &later.nanos) ? kEndOfTime : later;
}

// Is it released? What a release that waits is for is noted: its approval is for no more.
bool Weigher::Covers(const Verdict& verdict, const std::string& cover, bool hard) {
  if (verdict.WillCover(cover, hard)) out_.released.push_back(cover);
  return verdict.Covers(cover, hard);
}

void Weigher::Release(Voice voice, const Rule* rule, const cel::Value& value, std::string cover) {
  advice_.push_back({voice, Effect::kAdvise, rule, value});
  out_.released.push_back(std::move(cover));
}

void Weigher::Take(const Rule& rule, const Judged& judged, const Circumstances& circumstances) {
  const bool matched = judged.how == Judged::How::kMatched;
  const bool failed = judged.how == Judged::How::kFailed;
  if (judged.how == Judged::How::kNo) return;
  if (!matched) {
    if (rule.shadow) return;
    // A rule that breaks must not open the way: whatever it says of missing facts, it holds.
    const bool bars = rule.effect != Effect::kAllow && rule.effect != Effect::kAdvise;
    if ((failed && bars) || rule.on_missing == OnMissing::kHold) {
      std::string cover = MissingCover(rule.id);
      if (Covers(circumstances.verdict(), cover, rule.hard || rule.effect == Effect::kReject)) {
        return Release(Voice::kMissingReleased, &rule, judged.value, std::move(cover));
      }
      missing_.push_back({Voice::kMissing, Effect::kHold, &rule, judged.value});
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
        return Release(Voice::kReleased, &rule, {}, rule.id);
      }
      rejects_.push_back({Voice::kRule, Effect::kReject, &rule});
      return;
    case Effect::kAllow:
      allows_.push_back({Voice::kRule, Effect::kAllow, &rule});
      return;
    case Effect::kHold:
      return TakeHold(rule, circumstances);
    case Effect::kPoints:
      out_.sum += rule.points;
      points_.push_back({Voice::kRule, Effect::kPoints, &rule});
      out_.scored_by.push_back(&rule);
      return;
    default:
      advice_.push_back({Voice::kRule, Effect::kAdvise, &rule});
  }
}

void Weigher::TakeHold(const Rule& rule, const Circumstances& circumstances) {
  if (!rule.ask.empty() && circumstances.HasConfirmed(rule.ask)) {
    advice_.push_back({Voice::kConfirmed, Effect::kAdvise, &rule});
    return;
  }
  if (Covers(circumstances.verdict(), rule.id, rule.hard)) {
    return Release(Voice::kReleased, &rule, {}, rule.id);
  }
  const bool ends = rule.deadline && rule.on_deadline != OnDeadline::kHold;
  if (ends && circumstances.IsOver(rule)) {
    if (rule.on_deadline == OnDeadline::kReject) {
      rejects_.push_back({Voice::kOverdue, Effect::kReject, &rule});
    } else {
      advice_.push_back({Voice::kWaited, Effect::kAdvise, &rule});
    }
    return;
  }
  holds_.push_back({Voice::kRule, Effect::kHold, &rule});
}

const Weighed& Weigher::Weigh(const Pack& pack, const std::vector<Judged>& judged, bool evidence,
                              const Circumstances& circumstances) {
  for (auto* part : {&out_.spoken, &rejects_, &allows_, &holds_, &missing_, &points_, &advice_}) {
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
  std::vector<OwnHold> own = circumstances.OwnHolds(evidence), gone;
  out_.own.clear();
  for (OwnHold& hold : own) {
    const bool covered = Covers(verdict, hold.cover, hold.cause == Cause::kPacking);
    if (covered) out_.released.push_back(hold.cover);
    (covered ? gone : out_.own).push_back(std::move(hold));
  }
  for (OwnHold& hold : circumstances.HoldsByPeople()) out_.own.push_back(std::move(hold));
  const std::size_t holding = out_.own.size();
  for (OwnHold& hold : gone) {
    advice_.push_back({Voice::kOwnReleased, Effect::kAdvise, nullptr, {}, out_.own.size()});
    out_.own.push_back(std::move(hold));
  }

  const FundsCertainty funds = circumstances.funds();
  const bool rejected =
      !rejects_.empty() || circumstances.cancelled() || verdict.rejected != nullptr;
  const bool certain =
      pack.ship_when[static_cast<std::size_t>(funds)] || circumstances.funds_by_method();
  out_.funds_open = certain || verdict.CoversFunds(funds);
  if (!certain && verdict.WillCoverFunds(funds)) out_.released.emplace_back(kFundsReason);
  const bool allowed = !allows_.empty();
  bool over = pack.hold_threshold > 0 && out_.sum >= pack.hold_threshold;
  if (over && verdict.CoversScore(out_.score)) {
    over = false;
    Release(Voice::kThresholdReleased, nullptr, {}, std::string(kThresholdReason));
  }
  if (over && verdict.WillCoverScore(out_.score)) out_.released.emplace_back(kThresholdReason);
  for (const Spoken& hold : holds_) {
    if (!allowed || hold.rule->hard) out_.active.push_back(hold.rule);
  }
  std::erase_if(missing_, [&](const Spoken& missing) {
    // A reject rule stands above allow rules, also while it cannot be judged.
    return allowed && !missing.rule->hard && missing.rule->effect != Effect::kReject;
  });
  out_.threshold_holds = over && !allowed;

  const Rule* heaviest = nullptr;  // the points rule whose cause the threshold takes
  for (const Rule* rule : out_.scored_by) {
    if (heaviest == nullptr || rule->points > heaviest->points) heaviest = rule;
  }
  if (rejected) {
    out_.outcome = Outcome::kReject;
  } else if (!out_.funds_open) {
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

  // ---- what is said, in the same order ---------------------------------------------------------
  std::vector<Spoken>& spoken = out_.spoken;
  const auto append = [&spoken](const std::vector<Spoken>& more) {
    spoken.insert(spoken.end(), more.begin(), more.end());
  };
  if (circumstances.cancelled()) spoken.push_back({Voice::kCancelled, Effect::kReject, nullptr});
  if (verdict.rejected != nullptr)
    spoken.push_back({Voice::kRejectedByPerson, Effect::kReject, nullptr});
  append(rejects_);
  if (!certain) {
    if (out_.funds_open) out_.released.emplace_back(kFundsReason);
    spoken.push_back(
        {out_.funds_open ? Voice::kFundsReleased : Voice::kFunds, Effect::kFunds, nullptr});
  }
  for (std::size_t i = 0; i < holding; ++i) {
    spoken.push_back({Voice::kOwn, Effect::kHold, nullptr, {}, i});
  }
  append(allows_);
  append(holds_);
  append(missing_);
  if (over) spoken.push_back({Voice::kThreshold, Effect::kThreshold, nullptr});
  append(points_);
  append(advice_);
  if (verdict.ended != nullptr) spoken.push_back({Voice::kReleaseEnded, Effect::kAdvise, nullptr});
  return out_;
}

namespace {

std::string_view NameOf(const Spoken& spoken, const Weighed& weighed) {
  if (spoken.rule != nullptr) return spoken.rule->id;
  switch (spoken.voice) {
    case Voice::kOwn:
    case Voice::kOwnReleased:
      return weighed.own[spoken.own].reason.rule;
    case Voice::kThreshold:
    case Voice::kThresholdReleased:
      return kThresholdReason;
    case Voice::kFunds:
    case Voice::kFundsReleased:
      return kFundsReason;
    case Voice::kCancelled:
      return kCancelledReason;
    default:
      return kReviewReason;
  }
}

}  // namespace

void PutRulingOf(const Weighed& weighed, const Circumstances& circumstances, std::string& out) {
  bool ends = false;
  for (const Rule* rule : weighed.active) {
    if (weighed.outcome != Outcome::kHold || !rule->deadline) continue;
    ends = ends || (circumstances.DueOf(*rule) != kEndOfTime && !circumstances.IsOver(*rule));
  }
  std::size_t hits = 0;
  for (const Spoken& spoken : weighed.spoken) hits += spoken.effect == Effect::kAdvise ? 0 : 1;
  PutRulingHead({weighed.outcome, weighed.cause, weighed.score, ends, hits}, out);
  for (const Spoken& spoken : weighed.spoken) {
    if (spoken.effect == Effect::kAdvise) continue;
    const bool by_rule = spoken.rule != nullptr && spoken.voice != Voice::kMissing;
    PutHit(NameOf(spoken, weighed), spoken.effect, by_rule ? spoken.rule->points : 0, out);
  }
}

}  // namespace holdfast
