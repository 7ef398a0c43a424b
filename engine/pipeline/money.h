// Money: which of all facts about an order's payment counts.
//
// The last report counts, unless money was refunded, or was taken back and has not come back. That
// it came back is said by facts with `reinstated` and by disputes that were won or given up, of the
// very payment that it was taken from: as often as it was taken, after the last time,
// and, where it is said how much was taken, not less. A snapshot that says "paid" does not say so.
//
// A function of the set of facts, whatever the order in which they came.
#pragma once

#include <cstddef>

#include "engine/store/order_state.h"

namespace holdfast {

// Facts of one order by which money was taken back, and as many by which it came back; of more
// those with the least ids are kept, and the money is gone.
constexpr std::size_t kReversalsMost = 64;

// Does the payment fact of one event displace that of another (null: any does)?
bool Displaces(const EventPtr& event, const EventPtr& other);

// The event with the fact that counts; null: nothing was said of a payment.
EventPtr FactThatCounts(const OrderState& state);

}  // namespace holdfast
