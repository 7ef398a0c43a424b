// Deadline: a hold with a deadline ends by a `timer.fired` event, which Holdfast creates and logs.
// Time alone does not end a hold, because the time of an event may be wrong.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/store/store.h"

namespace holdfast {

// The id of a deadline's event. It depends only on the order and the time, and fits the limit of
// event ids.
std::string DeadlineId(EventTime due, std::string_view order_id);

// True for ids that are reserved for deadlines.
bool IsDeadlineId(std::string_view event_id);

// True when the timer event of this deadline was applied.
bool HasCome(const Store& store, std::string_view merchant, std::string_view order_id,
             EventTime due);

}  // namespace holdfast
