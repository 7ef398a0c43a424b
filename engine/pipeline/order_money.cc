#include "engine/pipeline/order_money.h"

#include <algorithm>

#include "engine/funds/payment_reports.h"
#include "engine/orders/order_ledger.h"
#include "engine/orders/order_queries.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

// True when both events make the same report about a payment without an id. One of them is then a
// copy of the other that was joined to another order by an order number.
bool SayTheSame(const Event& a, const Event& b) {
  if (a.payment == nullptr || b.payment == nullptr || a.occurred_at != b.occurred_at) return false;
  const Payment& x = *a.payment;
  const Payment& y = *b.payment;
  return x.transaction_id.empty() && y.transaction_id.empty() && x.provider == y.provider &&
         x.status == y.status && x.amount == y.amount && x.movement.kind == y.movement.kind &&
         x.movement.state == y.movement.state && x.movement.reference == y.movement.reference &&
         x.movement.amount == y.movement.amount;
}

// True when both events name the same payment and have no other references.
bool HaveOneName(const Event& a, const Event& b) {
  const auto has_one = [](const Event& event) {
    return event.references.empty() && event.claimed_by.empty() && !event.payment_name.empty();
  };
  return has_one(a) && has_one(b) && a.payment_name == b.payment_name;
}

}  // namespace

void OrderMoney::Update(const EventPtr& event, OrderState& state) const {
  if (SaysOfMoney(*event)) {
    if (state.money.size() < OrderState::kMoneyMost) {
      state.money.emplace(MoneyKey(*event), event);
    } else {
      state.too_much_money = true;
    }
  }
  if (state.order == nullptr) return;
  state.paid_elsewhere.clear();
  state.claimed_by.clear();
  state.not_ours.clear();
  const bool claimed = std::any_of(state.money.begin(), state.money.end(),
                                   [](const auto& one) { return !one.second->claimed_by.empty(); });
  const Event* before = nullptr;
  bool of_other = false;
  for (const auto& [id, one] : state.money) {
    // Usually all events name the same payment, so the last result is used again.
    const bool same = before != nullptr && HaveOneName(*before, *one);
    if (!same) of_other = IsOfOther(*one, state);
    before = one.get();
    if (of_other || (claimed && IsClaimed(*one, state))) state.not_ours.insert(id);
  }
  OrderLedger ledger;
  MakeLedger(state, pack_.funds, *pack_.amounts, ledger);
  state.funds = ledger.funds.sums;
  if (state.too_much_money) {
    state.funds.certainty = FundsCertainty::kUncertain;
    state.funds.by_method = false;
  }
  state.funds.enough =
      state.funds.by_method || pack_.ship_when[static_cast<std::size_t>(state.funds.certainty)];
  const int main = ledger.funds.main;
  state.payment = main < 0 ? nullptr : DescriptionOf(ledger, static_cast<std::size_t>(main), state);
  // For money that a person recorded (review.paid) no event describes the payer.
  if (PaymentIn(state.payment.get()) == nullptr) state.payment = nullptr;
}

// True when the payment belongs to another order. It belongs to the order that named it first, or
// to the one that its provider names.
bool OrderMoney::IsOfOther(const Event& event, OrderState& state) const {
  if (!event.claimed_by.empty()) return true;  // a copy of the other order's report
  std::string other = names_.OtherOwnerOf(event);
  if (other.empty()) return false;
  state.paid_elsewhere = std::move(other);
  return true;
}

// True when another order also names this payment and its provider has not said whose it is.
bool OrderMoney::IsClaimed(const Event& event, OrderState& state) const {
  if (event.refund != nullptr || event.dispute != nullptr) return false;
  const auto same = [&](const Event& other) {
    return names_.SamePayment(event, other) || SayTheSame(event, other);
  };
  for (const auto& [id, claim] : state.money) {
    if (claim->claimed_by.empty() || !same(*claim)) continue;
    const bool proved = std::any_of(state.money.begin(), state.money.end(), [&](const auto& one) {
      return IsConfirmedByProvider(*one.second) && same(*one.second);
    });
    if (proved) continue;
    state.claimed_by = claim->claimed_by;
    return true;
  }
  return false;
}

}  // namespace holdfast
