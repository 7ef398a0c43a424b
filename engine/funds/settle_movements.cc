#include <cstdint>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "engine/funds/settle_reports.h"

namespace holdfast {
namespace {

// 1 if a final state is bad for the seller, else 0. Ranks reports of the same time.
int BadnessOf(MovementKind kind, MovementState state) {
  const bool takes = kind == MovementKind::kRefund || kind == MovementKind::kVoid ||
                     kind == MovementKind::kChargeback;
  const bool done = state == MovementState::kSucceeded;
  return takes == done ? 1 : 0;
}

int TimesOf(std::span<const MovementReport* const> reports, MovementState state) {
  std::set<std::string_view> events;
  for (const MovementReport* report : reports) {
    if (report->state == state) events.insert(report->head.event_id);
  }
  return static_cast<int>(events.size());
}

Movement Settle(std::span<const MovementReport* const> reports, std::optional<Currency> currency) {
  const MovementKind kind = reports.front()->kind;
  // The last report counts. A final report outranks a pending one whatever their times. At the same
  // time, the one that is worse for the seller counts, then the smaller capture or the larger
  // refund.
  const bool more_is_worse = kind != MovementKind::kCapture &&
                             kind != MovementKind::kAuthorization &&
                             kind != MovementKind::kAdjustment;
  const auto rank = [&](const MovementReport& report) {
    const std::int64_t amount = report.amount.value_or(0);
    const bool final = report.state != MovementState::kPending;
    return std::tuple(final, report.head.at, final ? BadnessOf(kind, report.state) : 0,
                      more_is_worse ? amount : -amount, report.head.event_id);
  };
  const MovementReport* last = nullptr;
  const MovementReport* done = nullptr;  // the last success
  const MovementReport* back = nullptr;  // the last report that it was undone
  for (const MovementReport* report : reports) {
    const auto later = [&](const MovementReport* than) {
      return than == nullptr || rank(*report) > rank(*than);
    };
    if (later(last)) last = report;
    if (report->state == MovementState::kSucceeded && later(done)) done = report;
    if (report->state == MovementState::kUndone && later(back)) back = report;
  }
  Movement movement;
  movement.kind = kind;
  movement.reference = last->reference;
  movement.currency = last->currency;
  movement.at = last->head.at;
  movement.source = last->head.source;
  const bool takes = kind == MovementKind::kRefund || kind == MovementKind::kChargeback;
  const MovementReport& counted = takes && last == back && done != nullptr ? *done : *last;
  movement.state = counted.state;
  movement.was_done = done != nullptr;
  for (const MovementReport* report : reports) {
    const bool asked =
        report->state == MovementState::kPending || report->state == MovementState::kSucceeded;
    if (!asked) continue;
    movement.asked_at =
        movement.was_asked ? std::min(movement.asked_at, report->head.at) : report->head.at;
    movement.was_asked = true;
  }
  movement.amount = AmountOf(counted, currency);
  for (const MovementReport* report : reports) {
    const auto amount = AmountOf(*report, currency);
    const bool smaller = movement.amount && amount && *amount < *movement.amount;
    if (report->from_total && report->state == counted.state && smaller) movement.amount = amount;
  }
  if (kind == MovementKind::kChargeback) movement.names = NamesIn(reports);
  movement.all = !movement.amount && !counted.of_unknown_size;
  const bool unnamed = kind == MovementKind::kChargeback && movement.reference.empty();
  if (unnamed) movement.times = TimesOf(reports, MovementState::kSucceeded);
  if (takes && last == back && done != nullptr) {
    const auto returned = AmountOf(*back, currency);
    // Chargebacks without a number need one report of a return each. A return of unknown size does
    // not undo a known amount.
    const bool too_little = unnamed && ((movement.amount && !returned) ||
                                        TimesOf(reports, MovementState::kUndone) < movement.times);
    if (too_little) return movement;
    const bool part = returned && movement.amount && *returned < *movement.amount;
    if (part) {
      movement.undone = *returned;
    } else {
      movement.state = MovementState::kUndone;
    }
  }
  return movement;
}

}  // namespace

std::vector<Movement> SettleMovements(std::vector<const MovementReport*>& reports,
                                      std::optional<Currency> currency) {
  std::vector<Movement> movements;
  const auto key = [](const MovementReport* report) {
    return std::pair(report->kind, report->reference);
  };
  const auto before = [&](const auto* a, const auto* b) { return key(a) < key(b); };
  if (!std::is_sorted(reports.begin(), reports.end(), before)) {
    std::stable_sort(reports.begin(), reports.end(), before);
  }
  movements.reserve(reports.size());
  for (std::size_t begin = 0, end = 0; begin < reports.size(); begin = end) {
    while (end < reports.size() && key(reports[end]) == key(reports[begin])) ++end;
    movements.push_back(Settle({reports.data() + begin, end - begin}, currency));
  }
  return movements;
}

}  // namespace holdfast
