// DeliveryMethod: how an endpoint's messages are sent. Threads: one.
#pragma once

#include <cstdint>

namespace holdfast {

inline constexpr int kPollMilliseconds = 20;  // how long a new record may wait to be seen

class DeliveryMethod {
 public:
  virtual ~DeliveryMethod() = default;

  // Restores the messages that were waiting when the process ended.
  virtual void Begin() {}
  // Sends what may be sent now. False: there was nothing to do.
  virtual bool DeliverSome() = 0;

  virtual bool open_circuit() const { return false; }  // only trials are sent
  virtual bool disabled() const { return false; }      // the receiver answered 410 Gone
  std::uint64_t sent() const { return sent_; }         // messages since the start

 protected:
  std::uint64_t sent_ = 0;
};

}  // namespace holdfast
