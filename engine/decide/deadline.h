// Deadline: a hold that ends by itself does so by an event of its own, `timer.fired`, which stands
// in the log like any other. Time alone ends nothing: an event with a wrong clock must not.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/store/store.h"

namespace holdfast {

// The id of a deadline's event: the same for the same order and time, another for any other, and
// never too long.
std::string DeadlineId(EventTime due, std::string_view order_id);

// Is it kept for such ids?
bool IsDeadlineId(std::string_view event_id);

// Has the event of an order's deadline been taken?
bool HasCome(const Store& store, std::string_view merchant, std::string_view order_id,
             EventTime due);

}  // namespace holdfast
