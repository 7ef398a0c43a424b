// Products: the risk class of an item, by its SKU, else its category, else the pack's default.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace holdfast {

enum class ProductRisk : std::uint8_t { kLow, kMedium, kHigh };

struct ProductRiskTable {
  ProductRisk fallback = ProductRisk::kMedium;
  std::map<std::string, ProductRisk, std::less<>> by_sku;
  std::map<std::string, ProductRisk, std::less<>> by_category;  // keys in lower case

  ProductRisk Of(std::string_view sku, std::string_view category) const;
};

// The classes' words, low to high.
std::string_view NameOf(ProductRisk risk);

}  // namespace holdfast
