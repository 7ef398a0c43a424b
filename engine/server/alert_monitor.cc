#include "engine/server/alert_monitor.h"
#include "engine/funds/payment_reports.h"

#include "engine/model/funds.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

constexpr std::size_t kPaidMost = 100'000;

std::string OrderKey(std::string_view merchant, std::string_view order_id) {
  return "order " + std::string(merchant) + std::string(1, '\0') + std::string(order_id);
}
std::string WaitingKey(std::string_view merchant, std::string_view event_id) {
  return "event " + std::string(merchant) + std::string(1, '\0') + std::string(event_id);
}

// True when the event reports that a seller's money is lost or may be lost.
bool IsLoss(const Event& event) {
  switch (event.type) {
    case EventType::kRefundIssued:
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
      return true;
    case EventType::kDisputeClosed:
      return event.dispute->outcome == DisputeOutcome::kLost;
    case EventType::kPaymentUpdated:
      return event.payment->status == PaymentStatus::kReversed ||
             event.payment->status == PaymentStatus::kChargedBack ||
             event.payment->status == PaymentStatus::kRefunded ||
             event.payment->status == PaymentStatus::kDisputed ||
             event.payment->movement.kind == MovementKind::kChargeback ||
             event.payment->movement.kind == MovementKind::kRefund;
    default:
      return false;
  }
}

}  // namespace

void AlertMonitor::See(const Event& event, bool decided) {
  // This includes events about unknown orders, for which nothing was decided.
  const bool lost = !decided && IsLoss(event);
  const bool paid = lost || (event.type == EventType::kPaymentUpdated && SaysPaid(*event.payment));
  const bool joined = IsJoinedId(event.id);
  if (!decided && !paid && !joined) return;
  const std::lock_guard lock(mutex_);
  if (joined) {
    // An event that waited has been joined to its order.
    constexpr std::size_t kJoined = sizeof("joined ") - 1;
    paid_.erase(WaitingKey(event.merchant, event.id.substr(kJoined)));
  }
  if (decided) {
    paid_.erase(OrderKey(event.merchant, event.order_id));
  } else if (paid && paid_.size() < kPaidMost) {
    const std::string key = event.order_id.empty() ? WaitingKey(event.merchant, event.id)
                                                   : OrderKey(event.merchant, event.order_id);
    paid_.try_emplace(key, Paid{std::string(event.merchant), std::string(event.order_id),
                                std::string(event.id), now_, lost, false});
  }
}

void AlertMonitor::AddFeed(const std::string& provider, const std::string& merchant,
                           EventTime now) {
  const std::lock_guard lock(mutex_);
  feeds_.try_emplace(provider + std::string(1, '\0') + merchant,
                     Feed{provider, merchant, now, false});
}

void AlertMonitor::SeeDelivery(const std::string& provider, const std::string& merchant,
                               EventTime now) {
  const std::lock_guard lock(mutex_);
  feeds_[provider + std::string(1, '\0') + merchant] = {provider, merchant, now, false};
}

std::vector<AlertMonitor::Finding> AlertMonitor::Look(EventTime now, std::int64_t paid_seconds,
                                                      std::int64_t silent_seconds) {
  std::vector<Finding> found;
  const std::lock_guard lock(mutex_);
  now_ = now;
  for (auto& [key, paid] : paid_) {
    if (paid.told || now.nanos - paid.seen.nanos < paid_seconds * kNanosPerSecond) continue;
    paid.told = true;
    if (paid.lost) {
      found.push_back({paid.merchant, "", "loss-without-order", paid.event_id,
                       "Money was taken back or is contested by " + paid.event_id +
                           ", and which order that is about is not known: look it up at the "
                           "provider before more leaves"});
      continue;
    }
    found.push_back({paid.merchant, paid.order_id, "paid-not-decided", paid.event_id,
                     "The payment " + paid.event_id + " is certain, but its order " +
                         (paid.order_id.empty() ? std::string("is not known")
                                                : paid.order_id + " never came")});
  }
  for (auto& [key, feed] : feeds_) {
    const std::int64_t silent = (now.nanos - feed.last.nanos) / kNanosPerSecond;
    if (silent_seconds == 0 || feed.told || silent < silent_seconds) continue;
    feed.told = true;
    found.push_back(
        {feed.merchant, "", "silent-feed", feed.provider + " " + FormatRfc3339(feed.last),
         "Nothing has come from " + feed.provider + " for " + std::to_string(silent) + " seconds"});
  }
  return found;
}

std::size_t AlertMonitor::undecided() const {
  const std::lock_guard lock(mutex_);
  return paid_.size();
}

void AlertMonitor::SetNow(EventTime now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace holdfast
