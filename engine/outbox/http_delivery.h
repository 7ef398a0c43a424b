// HttpDelivery: messages as signed posts. Those of one order leave one after another; a post that
// fails is tried again by the schedule, and at its end becomes a dead letter.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "engine/net/http_client.h"
#include "engine/outbox/circuit_breaker.h"
#include "engine/outbox/delivery_method.h"
#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/endpoint_progress.h"
#include "engine/outbox/message_source.h"
#include "engine/outbox/resend_file.h"

namespace holdfast {

class HttpDelivery : public DeliveryMethod {
 public:
  // All outlive it.
  HttpDelivery(const EndpointConfig& config, const MessageSource& source, const ResendFile& resends,
               EndpointProgress& progress)
      : config_(config),
        source_(source),
        resends_(resends),
        progress_(progress),
        circuit_(config.trial_seconds) {}

  void Begin() override;
  bool DeliverSome() override;
  bool open_circuit() const override { return circuit_.open(); }
  bool disabled() const override { return disabled_; }

 private:
  using WaitingAt = std::map<std::uint64_t, WaitingMessage>::iterator;

  void TakeResends();
  void StartTrial();
  void StartRetries(std::int64_t now);
  void StartFirstAttempts(std::int64_t now);
  void Register(std::uint64_t offset, const MessageHead& head);
  bool IsFirst(std::uint64_t offset) const;
  void Send(WaitingAt at, const OutboxMessage& message);
  void Retry(WaitingAt at);
  void RecordReply(std::uint64_t offset, const HttpReply& reply);
  void Drop(WaitingAt at);

  const EndpointConfig& config_;
  const MessageSource& source_;
  const ResendFile& resends_;
  EndpointProgress& progress_;

  CircuitBreaker circuit_;
  bool disabled_ = false;
  std::map<std::uint64_t, std::string> orders_;              // of the messages that wait
  std::map<std::string, std::set<std::uint64_t>> first_of_;  // an order's, the earliest first
  HttpCalls calls_;
  std::mt19937_64 random_{std::random_device()()};
};

}  // namespace holdfast
