// The rules of the ledger, each by itself (docs/funds.md).
#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "engine/funds/funds.h"
#include "tests/funds/one_currency.h"

namespace holdfast {
namespace {

using enum MovementKind;
using State = MovementState;

constexpr std::int64_t kDue = 10'000;
const Currency kDollar = *Currency::Parse("USD");

ReportHead Head(int second, std::vector<std::string_view> names = {"P"}) {
  static constexpr std::string_view kIds[] = {"e0", "e1", "e2", "e3", "e4",
                                              "e5", "e6", "e7", "e8", "e9"};
  ReportHead head;
  head.provider = "acme_pay";
  head.names = std::move(names);
  head.at = {second * kNanosPerSecond};
  head.event_id = kIds[second];
  return head;
}

MovementReport Move(MovementKind kind, State state, std::int64_t amount, int second,
                    std::string_view reference, std::vector<std::string_view> names = {"P"}) {
  MovementReport report;
  report.head = Head(second, std::move(names));
  report.kind = kind;
  report.state = state;
  report.reference = reference;
  report.amount = amount;
  report.currency = kDollar;
  return report;
}

CaseReport Case(CaseKind kind, CaseState state, std::int64_t amount, int second,
                std::string_view reference, std::vector<std::string_view> names = {"P"}) {
  CaseReport report;
  report.head = Head(second, std::move(names));
  report.kind = kind;
  report.state = state;
  report.reference = reference;
  report.amount = amount;
  report.currency = kDollar;
  return report;
}

Funds Sum(std::vector<MovementReport> movements, std::vector<CaseReport> cases = {},
          std::int64_t due = kDue) {
  FundsReports reports;
  reports.movements = std::move(movements);
  reports.cases = std::move(cases);
  return FundsOf(due, kDollar, reports, FundsTerms(), testing::OneCurrency()).sums;
}

TEST_CASE("money: of one moment the worse for the seller counts") {
  CHECK(Sum({Move(kCapture, State::kSucceeded, kDue, 1, "C"),
             Move(kCapture, State::kFailed, kDue, 1, "C")})
            .paid == 0);
  CHECK(Sum({Move(kCapture, State::kSucceeded, kDue, 1, "C"),
             Move(kCapture, State::kSucceeded, 6'000, 1, "C")})
            .paid == 6'000);
  const auto paid = Move(kCapture, State::kSucceeded, kDue, 0, "C");
  CHECK(Sum({paid, Move(kRefund, State::kSucceeded, 1'000, 1, "R"),
             Move(kRefund, State::kFailed, 1'000, 1, "R")})
            .paid == 9'000);
  CHECK(Sum({paid, Move(kRefund, State::kSucceeded, 1'000, 1, "R"),
             Move(kRefund, State::kSucceeded, 4'000, 1, "R")})
            .paid == 6'000);
}

TEST_CASE(
    "money: a review that a status tells of ends with a later success, not with one of its "
    "moment") {
  const auto review = [](int second) {
    CaseReport report = Case(CaseKind::kReview, CaseState::kOpen, kDue, second, "");
    report.amount = std::nullopt;
    report.ends_with_success = true;
    report.about = "C";
    return report;
  };
  const auto paid = Move(kCapture, State::kSucceeded, kDue, 2, "C");
  CHECK(Sum({paid}, {review(1)}).certainty == FundsCertainty::kCertain);
  CHECK(Sum({paid}, {review(2)}).certainty == FundsCertainty::kUncertain);
  CHECK(Sum({paid}, {review(3)}).certainty == FundsCertainty::kUncertain);
  // What is reviewed fails: there is nothing left to review.
  CHECK(Sum({Move(kAuthorization, State::kSucceeded, kDue, 0, "A"),
             Move(kCapture, State::kFailed, kDue, 2, "C")},
            {review(1)})
            .certainty == FundsCertainty::kReserved);
}

TEST_CASE("money: a warning is over once the dispute has come that it warned of") {
  const auto paid = Move(kCapture, State::kSucceeded, kDue, 0, "C");
  const auto warning = Case(CaseKind::kWarning, CaseState::kOpen, kDue, 1, "W");
  const auto won = Case(CaseKind::kDispute, CaseState::kCleared, kDue, 3, "D");
  CHECK(Sum({paid}, {warning}).certainty == FundsCertainty::kContested);
  CHECK(Sum({paid}, {warning, Case(CaseKind::kDispute, CaseState::kOpen, kDue, 2, "D"), won})
            .certainty == FundsCertainty::kCertain);
  // One that was opened before the warning is another matter.
  CHECK(Sum({paid}, {warning, Case(CaseKind::kDispute, CaseState::kOpen, kDue, 0, "D"), won})
            .certainty == FundsCertainty::kContested);
}

TEST_CASE("money: a chargeback and the dispute it belongs to take one sum") {
  const auto paid = Move(kCapture, State::kSucceeded, 20'000, 0, "C");
  const auto lost = Case(CaseKind::kDispute, CaseState::kLost, 5'000, 3, "D");
  const auto won = Case(CaseKind::kDispute, CaseState::kCleared, 5'000, 3, "D");
  // By its id.
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 5'000, 2, "D")}, {lost}).paid == 15'000);
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 5'000, 2, "D")}, {won}).paid == 20'000);
  // Without it, by capture and amount.
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 5'000, 2, "X")}, {lost}).paid == 15'000);
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 4'000, 2, "X")}, {lost}).paid == 11'000);
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 5'000, 2, "X")}, {won}).paid == 20'000);
  // One win gives back one chargeback.
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, 5'000, 2, "X"),
             Move(kChargeback, State::kSucceeded, 5'000, 2, "Y")},
            {won})
            .paid == 15'000);
  // A win about another capture of the payment gives back nothing.
  const auto joined = Move(kAuthorization, State::kSucceeded, 20'000, 0, "A", {"C1", "C2"});
  CHECK(Sum({joined, paid, Move(kCapture, State::kPending, 0, 0, "C0", {"P", "C1"}),
             Move(kChargeback, State::kSucceeded, 5'000, 2, "X", {"C1"})},
            {Case(CaseKind::kDispute, CaseState::kCleared, 5'000, 3, "D", {"C2"})})
            .paid == 15'000);
}

TEST_CASE("money: a part that fails late is what the word on the whole was about") {
  const auto whole = Move(kCapture, State::kSucceeded, kDue, 1, "");
  CHECK(Sum({whole, Move(kCapture, State::kFailed, kDue, 2, "C")}).paid == 0);
  CHECK(Sum({whole, Move(kCapture, State::kFailed, kDue, 0, "C")}).paid == kDue);
  CHECK(Sum({whole, Move(kCapture, State::kFailed, kDue, 2, "C"),
             Move(kCapture, State::kSucceeded, kDue, 2, "D")})
            .paid == kDue);
}

TEST_CASE("money: what was paid does not grow because the order was edited") {
  const auto copy = [](std::int64_t total, int second, std::string_view transaction) {
    MovementReport report =
        Move(kCapture, State::kSucceeded, total, second, transaction, {transaction});
    report.head.source = ReportSource::kShop;
    report.from_total = report.snapshot = true;
    return report;
  };
  for (const std::string_view later : {"T", "U"}) {
    CAPTURE(later);
    const Funds funds = Sum({copy(kDue, 1, "T"), copy(25'000, 2, later)}, {}, 25'000);
    CHECK(funds.paid == kDue);
    CHECK(funds.certainty == FundsCertainty::kNone);
  }
}

TEST_CASE("money: what less than certain is missing is told by certainty") {
  const auto held = Move(kAuthorization, State::kSucceeded, kDue, 0, "A");
  CHECK(Sum({held}).certainty == FundsCertainty::kReserved);
  CHECK(Sum({held, Move(kVoid, State::kSucceeded, 4'000, 1, "V")}).certainty ==
        FundsCertainty::kNone);
  CHECK(Sum({held, Move(kCapture, State::kPending, kDue, 1, "C")}).certainty ==
        FundsCertainty::kUncertain);
  CHECK(Sum({Move(kCapture, State::kSucceeded, kDue - 1, 1, "C")}).certainty ==
        FundsCertainty::kNone);
}

TEST_CASE("money: a shop's word counts as far as nobody else tells of the money") {
  const auto copy = [](std::vector<std::string_view> names, std::string_view provider,
                       bool connected) {
    MovementReport report = Move(kCapture, State::kSucceeded, kDue, 1, "", std::move(names));
    report.head.provider = provider;
    report.head.source = ReportSource::kShop;
    report.head.connected = connected;
    report.from_total = true;
    return report;
  };
  CHECK(Sum({copy({}, "paypal", false)}).certainty == FundsCertainty::kCertain);
  CHECK(Sum({copy({}, "paypal", true)}).certainty == FundsCertainty::kUncertain);
  CHECK(Sum({copy({"T"}, "paypal", true)}).certainty == FundsCertainty::kCertain);
  CHECK(Sum({copy({}, "bank_transfer", false)}).certainty == FundsCertainty::kUncertain);
}

// What a hostile reading got through once.
TEST_CASE("money: one thing that came back pays for no other") {
  const auto paid = Move(kCapture, State::kSucceeded, kDue, 0, "C");
  // A chargeback that was never told of comes back, another one has taken the money.
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, kDue, 2, "D2"),
             Move(kChargeback, State::kUndone, kDue, 1, "D1")})
            .paid == 0);
  CHECK(Sum({paid, Move(kChargeback, State::kSucceeded, kDue, 1, ""),
             Move(kChargeback, State::kUndone, kDue, 2, "D1")})
            .paid == kDue);
  // A refund that failed is not the one that was made.
  CHECK(Sum({paid, Move(kRefund, State::kSucceeded, 5'000, 1, ""),
             Move(kRefund, State::kFailed, 5'000, 2, "R2")})
            .paid == 5'000);
  // A dispute about a part gives back no chargeback of all.
  auto all = Move(kChargeback, State::kSucceeded, 0, 1, "");
  all.amount = std::nullopt;
  CHECK(Sum({paid, all}, {Case(CaseKind::kDispute, CaseState::kCleared, 1'000, 2, "D")}).paid == 0);
  // One that is under way counts.
  CHECK(Sum({paid, Move(kChargeback, State::kPending, kDue, 1, "D")}).paid == 0);
}

TEST_CASE("money: what is promised is disputed, refunded and lost as what is paid is") {
  const auto held = Move(kAuthorization, State::kSucceeded, kDue, 0, "A");
  for (const CaseKind kind : {CaseKind::kDispute, CaseKind::kWarning, CaseKind::kReview}) {
    CHECK(Sum({held}, {Case(kind, CaseState::kOpen, kDue, 1, "X")}).authorized == 0);
    CHECK(Sum({held}, {Case(kind, CaseState::kOpen, kDue, 1, "X", {"other"})}).authorized == 0);
  }
  CHECK(Sum({held}, {Case(CaseKind::kDispute, CaseState::kLost, kDue, 1, "X")}).authorized == 0);
  CHECK(Sum({held, Move(kRefund, State::kSucceeded, kDue, 1, "R")}).authorized == 0);
}

TEST_CASE("money: another capture's success ends no review") {
  CaseReport review = Case(CaseKind::kReview, CaseState::kOpen, 6'000, 3, "");
  review.ends_with_success = true;
  review.about = "C1";
  const auto first = Move(kCapture, State::kSucceeded, 6'000, 1, "C1");
  const auto second = Move(kCapture, State::kSucceeded, 4'000, 4, "C2");
  CHECK(Sum({first, second}, {review}).paid == 4'000);
  CHECK(Sum({first, second, Move(kCapture, State::kSucceeded, 6'000, 5, "C1")}, {review}).paid ==
        kDue);
  // Nor does a dispute about one end a warning about another.
  const auto joined = Move(kAuthorization, State::kSucceeded, kDue, 0, "A", {"C1", "C2"});
  CHECK(Sum({joined, Move(kCapture, State::kSucceeded, kDue, 1, "C1", {"C1"})},
            {Case(CaseKind::kWarning, CaseState::kOpen, kDue, 1, "W", {"C1"}),
             Case(CaseKind::kDispute, CaseState::kOpen, 100, 2, "D", {"C2"}),
             Case(CaseKind::kDispute, CaseState::kCleared, 100, 3, "D", {"C2"})})
            .certainty == FundsCertainty::kContested);
}

TEST_CASE("money: nothing is due because the money went: that ships nothing") {
  const auto paid = Move(kCapture, State::kSucceeded, kDue, 0, "C");
  CHECK(Sum({}, {}, 0).certainty == FundsCertainty::kCertain);
  CHECK(Sum({paid}, {}, 0).certainty == FundsCertainty::kCertain);
  CHECK(Sum({paid, Move(kRefund, State::kSucceeded, kDue, 1, "R")}, {}, 0).certainty ==
        FundsCertainty::kLost);
  CHECK(Sum({paid}, {Case(CaseKind::kReview, CaseState::kOpen, kDue, 1, "R")}, 0).certainty ==
        FundsCertainty::kUncertain);
}

}  // namespace
}  // namespace holdfast
