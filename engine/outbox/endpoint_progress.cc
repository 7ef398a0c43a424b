#include "engine/outbox/endpoint_progress.h"

#include <algorithm>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/wall_time.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"

namespace holdfast {
namespace {

constexpr std::size_t kStateBytes = 64 << 20;

}  // namespace

Status EndpointProgress::Load(std::uint64_t end) {
  const std::string path = base_ + ".json";
  const auto text = ReadFile(path, kStateBytes);
  if (!text && text.error().code != ErrorCode::kNotFound) return tl::unexpected(text.error());
  if (!text) {
    cursor = begin_ = end;
    return Keep();
  }
  const auto document = JsonDocument::Parse(*text);
  if (!document || !ParseNumber<std::uint64_t>(document->root()["cursor"].text())) {
    return Fail(ErrorCode::kCorrupt, path,
                "is damaged; write the cursor there by hand, as {\"cursor\":N}: sending goes on "
                "after record N of the log");
  }
  const auto number = [](const JsonValue& value) {
    return ParseNumber<std::uint64_t>(value.text()).value_or(0);
  };
  const JsonValue& root = document->root();
  cursor = std::min(number(root["cursor"]), end);
  dead_ = number(root["dead"]);
  begin_ = number(root["begin"]);
  for (const JsonValue& one : root["waiting"].list()) {
    WaitingMessage message;
    message.attempts = static_cast<int>(number(one["attempts"]));
    message.first = static_cast<std::int64_t>(number(one["first"]));
    message.next = static_cast<std::int64_t>(number(one["next"]));
    waiting[number(one["offset"])] = std::move(message);
  }
  return {};
}

Status EndpointProgress::Keep() {
  const ExclusiveUse::Scope use(use_);
  JsonList list;
  for (const auto& [offset, message] : waiting) {
    list.Add(JsonObject()
                 .Number("offset", offset)
                 .Number("attempts", message.attempts)
                 .Number("first", message.first)
                 .Number("next", message.next)
                 .Done());
  }
  std::string text = JsonObject()
                         .Number("cursor", cursor)
                         .Number("dead", dead_)
                         .Number("begin", begin_)
                         .Raw("waiting", list.Done())
                         .Done() +
                     "\n";
  if (text == kept_) return {};
  Status replaced = ReplaceFile(base_ + ".json", text);
  if (replaced) kept_ = std::move(text);
  kept_at_ = WallSeconds();
  return replaced;
}

void EndpointProgress::KeepEachSecond() {
  if (WallSeconds() != kept_at_) (void)Keep();
}

Status EndpointProgress::Bury(std::uint64_t offset, const WaitingMessage& message) {
  const ExclusiveUse::Scope use(use_);
  const std::string line =
      JsonObject()
          .Number("offset", offset)
          .Text("at", FormatRfc3339(EventTime{WallSeconds() * kNanosPerSecond}))
          .Number("attempts", message.attempts)
          .Text("why", message.why)
          .Done() +
      "\n";
  Status appended = AppendToFile(base_ + ".dead.ndjson", line);
  if (appended) ++dead_;
  return appended;
}

}  // namespace holdfast
