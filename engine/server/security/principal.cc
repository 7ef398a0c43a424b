#include "engine/server/security/principal.h"

#include "engine/codec/event_reader.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

// The events that shops and providers may send.
constexpr std::uint64_t kReported =
    BitOf(EventType::kOrderPlaced) | BitOf(EventType::kOrderAmended) |
    BitOf(EventType::kOrderCancelled) | BitOf(EventType::kPaymentUpdated) |
    BitOf(EventType::kRefundIssued) | BitOf(EventType::kDisputeOpened) |
    BitOf(EventType::kDisputeUpdated) | BitOf(EventType::kDisputeClosed) |
    BitOf(EventType::kBuyerMessage) | BitOf(EventType::kBuyerConfirmed) |
    BitOf(EventType::kShipmentPacked) | BitOf(EventType::kShipmentDispatched) |
    BitOf(EventType::kShipmentDelivered) | BitOf(EventType::kShipmentReturned) |
    BitOf(EventType::kShipmentRefused);
// The events that reviewers may send.
constexpr std::uint64_t kDecided =
    BitOf(EventType::kReviewClaimed) | BitOf(EventType::kReviewReleased) |
    BitOf(EventType::kReviewRejected) | BitOf(EventType::kReviewHeld) |
    BitOf(EventType::kReviewNoted) | BitOf(EventType::kReviewTagged) |
    BitOf(EventType::kReviewAsked) | BitOf(EventType::kReviewApproved) |
    BitOf(EventType::kReviewPaid) | BitOf(EventType::kReviewUndone) |
    BitOf(EventType::kReviewAssigned) | BitOf(EventType::kReviewEscalated) |
    BitOf(EventType::kOrderAmended) | BitOf(EventType::kBuyerMessage) |
    BitOf(EventType::kBuyerConfirmed) | BitOf(EventType::kShipmentPacked) |
    BitOf(EventType::kShipmentDispatched) | BitOf(EventType::kAlertAcknowledged);

// Prefixes of the ids of events that Holdfast creates. An event with such an id would prevent the
// creation of Holdfast's own.
constexpr std::string_view kOwnIds[] = {
    "alert ", "joined ", "deadline ", "paypal:", "stripe:", "shopify:", "woocommerce:", "adyen:"};

}  // namespace

std::uint64_t TypesOf(Role role) {
  switch (role) {
    case Role::kIngest:
      return kReported;
    case Role::kReview:
      return kDecided;
    case Role::kAdmin:
      break;
  }
  return kReported | kDecided | BitOf(EventType::kListChanged) | BitOf(EventType::kReviewRescored);
}

Result<Admission::Change> Principal::Admit(Event& event,
                                           const std::optional<std::uint64_t>& seen) const {
  if (Status checked = Check(event); !checked) return tl::unexpected(checked.error());
  const bool changed = SetWhatIsOurs(event);
  const auto moved = SetMerchant(event);
  if (!moved) return tl::unexpected(moved.error());
  if (Status checked = RequireSeen(event, seen); !checked) return tl::unexpected(checked.error());
  return changed ? Change::kMore : *moved ? Change::kMerchant : Change::kNone;
}

Status Principal::Check(const Event& event) const {
  if ((types >> static_cast<unsigned>(event.type) & 1) == 0) {
    return Fail(ErrorCode::kForbidden, "type",
                "is " + std::string(NameOf(event.type)) + ", which the key may not send");
  }
  for (const std::string_view own : kOwnIds) {
    if (!event.id.starts_with(own)) continue;
    return Fail(
        ErrorCode::kInvalidInput, "id",
        "ids that begin with '" + std::string(own) + "' are kept for Holdfast's own; give another");
  }
  const bool assigns = event.type == EventType::kReviewAssigned && event.review != nullptr &&
                       !event.review->person.empty();
  if (assigns && is_person && !is_person(event.review->person)) {
    return Fail(ErrorCode::kInvalidInput, "review.person",
                "is '" + std::string(event.review->person) +
                    "', of whom no key is a reviewer's or "
                    "an administrator's");
  }
  if (latest && event.occurred_at > *latest) {
    return Fail(ErrorCode::kInvalidInput, "occurred_at",
                "is later than now; what has not happened cannot be reported");
  }
  return {};
}

// Requires the decision that the person has seen, so that two people cannot both decide an order.
Status Principal::RequireSeen(const Event& event, const std::optional<std::uint64_t>& seen) const {
  const EventType type = event.type;
  const bool decides = type == EventType::kReviewReleased || type == EventType::kReviewRejected ||
                       type == EventType::kReviewHeld || type == EventType::kReviewApproved ||
                       type == EventType::kReviewUndone ||
                       (is_reviewer && type == EventType::kOrderAmended);
  if (!decides || seen) return {};
  return Fail(ErrorCode::kInvalidInput, "If-Match",
              "is missing; it says which decision of the order you have seen: the offset");
}

// Removes the members that only Holdfast may set, and sets what it knows. True: something changed.
bool Principal::SetWhatIsOurs(Event& event) const {
  bool changed = false;
  if (event.delivery != nullptr || (event.geo != nullptr && !geo) || event.joined) {
    event.delivery = nullptr;
    event.joined = false;
    event.claimed_by = {};
    if (!geo) event.geo = nullptr;
    changed = true;
  }
  if ((is_reviewer || event.review != nullptr) && !event.references.empty()) {
    event.references = {};
    changed = true;
  }
  // A reviewer's event gets the time `now`. A shop may report later.
  if (is_reviewer && event.order != nullptr) {
    const_cast<Order&>(*event.order).payment = nullptr;
    event.geo = nullptr;
    event.occurred_at = now;
    changed = true;
  }
  if (event.review != nullptr) {
    auto& review = const_cast<Review&>(*event.review);
    review.by = event.memory.Copy(person);
    review.role = role;
    event.occurred_at = now;
    changed = true;
  }
  if (event.list != nullptr) {
    const_cast<ListChange&>(*event.list).by = event.memory.Copy(person);
    changed = true;
  }
  if (event.alert != nullptr) {
    const_cast<Alert&>(*event.alert).by = event.memory.Copy(person);
    event.occurred_at = now;
    changed = true;
  }
  if (event.confirmation != nullptr) {
    // An ingest key, such as that of the shop's mail system, is no person.
    auto& answer = const_cast<Confirmation&>(*event.confirmation);
    const bool by_person = role == ReviewRole::kAdmin || is_reviewer;
    changed = changed || by_person || !answer.by.empty() || answer.role != ReviewRole::kUnset;
    answer.by = by_person ? event.memory.Copy(person) : std::string_view();
    answer.role = by_person ? role : ReviewRole::kUnset;
    if (is_reviewer) event.occurred_at = now;
  }
  if (event.shipment != nullptr) {
    auto& shipment = const_cast<Shipment&>(*event.shipment);
    changed = changed || shipment.permit_refused;
    if (is_reviewer) {
      shipment.by = event.memory.Copy(person);
      changed = true;
    }
    shipment.permit_refused = std::nullopt;
    if (!shipment.permit.empty() && is_our_permit && !is_our_permit(shipment.permit)) {
      shipment.permit_refused = true;
      changed = true;
    }
  }
  return changed;
}

// An event without a merchant belongs to the key's merchant. True: it was set.
Result<bool> Principal::SetMerchant(Event& event) const {
  if (merchant.empty() || event.merchant == merchant) return false;
  if (event.merchant != kDefaultMerchant) {
    return Fail(ErrorCode::kForbidden, "merchant",
                "is '" + std::string(event.merchant) + "', but the key is of '" + merchant + "'");
  }
  event.merchant = event.memory.Copy(merchant);
  if (event.order != nullptr) const_cast<Order&>(*event.order).merchant = event.merchant;
  return true;
}

}  // namespace holdfast
