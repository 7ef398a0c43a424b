#include "engine/features/order_ledger.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace holdfast {
namespace {

class DayExchange final : public Exchange {
 public:
  DayExchange(const AmountScale& amounts, EventTime day) : amounts_(amounts), day_(day) {}
  std::optional<std::int64_t> Convert(std::int64_t minor, Currency from,
                                      Currency to) const override {
    // So many that rounding to the digits of the base currency does not matter.
    constexpr std::int64_t kMany = 1'000'000'000;
    const auto base = amounts_.ToBase(minor, from, day_);
    const auto many = amounts_.ToBase(kMany, to, day_);
    if (!base || !many || *many <= 0) return std::nullopt;
    const double converted = *base / *many * static_cast<double>(kMany);
    constexpr double kMost = 9e15;  // what a double holds exactly
    if (!(converted < kMost)) return std::nullopt;
    // An amount that was rounded to the base currency's digits is not short for that.
    return static_cast<std::int64_t>(std::llround(converted));
  }

 private:
  const AmountScale& amounts_;
  const EventTime day_;
};

// What persons have seen arrive: one movement for each reference and amount, under way until as
// many have seen it as must.
void AddSeen(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
             FundsReports& reports) {
  using Key = std::tuple<std::string_view, std::int64_t, std::string_view>;
  std::map<Key, std::vector<const Event*>> seen;
  for (const auto& [id, event] : state.money) {
    if (event->type != EventType::kReviewPaid || event->review == nullptr) continue;
    const Review& review = *event->review;
    if (!review.amount || !review.currency) continue;
    seen[{review.reference, *review.amount, review.currency->code()}].push_back(event.get());
  }
  for (const auto& [key, events] : seen) {
    std::set<std::string_view> persons;
    MovementReport report;
    for (const Event* event : events) {
      persons.insert(event->review->by);
      if (report.head.event_id.empty() || std::tuple(event->occurred_at, event->id) >
                                              std::tuple(report.head.at, report.head.event_id)) {
        report.head.at = event->occurred_at;
        report.head.event_id = event->id;
      }
    }
    const Review& review = *events.front()->review;
    const auto units = amounts.ToBase(*review.amount, *review.currency, *state.placed_at);
    const bool large =
        terms.second_above && (!units || FromUnits(*units, amounts.base()) > *terms.second_above);
    report.head.provider = report.head.method = "offline";
    report.head.names = {review.reference};
    report.head.source = ReportSource::kSeller;
    report.kind = MovementKind::kCapture;
    report.state =
        large && persons.size() < 2 ? MovementState::kPending : MovementState::kSucceeded;
    report.reference = review.reference;
    report.amount = review.amount;
    report.currency = review.currency;
    reports.movements.push_back(std::move(report));
  }
}

}  // namespace

void MakeLedger(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
                OrderLedger& ledger) {
  const Order& order = *state.order->order;
  for (const auto& [id, event] : state.money) {
    if (!state.not_ours.contains(id)) AddReports(*event, terms, ledger.reports);
  }
  AddSeen(state, terms, amounts, ledger.reports.reports);
  ledger.funds = FundsOf(*order.total, *order.currency, ledger.reports.reports, terms,
                         DayExchange(amounts, *state.placed_at));
}

EventPtr DescriptionOf(const OrderLedger& ledger, std::size_t payment, const OrderState& state) {
  const auto id = DescriptionOf(ledger.funds.payments[payment], ledger.reports.reports);
  const auto found = state.money.find(std::string(id));
  return found == state.money.end() ? nullptr : found->second;
}

}  // namespace holdfast
