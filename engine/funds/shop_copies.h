// Shop copies: finds the payments that are a shop's copies of money that others report, or that the
// shop has reported before. Pure functions; any thread.
#pragma once

#include <vector>

#include "engine/funds/funds.h"

namespace holdfast {

// True when no money of the payment was reported: it has only refunds, chargebacks and cases. These
// count against the whole order.
bool IsLoose(const LedgerPayment& payment);

// Sets `counts` of the payments. Returns the open cases of copies that do not count; they keep the
// money in doubt until the shop's next report. `due` is in minor units of `currency`.
std::vector<const PaymentCase*> ChooseShopCopies(std::int64_t due, Currency currency,
                                                 OrderFunds& funds);

}  // namespace holdfast
