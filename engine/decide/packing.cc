#include "engine/decide/packing.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/base/text.h"

namespace holdfast {
namespace {

struct Line {
  std::string name;  // as first written
  std::int64_t ordered = 0, packed = 0;
};
using Key = std::tuple<std::string, std::string, std::string, bool>;

// Identifies a line: the SKU, or an item's title if it has no SKU.
std::string_view SkuOf(const PackedLine& line) { return line.sku; }
std::string_view SkuOf(const Item& item) { return item.sku.empty() ? item.title : item.sku; }

template <typename Any>
Key KeyOf(const Any& item) {
  const auto plain = [](std::string_view text) { return ToLowerAscii(Trim(text)); };
  return {plain(SkuOf(item)), plain(item.colour), plain(item.size), item.gift.value_or(false)};
}

template <typename Any>
std::string NameOfLine(const Any& item) {
  std::string name(SkuOf(item).empty() ? "(no SKU)" : SkuOf(item));
  std::string variant(item.colour);
  if (!item.size.empty()) variant += (variant.empty() ? "" : ", ") + std::string(item.size);
  if (!variant.empty()) name += " (" + variant + ")";
  if (item.gift.value_or(false)) name += " as a gift";
  return name;
}

}  // namespace

bool HasParcel(const Order& order, std::string_view parcel) {
  return std::any_of(order.items.begin(), order.items.end(),
                     [parcel](const Item& item) { return item.parcel == parcel; }) ||
         (order.items.empty() && parcel.empty());
}

std::vector<std::string> PackingDifferences(const Order& order, const Shipment& parcel) {
  std::map<Key, Line> lines;
  std::vector<std::string> differences;
  for (const Item& item : order.items) {
    if (item.parcel != parcel.parcel) continue;
    Line& line = lines[KeyOf(item)];
    if (line.name.empty()) line.name = NameOfLine(item);
    line.ordered += item.quantity;
  }
  if (!HasParcel(order, parcel.parcel)) {
    differences.push_back(parcel.parcel.empty()
                              ? "all of the order goes in parcels with names"
                              : "the order has no parcel " + std::string(parcel.parcel));
  }
  for (const PackedLine& packed : parcel.items) {
    Line& line = lines[KeyOf(packed)];
    if (line.name.empty()) line.name = NameOfLine(packed);
    line.packed += packed.quantity;
  }
  for (const auto& [key, line] : lines) {
    if (line.ordered == line.packed) continue;
    differences.push_back(line.name + ": " + std::to_string(line.packed) + " packed, " +
                          std::to_string(line.ordered) + " ordered");
  }
  return differences;
}

}  // namespace holdfast
