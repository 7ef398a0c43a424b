// Log: what the service tells the person who runs it, one line each on standard error, with the
// time and the level. Nothing is written before StartLog. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// Writes lines of `least` ("debug", "info", "warn", "error") and above from now on. Call it before
// other threads log.
void StartLog(std::string_view least);
// Whether a line of this level is written; lines of kDebug are not put together otherwise.
bool Logs(LogLevel level);
void Log(LogLevel level, const std::string& line);

}  // namespace holdfast
