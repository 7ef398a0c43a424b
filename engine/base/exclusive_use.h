// ExclusiveUse: checks, in debug and sanitizer builds, that only one thread at a time uses an
// object that says "Threads: one owner". The owner may change between uses.
#pragma once

#include <atomic>
#include <thread>

#include "engine/base/check.h"

namespace holdfast {

#if !HOLDFAST_SLOW_CHECKS

class ExclusiveUse {
 public:
  class Scope {
   public:
    explicit Scope(ExclusiveUse&) {}
  };
};

#else

class ExclusiveUse {
 public:
  // While it exists the object is in use by this thread; within it the thread may use it again.
  class Scope {
   public:
    explicit Scope(ExclusiveUse& use) : use_(use) {
      const std::thread::id me = std::this_thread::get_id();
      std::thread::id owner;
      outer_ = use_.owner_.compare_exchange_strong(owner, me);
      HOLDFAST_CHECK(outer_ || owner == me);
    }
    ~Scope() {
      if (outer_) use_.owner_ = std::thread::id();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    ExclusiveUse& use_;
    bool outer_ = false;
  };

 private:
  std::atomic<std::thread::id> owner_;
};

#endif

}  // namespace holdfast
