// The version of the results that the engine computes from a log.
#pragma once

namespace holdfast {

// Raise it when the same events under the same pack may give another decision, other facts or other
// state. Decisions name it. State of another version is rebuilt from the log, and facts recorded by
// another version are not used. Decisions without a version were made before 4.
inline constexpr int kEngineVersion = 7;

}  // namespace holdfast
