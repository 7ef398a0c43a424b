// MessageSource: reads the messages of one endpoint from the log.
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/message.h"
#include "engine/store/event_log.h"

namespace holdfast {

class MessageSource {
 public:
  // `log` and `config` outlive it.
  MessageSource(const EventLog& log, const EndpointConfig& config, FinishDecision finish)
      : log_(log), config_(config), finish_(std::move(finish)) {}

  // Reads up to 512 records after `cursor` and advances it. Calls `take` with each record that has
  // a message for this endpoint; stops when `take` returns false. Returns false when there was
  // nothing new.
  using Take = std::function<bool(const LogRecord& record, const MessageHead& head)>;
  bool ReadSome(std::uint64_t& cursor, const Take& take) const;

  // The head of the message of a record; nothing when it has none for this endpoint, or was
  // trimmed.
  std::optional<MessageHead> HeadAt(std::uint64_t offset) const;
  std::optional<OutboxMessage> MessageAt(std::uint64_t offset) const;
  OutboxMessage Make(const LogRecord& record, const MessageHead& head) const;

  std::uint64_t end() const { return log_.last(); }

 private:
  std::optional<MessageHead> HeadOf(const LogRecord& record) const;

  const EventLog& log_;
  const EndpointConfig& config_;
  const FinishDecision finish_;
};

}  // namespace holdfast
