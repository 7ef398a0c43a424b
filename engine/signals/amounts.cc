#include "engine/signals/amounts.h"

#include <algorithm>
#include <utility>

namespace holdfast {

AmountScale::AmountScale(Currency base, std::map<Currency, double> rates,
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

std::optional<double> AmountScale::ToBase(std::int64_t minor, Currency currency) const {
  if (currency == base_) return ToUnits(minor, base_);
  const auto rate = rates_.find(currency);
  if (rate == rates_.end()) return std::nullopt;
  const auto rounded = FromUnits(ToUnits(minor, currency) * rate->second, base_);
  if (!rounded) return std::nullopt;
  return ToUnits(*rounded, base_);
}

std::string_view AmountScale::TierOf(double base_units) const {
  const auto above = std::upper_bound(bounds_.begin(), bounds_.end(), base_units);
  return names_[static_cast<std::size_t>(above - bounds_.begin())];
}

}  // namespace holdfast
