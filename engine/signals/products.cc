#include "engine/signals/products.h"

#include <algorithm>

#include "engine/base/enum_names.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kBetween = " > ";

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::string NormaliseCategory(std::string_view category) {
  std::string path;
  while (true) {
    const std::size_t end = std::min(category.find('>'), category.size());
    const std::string_view part = Trim(category.substr(0, end));
    if (!part.empty()) {
      if (!path.empty()) path += kBetween;
      path += ToLowerAscii(part);
    }
    if (end == category.size()) return path;
    category.remove_prefix(end + 1);
  }
}

std::optional<std::pair<std::string, std::string>> ParseTaxonomyLine(std::string_view line) {
  line = Trim(line);
  const bool table = line.find('|') != line.npos;
  const std::size_t end = line.find(table ? "|" : " - ");
  if (end == line.npos) return std::nullopt;
  const std::string_view number = Trim(line.substr(0, end));
  const std::string_view path =
      table ? line.substr(line.rfind('|') + 1) : line.substr(end + kBetween.size());
  if (!IsNumber(number) || Trim(path).empty()) return std::nullopt;
  return std::pair(std::string(number), NormaliseCategory(path));
}

ProductRisk ProductRiskTable::Of(std::string_view sku, std::string_view category) const {
  if (!by_sku.empty()) {
    if (const auto found = by_sku.find(sku); found != by_sku.end()) return found->second;
  }
  if (by_category.empty() || category.empty()) return fallback;
  std::string path;
  if (const auto named = paths.find(Trim(category)); named != paths.end()) {
    path = named->second;
  } else {
    path = NormaliseCategory(category);
  }
  while (true) {
    if (const auto found = by_category.find(path); found != by_category.end()) return found->second;
    const std::size_t above = path.rfind(kBetween);
    if (above == path.npos) return fallback;
    path.resize(above);
  }
}

std::string_view NameOf(ProductRisk risk) {
  constexpr std::string_view kNames[] = {"low", "medium", "high"};
  return NameIn(kNames, risk);
}

std::optional<LargestRisk> LargestRiskOf(std::span<const Item> items,
                                         const ProductRiskTable& table) {
  if (items.empty()) return std::nullopt;
  LargestRisk largest;
  bool priced = true;
  double all = 0, of_largest = 0;
  for (const Item& item : items) {
    const ProductRisk risk = table.Of(item.sku, item.category);
    if (risk > largest.risk) of_largest = 0;
    largest.risk = std::max(largest.risk, risk);
    priced = priced && item.unit_price.has_value();
    const double value =
        static_cast<double>(item.unit_price.value_or(0)) * static_cast<double>(item.quantity);
    all += value;
    if (risk == largest.risk) of_largest += value;
  }
  if (priced && all > 0) largest.share = of_largest / all;
  return largest;
}

}  // namespace holdfast
