#include "engine/outbox/http_delivery.h"

#include <algorithm>

#include "engine/base/wall_time.h"
#include "engine/net/standard_webhooks.h"

namespace holdfast {

void HttpDelivery::Begin() {
  for (const auto& [offset, waiting] : progress_.waiting) {
    if (const auto head = source_.HeadAt(offset)) Register(offset, *head);
  }
}

bool HttpDelivery::DeliverSome() {
  TakeResends();
  const std::int64_t now = WallSeconds();
  if (!disabled_ && circuit_.MayStart(now)) {
    if (circuit_.open()) {
      StartTrial();
    } else {
      StartRetries(now);
      StartFirstAttempts(now);
    }
  }
  const bool busy = calls_.running() > 0;
  if (busy) {
    for (auto& [offset, reply] : calls_.Wait(kPollMilliseconds)) RecordReply(offset, reply);
  }
  progress_.KeepEachSecond();
  return busy;
}

void HttpDelivery::TakeResends() {
  const auto resends = resends_.Take();
  if (resends.empty()) return;
  disabled_ = false;
  for (const std::uint64_t offset : resends) {
    if (progress_.waiting.contains(offset)) continue;  // it is already waiting
    const auto head = source_.HeadAt(offset);
    if (!head) continue;
    progress_.waiting[offset].first = WallSeconds();
    Register(offset, *head);
  }
  if (progress_.Keep()) resends_.Drop();
}

// Sends one message at a time, the one that has been due for longest.
void HttpDelivery::StartTrial() {
  auto trial = progress_.waiting.end();
  for (auto at = progress_.waiting.begin(); at != progress_.waiting.end(); ++at) {
    const bool later = trial != progress_.waiting.end() && at->second.next >= trial->second.next;
    if (!at->second.running && !later && IsFirst(at->first)) trial = at;
  }
  if (calls_.running() == 0 && trial != progress_.waiting.end()) Retry(trial);
}

void HttpDelivery::StartRetries(std::int64_t now) {
  for (auto at = progress_.waiting.begin(); at != progress_.waiting.end();) {
    const auto next = at++;
    if (calls_.running() >= config_.parallel) return;
    if (next->second.running || next->second.next > now) continue;
    if (IsFirst(next->first)) Retry(next);
  }
}

void HttpDelivery::StartFirstAttempts(std::int64_t now) {
  constexpr std::size_t kWaitingMost = 10'000;
  while (calls_.running() < config_.parallel && progress_.waiting.size() < kWaitingMost) {
    const auto start = [&](const LogRecord& record, const MessageHead& head) {
      const auto at = progress_.waiting.emplace(record.offset, WaitingMessage()).first;
      at->second.first = now;
      Register(record.offset, head);
      if (IsFirst(record.offset)) Send(at, source_.Make(record, head));
      return false;  // send this record before reading the next
    };
    if (!source_.ReadSome(progress_.cursor, start)) return;
  }
}

// Records which order a message is about.
void HttpDelivery::Register(std::uint64_t offset, const MessageHead& head) {
  const Event& event = *head.event;
  std::string order = event.order_id.empty()
                          ? std::to_string(offset)
                          : std::string(event.merchant) + '\0' + std::string(event.order_id);
  first_of_[order].insert(offset);
  orders_[offset] = std::move(order);
}

// True when no earlier message of its order is waiting.
bool HttpDelivery::IsFirst(std::uint64_t offset) const {
  const auto order = orders_.find(offset);
  return order == orders_.end() || *first_of_.at(order->second).begin() == offset;
}

void HttpDelivery::Retry(WaitingAt at) {
  const auto message = source_.MessageAt(at->first);
  if (!message) return Drop(at);  // the log was trimmed
  Send(at, *message);
}

void HttpDelivery::Send(WaitingAt at, const OutboxMessage& message) {
  const std::int64_t now = WallSeconds();
  const auto signature = SignStandardWebhook(config_.secrets, message.id, now, message.body);
  if (!signature) return;  // never send unsigned; the configuration refuses such secrets
  HttpCall call;
  call.url = config_.url;
  call.body = message.body;
  call.timeout_seconds = config_.timeout_seconds;
  call.allow_private = config_.allow_private;
  call.headers = {{"Content-Type", message.content_type},
                  {"webhook-id", message.id},
                  {"webhook-timestamp", std::to_string(now)},
                  {"webhook-signature", *signature}};
  at->second.running = true;
  calls_.Start(at->first, call);
}

void HttpDelivery::RecordReply(std::uint64_t offset, const HttpReply& reply) {
  const auto at = progress_.waiting.find(offset);
  if (at == progress_.waiting.end()) return;
  WaitingMessage& message = at->second;
  message.running = false;
  if (reply.status >= 200 && reply.status < 300) {
    circuit_.Succeed();
    ++sent_;
    return Drop(at);
  }
  const std::int64_t now = WallSeconds();
  message.why = reply.status == 0 ? reply.fault : "answered " + std::to_string(reply.status);
  ++message.attempts;
  circuit_.Fail(reply.status, reply.retry_after_seconds, now);
  if (reply.status == 410) disabled_ = true;
  if (now - message.first >= config_.dead_after_seconds) {
    // A dead letter that cannot be written stays, and is tried again.
    if (progress_.Bury(offset, message)) Drop(at);
    return;
  }
  const auto step = static_cast<std::size_t>(message.attempts - 1);
  const std::int64_t wait = config_.retry_seconds[std::min(step, config_.retry_seconds.size() - 1)];
  std::uniform_int_distribution<std::int64_t> jitter(-wait / 10, wait / 10);
  message.next = now + wait + jitter(random_);
}

// Removes a message that was delivered or never will be.
void HttpDelivery::Drop(WaitingAt at) {
  const auto order = orders_.find(at->first);
  if (order != orders_.end()) {
    const auto first = first_of_.find(order->second);
    first->second.erase(at->first);
    if (first->second.empty()) first_of_.erase(first);
    orders_.erase(order);
  }
  progress_.waiting.erase(at);
}

}  // namespace holdfast
