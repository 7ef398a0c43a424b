#include "engine/server/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace holdfast {
namespace {

std::shared_ptr<spdlog::logger>& Logger() {
  static std::shared_ptr<spdlog::logger> logger;
  return logger;
}

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

void StartLog(std::string_view least) {
  Logger() = spdlog::stderr_logger_mt("holdfast");
  Logger()->set_level(spdlog::level::from_str(std::string(least)));
  Logger()->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
}

bool Logs(LogLevel level) { return Logger() != nullptr && Logger()->should_log(LevelOf(level)); }

void Log(LogLevel level, const std::string& line) {
  if (Logger() != nullptr) Logger()->log(LevelOf(level), line);
}

}  // namespace holdfast
