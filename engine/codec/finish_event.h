// Checks and completes an event after all of it was read: required fields, and fields that depend
// on each other.
// Pure functions of the event; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/event.h"

namespace holdfast {

// `total_from_items`: an order without a total gets the sum of its lines. Errors: kInvalidInput
// with the path; kLimitExceeded for too many references.
Status FinishEvent(Event& event, bool total_from_items);
// The same for the order within the event.
Status FinishOrder(Event& event, Order& order, bool total_from_items);

// The error for a missing member; `hint` is appended.
Status MissingMember(std::string path, std::string_view hint);

}  // namespace holdfast
