// The amounts of a payment: what its movements and cases add up to. Pure functions; any thread.
#pragma once

#include "engine/funds/ledger.h"

namespace holdfast {

// Sets the amounts of a payment whose movements and cases are known, and what hangs on them.
void AddUp(LedgerPayment& payment);

}  // namespace holdfast
