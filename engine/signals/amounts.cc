#include "engine/signals/amounts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast {

AmountScale::AmountScale(Currency base, Rates rates,
                         std::vector<std::pair<std::string, double>> tiers)
    : base_(base), rates_(std::move(rates)) {
  std::sort(tiers.begin(), tiers.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  names_.emplace_back("small");
  for (auto& [name, bound] : tiers) {
    names_.push_back(std::move(name));
    bounds_.push_back(bound);
  }
}

std::optional<double> AmountScale::ToBase(std::int64_t minor, Currency currency,
                                          EventTime at) const {
  if (currency == base_) return ToUnits(minor, base_);
  const auto found = rates_.find(currency);
  if (found == rates_.end()) return std::nullopt;
  const auto& rates = found->second;
  const auto after =
      std::upper_bound(rates.begin(), rates.end(), at,
                       [](EventTime time, const Rate& rate) { return time < rate.from; });
  if (after == rates.begin()) return std::nullopt;
  const auto rounded = FromUnits(ToUnits(minor, currency) * std::prev(after)->worth, base_);
  if (!rounded) return std::nullopt;
  return ToUnits(*rounded, base_);
}

std::string_view AmountScale::TierOf(double base_units) const {
  const auto above = std::upper_bound(bounds_.begin(), bounds_.end(), base_units);
  return names_[static_cast<std::size_t>(above - bounds_.begin())];
}

}  // namespace holdfast
