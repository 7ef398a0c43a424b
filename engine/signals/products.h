// Products: the risk class of an item, by its SKU, else its category, else the pack's default.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/model/order.h"

namespace holdfast {

enum class ProductRisk : std::uint8_t { kLow, kMedium, kHigh };

// A category is a path in a taxonomy ("Electronics > Communications > Telephony"), or one name.
// Where the path itself is not listed, what it is a part of counts, the nearest first. Case and
// blanks around '>' make no difference.
struct ProductRiskTable {
  ProductRisk fallback = ProductRisk::kMedium;
  std::map<std::string, ProductRisk, std::less<>> by_sku;
  std::map<std::string, ProductRisk, std::less<>> by_category;  // keys as NormaliseCategory gives
  // Paths of categories by their number in a taxonomy, which a shop may give instead.
  std::map<std::string, std::string, std::less<>> paths;

  ProductRisk Of(std::string_view sku, std::string_view category) const;
};

// "Electronics>  Audio" as "electronics > audio".
std::string NormaliseCategory(std::string_view category);

// The line of a taxonomy file, as Google writes it ("222 - Electronics", or a table
// "  2 | [...] | Electronics"), as number and normalised path; nothing for any other.
std::optional<std::pair<std::string, std::string>> ParseTaxonomyLine(std::string_view line);

// The classes' words, low to high.
std::string_view NameOf(ProductRisk risk);

// The largest class in an order.
struct LargestRisk {
  ProductRisk risk = ProductRisk::kLow;
  // What part of the value of all items is of that class, 0 to 1; nothing when an item has no
  // price, or all are free.
  std::optional<double> share;
};
// Nothing without items.
std::optional<LargestRisk> LargestRiskOf(std::span<const Item> items,
                                         const ProductRiskTable& table);

}  // namespace holdfast
