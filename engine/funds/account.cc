#include "engine/funds/account.h"

#include <algorithm>
#include <utility>

#include "engine/model/names.h"

namespace holdfast {
namespace {

std::string AmountText(std::int64_t minor, Currency currency) {
  return FormatMinor(minor, currency) + " " + std::string(currency.code());
}

// "paypal T, said by the provider: 60.00 USD captured, 20.00 USD refunded"
std::string PaymentLine(const LedgerPayment& payment, bool counts) {
  std::string line(payment.provider.empty() ? "a payment" : payment.provider);
  for (const std::string_view name : payment.names) line += " " + std::string(name);
  line += ", said by the " + std::string(NameOf(payment.source)) + ":";
  const std::size_t begin = line.size();
  const PaymentAmounts& a = payment.amounts;
  if (payment.currency) {
    for (const auto& [minor, what] : {std::pair(a.captured, "captured"),
                                      {a.capture_pending, "pending"},
                                      {a.authorized, "authorised"},
                                      {a.refunded, "refunded"},
                                      {a.refund_pending, "being refunded"},
                                      {a.voided, "released"},
                                      {a.taken_back, "taken back"},
                                      {a.disputed, "disputed"},
                                      {a.in_review, "in review"}}) {
      if (minor <= 0) continue;
      line +=
          (line.size() > begin ? ", " : " ") + AmountText(minor, *payment.currency) + " " + what;
    }
  }
  if (line.size() == begin) line += " nothing that was taken or is promised";
  if (!a.known) line += "; not all amounts were said: it counts as a whole, by its states";
  if (!counts) line += "; does not count: it is a copy of what others report";
  return line;
}

}  // namespace

std::vector<std::string> AccountOf(const OrderFunds& funds, Currency currency) {
  const Funds& sums = funds.sums;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < funds.payments.size(); ++i) {
    lines.push_back(PaymentLine(funds.payments[i], funds.counts[i]));
  }
  const std::string paid = AmountText(sums.paid, currency) + " of " +
                           AmountText(sums.due, currency) +
                           (sums.paid == 0 ? " has come" : " have come");
  const auto with = [&](std::int64_t minor, const char* what) {
    return paid + "; with the " + AmountText(minor, currency) + " " + what + " it would be enough";
  };
  if (!sums.known) {
    lines.push_back(
        "not all amounts are known in the order's currency, so the states of the "
        "payments alone count: " +
        std::string(NameOf(sums.certainty)));
    return lines;
  }
  switch (sums.certainty) {
    case FundsCertainty::kCertain:
      lines.push_back(
          paid + ": that covers what is due" +
          (sums.overpaid > 0 ? ", by " + AmountText(sums.overpaid, currency) + " too much" : ""));
      break;
    case FundsCertainty::kUncertain:
      lines.push_back(with(sums.pending + sums.in_review, "that are pending or in review"));
      break;
    case FundsCertainty::kReserved:
      lines.push_back(with(sums.authorized, "that are authorised"));
      break;
    case FundsCertainty::kContested:
      lines.push_back(with(sums.disputed, "that are disputed"));
      break;
    case FundsCertainty::kLost:
      lines.push_back(with(sums.refunded + sums.taken_back, "that were given or taken back"));
      break;
    case FundsCertainty::kNone:
      lines.push_back(paid + ", and nothing under way would make it enough");
      break;
  }
  lines.back() += ": " + std::string(NameOf(sums.certainty));
  const bool less = sums.certainty != FundsCertainty::kCertain;
  if (sums.by_method && less) lines.push_back("by the terms of its method that is enough to ship");
  return lines;
}

}  // namespace holdfast
