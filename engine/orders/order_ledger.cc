#include "engine/orders/order_ledger.h"

#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

class DayExchange final : public Exchange {
 public:
  DayExchange(const AmountScale& amounts, EventTime day) : amounts_(amounts), day_(day) {}
  std::optional<std::int64_t> Convert(std::int64_t minor, Currency from,
                                      Currency to) const override {
    // Large enough that rounding to the base currency's digits does not matter.
    constexpr std::int64_t kMany = 1'000'000'000;
    const auto base = amounts_.ToBase(minor, from, day_);
    const auto many = amounts_.ToBase(kMany, to, day_);
    if (!base || !many || *many <= 0) return std::nullopt;
    const double converted = *base / *many * static_cast<double>(kMany);
    constexpr double kMost = 9e15;  // what a double holds exactly
    if (!(converted < kMost)) return std::nullopt;
    // Rounded, so that an amount rounded to the base currency's digits does not fall short.
    return static_cast<std::int64_t>(std::llround(converted));
  }

 private:
  const AmountScale& amounts_;
  const EventTime day_;
};

bool IsLater(const Event& a, const Event& b) {
  return std::tie(a.occurred_at, a.id) > std::tie(b.occurred_at, b.id);
}

// Money that people recorded as arrived, by reference, amount and currency.
struct Seen {
  const Event* last = nullptr;
  int persons = 0;
};
using SeenMoney = std::map<std::tuple<std::string, std::int64_t, std::string_view>, Seen>;

// In lower case and without blanks around it, because people type it.
std::string ReferenceOf(const Review& review) { return ToLowerAscii(Trim(review.reference)); }

// Only the last record by one person for one reference counts.
SeenMoney SeenOf(const OrderState& state) {
  std::map<std::pair<std::string, std::string>, const Event*> words;
  for (const auto& [id, event] : state.money) {
    if (event->type != EventType::kReviewPaid || event->review == nullptr) continue;
    const Review& review = *event->review;
    if (!review.amount || !review.currency || state.not_ours.contains(id)) continue;
    const Event*& last = words[{ToLowerAscii(Trim(review.by)), ReferenceOf(review)}];
    if (last == nullptr || IsLater(*event, *last)) last = event.get();
  }
  SeenMoney seen;
  for (const auto& [key, event] : words) {
    const Review& review = *event->review;
    if (*review.amount == 0) continue;
    Seen& one = seen[{ReferenceOf(review), *review.amount, review.currency->code()}];
    ++one.persons;
    if (one.last == nullptr || IsLater(*event, *one.last)) one.last = event;
  }
  return seen;
}

// Adds a capture for each amount that people recorded. It is pending until enough people have
// recorded it.
void AddSeen(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
             ReadReports& read) {
  const SeenMoney seen = SeenOf(state);
  // All amounts recorded by one person only count together against the limit.
  std::int64_t alone = 0;
  bool known = true;
  for (const auto& [key, one] : seen) {
    if (one.persons > 1) continue;
    const Review& review = *one.last->review;
    const auto units = amounts.ToBase(*review.amount, *review.currency, *state.placed_at);
    const auto base = units ? FromUnits(*units, amounts.base()) : std::nullopt;
    known = known && base.has_value() && *base <= kMoneyMinorMax - alone;
    if (known) alone += *base;
  }
  const bool large = terms.second_above && (!known || alone > *terms.second_above);
  for (const auto& [key, one] : seen) {
    const Review& review = *one.last->review;
    MovementReport report;
    report.head.provider = report.head.method = "offline";
    report.head.names = {Trim(review.reference), read.texts.emplace_back(std::get<0>(key))};
    report.head.source = ReportSource::kSeller;
    report.head.at = one.last->occurred_at;
    report.head.event_id = one.last->id;
    report.kind = MovementKind::kCapture;
    report.state = large && one.persons < 2 ? MovementState::kPending : MovementState::kSucceeded;
    report.reference = report.head.names.back();
    report.amount = review.amount;
    report.currency = review.currency;
    read.reports.movements.push_back(std::move(report));
  }
}

}  // namespace

void MakeLedger(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
                OrderLedger& ledger) {
  HOLDFAST_CHECK(state.order != nullptr);
  const Order& order = *state.order->order;
  ledger.reports.reports.movements.reserve(state.money.size() + 1);
  for (const auto& [id, event] : state.money) {
    if (!state.not_ours.contains(id)) AddReports(*event, terms, ledger.reports);
  }
  AddSeen(state, terms, amounts, ledger.reports);
  ledger.funds = FundsOf(*order.total, *order.currency, ledger.reports.reports, terms,
                         DayExchange(amounts, *state.placed_at));
}

EventPtr DescriptionOf(const OrderLedger& ledger, std::size_t payment, const OrderState& state) {
  const auto id = DescriptionOf(ledger.funds.payments[payment], ledger.reports.reports);
  auto found = state.money.find(std::string(id));
  if (found == state.money.end()) found = state.money.find(std::string(1, '\0') + std::string(id));
  return found == state.money.end() ? nullptr : found->second;
}

}  // namespace holdfast
