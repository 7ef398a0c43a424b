// Endpoint: one receiver, with a thread that sends its messages.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/result.h"
#include "engine/outbox/delivery_method.h"
#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/endpoint_progress.h"
#include "engine/outbox/message_source.h"
#include "engine/outbox/resend_file.h"

namespace holdfast {

struct EndpointState {
  std::string name;
  std::uint64_t cursor = 0;      // all before it has left, or is in `waiting`
  std::uint64_t behind = 0;      // records of the log after it
  std::size_t waiting = 0;       // messages to be tried again
  std::uint64_t dead = 0;        // dead letters since the folder was made
  bool open_circuit = false;     // only trials are sent
  bool disabled = false;         // answered 410 Gone
  std::int64_t lag_seconds = 0;  // age of the oldest message that has not left
  std::int64_t waits_since = 0;  // the beginning of that age, in seconds since 1970
  std::uint64_t sent = 0;        // messages since the start
};

// What became of one message at an endpoint.
struct DeliveryStatus {
  // kWaiting: not sent yet. kFailing: it will be sent again. kDelivered: sent, or a dead letter.
  // kNotSent: the endpoint was added later.
  enum class State : std::uint8_t { kWaiting, kFailing, kDelivered, kNotSent };
  std::string endpoint;
  State state = State::kWaiting;
  int attempts = 0;       // that failed
  std::string why;        // why the last attempt failed
  bool any_dead = false;  // the endpoint has dead letters
};

class Endpoint {
 public:
  // `log` outlives it. Its files are FOLDER/NAME.*.
  Endpoint(const EventLog& log, const std::string& folder, EndpointConfig config,
           FinishDecision finish);
  ~Endpoint();  // as Stop
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Errors: as EndpointProgress::Load.
  Status Load();
  void Run();
  // Waits until the thread has ended and its progress is on disk.
  void Stop();

  // Threads: any.
  EndpointState State() const;
  // The status of the message of the record `offset`, as of the last second.
  DeliveryStatus StatusOf(std::uint64_t offset) const;
  // True when messages of this merchant are sent there.
  bool Takes(std::string_view merchant) const {
    return config_.merchant.empty() || config_.merchant == merchant;
  }

 private:
  struct Unsent {
    int attempts = 0;
    std::string why;
  };
  void ShowState();

  const EndpointConfig config_;
  const MessageSource source_;
  const ResendFile resends_;
  EndpointProgress progress_;
  std::unique_ptr<DeliveryMethod> delivery_;

  std::int64_t moved_at_;  // when the cursor moved last, or was at the end
  std::uint64_t moved_to_ = 0;

  std::atomic<bool> stop_ = false;
  std::thread thread_;
  mutable std::mutex mutex_;
  EndpointState state_;
  std::map<std::uint64_t, Unsent> unsent_;  // the waiting messages, as of the last second
  std::uint64_t unsent_cursor_ = 0;         // the cursor then
  std::int64_t unsent_at_ = 0;
};

}  // namespace holdfast
