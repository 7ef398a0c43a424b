// Reports: what events report on the payments of an order. Plain values.
//
// A payment is one attempt at one provider. It has movements (an authorisation, a capture, a
// refund, a void, a chargeback) and cases (a review, a dispute, a warning). Each movement and case
// has its own reference and one or more reports. Texts are views; the event that a report was read
// from owns them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/money.h"
#include "engine/base/time.h"
#include "engine/model/payment.h"

namespace holdfast {

// kInquiry: a complaint that takes no money yet. kWarning: of the card network or the provider.
enum class CaseKind : std::uint8_t { kReview, kInquiry, kWarning, kDispute };
// A warning and an inquiry may become a dispute; a review does not.
constexpr bool IsReview(CaseKind kind) { return kind == CaseKind::kReview; }
// kCleared: it ended in favour of the seller.
enum class CaseState : std::uint8_t { kOpen, kCleared, kLost };

// The common part of movement and case reports.
struct ReportHead {
  std::string_view provider;            // canonical name, in lower case
  std::vector<std::string_view> names;  // the provider's ids of the payment; empty: it gives none
  std::string_view method;              // card, klarna, cod, ...; empty: not said
  ReportSource source = ReportSource::kProvider;
  bool connected = false;     // a shop's copy; its provider reports to the seller too
  bool later = false;         // a method that pays after the order; see SaysPaysLater
  EventTime at;               // the provider's time
  std::string_view event_id;  // of the event; unique within an order
};

struct MovementReport {
  ReportHead head;
  MovementKind kind = MovementKind::kCapture;
  MovementState state = MovementState::kPending;
  std::string_view reference;          // the movement's id; empty: the only one of its kind
  std::optional<std::int64_t> amount;  // minor units of `currency`, >= 0; absent: not said, or all
  std::optional<Currency> currency;
  // The amount is the order's total, copied by the shop. Of several such reports the smallest
  // amount counts, because an edit of the order does not raise what was paid.
  bool from_total = false;
  // With `from_total`: the shop's copy of the whole order, not of one transaction.
  bool snapshot = false;
  // A partial refund of unknown amount.
  bool of_unknown_size = false;
};

struct CaseReport {
  ReportHead head;
  CaseKind kind = CaseKind::kReview;
  CaseState state = CaseState::kOpen;
  // The id of the case. It is empty, or one of the payment's names, when the provider gives no id.
  // Such a case ends when a case of the same nature with an id of its own is reported.
  std::string_view reference;
  std::optional<std::int64_t> amount;  // that it covers; absent: all of the payment
  std::optional<Currency> currency;
  // A later success of the payment ends the case, because the provider reports it only by a status.
  bool ends_with_success = false;
  // With `ends_with_success`: the reference of the capture that has the status. Its failure ends
  // the case too.
  std::string_view about;
};

// The set of reports about one order, in any order.
struct FundsReports {
  std::vector<MovementReport> movements;
  std::vector<CaseReport> cases;
};

}  // namespace holdfast
