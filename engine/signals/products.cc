#include "engine/signals/products.h"

#include "engine/base/text.h"

namespace holdfast {

ProductRisk ProductRiskTable::Of(std::string_view sku, std::string_view category) const {
  if (!by_sku.empty()) {
    if (const auto found = by_sku.find(sku); found != by_sku.end()) return found->second;
  }
  if (!by_category.empty()) {
    const auto found = by_category.find(ToLowerAscii(category));
    if (found != by_category.end()) return found->second;
  }
  return fallback;
}

std::string_view NameOf(ProductRisk risk) {
  constexpr std::string_view kNames[] = {"low", "medium", "high"};
  return kNames[static_cast<std::size_t>(risk)];
}

}  // namespace holdfast
