#include "engine/rescore/order_counter.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/model/names.h"
#include "engine/packs/keys.h"

namespace holdfast {

void OrderCounter::AddRules(const Rulings& rulings, Counts& counts) {
  std::vector<std::string> stopping;
  const bool reached = rulings.after.Reached();
  for (const RuleHit& hit : rulings.after.hits) {
    if (IsOwnName(hit.rule)) continue;
    RuleSums& rule = tally_.rules[hit.rule];
    counts.sums.push_back(&rule.hits);
    const bool holds = hit.effect == Effect::kHold || hit.effect == Effect::kReject;
    if (!counts.stopped_after || (!holds && (hit.points <= 0 || !reached))) continue;
    counts.sums.push_back(&rule.stops);
    stopping.push_back(hit.rule);
  }
  std::sort(stopping.begin(), stopping.end());
  for (std::size_t i = 0; i < stopping.size(); ++i) {
    for (std::size_t k = i + 1; k < stopping.size(); ++k) {
      counts.sums.push_back(&tally_.overlap[{stopping[i], stopping[k]}]);
    }
  }
  for (const std::string& rule : Needed(rulings.after, threshold_)) {
    if (!IsOwnName(rule)) counts.sums.push_back(&tally_.rules[rule].needed);
  }
  if (!counts.flipped) return;
  for (const Difference& one : DifferencesIn(rulings)) {
    if (!IsOwnName(one.rule)) counts.sums.push_back(&tally_.rules[one.rule].flips);
  }
}

OrderCounter::Counts OrderCounter::CountsOf(const OrderCase& order) {
  const Ruling &before = order.before(), &after = order.after();
  Counts counts;
  counts.rulings = order.rulings;
  counts.stopped_before = before.Stopped();
  counts.stopped_after = after.Stopped();
  counts.flipped = order.Flipped();
  counts.other_cause = before.given && !counts.flipped && before.cause != after.cause;
  counts.sums.push_back(&tally_.orders);
  if (before.Waits()) counts.sums.push_back(&tally_.waiting_before);
  if (after.Waits()) counts.sums.push_back(&tally_.waiting_after);
  if (counts.stopped_before) counts.sums.push_back(&tally_.stopped_before);
  if (counts.stopped_after) counts.sums.push_back(&tally_.stopped_after);
  counts.sums.push_back(
      &tally_.moves[std::string(before.Word()) + ">" + std::string(after.Word())]);
  const Ruling* const both[] = {&before, &after};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!both[i]->given || both[i]->outcome != Outcome::kHold) continue;
    counts.sums.push_back(&tally_.causes[i][std::string(NameOf(both[i]->cause))]);
  }
  AddRules(*order.rulings, counts);
  bool firm = false, allowed = false;
  for (const RuleHit& hit : after.hits) {
    firm = firm || hit.effect == Effect::kHold || hit.effect == Effect::kReject;
    allowed = allowed || hit.effect == Effect::kAllow;
  }
  counts.way = counts.stopped_after && firm ? Tally::kStopped
               : allowed                    ? Tally::kAllowed
               : after.Waits()              ? Tally::kWaiting
                                            : Tally::kByScore;
  counts.score =
      static_cast<std::size_t>(std::clamp(after.score, 0, static_cast<int>(Tally::kScores) - 1));
  return counts;
}

Slice& OrderCounter::MerchantOf(const OrderCase& order) {
  if (merchant_ == nullptr || *merchant_ != order.merchant) {
    const auto at = tally_.merchants.try_emplace(order.merchant).first;
    merchant_ = &at->first;
    of_merchant_ = &at->second;
  }
  return *of_merchant_;
}

Slice& OrderCounter::WeekOf(const OrderCase& order) {
  using namespace std::chrono;
  const sys_days day = floor<days>(sys_time<nanoseconds>(nanoseconds(order.placed_at.nanos)));
  const sys_days monday = day - (weekday(day) - Monday);
  Slice*& week = weeks_[monday.time_since_epoch().count()];
  if (week == nullptr) {
    const EventTime begin{duration_cast<nanoseconds>(monday.time_since_epoch()).count()};
    week = &tally_.weeks[FormatRfc3339(begin).substr(0, 10)];
  }
  return *week;
}

const OrderCounter::Counts& OrderCounter::Known(const OrderCase& order) {
  const auto known = known_.find(order.rulings.get());
  if (known != known_.end()) return known->second;
  Counts made = CountsOf(order);
  // When orders differ so much that pairs rarely repeat, caching them is not worth the memory.
  constexpr std::size_t kMost = 1 << 19, kOfEach = 16;
  const std::size_t size = kOfEach + made.sums.size() + order.before().hits.size();
  known_size_ += size;
  if (known_size_ > kMost) {
    known_.clear();
    known_size_ = size;
  }
  return known_.emplace(order.rulings.get(), std::move(made)).first->second;
}

void OrderCounter::Add(const OrderCase& order) {
  const Counts& counts = Known(order);
  const Label label = order.label;
  const std::int64_t amount = order.amount.value_or(0);
  for (ByLabel* sum : counts.sums) sum->Add(label, amount);
  for (Slice* slice : {&MerchantOf(order), &WeekOf(order)}) {
    slice->orders.Add(label, amount);
    if (counts.stopped_before) slice->stopped_before.Add(label, amount);
    if (counts.stopped_after) slice->stopped_after.Add(label, amount);
    slice->flipped += counts.flipped ? 1 : 0;
  }
  tally_.flipped += counts.flipped ? 1 : 0;
  tally_.other_cause += counts.other_cause ? 1 : 0;
  tally_.scores[static_cast<std::size_t>(label)][counts.way][counts.score] += {1, amount};
  if (!order.amount) tally_.unpriced += {1, 0};
  if (!order.before().given) tally_.undecided += {1, amount};
  if (label == Label::kUnknown && order.immature) tally_.immature += {1, amount};
  if (label == Label::kUnknown && !order.sent) tally_.unsent += {1, amount};
  if (counts.stopped_after && order.after().ends) tally_.ending += {1, amount};
}

}  // namespace holdfast
