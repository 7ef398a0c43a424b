// What an amendment changes in an order. Pure functions; any thread.
#pragma once

#include "engine/model/order.h"

namespace holdfast {

// True when the two differ at most in where the order goes, in its payment, and in how its lines
// are split into parcels.
bool HasSameLines(const Order& before, const Order& after);

// True when the two differ at most in the payment and in how the lines are split into parcels.
bool DiffersInParcelsOnly(const Order& before, const Order& after);

}  // namespace holdfast
