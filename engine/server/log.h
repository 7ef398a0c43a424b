// Log: messages of the service for its operator, one line each on standard error, with time and
// level. Nothing is written before StartLog. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// Writes lines of `least` ("debug", "info", "warn", "error") and above from now on. Call it before
// other threads log.
void StartLog(std::string_view least);
// True when lines of this level are written. Use it to avoid building lines of kDebug.
bool Logs(LogLevel level);
void Log(LogLevel level, const std::string& line);

}  // namespace holdfast
