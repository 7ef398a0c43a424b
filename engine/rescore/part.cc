#include "engine/rescore/part.h"

#include <charconv>
#include <vector>

#include "engine/base/hash.h"

namespace holdfast {
namespace {

// The end of the JSON object or null at the start of `text`. npos: it does not end.
std::size_t EndOf(std::string_view text) {
  if (text.starts_with("null")) return 4;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.npos;
}

// Reads {"offset":1,"event":{...},"decision":{...}} byte for byte, because decisions are compared
// as text.
std::optional<LogRecord> ReadFull(std::string_view line) {
  constexpr std::string_view kOffset = "{\"offset\":", kEvent = ",\"event\":",
                             kDecision = ",\"decision\":";
  if (!line.starts_with(kOffset)) return std::nullopt;
  LogRecord record;
  const char* const begin = line.data() + kOffset.size();
  const auto read = std::from_chars(begin, line.data() + line.size(), record.offset);
  line.remove_prefix(static_cast<std::size_t>(read.ptr - line.data()));
  if (read.ec != std::errc() || !line.starts_with(kEvent)) return std::nullopt;
  line.remove_prefix(kEvent.size());
  const std::size_t event = EndOf(line);
  if (event == line.npos) return std::nullopt;
  record.event = line.substr(0, event);
  line.remove_prefix(event);
  if (!line.starts_with(kDecision)) return std::nullopt;
  line.remove_prefix(kDecision.size());
  const std::size_t decision = EndOf(line);
  if (decision == line.npos || line.substr(decision) != "}") return std::nullopt;
  if (line[0] == '{') record.decision = line.substr(0, decision);
  return record;
}

}  // namespace

Result<std::unique_ptr<EventLog>> MakePartLog(const std::string& folder, const NextLine& next) {
  auto log = OpenEventLog(folder, LogMode::kWrite);
  if (!log) return log;
  if ((*log)->last() != 0) {
    return Fail(ErrorCode::kInvalidInput, folder, "has a log already; give a new folder");
  }
  // Gaps are allowed as in an incomplete copy.
  constexpr std::uint64_t kAny = ~std::uint64_t{0} >> 1;
  if (Status begun = (*log)->SetTrim({kAny, 0, LogTrim::Begun::kCopy, {}}); !begun) {
    return tl::unexpected(begun.error());
  }
  constexpr std::size_t kGroup = 1000;
  std::vector<std::string> lines;
  std::uint64_t count = 0;
  const auto append = [&]() -> Status {
    std::vector<LogRecord> records;
    for (const std::string& line : lines) {
      ++count;
      std::optional<LogRecord> record = ReadFull(line);
      if (!record) {
        record.emplace();
        record->offset = count;
        record->event = line;
      }
      record->digest = Hash64(record->event);
      const std::uint64_t last = records.empty() ? (*log)->last() : records.back().offset;
      if (record->offset <= last) {
        return Fail(ErrorCode::kMalformedInput, "line " + std::to_string(count),
                    "is a record that does not come after the one before it");
      }
      records.push_back(*record);
    }
    Status appended = (*log)->Append(records, false);
    lines.clear();
    return appended;
  };
  for (;;) {
    auto line = next();
    if (!line) return tl::unexpected(line.error());
    if (*line) lines.push_back(std::move(**line));
    if (!*line || lines.size() == kGroup) {
      if (Status appended = append(); !appended) return tl::unexpected(appended.error());
    }
    if (!*line) break;
  }
  if (Status synced = (*log)->Sync(); !synced) return tl::unexpected(synced.error());
  if (Status whole = (*log)->SetTrim({(*log)->last(), count}); !whole) {
    return tl::unexpected(whole.error());
  }
  return log;
}

}  // namespace holdfast
