// Reports: what was said of the money of an order. Plain values.
//
// A payment is one attempt at one provider. It consists of movements (an authorisation, a capture,
// a refund, a void, a chargeback) and of cases (a review, a dispute, a warning). Each has a
// reference of its own, and is known by reports. Texts are views; the event that a report was read
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
// A warning and an inquiry may become a dispute; a review is another matter.
constexpr bool IsReview(CaseKind kind) { return kind == CaseKind::kReview; }
// kCleared: it ended well for the seller.
enum class CaseState : std::uint8_t { kOpen, kCleared, kLost };

// What reports of both kinds have in common.
struct ReportHead {
  std::string_view provider;            // one name a provider, in lower case
  std::vector<std::string_view> names;  // the provider's ids of the payment; empty: it gives none
  std::string_view method;              // card, klarna, cod, ...; empty: not said
  ReportSource source = ReportSource::kProvider;
  bool connected = false;     // a shop's copy, whose provider reports to the seller too
  bool later = false;         // by a gateway or method whose money comes later; see SaysPaysLater
  EventTime at;               // the provider's time
  std::string_view event_id;  // of the event that says it; unique within an order
};

struct MovementReport {
  ReportHead head;
  MovementKind kind = MovementKind::kCapture;
  MovementState state = MovementState::kPending;
  std::string_view reference;          // the movement's own id; empty: one a kind
  std::optional<std::int64_t> amount;  // minor units of `currency`, >= 0; absent: not said, or all
  std::optional<Currency> currency;
  // The amount is the order's total, as the shop copies it: of several the smallest counts, for
  // what was paid does not grow because the order was edited.
  bool from_total = false;
  // Beside that: it is the shop's copy of the whole order, not of one transaction.
  bool snapshot = false;
  // A part of a refund whose size is not said.
  bool of_unknown_size = false;
};

struct CaseReport {
  ReportHead head;
  CaseKind kind = CaseKind::kReview;
  CaseState state = CaseState::kOpen;
  // The case's own id; empty, or one of the payment's names: the provider gives none here. Such a
  // case is over once one with an id of its own and of the same nature was told of.
  std::string_view reference;
  std::optional<std::int64_t> amount;  // that it covers; absent: all of the payment
  std::optional<Currency> currency;
  // A later success of the payment ends it: the provider says no more of it than a status.
  bool ends_with_success = false;
  // Then the reference of the capture that has the status: that it failed ends it too.
  std::string_view about;
};

// The set of reports about one order, in any order.
struct FundsReports {
  std::vector<MovementReport> movements;
  std::vector<CaseReport> cases;
};

}  // namespace holdfast
