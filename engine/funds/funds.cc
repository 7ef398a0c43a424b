#include "engine/funds/funds.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/funds/shop_copies.h"

namespace holdfast {
namespace {

// PayPal accepts only whole units of these currencies, although they have decimals.
// https://developer.paypal.com/reference/currency-codes/
bool TakesWholeUnits(const LedgerPayment& payment) {
  if (payment.provider != "paypal" || !payment.currency) return false;
  const std::string_view code = payment.currency->code();
  return code == "HUF" || code == "TWD" || code == "ISK";
}

std::int64_t MinorPerUnit(Currency currency) {
  std::int64_t minor = 1;
  for (int i = 0; i < currency.exponent(); ++i) minor *= 10;
  return minor;
}

class Summing {
 public:
  Summing(std::int64_t due, Currency currency, const FundsTerms& terms, const Exchange& exchange,
          OrderFunds& funds)
      : due_(due), currency_(currency), terms_(terms), exchange_(exchange), funds_(funds) {}

  void Run() {
    sums_.due = due_;
    sums_.count = static_cast<std::uint32_t>(funds_.payments.size());
    doubts_ = ChooseShopCopies(due_, currency_, funds_);
    for (std::size_t i = 0; i < funds_.payments.size(); ++i) {
      const LedgerPayment& payment = funds_.payments[i];
      if (!funds_.counts[i]) continue;
      if (IsLoose(payment)) {
        loose_.push_back(&payment);
      } else {
        Add(payment);
      }
    }
    AddLoose();
    Judge();
    ChooseMain();
  }

 private:
  // ---- sums -------------------------------------------------------------------------------------

  // The amount in the order's currency. Empty: there is no exchange rate.
  std::optional<std::int64_t> In(std::int64_t minor, const LedgerPayment& payment) const {
    if (minor == 0) return 0;
    if (!payment.currency) return std::nullopt;
    if (*payment.currency == currency_) return minor;
    return exchange_.Convert(minor, *payment.currency, currency_);
  }

  void Add(const LedgerPayment& payment) {
    const PaymentAmounts& a = payment.amounts;
    const std::int64_t kept = std::max<std::int64_t>(0, a.kept());
    const auto kept_in = In(kept, payment);
    // If more was returned than was captured, the rest is deducted from the authorised amount.
    const bool nothing_left = payment.all_gone && a.captured == 0;
    const std::int64_t promised =
        nothing_left
            ? 0
            : std::max<std::int64_t>(0, a.authorized + std::min<std::int64_t>(0, a.kept()));
    const auto unit = In(a.authorized + a.capture_pending, payment);
    Part part;
    if (!a.known || !kept_in || !unit) {
      sums_.known = false;
      part = ByStates(payment);
    } else {
      const auto in = [&](std::int64_t minor) { return In(minor, payment).value_or(0); };
      part.kept = *kept_in;
      part.authorized = in(promised);
      part.pending = in(a.capture_pending);
      part.refunded = in(a.refunded + a.refund_pending);
      part.taken_back = in(a.taken_back);
      part.disputed = in(a.disputed);
      part.in_review = in(a.in_review);
      part.pending_in_review = in(a.pending_in_review);
      if (*payment.currency != currency_ && kept > 0) ++tolerance_;
      if (TakesWholeUnits(payment) && kept % MinorPerUnit(*payment.currency) == 0) {
        tolerance_ += In(MinorPerUnit(*payment.currency) - 1, payment).value_or(0);
      }
    }
    open_case_ =
        open_case_ || std::any_of(payment.cases.begin(), payment.cases.end(),
                                  [](const PaymentCase& c) { return c.state == CaseState::kOpen; });
    part_refunded_ = part_refunded_ || payment.part_refunded;
    for (const Movement& m : payment.movements) {
      if (m.kind == MovementKind::kRefund)
        told_refunds_ += In(m.amount.value_or(0), payment).value_or(0);
    }
    Take(payment, part);
  }

  struct Part {
    std::int64_t kept = 0, authorized = 0, pending = 0, refunded = 0, taken_back = 0, disputed = 0,
                 in_review = 0, pending_in_review = 0;
    bool known = true;
  };

  // A payment with an unknown amount counts as a whole.
  Part ByStates(const LedgerPayment& payment) const {
    Part part;
    part.known = false;
    const PaymentAmounts& a = payment.amounts;
    const auto in = [&](std::int64_t minor) {
      return std::min(due_, In(minor, payment).value_or(due_));
    };
    if (payment.has_captured) {
      part.refunded = payment.all_gone ? due_ : in(a.refunded + a.refund_pending);
      part.taken_back = std::min(in(a.taken_back), due_ - part.refunded);
      part.kept = due_ - part.refunded - part.taken_back;
    }
    if (payment.has_pending) part.pending = due_;
    if (payment.has_authorized) part.authorized = due_;
    if (payment.all_disputed || payment.amounts.disputed > 0) part.disputed = part.kept;
    if (payment.all_in_review || payment.amounts.in_review > 0) {
      part.in_review = part.kept + part.pending + part.authorized;
    }
    return part;
  }

  void Take(const LedgerPayment& payment, Part part) {
    const CertaintySet* gate = GateOf(payment);
    sums_.refunded += part.refunded;
    sums_.taken_back += part.taken_back;
    sums_.disputed += part.disputed;
    sums_.in_review += part.in_review;
    // Disputed and reviewed amounts are deducted first from what was kept, then from what is
    // authorised or pending.
    std::int64_t left = part.in_review;
    const auto keep = [&left](std::int64_t& amount) {
      const std::int64_t covered = std::min(left, amount);
      amount -= covered;
      left -= covered;
    };
    std::int64_t disputed = part.disputed;
    for (std::int64_t* amount : {&part.kept, &part.authorized, &part.pending}) {
      const std::int64_t covered = std::min(disputed, *amount);
      *amount -= covered;
      disputed -= covered;
    }
    const std::int64_t waiting = std::min(part.pending_in_review, part.pending);
    part.pending -= waiting;
    left -= waiting;
    keep(part.kept);
    keep(part.authorized);
    keep(part.pending);
    // The shop's "paid" is not trusted for a gateway that takes money later. Without the provider's
    // payment id it is not trusted for a provider that reports payments itself. Then the money is
    // pending at most.
    const bool named = !payment.names.empty();
    const bool trusted =
        payment.source != ReportSource::kShop ||
        ((named || !payment.connected) &&
         terms_.TrustsShop(payment.provider, payment.method, payment.later, named));
    if (!trusted) part.pending += std::exchange(part.kept, 0);
    if (gate != nullptr) {
      const auto allows = [gate](FundsCertainty certainty) {
        return (*gate)[static_cast<std::size_t>(certainty)];
      };
      const bool none = allows(FundsCertainty::kNone);
      std::int64_t enough = part.kept;
      // An authorised or pending amount of unknown size is enough only where no payment is
      // required.
      if ((allows(FundsCertainty::kReserved) && part.known) || none) enough += part.authorized;
      if ((allows(FundsCertainty::kUncertain) && part.known) || none) enough += part.pending;
      by_method_ += enough;
      // Where no payment is required, nothing is pending until the money is collected.
      if (none) part.pending = 0;
    } else {
      by_method_ += part.kept;
    }
    sums_.paid += part.kept;
    sums_.authorized += part.authorized;
    sums_.pending += part.pending;
  }

  const CertaintySet* GateOf(const LedgerPayment& payment) const {
    for (const std::string_view name : {payment.method, payment.provider}) {
      const auto gate = terms_.methods.find(name);
      if (gate != terms_.methods.end()) return &gate->second;
    }
    return nullptr;
  }

  void AddLoose() {
    std::int64_t by_shop = 0, by_others = 0;
    bool all = false;
    if (part_refunded_ && loose_.empty()) sums_.known = false;
    for (const LedgerPayment* payment : loose_) {
      std::int64_t refunded = 0;
      for (const Movement& m : payment->movements) {
        if (m.state != MovementState::kSucceeded && m.state != MovementState::kPending) continue;
        const auto amount =
            m.amount && m.currency
                ? (*m.currency == currency_ ? m.amount
                                            : exchange_.Convert(*m.amount, *m.currency, currency_))
                : std::nullopt;
        // An amount that cannot be converted may be all of the money.
        if (!amount) all = true;
        refunded += amount.value_or(0);
      }
      (payment->source == ReportSource::kShop ? by_shop : by_others) += refunded;
      for (const PaymentCase& c : payment->cases) AddLooseCase(c, all);
    }
    for (const PaymentCase* one : doubts_) AddLooseCase(*one, all);
    // A refund that the provider reported, even one that failed, is reported again by the shop.
    std::int64_t gone = by_others + std::max<std::int64_t>(0, by_shop - told_refunds_ - by_others);
    if (all) gone = std::max(gone, sums_.paid + sums_.authorized);
    sums_.refunded += gone;
    Cover(gone);
  }

  // Deducts an amount from what was paid, then from what is authorised or pending.
  void Cover(std::int64_t amount) {
    by_method_ = std::max<std::int64_t>(0, by_method_ - amount);
    for (std::int64_t* sum : {&sums_.paid, &sums_.authorized, &sums_.pending}) {
      const std::int64_t covered = std::min(amount, *sum);
      *sum -= covered;
      amount -= covered;
    }
  }

  void AddLooseCase(const PaymentCase& c, bool& all) {
    if (c.state == CaseState::kCleared) return;
    const std::int64_t there = std::max(by_method_, sums_.paid + sums_.authorized + sums_.pending);
    const std::int64_t amount = std::min(there, c.amount.value_or(there));
    if (c.state == CaseState::kLost) {
      if (!c.amount) all = true;
      sums_.taken_back += amount;
    } else if (c.kind == CaseKind::kReview) {
      sums_.in_review += amount;
    } else {
      sums_.disputed += amount;
      if (!c.amount) disputed_whole_ = true;
    }
    Cover(amount);
  }

  // ---- the result -------------------------------------------------------------------------------

  bool Covers(std::int64_t amount) const { return amount + tolerance_ >= due_; }

  void Judge() {
    const std::int64_t under_way = sums_.paid + sums_.pending + sums_.in_review;
    const std::int64_t gone = sums_.refunded + sums_.taken_back;
    const bool anything = !funds_.payments.empty();
    FundsCertainty& certainty = sums_.certainty;
    if (due_ == 0 && (gone > 0 || sums_.disputed > 0 || sums_.in_review > 0 || open_case_)) {
      // Nothing is due because the money was refunded, taken back, disputed or is in review.
      certainty = sums_.disputed > 0                  ? FundsCertainty::kContested
                  : sums_.in_review > 0 || open_case_ ? FundsCertainty::kUncertain
                                                      : FundsCertainty::kLost;
    } else if (Covers(sums_.paid) && (due_ == 0 || sums_.paid > 0)) {
      certainty = FundsCertainty::kCertain;
    } else if (under_way > sums_.paid && Covers(under_way)) {
      certainty = FundsCertainty::kUncertain;
    } else if (sums_.authorized > 0 && Covers(under_way + sums_.authorized)) {
      certainty = FundsCertainty::kReserved;
    } else if (sums_.disputed > 0 && Covers(under_way + sums_.authorized + sums_.disputed + gone)) {
      certainty = FundsCertainty::kContested;
    } else if (gone > 0 && Covers(under_way + sums_.authorized + sums_.disputed + gone)) {
      certainty = FundsCertainty::kLost;
    } else if (disputed_whole_ && anything) {
      certainty = FundsCertainty::kContested;
    } else {
      certainty = FundsCertainty::kNone;
    }
    sums_.overpaid = std::max<std::int64_t>(0, sums_.paid - due_);
    sums_.by_method = !terms_.methods.empty() && by_method_ > 0 && Covers(by_method_);
  }

  void ChooseMain() {
    std::optional<std::tuple<std::int64_t, std::int64_t, std::int64_t, EventTime, int>> best;
    for (std::size_t i = 0; i < funds_.payments.size(); ++i) {
      const LedgerPayment& payment = funds_.payments[i];
      if (IsLoose(payment)) continue;
      const PaymentAmounts& a = payment.amounts;
      const auto rank =
          std::tuple(funds_.counts[i] ? std::max<std::int64_t>(a.kept(), payment.has_captured) : -1,
                     std::max<std::int64_t>(a.authorized, payment.has_authorized),
                     std::max<std::int64_t>(a.capture_pending, payment.has_pending), payment.latest,
                     -static_cast<int>(i));
      if (!best || rank > *best) {
        best = rank;
        funds_.main = static_cast<int>(i);
      }
    }
  }

  const std::int64_t due_;
  const Currency currency_;
  const FundsTerms& terms_;
  const Exchange& exchange_;
  OrderFunds& funds_;
  Funds& sums_ = funds_.sums;
  std::vector<const LedgerPayment*> loose_;
  std::vector<const PaymentCase*> doubts_;  // open cases of shop copies whose amounts do not count
  std::int64_t tolerance_ = 0;              // minor units by which the payment may fall short
  std::int64_t by_method_ = 0;              // the amount that is enough by the terms of the methods
  std::int64_t told_refunds_ = 0;           // reported by providers, in any state
  bool open_case_ = false;
  bool disputed_whole_ = false;
  bool part_refunded_ = false;  // by an unknown amount
};

}  // namespace

OrderFunds FundsOf(std::int64_t due, Currency currency, const FundsReports& reports,
                   const FundsTerms& terms, const Exchange& exchange) {
  OrderFunds funds;
  funds.payments = PaymentsOf(reports);
  Summing(due, currency, terms, exchange, funds).Run();
  return funds;
}

std::string_view DescriptionOf(const LedgerPayment& payment, const FundsReports& reports) {
  std::optional<std::tuple<bool, bool, EventTime, bool, std::string_view>> best;
  for (const MovementReport& report : reports.movements) {
    const ReportHead& head = report.head;
    const bool mine =
        head.provider == payment.provider &&
        (head.names.empty()
             ? payment.names.empty()
             : std::binary_search(payment.names.begin(), payment.names.end(), head.names.front()));
    if (!mine || report.kind == MovementKind::kRefund) continue;
    const bool copy = head.source == ReportSource::kShop && payment.source != ReportSource::kShop;
    const bool final = report.state != MovementState::kPending;
    const bool taken =
        report.kind == MovementKind::kCapture && report.state == MovementState::kSucceeded;
    const auto rank = std::tuple(!copy, final, head.at, taken, head.event_id);
    if (!best || rank > *best) best = rank;
  }
  return best ? std::get<4>(*best) : std::string_view();
}

}  // namespace holdfast
