// Ledger: the payments of an order, as the reports of them lead to. Pure functions of the set of
// reports: neither the order in which they came nor repetitions change the result.
//
// The rules are those of docs/funds.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/funds/report.h"

namespace holdfast {

// A movement as its reports leave it.
struct Movement {
  MovementKind kind = MovementKind::kCapture;
  MovementState state = MovementState::kPending;
  std::string_view reference;
  std::optional<std::int64_t> amount;  // minor units of the payment's currency; absent: not said
  std::optional<Currency> currency;
  EventTime at;
  ReportSource source = ReportSource::kProvider;
  std::int64_t undone = 0;  // of a refund or chargeback: what came back of `amount`
  bool all = false;         // of a refund, void or chargeback: it is of all there is
  bool was_asked = false;   // it was told of as under way or done
  EventTime asked_at;       // then: when it was first told of so
  bool was_done = false;    // it was told of as done, whatever became of it
  int times = 1;            // of a chargeback without a reference: how often it was told of
  std::vector<std::string_view> names;  // of a chargeback: the names of its payment that it gave
};

struct PaymentCase {
  CaseKind kind = CaseKind::kReview;
  CaseState state = CaseState::kOpen;
  std::string_view reference;
  std::vector<std::string_view> names;  // of its payment, that it gave
  std::string_view about;  // the capture whose status says so, where nothing else tells of the case
  std::optional<std::int64_t> amount;
  EventTime opened, at;  // of its first and last report
};

// Minor units of the payment's currency, each >= 0.
struct PaymentAmounts {
  std::int64_t authorized = 0;  // and neither captured nor voided, those under way included
  std::int64_t authorization_pending = 0;
  std::int64_t captured = 0;
  std::int64_t capture_pending = 0;
  std::int64_t refunded = 0;
  std::int64_t refund_pending = 0;
  std::int64_t voided = 0;
  std::int64_t void_pending = 0;
  std::int64_t taken_back = 0;  // by chargebacks and lost disputes
  std::int64_t disputed = 0;    // by open disputes, inquiries and warnings
  std::int64_t in_review = 0;
  std::int64_t pending_in_review = 0;  // of in_review, what is of capture_pending
  // False where an amount of what was captured, is under way or was given back in part is not
  // known: the payment then counts as a whole, by its states alone.
  bool known = true;

  // What is left with the seller, refunds that are under way taken off; may be negative.
  std::int64_t kept() const { return captured - refunded - refund_pending - taken_back; }
};

struct LedgerPayment {
  std::string_view provider, method;
  std::vector<std::string_view> names;            // ascending
  ReportSource source = ReportSource::kProvider;  // the best that speaks of it
  bool connected = false;                         // a copy says so; see ReportHead
  bool later = false;                             // likewise
  bool snapshot = false;             // a shop's copy of the whole order's payment, by its total
  std::optional<Currency> currency;  // of its amounts
  std::vector<Movement> movements;   // by kind and reference
  std::vector<PaymentCase> cases;    // by kind and reference
  PaymentAmounts amounts;
  bool part_refunded = false;  // a part that is not said, and no refund was told of
  // By its states alone, whatever the amounts.
  bool has_captured = false, has_pending = false, has_authorized = false;
  bool all_gone = false;      // what was captured was refunded or taken back as a whole
  bool all_disputed = false;  // an open dispute covers all of it
  bool all_in_review = false;
  EventTime latest;  // of its reports
};

// The payments, ordered by provider and first name. Reports are of one payment where they share a
// provider and a name; those of a provider without any name are of one payment of its own.
std::vector<LedgerPayment> PaymentsOf(const FundsReports& reports);

}  // namespace holdfast
