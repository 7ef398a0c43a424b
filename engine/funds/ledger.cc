#include "engine/funds/ledger.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/funds/grouping.h"
#include "engine/funds/payment_amounts.h"
#include "engine/funds/settle_reports.h"

namespace holdfast {
namespace {

class PaymentBuilder {
 public:
  explicit PaymentBuilder(PaymentReports reports) : parts_(std::move(reports)) {}

  LedgerPayment Build() {
    for (const MovementReport* report : parts_.movements) {
      Describe(report->head);
      payment_.snapshot = payment_.snapshot || report->snapshot;
    }
    for (const CaseReport* report : parts_.cases) Describe(report->head);
    ChooseSource();
    std::sort(payment_.names.begin(), payment_.names.end());
    payment_.names.erase(std::unique(payment_.names.begin(), payment_.names.end()),
                         payment_.names.end());
    ChooseCurrency();
    if (parts_.movements.empty()) ChooseCurrencyOfCases();
    payment_.movements = SettleMovements(parts_.movements, payment_.currency);
    payment_.cases = SettleCases(parts_.cases, payment_);
    AddUp(payment_);
    return std::move(payment_);
  }

 private:
  void Describe(const ReportHead& head) {
    payment_.names.insert(payment_.names.end(), head.names.begin(), head.names.end());
    // The shop's copy has the lowest rank, because the shop uses its own names.
    const auto rank = std::tuple(head.source != ReportSource::kShop, head.at, head.event_id);
    if (payment_.provider.empty() || (!head.provider.empty() && rank > provider_rank_)) {
      payment_.provider = head.provider;
      provider_rank_ = rank;
    }
    if (!head.method.empty() && (payment_.method.empty() || rank > method_rank_)) {
      payment_.method = head.method;
      method_rank_ = rank;
    }
    payment_.connected = payment_.connected || head.connected;
    payment_.later = payment_.later || head.later;
    payment_.latest = described_ ? std::max(payment_.latest, head.at) : head.at;
    described_ = true;
  }

  static bool IsMoney(const MovementReport& report) {
    return report.kind != MovementKind::kRefund && report.kind != MovementKind::kChargeback;
  }

  // Chooses the source of the payment, and drops the shop's copy if the provider or the seller
  // reports the money.
  void ChooseSource() {
    const auto best = [this](bool money) {
      std::optional<ReportSource> source;
      for (const MovementReport* report : parts_.movements) {
        if (money && !IsMoney(*report)) continue;
        source = std::min(source.value_or(report->head.source), report->head.source);
      }
      return source;
    };
    const auto of_money = best(true);
    std::optional<ReportSource> any = of_money ? of_money : best(false);
    for (const CaseReport* report : parts_.cases) {
      if (!of_money) any = std::min(any.value_or(report->head.source), report->head.source);
    }
    payment_.source = any.value_or(ReportSource::kSeller);
    if (!of_money || *of_money == ReportSource::kShop) return;
    // Also drop the seller's records of money that the provider reports: they may use another
    // reference for the same movement. The seller's reports of failures still count.
    const auto adds = [&](const MovementReport& report) {
      return report.kind == MovementKind::kAuthorization ||
                     report.kind == MovementKind::kAdjustment ||
                     report.kind == MovementKind::kCapture
                 ? report.state == MovementState::kSucceeded ||
                       report.state == MovementState::kPending
                 : false;
    };
    const bool by_provider = *of_money == ReportSource::kProvider;
    std::erase_if(parts_.movements, [&](const MovementReport* report) {
      const ReportSource source = report->head.source;
      return source == ReportSource::kShop ||
             (by_provider && source != ReportSource::kProvider && adds(*report));
    });
  }

  // The currency of captures, else of authorisations, else of adjustments. Completed movements come
  // first, then the latest report counts.
  void ChooseCurrency() {
    std::optional<std::tuple<int, EventTime, std::string_view>> best;
    for (const MovementReport* report : parts_.movements) {
      if (!report->amount || !report->currency) continue;
      const int kind = report->kind == MovementKind::kCapture         ? 3
                       : report->kind == MovementKind::kAuthorization ? 2
                       : report->kind == MovementKind::kAdjustment    ? 1
                                                                      : 0;
      const int weight = kind * 2 + (report->state == MovementState::kSucceeded ? 1 : 0);
      const auto rank = std::tuple(weight, report->head.at, report->head.event_id);
      if (!best || rank > *best) {
        best = rank;
        payment_.currency = report->currency;
      }
    }
  }

  // The currency of a payment that only cases report.
  void ChooseCurrencyOfCases() {
    for (const CaseReport* report : parts_.cases) {
      if (payment_.currency || !report->amount) continue;
      payment_.currency = report->currency;
    }
  }

  PaymentReports parts_;
  LedgerPayment payment_;
  std::tuple<bool, EventTime, std::string_view> provider_rank_, method_rank_;
  bool described_ = false;
};

}  // namespace

std::vector<LedgerPayment> PaymentsOf(const FundsReports& reports) {
  std::vector<PaymentReports> groups = GroupByPayment(reports);
  std::vector<LedgerPayment> payments;
  payments.reserve(groups.size());
  for (PaymentReports& one : groups) payments.push_back(PaymentBuilder(std::move(one)).Build());
  std::sort(payments.begin(), payments.end(), [](const LedgerPayment& a, const LedgerPayment& b) {
    return std::tie(a.provider, a.names) < std::tie(b.provider, b.names);
  });
  return payments;
}

}  // namespace holdfast
