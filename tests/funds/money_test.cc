// Histories of payments, and what they come to: those of HOLDFAST_SHARED, and properties.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <string>

#include "engine/base/file.h"
#include "engine/codec/json_value.h"
#include "engine/funds/funds.h"
#include "engine/simulate/random.h"
#include "tests/cli/process.h"
#include "tests/funds/one_currency.h"
#include "tests/rounds.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

const Currency kDollar = *Currency::Parse("USD");

std::int64_t Cents(std::string_view text) {
  return std::llround(std::stod(std::string(text)) * 100);
}

// A history's events as reports.
struct History {
  std::deque<std::string> texts;
  FundsReports reports;

  explicit History(const JsonValue& events) {
    const auto keep = [this](std::string text) -> std::string_view {
      return texts.emplace_back(std::move(text));
    };
    for (const JsonValue& event : events.list()) {
      MovementReport report;
      report.head.provider = "provider";
      report.head.names = {keep("t" + std::string(event["transaction"].text()))};
      report.head.at = {std::stoll(std::string(event["at"].text())) * kNanosPerSecond};
      report.head.event_id = keep("e" + std::to_string(texts.size()));
      report.reference = keep(std::string(event["ref"].text()));
      report.amount = Cents(event["amount"].text());
      report.currency = kDollar;
      const std::string_view kind = event["kind"].text(), phase = event["phase"].text();
      report.kind = kind == "authorization" ? MovementKind::kAuthorization
                    : kind == "charge"      ? MovementKind::kCapture
                    : kind == "refund"      ? MovementKind::kRefund
                                            : MovementKind::kVoid;
      report.state = phase == "request"   ? MovementState::kPending
                     : phase == "failure" ? MovementState::kFailed
                     : phase == "reverse" ? MovementState::kUndone
                                          : MovementState::kSucceeded;
      if (phase == "adjustment") report.kind = MovementKind::kAdjustment;
      if (phase == "back") report.kind = MovementKind::kChargeback;
      reports.movements.push_back(report);
    }
  }
};

// What differs from the expected amounts; empty: nothing.
std::string Difference(const JsonValue& test, const OrderFunds& funds) {
  PaymentAmounts sum;
  std::int64_t charged = 0;
  for (const LedgerPayment& payment : funds.payments) {
    const PaymentAmounts& a = payment.amounts;
    sum.authorized += a.authorized;
    sum.authorization_pending += a.authorization_pending;
    sum.capture_pending += a.capture_pending;
    sum.refunded += a.refunded;
    sum.refund_pending += a.refund_pending;
    sum.voided += a.voided;
    sum.void_pending += a.void_pending;
    charged += a.kept();
  }
  const JsonValue& expected = test["expected"];
  const std::pair<const char*, std::int64_t> amounts[] = {
      {"authorized", sum.authorized},
      {"charged", charged},
      {"refunded", sum.refunded},
      {"canceled", sum.voided},
      {"authorize_pending", sum.authorization_pending},
      {"charge_pending", sum.capture_pending},
      {"refund_pending", sum.refund_pending},
      {"cancel_pending", sum.void_pending},
  };
  std::string text;
  for (const auto& [name, amount] : amounts) {
    if (expected[name].text().empty() || Cents(expected[name].text()) == amount) continue;
    text += " " + std::string(name) + " " + std::to_string(amount) + ", expected " +
            std::string(expected[name].text()) + ";";
  }
  const std::string_view order = expected["order"].text();
  if (!order.empty() && (order == "ship") != (funds.sums.certainty == FundsCertainty::kCertain)) {
    text += " order may " + std::string(order == "ship" ? "not ship" : "ship");
  }
  return text;
}

TEST_CASE("money: the histories of other systems come to the amounts that they expect") {
  const testing::OneCurrency exchange;
  const FundsTerms terms;
  for (const char* file : {"money/vectors.json", "money/lifecycles.json"}) {
    const auto path = testing::Shared(file);
    if (!path) return;
    const auto document = JsonDocument::Parse(testing::Slurp(*path));
    REQUIRE(document);
    int passed = 0, total = 0;
    for (const JsonValue& test : document->root().list()) {
      const History history(test["events"]);
      const std::string_view due = test["due"].text();
      const OrderFunds funds =
          FundsOf(due.empty() ? 0 : Cents(due), kDollar, history.reports, terms, exchange);
      const std::string difference = Difference(test, funds);
      CHECK_MESSAGE(difference.empty(), std::string(test["id"].text()) << ":" << difference);
      ++total;
      passed += difference.empty() ? 1 : 0;
    }
    testing::Say(std::string(file) + " " + std::to_string(passed) + "/" + std::to_string(total));
  }
}

// ---- properties ---------------------------------------------------------------------------------

FundsReports RandomReports(Random& random) {
  static constexpr std::string_view kNames[] = {"a", "b", "c"};
  static constexpr std::string_view kReferences[] = {"", "1", "2"};
  static constexpr std::string_view kEvents[] = {"e0", "e1", "e2", "e3", "e4",
                                                 "e5", "e6", "e7", "e8", "e9"};
  FundsReports reports;
  const std::uint64_t count = 1 + random.Below(9);
  for (std::uint64_t i = 0; i < count; ++i) {
    ReportHead head;
    head.provider = random.Chance(700) ? "stripe" : "paypal";
    if (random.Chance(900)) head.names = {kNames[random.Below(3)]};
    if (random.Chance(150)) head.names.push_back(kNames[random.Below(3)]);
    head.source = static_cast<ReportSource>(1 + random.Below(4));
    head.at = {static_cast<std::int64_t>(random.Below(4)) * kNanosPerSecond};
    head.event_id = kEvents[i];
    if (random.Chance(750)) {
      MovementReport report;
      report.head = head;
      report.kind = static_cast<MovementKind>(1 + random.Below(6));
      report.state = static_cast<MovementState>(1 + random.Below(5));
      report.reference = kReferences[random.Below(3)];
      if (random.Chance(850)) report.amount = static_cast<std::int64_t>(random.Below(5)) * 2500;
      report.currency = kDollar;
      reports.movements.push_back(report);
    } else {
      CaseReport report;
      report.head = head;
      report.kind = static_cast<CaseKind>(random.Below(4));
      report.state = static_cast<CaseState>(random.Below(3));
      report.reference = kReferences[random.Below(3)];
      report.ends_with_success = random.Chance(300);
      if (random.Chance(500)) report.amount = static_cast<std::int64_t>(random.Below(5)) * 2500;
      report.currency = kDollar;
      reports.cases.push_back(report);
    }
  }
  return reports;
}

template <typename T>
void Shuffle(std::vector<T>& all, Random& random) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.Below(i)]);
}

// Goal:   funds are a function of the set of reports: order and repetition change nothing.
// Method: random sets, shuffled and with some of them doubled.
TEST_CASE("money: reports commute and repetitions are nothing") {
  Random random(testing::Seed("sets of reports"));
  const testing::OneCurrency exchange;
  const FundsTerms terms;
  const int rounds = testing::Rounds("HOLDFAST_STREAMS", 2) * 10'000;
  for (int round = 0; round < rounds; ++round) {
    FundsReports reports = RandomReports(random);
    const Funds once = FundsOf(10'000, kDollar, reports, terms, exchange).sums;
    FundsReports other = reports;
    for (std::size_t i = 0; i < reports.movements.size(); ++i) {
      if (random.Chance(300)) other.movements.push_back(reports.movements[i]);
    }
    for (std::size_t i = 0; i < reports.cases.size(); ++i) {
      if (random.Chance(300)) other.cases.push_back(reports.cases[i]);
    }
    Shuffle(other.movements, random);
    Shuffle(other.cases, random);
    CAPTURE(round);
    REQUIRE(FundsOf(10'000, kDollar, other, terms, exchange).sums == once);
    // Amounts are of what came, and what is certain is there.
    CHECK(once.paid >= 0);
    if (once.certainty == FundsCertainty::kCertain && once.known) CHECK(once.paid >= 10'000);
  }
}

}  // namespace
}  // namespace holdfast
