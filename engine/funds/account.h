// Account: how the funds of an order came about, in sentences for people.
#pragma once

#include <string>
#include <vector>

#include "engine/funds/funds.h"

namespace holdfast {

// What is due, what each payment brings and why not all of it counts, and what that comes to.
// Amounts of payments are in their own currencies.
std::vector<std::string> AccountOf(const OrderFunds& funds, Currency currency);

}  // namespace holdfast
