// Account: explains the funds of an order in sentences for people.
#pragma once

#include <string>
#include <vector>

#include "engine/funds/funds.h"

namespace holdfast {

// What is due; how much each payment adds and why a part of it does not count; and the result.
// Amounts of payments are in their own currencies.
std::vector<std::string> AccountOf(const OrderFunds& funds, Currency currency);

}  // namespace holdfast
