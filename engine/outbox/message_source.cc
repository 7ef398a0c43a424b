#include "engine/outbox/message_source.h"

namespace holdfast {

std::optional<MessageHead> MessageSource::HeadOf(const LogRecord& record) const {
  auto head = ReadMessageHead(record);
  const bool mine = head && (config_.merchant.empty() || config_.merchant == head->event->merchant);
  return mine ? std::move(head) : std::nullopt;
}

bool MessageSource::ReadSome(std::uint64_t& cursor, const Take& take) const {
  constexpr std::uint64_t kReadAtOnce = 512;
  if (log_.last() <= cursor) return false;
  std::uint64_t count = 0;
  const Status read = log_.Read(cursor + 1, [&](const LogRecord& record) -> Status {
    cursor = record.offset;
    ++count;
    const auto head = HeadOf(record);
    const bool more = !head || take(record, *head);
    if (!more || count == kReadAtOnce) return Fail(ErrorCode::kInterrupted, {}, {});
    return {};
  });
  return read || count > 0;
}

std::optional<MessageHead> MessageSource::HeadAt(std::uint64_t offset) const {
  std::string memory;
  const auto record = log_.At(offset, memory);
  return record ? HeadOf(*record) : std::nullopt;
}

std::optional<OutboxMessage> MessageSource::MessageAt(std::uint64_t offset) const {
  std::string memory;
  const auto record = log_.At(offset, memory);
  const auto head = record ? HeadOf(*record) : std::nullopt;
  if (!head) return std::nullopt;
  return Make(*record, *head);
}

OutboxMessage MessageSource::Make(const LogRecord& record, const MessageHead& head) const {
  return MakeMessage(record, head, log_.name(), config_.cloud_events, finish_);
}

}  // namespace holdfast
