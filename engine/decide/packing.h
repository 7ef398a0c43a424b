// Packing: what was put into a parcel against what was ordered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/event.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// Does anything of the order go in this parcel? An order without lines goes in the one without a
// name.
bool HasParcel(const Order& order, std::string_view parcel);

// Every difference between a parcel and the lines of the order that go in it, for a person:
// "A-1 (red, L): 1 packed, 2 ordered". Lines are the same when their SKU, variant and being a gift
// are; letters' case and blanks around them do not count. None: it is packed rightly.
std::vector<std::string> PackingDifferences(const Order& order, const Shipment& parcel);

}  // namespace holdfast
