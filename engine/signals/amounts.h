// Amounts: an order's value in the pack's base currency, and its tier.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/money.h"
#include "engine/base/time.h"

namespace holdfast {

// What one unit of a currency is worth in base currency, from a day on.
struct Rate {
  EventTime from;
  double worth = 0;
};

// Of each currency its rates, oldest first.
using Rates = std::map<Currency, std::vector<Rate>>;

// The currency that a pack's rules think in, and what others are worth in it.
class AmountScale {
 public:
  AmountScale(Currency base, Rates rates, std::vector<std::pair<std::string, double>> tiers);

  Currency base() const { return base_; }

  // `minor` units of `currency` in whole units of the base currency at the rate of that time (the
  // last one from before it), rounded to its digits (halves to even). Nothing without a rate: an
  // unknown amount is missing, not zero.
  std::optional<double> ToBase(std::int64_t minor, Currency currency, EventTime at) const;

  // The highest tier whose bound is at most `base_units`; "small" below them all.
  std::string_view TierOf(double base_units) const;

  // "small", then the pack's tiers from low to high.
  const std::vector<std::string>& tier_names() const { return names_; }
  // The lower bounds of the pack's tiers, of tier_names() from the second on.
  const std::vector<double>& bounds() const { return bounds_; }
  const Rates& rates() const { return rates_; }

 private:
  Currency base_;
  Rates rates_;
  std::vector<double> bounds_;  // ascending, of names_[1...]
  std::vector<std::string> names_;
};

}  // namespace holdfast
