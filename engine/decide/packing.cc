#include "engine/decide/packing.h"

#include <algorithm>
#include <map>
#include <set>
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

// True when there is a photo or video of the packing.
bool IsShown(const Shipment* shipment) {
  return shipment != nullptr && !Trim(shipment->evidence).empty();
}

// The names of the order's parcels, in the order of its lines.
std::vector<std::string> ParcelsOf(const Order& order) {
  std::vector<std::string> names;
  for (const Item& item : order.items) {
    if (std::find(names.begin(), names.end(), item.parcel) == names.end()) {
      names.emplace_back(item.parcel);
    }
  }
  if (names.empty()) names.emplace_back();
  return names;
}

std::string NotOfTheOrder(std::string_view parcel) {
  return parcel.empty() ? "all of the order goes in parcels with names"
                        : "the order has no parcel " + std::string(parcel);
}

// The parcels that a report of a dispatch is about: all parcels of the order when it names none.
std::vector<std::string> ParcelsOf(const Order& order, std::string_view named) {
  if (named.empty() && !HasParcel(order, named)) return ParcelsOf(order);
  return {std::string(named)};
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
    differences.push_back(NotOfTheOrder(parcel.parcel));
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

std::vector<ParcelCheck> CheckParcels(const Order& order, const OrderState& state) {
  std::vector<ParcelCheck> checks;
  for (const auto& [parcel, event] : state.packed) {
    checks.push_back(
        {parcel, true, IsShown(event->shipment), PackingDifferences(order, *event->shipment)});
  }
  std::set<std::string> left;
  for (const auto& [named, event] : state.dispatched) {
    for (const std::string& parcel : ParcelsOf(order, named)) {
      if (state.packed.contains(parcel) || !left.insert(parcel).second) continue;
      ParcelCheck check{parcel, false, IsShown(event->shipment), {}};
      if (!HasParcel(order, parcel)) check.differences.push_back(NotOfTheOrder(parcel));
      checks.push_back(std::move(check));
    }
  }
  return checks;
}

std::vector<std::string> ParcelsNotShown(const Order& order, const OrderState& state) {
  std::vector<std::string> names = ParcelsOf(order);
  std::erase_if(names, [&state](const std::string& name) {
    const auto packed = state.packed.find(name);
    return packed != state.packed.end() && IsShown(packed->second->shipment);
  });
  return names;
}

bool LeavesUnchecked(const Order& order, const OrderState& state, const Event& event,
                     bool evidence) {
  for (const auto& [named, last] : state.dispatched) {
    if (last.get() != &event) continue;
    const std::vector<std::string> parcels = ParcelsOf(order, named);
    return std::any_of(parcels.begin(), parcels.end(), [&](const std::string& parcel) {
      return !HasParcel(order, parcel) || (evidence && !state.packed.contains(parcel));
    });
  }
  return false;
}

}  // namespace holdfast
