// Shop copies: which payments of an order are the shop's copies of money that others report, or
// that it has told of before. Pure functions; any thread.
#pragma once

#include <vector>

#include "engine/funds/funds.h"

namespace holdfast {

// Refunds and cases of a payment of which no money is known: they are held against the order.
bool IsLoose(const LedgerPayment& payment);

// Sets `counts` of the payments. Returns the open cases of copies that do not count: they raise
// doubt until the shop's next word. `due` is in minor units of `currency`.
std::vector<const PaymentCase*> ChooseShopCopies(std::int64_t due, Currency currency,
                                                 OrderFunds& funds);

}  // namespace holdfast
