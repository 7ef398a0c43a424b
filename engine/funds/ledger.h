// Ledger: computes the payments of an order from reports. The result depends only on the set of
// reports: not on their order, and not on repetitions.
//
// The rules are those of docs/funds.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/funds/report.h"

namespace holdfast {

// A movement, as its reports together describe it.
struct Movement {
  MovementKind kind = MovementKind::kCapture;
  MovementState state = MovementState::kPending;
  std::string_view reference;
  std::optional<std::int64_t> amount;  // minor units of the payment's currency; absent: not said
  std::optional<Currency> currency;
  EventTime at;
  ReportSource source = ReportSource::kProvider;
  std::int64_t undone = 0;  // of a refund or chargeback: the part of `amount` that came back
  bool all = false;         // of a refund, void or chargeback: it is of the whole amount
  bool was_asked = false;   // a report says that it is pending or done
  EventTime asked_at;       // time of the first such report
  bool was_done = false;    // a report says that it is done, whatever later ones say
  int times = 1;            // of a chargeback without a reference: number of its reports
  std::vector<std::string_view> names;  // of a chargeback: names of its payment
};

struct PaymentCase {
  CaseKind kind = CaseKind::kReview;
  CaseState state = CaseState::kOpen;
  std::string_view reference;
  std::vector<std::string_view> names;  // of its payment
  std::string_view about;               // capture whose status is the only report of the case
  std::optional<std::int64_t> amount;
  EventTime opened, at;  // times of its first and last report
};

// Minor units of the payment's currency, each >= 0.
struct PaymentAmounts {
  std::int64_t authorized = 0;  // less captures and voids, pending ones too
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
  std::int64_t pending_in_review = 0;  // part of in_review that is in capture_pending
  // False when an amount that was captured, is pending or was partly refunded is not known. The
  // payment then counts as a whole, by its states alone.
  bool known = true;

  // What the seller keeps, less pending refunds; may be negative.
  std::int64_t kept() const { return captured - refunded - refund_pending - taken_back; }
};

struct LedgerPayment {
  std::string_view provider, method;
  std::vector<std::string_view> names;            // ascending
  ReportSource source = ReportSource::kProvider;  // the most trusted source of its reports
  bool connected = false;                         // a shop copy reports so; see ReportHead
  bool later = false;                             // likewise
  bool snapshot = false;             // a shop's copy of the whole order's payment, by its total
  std::optional<Currency> currency;  // of its amounts
  std::vector<Movement> movements;   // by kind and reference
  std::vector<PaymentCase> cases;    // by kind and reference
  PaymentAmounts amounts;
  bool part_refunded = false;  // by an unknown part, and no refund was reported
  // From its states alone, regardless of amounts.
  bool has_captured = false, has_pending = false, has_authorized = false;
  bool all_gone = false;      // what was captured was refunded or taken back as a whole
  bool all_disputed = false;  // an open dispute covers all of it
  bool all_in_review = false;
  EventTime latest;  // time of its latest report
};

// The payments, ordered by provider and first name. Reports are grouped as by GroupByPayment.
std::vector<LedgerPayment> PaymentsOf(const FundsReports& reports);

}  // namespace holdfast
