// Packing: compares what was packed, and what has left, with what was ordered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/event.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// True when a line of the order goes in this parcel. An order without lines goes in the parcel
// without a name.
bool HasParcel(const Order& order, std::string_view parcel);

// The differences between a packed parcel and the order lines that go in it, as text: "A-1 (red,
// L): 1 packed, 2 ordered". Empty when it is packed correctly. Lines are the same when SKU, variant
// and gift flag are equal, ignoring case and surrounding blanks.
std::vector<std::string> PackingDifferences(const Order& order, const Shipment& parcel);

// What is known about the packing of a parcel.
struct ParcelCheck {
  std::string parcel;
  bool packed = false;                   // false: it has left, and its packing was not reported
  bool shown = false;                    // there is a photo or video of its packing
  std::vector<std::string> differences;  // see PackingDifferences; "the order has no parcel A"
};

// The parcels that were packed, then those dispatched without a report of packing, each by name.
std::vector<ParcelCheck> CheckParcels(const Order& order, const OrderState& state);

// The parcels of the order without a photo or video of their packing, in the order of its lines.
std::vector<std::string> ParcelsNotShown(const Order& order, const OrderState& state);

// True when `event` is the last report that a parcel has left, and the order does not have that
// parcel or, if `evidence` may be demanded, no packing of it was reported.
bool LeavesUnchecked(const Order& order, const OrderState& state, const Event& event,
                     bool evidence);

}  // namespace holdfast
