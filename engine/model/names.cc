#include "engine/model/names.h"

#include <array>
#include <iterator>

#include "engine/base/enum_names.h"

namespace holdfast {
namespace {

using std::string_view;

// The name of an event type and the key of its payload.
struct EventTypeRow {
  string_view name, payload;
};
constexpr EventTypeRow kEventTypeRows[] = {
    {"order.placed", "order"},          {"order.amended", "order"},
    {"order.cancelled", "order"},       {"payment.updated", "payment"},
    {"refund.issued", "refund"},        {"dispute.opened", "dispute"},
    {"dispute.updated", "dispute"},     {"dispute.closed", "dispute"},
    {"buyer.message", "message"},       {"buyer.confirmed", "confirmation"},
    {"shipment.packed", "shipment"},    {"shipment.dispatched", "shipment"},
    {"shipment.delivered", "shipment"}, {"shipment.returned", "shipment"},
    {"shipment.refused", "shipment"},   {"review.claimed", "review"},
    {"review.released", "review"},      {"review.rejected", "review"},
    {"review.held", "review"},          {"review.noted", "review"},
    {"review.tagged", "review"},        {"review.asked", "review"},
    {"review.approved", "review"},      {"review.rescored", "review"},
    {"review.paid", "review"},          {"review.undone", "review"},
    {"review.assigned", "review"},      {"review.escalated", "review"},
    {"list.changed", "list"},           {"pack.activated", "pack"},
    {"timer.fired", "timer"},           {"alert.raised", "alert"},
    {"alert.acknowledged", "alert"},    {"delivery.received", "receipt"},
};
constexpr auto kEventTypes = [] {
  std::array<string_view, std::size(kEventTypeRows)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kEventTypeRows[i].name;
  return names;
}();
static_assert(kEventTypes.size() == EnumCount<EventType>());
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
constexpr string_view kThreeDSecures[] = {"",       "authenticated", "attempted",  "exempt",
                                          "failed", "not_supported", "unavailable"};
constexpr string_view kHazards[] = {"",       "none",    "battery", "flammable",
                                    "liquid", "aerosol", "magnet",  "other"};
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

// The names of an enumeration. The compiler checks that there is one for each value.
template <typename Enum, std::size_t kCount>
constexpr std::span<const string_view> Table(const string_view (&names)[kCount]) {
  static_assert(kCount == EnumCount<Enum>());
  return names;
}

}  // namespace

template <>
std::span<const string_view> NamesOf<EventType>() {
  return kEventTypes;
}
template <>
std::span<const string_view> NamesOf<PaymentStatus>() {
  return Table<PaymentStatus>(kPaymentStatuses);
}
template <>
std::span<const string_view> NamesOf<MovementKind>() {
  return Table<MovementKind>(kMovementKinds);
}
template <>
std::span<const string_view> NamesOf<MovementState>() {
  return Table<MovementState>(kMovementStates);
}
template <>
std::span<const string_view> NamesOf<ReportSource>() {
  return Table<ReportSource>(kReportSources);
}
template <>
std::span<const string_view> NamesOf<SellerProtection>() {
  return Table<SellerProtection>(kProtections);
}
template <>
std::span<const string_view> NamesOf<AccountStatus>() {
  return Table<AccountStatus>(kAccountStatuses);
}
template <>
std::span<const string_view> NamesOf<AddressStatus>() {
  return Table<AddressStatus>(kAddressStatuses);
}
template <>
std::span<const string_view> NamesOf<CardFunding>() {
  return Table<CardFunding>(kFundings);
}
template <>
std::span<const string_view> NamesOf<CheckResult>() {
  return Table<CheckResult>(kChecks);
}
template <>
std::span<const string_view> NamesOf<ThreeDSecure>() {
  return Table<ThreeDSecure>(kThreeDSecures);
}
template <>
std::span<const string_view> NamesOf<Hazard>() {
  return Table<Hazard>(kHazards);
}
template <>
std::span<const string_view> NamesOf<RiskLevel>() {
  return Table<RiskLevel>(kRiskLevels);
}
template <>
std::span<const string_view> NamesOf<GeoStatus>() {
  return Table<GeoStatus>(kGeoStatuses);
}
template <>
std::span<const string_view> NamesOf<DisputeKind>() {
  return Table<DisputeKind>(kDisputeKinds);
}
template <>
std::span<const string_view> NamesOf<DisputeOutcome>() {
  return Table<DisputeOutcome>(kDisputeOutcomes);
}
template <>
std::span<const string_view> NamesOf<FundsCertainty>() {
  return Table<FundsCertainty>(kCertainties);
}
template <>
std::span<const string_view> NamesOf<ReviewRole>() {
  return Table<ReviewRole>(kReviewRoles);
}
template <>
std::span<const string_view> NamesOf<Outcome>() {
  return Table<Outcome>(kOutcomes);
}
template <>
std::span<const string_view> NamesOf<Cause>() {
  return Table<Cause>(kCauses);
}
template <>
std::span<const string_view> NamesOf<Effect>() {
  return Table<Effect>(kEffects);
}

string_view PayloadKeyOf(EventType type) { return NameIn(kEventTypeRows, type).payload; }

}  // namespace holdfast
