#include "engine/model/names.h"

#include <iterator>

namespace holdfast {
namespace {

using std::string_view;

constexpr string_view kEventTypes[] = {
    "order.placed",       "order.amended",   "order.cancelled", "payment.updated",
    "refund.issued",      "dispute.opened",  "dispute.updated", "dispute.closed",
    "buyer.message",      "buyer.confirmed", "shipment.packed", "shipment.dispatched",
    "shipment.delivered", "review.claimed",  "review.released", "review.rejected",
    "review.held",        "review.noted",    "review.tagged",   "review.asked",
    "review.approved",    "review.rescored", "review.paid",     "list.changed",
    "pack.activated",     "timer.fired",     "alert.raised",    "delivery.received"};
constexpr string_view kPaymentStatuses[] = {
    "",         "created",  "authorized",   "pending", "under_review", "completed",
    "cleared",  "denied",   "failed",       "voided",  "expired",      "partially_refunded",
    "refunded", "reversed", "charged_back", "disputed"};
constexpr string_view kMovementKinds[] = {"",       "authorization", "adjustment", "capture",
                                          "refund", "void",          "chargeback"};
constexpr string_view kMovementStates[] = {"",       "pending", "succeeded",
                                           "failed", "expired", "undone"};
constexpr string_view kReportSources[] = {"", "provider", "seller", "file", "shop"};
constexpr string_view kProtections[] = {"", "eligible", "partially_eligible", "not_eligible"};
constexpr string_view kAccountStatuses[] = {"", "verified", "unverified", "unregistered"};
constexpr string_view kAddressStatuses[] = {"", "confirmed", "unconfirmed"};
constexpr string_view kFundings[] = {"", "credit", "debit", "prepaid"};
constexpr string_view kChecks[] = {"", "pass", "fail", "partial", "unavailable"};
constexpr string_view kRiskLevels[] = {"", "low", "normal", "elevated", "highest"};
constexpr string_view kGeoStatuses[] = {"",          "found",   "no_country",
                                        "not_found", "private", "unreadable"};
constexpr string_view kDisputeKinds[] = {"",           "inquiry",       "dispute",
                                         "chargeback", "fraud_warning", "review"};
constexpr string_view kDisputeOutcomes[] = {"", "won", "lost", "withdrawn"};
constexpr string_view kCertainties[] = {"none",    "reserved",  "uncertain",
                                        "certain", "contested", "lost"};
constexpr string_view kReviewRoles[] = {"", "review", "admin"};
constexpr string_view kOutcomes[] = {"ship", "hold", "reject"};
constexpr string_view kCauses[] = {
    "",        "funds", "identity",     "address",     "geo",     "product", "velocity",
    "history", "list",  "verification", "cooling_off", "packing", "unknown", "review"};
constexpr string_view kEffects[] = {"reject", "allow", "hold",     "points",
                                    "advise", "funds", "threshold"};

}  // namespace

template <>
std::span<const string_view> NamesOf<EventType>() {
  return kEventTypes;
}
template <>
std::span<const string_view> NamesOf<PaymentStatus>() {
  return kPaymentStatuses;
}
template <>
std::span<const string_view> NamesOf<MovementKind>() {
  return kMovementKinds;
}
template <>
std::span<const string_view> NamesOf<MovementState>() {
  return kMovementStates;
}
template <>
std::span<const string_view> NamesOf<ReportSource>() {
  return kReportSources;
}
template <>
std::span<const string_view> NamesOf<SellerProtection>() {
  return kProtections;
}
template <>
std::span<const string_view> NamesOf<AccountStatus>() {
  return kAccountStatuses;
}
template <>
std::span<const string_view> NamesOf<AddressStatus>() {
  return kAddressStatuses;
}
template <>
std::span<const string_view> NamesOf<CardFunding>() {
  return kFundings;
}
template <>
std::span<const string_view> NamesOf<CheckResult>() {
  return kChecks;
}
template <>
std::span<const string_view> NamesOf<RiskLevel>() {
  return kRiskLevels;
}
template <>
std::span<const string_view> NamesOf<GeoStatus>() {
  return kGeoStatuses;
}
template <>
std::span<const string_view> NamesOf<DisputeKind>() {
  return kDisputeKinds;
}
template <>
std::span<const string_view> NamesOf<DisputeOutcome>() {
  return kDisputeOutcomes;
}
template <>
std::span<const string_view> NamesOf<FundsCertainty>() {
  return kCertainties;
}
template <>
std::span<const string_view> NamesOf<ReviewRole>() {
  return kReviewRoles;
}
template <>
std::span<const string_view> NamesOf<Outcome>() {
  return kOutcomes;
}
template <>
std::span<const string_view> NamesOf<Cause>() {
  return kCauses;
}
template <>
std::span<const string_view> NamesOf<Effect>() {
  return kEffects;
}

string_view PayloadKeyOf(EventType type) {
  switch (type) {
    case EventType::kOrderPlaced:
    case EventType::kOrderAmended:
    case EventType::kOrderCancelled:
      return "order";
    case EventType::kPaymentUpdated:
      return "payment";
    case EventType::kRefundIssued:
      return "refund";
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
      return "dispute";
    case EventType::kBuyerMessage:
      return "message";
    case EventType::kBuyerConfirmed:
      return "confirmation";
    case EventType::kShipmentPacked:
    case EventType::kShipmentDispatched:
    case EventType::kShipmentDelivered:
      return "shipment";
    case EventType::kListChanged:
      return "list";
    case EventType::kPackActivated:
      return "pack";
    case EventType::kTimerFired:
      return "timer";
    case EventType::kAlertRaised:
      return "alert";
    case EventType::kDeliveryReceived:
      return "receipt";
    default:
      return "review";
  }
}

}  // namespace holdfast
