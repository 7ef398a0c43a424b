// Part: a log that was exported, all of it or some merchants, made a log again to be folded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/store/event_log.h"

namespace holdfast {

// The next line of the export; nothing at its end.
using NextLine = std::function<Result<std::optional<std::string>>()>;

// Puts the records of an export into a log of its own in `folder`, new or empty, which then has
// gaps where other parts have records. Lines are as `holdfast log export --full` writes them, or
// events alone, which were then decided nothing of. Errors: kMalformedInput, with the line; as
// OpenEventLog and EventLog::Append.
Result<std::unique_ptr<EventLog>> MakePartLog(const std::string& folder, const NextLine& next);

}  // namespace holdfast
