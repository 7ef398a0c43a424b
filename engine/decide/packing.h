// Packing: compares what was packed with what was ordered.
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

}  // namespace holdfast
