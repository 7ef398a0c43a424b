// The version of what the engine makes of a log.
#pragma once

namespace holdfast {

// To be raised when the same events under the same pack may lead to another decision, other facts
// or another state: a decision names it, state of another one is made from the log again, and facts
// that another one recorded are not used. Decisions that name none were made before 4.
inline constexpr int kEngineVersion = 5;

}  // namespace holdfast
