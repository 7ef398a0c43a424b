// The amounts of a payment: the sums of its movements and cases. Pure functions; any thread.
#pragma once

#include "engine/funds/ledger.h"

namespace holdfast {

// Sets the amounts of `payment`, and the fields that depend on them, from its movements and cases.
void AddUp(LedgerPayment& payment);

}  // namespace holdfast
