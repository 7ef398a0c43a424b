#include "engine/pipeline/money.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/features/facts.h"
#include "engine/model/funds.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

// How often, until when and how much was taken or given.
struct Total {
  std::size_t count = 0;
  EventTime last;
  std::optional<Currency> currency;
  std::int64_t amount = 0;
  bool known = true;  // every one says how much, in one currency

  void Add(EventTime at, const std::optional<std::int64_t>& minor,
           const std::optional<Currency>& of) {
    last = count == 0 ? at : std::max(last, at);
    known = known && minor && of && (count == 0 || currency == of);
    if (known) {
      currency = of;
      amount += *minor;
    }
    ++count;
  }
  bool Covers(const Total& taken) const {
    if (count < taken.count || last <= taken.last) return false;
    if (!taken.known) return true;
    return known && currency == taken.currency && amount >= taken.amount;
  }
};

Total TotalOf(const Events& facts, const std::string& payment) {
  Total total;
  for (const auto& [id, event] : facts) {
    if (TransactionReference(*event) != payment) continue;
    const Payment& fact = *PaymentIn(event.get());
    total.Add(event->occurred_at, fact.amount, fact.currency);
  }
  return total;
}

// Disputes about the payment that ended well for the seller.
Total WonOf(const Events& disputes, const std::string& payment) {
  Total total;
  for (const auto& [id, event] : disputes) {
    const Dispute& dispute = *event->dispute;
    const bool well =
        event->type == EventType::kDisputeClosed &&
        (dispute.outcome == DisputeOutcome::kWon ||
         dispute.outcome == DisputeOutcome::kWithdrawn) &&
        (dispute.kind == DisputeKind::kChargeback || dispute.kind == DisputeKind::kDispute);
    const auto& names = event->references;
    if (!well || std::find(names.begin(), names.end(), payment) == names.end()) continue;
    total.Add(event->occurred_at, dispute.amount, dispute.currency);
  }
  return total;
}

bool HasComeBack(const OrderState& state, const std::string& payment) {
  // Of a payment without a number nobody can say that it was this one.
  if (payment.empty() || state.taken_back.size() >= kReversalsMost) return false;
  const Total taken = TotalOf(state.taken_back, payment);
  return TotalOf(state.given_back, payment).Covers(taken) ||
         WonOf(state.disputes, payment).Covers(taken);
}

PaymentReport ReportOf(const Event& event) {
  const Payment& payment = *PaymentIn(&event);
  return {event.occurred_at, payment.status, payment.pending_reason, event.id};
}

}  // namespace

bool Displaces(const EventPtr& event, const EventPtr& other) {
  return other == nullptr || Supersedes(ReportOf(*event), ReportOf(*other));
}

EventPtr FactThatCounts(const OrderState& state) {
  EventPtr lost = state.refunded;
  std::map<std::string, bool> back;  // by payment
  for (const auto& [id, taken] : state.taken_back) {
    const std::string payment = TransactionReference(*taken);
    const auto [known, fresh] = back.try_emplace(payment, false);
    if (fresh) known->second = HasComeBack(state, payment);
    if (!known->second && Displaces(taken, lost)) lost = taken;
  }
  if (lost != nullptr) return lost;
  EventPtr given;
  for (const auto& [id, event] : state.given_back) {
    if (Displaces(event, given)) given = event;
  }
  if (given == nullptr || state.reported == nullptr) {
    return state.reported != nullptr ? state.reported : given;
  }
  // What came back ends an earlier doubt; not a denial.
  const FundsCertainty reported = CertaintyOf(PaymentIn(state.reported.get())->status);
  const bool doubt = reported != FundsCertainty::kCertain && reported != FundsCertainty::kLost;
  return doubt && Displaces(given, state.reported) ? given : state.reported;
}

}  // namespace holdfast
