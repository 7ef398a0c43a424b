#include "engine/pipeline/order_money.h"

#include <algorithm>
#include <cmath>

#include "engine/funds/funds.h"
#include "engine/funds/read_reports.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

class PackExchange final : public Exchange {
 public:
  PackExchange(const AmountScale& amounts, EventTime at) : amounts_(amounts), at_(at) {}
  std::optional<std::int64_t> Convert(std::int64_t minor, Currency from,
                                      Currency to) const override {
    // So many that rounding to the digits of the base currency does not matter.
    constexpr std::int64_t kMany = 1'000'000'000;
    const auto base = amounts_.ToBase(minor, from, at_);
    const auto many = amounts_.ToBase(kMany, to, at_);
    if (!base || !many || *many <= 0) return std::nullopt;
    const double converted = *base / *many * static_cast<double>(kMany);
    constexpr double kMost = 9e15;  // what a double holds exactly
    if (!(converted < kMost)) return std::nullopt;
    // An amount that was rounded to the base currency's digits is not short for that.
    return static_cast<std::int64_t>(std::llround(converted));
  }

 private:
  const AmountScale& amounts_;
  const EventTime at_;
};

}  // namespace

void OrderMoney::Take(const EventPtr& event, OrderState& state) const {
  if (SaysOfMoney(*event)) {
    if (state.money.size() < OrderState::kMoneyMost) {
      state.money.emplace(std::string(event->id), event);
    } else {
      state.too_much_money = true;
    }
  }
  if (state.order == nullptr) return;
  const Order& order = *state.order->order;
  ReadReports reports;
  state.paid_elsewhere.clear();
  state.claimed_by.clear();
  for (const auto& [id, one] : state.money) {
    if (!IsOfOther(*one, state) && !IsClaimed(*one, state)) {
      AddReports(*one, pack_.funds, reports);
    }
  }
  const OrderFunds funds = FundsOf(*order.total, *order.currency, reports.reports, pack_.funds,
                                   PackExchange(*pack_.amounts, *state.placed_at));
  state.funds = funds.sums;
  if (state.too_much_money) {
    state.funds.certainty = FundsCertainty::kUncertain;
    state.funds.by_method = false;
  }
  state.funds.enough =
      state.funds.by_method || pack_.ship_when[static_cast<std::size_t>(state.funds.certainty)];
  state.payment = nullptr;
  if (funds.main < 0) return;
  // Of the events that describe the payment the last that says how it stands.
  const auto said = DescriptionOf(funds, reports.reports);
  const auto found = state.money.find(std::string(said));
  if (found != state.money.end()) state.payment = found->second;
}

// A payment is of the order that was the first to name it, or that its provider names.
bool OrderMoney::IsOfOther(const Event& event, OrderState& state) const {
  if (!event.claimed_by.empty()) return true;  // the other order's own words
  std::string other = names_.OtherOwnerOf(event);
  if (other.empty()) return false;
  state.paid_elsewhere = std::move(other);
  return true;
}

// Does another order name this payment too, without that its provider has said whose it is?
bool OrderMoney::IsClaimed(const Event& event, OrderState& state) const {
  if (event.refund != nullptr || event.dispute != nullptr) return false;
  const auto same = [&event](const Event& other) {
    const std::string own = TransactionReference(event);
    return (!own.empty() && Bears(other, own)) ||
           std::any_of(
               event.references.begin(), event.references.end(),
               [&](std::string_view name) { return IsOfPayment(name) && Bears(other, name); });
  };
  for (const auto& [id, claim] : state.money) {
    if (claim->claimed_by.empty() || !same(*claim)) continue;
    const bool proved = std::any_of(state.money.begin(), state.money.end(), [&](const auto& one) {
      return IsProvedOf(*one.second) && same(*one.second);
    });
    if (proved) continue;
    state.claimed_by = claim->claimed_by;
    return true;
  }
  return false;
}

}  // namespace holdfast
