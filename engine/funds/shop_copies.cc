#include "engine/funds/shop_copies.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace holdfast {
namespace {

class Choosing {
 public:
  Choosing(std::int64_t due, Currency currency, OrderFunds& funds)
      : due_(due), currency_(currency), funds_(funds) {}

  void Run() {
    auto& payments = funds_.payments;
    funds_.counts.assign(payments.size(), true);
    const bool any_provider = std::any_of(payments.begin(), payments.end(), [](const auto& p) {
      return p.source != ReportSource::kShop && !IsLoose(p);
    });
    std::vector<std::size_t> copies, named;
    for (std::size_t i = 0; i < payments.size(); ++i) {
      const LedgerPayment& payment = payments[i];
      if (payment.source != ReportSource::kShop || IsLoose(payment)) continue;
      // It is, or may be, a copy of what the provider reports.
      if (Speaks(payment.provider) || (any_provider && IsShopSystem(payment.provider))) {
        funds_.counts[i] = false;
        continue;
      }
      (payment.names.empty() || payment.snapshot ? copies : named).push_back(i);
    }
    if (ArePartsOfOrder(copies, named)) return;
    KeepLastCopy(copies);
    if (copies.empty() || named.empty()) return;
    // A snapshot of the order and its transactions report the same money twice.
    std::int64_t of_named = 0;
    EventTime last, last_against;
    for (const std::size_t i : named) {
      of_named += payments[i].amounts.kept();
      last = std::max(last, payments[i].latest);
      last_against = std::max(last_against, LastAgainst(payments[i]));
    }
    const LedgerPayment& copy = payments[copies[0]];
    const bool copy_counts =
        copy.latest > last || (copy.amounts.kept() > of_named && last_against < copy.latest);
    if (!copy_counts) funds_.counts[copies[0]] = false;
    for (const std::size_t i : named) funds_.counts[i] = !copy_counts;
  }

  // Open cases of copies whose amounts do not count. They hold until the shop's next report.
  std::vector<const PaymentCase*> Doubts() const {
    std::vector<const PaymentCase*> doubts;
    const auto& payments = funds_.payments;
    for (std::size_t i = 0; i < payments.size(); ++i) {
      if (funds_.counts[i] || payments[i].source != ReportSource::kShop) continue;
      for (const PaymentCase& one : payments[i].cases) {
        const bool over = std::any_of(payments.begin(), payments.end(), [&](const auto& other) {
          return &other != &payments[i] && other.source == ReportSource::kShop &&
                 other.latest >= one.at;
        });
        if (one.state == CaseState::kOpen && !over) doubts.push_back(&one);
      }
    }
    return doubts;
  }

 private:
  bool Speaks(std::string_view provider) const {
    return std::any_of(funds_.payments.begin(), funds_.payments.end(), [&](const auto& payment) {
      return !IsLoose(payment) && payment.source != ReportSource::kShop &&
             payment.provider == provider;
    });
  }

  // The last time at which a transaction reported that money left or did not arrive.
  static EventTime LastAgainst(const LedgerPayment& payment) {
    EventTime last;
    for (const Movement& m : payment.movements) {
      const bool takes = m.kind == MovementKind::kRefund || m.kind == MovementKind::kVoid ||
                         m.kind == MovementKind::kChargeback;
      const bool fails = m.state == MovementState::kFailed || m.state == MovementState::kExpired;
      if (takes || fails) last = std::max(last, m.at);
    }
    return last;
  }

  // True when they are different payments, such as a gift card and a card: none is a snapshot of
  // the whole order, each has its own provider, and the total is not more than is due.
  bool ArePartsOfOrder(const std::vector<std::size_t>& copies,
                       const std::vector<std::size_t>& named) const {
    if (copies.empty() || copies.size() + named.size() < 2) return false;
    std::int64_t all = 0;
    std::set<std::string_view> providers;
    for (const auto* indices : {&copies, &named}) {
      for (const std::size_t i : *indices) {
        const LedgerPayment& payment = funds_.payments[i];
        const PaymentAmounts& a = payment.amounts;
        if (payment.snapshot || !a.known || payment.currency != currency_) return false;
        if (indices == &copies && !providers.insert(payment.provider).second) return false;
        all += a.captured + a.capture_pending + a.authorized;
      }
    }
    for (const std::size_t i : named) {
      if (providers.contains(funds_.payments[i].provider)) return false;
    }
    return all <= due_;
  }

  // Of several snapshots of the whole order the last one counts and moves to the front. A shop
  // replaces the transaction id when the payment changes.
  void KeepLastCopy(std::vector<std::size_t>& copies) {
    auto& payments = funds_.payments;
    for (std::size_t i = 1; i < copies.size(); ++i) {
      // At the same time, the one without a case counts: it reports that the doubt is resolved.
      const auto rank = [&](std::size_t at) {
        return std::tuple(payments[at].latest, payments[at].cases.empty(),
                          -payments[at].amounts.kept());
      };
      if (rank(copies[i]) > rank(copies[0])) std::swap(copies[0], copies[i]);
    }
    for (std::size_t i = 1; i < copies.size(); ++i) {
      funds_.counts[copies[i]] = false;
      // An edit of the order does not increase what was paid.
      LedgerPayment& last = payments[copies[0]];
      const LedgerPayment& before = payments[copies[i]];
      const bool same = last.snapshot && before.snapshot && before.has_captured &&
                        before.currency == last.currency && before.amounts.known;
      if (same) {
        last.amounts.captured = std::min(last.amounts.captured, before.amounts.captured);
      }
    }
  }

  const std::int64_t due_;
  const Currency currency_;
  OrderFunds& funds_;
};

}  // namespace

bool IsLoose(const LedgerPayment& payment) {
  return std::all_of(payment.movements.begin(), payment.movements.end(), [](const Movement& m) {
    return m.kind == MovementKind::kRefund || m.kind == MovementKind::kChargeback;
  });
}

std::vector<const PaymentCase*> ChooseShopCopies(std::int64_t due, Currency currency,
                                                 OrderFunds& funds) {
  Choosing choosing(due, currency, funds);
  choosing.Run();
  return choosing.Doubts();
}

}  // namespace holdfast
