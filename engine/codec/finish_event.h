// What is checked and filled in once all of an event was read: what belongs together, and what must
// be there.
// Pure functions of the event; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/event.h"

namespace holdfast {

// `total_from_items`: an order without a total gets that of its lines. Errors: kInvalidInput with
// the path; kLimitExceeded for too many references.
Status FinishEvent(Event& event, bool total_from_items);
// The same of the order within it.
Status FinishOrder(Event& event, Order& order, bool total_from_items);

// The error of a member that is not there; `hint` is added to it.
Status MissingMember(std::string path, std::string_view hint);

}  // namespace holdfast
