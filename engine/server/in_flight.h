// InFlightLimits: how many inputs, and how many bytes of them, senders have in flight: submitted
// and not answered yet. Threads: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/server/config.h"

namespace holdfast {

// What is in flight of one kind, or of one sender.
struct InFlight {
  std::atomic<std::size_t> events = 0, bytes = 0;
};

class InFlightLimits {
 public:
  // The counter of `who`, a key or a webhook, if that many more may be in flight, of all senders
  // and of this one; else null. Adds nothing yet. The counter lives as long as this.
  InFlight* FindRoom(std::string_view who, std::size_t events, std::size_t bytes,
                     const LimitConfig& limits);

  // Adds to a sender's counter and to that of all senders. Remove takes it off again.
  void Add(InFlight& sender, std::size_t events, std::size_t bytes);
  void Remove(InFlight& sender, std::size_t events, std::size_t bytes);

  std::size_t events() const { return all_.events; }  // of all senders

 private:
  InFlight all_;
  std::mutex mutex_;                                        // of by_sender_
  std::map<std::string, InFlight, std::less<>> by_sender_;  // never erased
};

}  // namespace holdfast
