// Flips: writes the orders whose outcome differs, one a line, for programs and spreadsheets.
#pragma once

#include <string>

#include "engine/base/money.h"
#include "engine/rescore/order_case.h"

namespace holdfast {

// One JSON object, without a line end: the order, both rulings, and the rules that make the
// difference.
std::string FlipJson(const OrderCase& order, Currency base);

inline constexpr char kFlipHead[] =
    "merchant,order_id,placed_at,amount,label,before,before_cause,after,after_cause,score,why\n";
// The same as a row of CSV (RFC 4180), with its end.
std::string FlipCsv(const OrderCase& order, Currency base);

}  // namespace holdfast
