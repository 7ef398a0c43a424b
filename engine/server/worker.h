// Worker: a thread that does one task after another.
#pragma once

#include <functional>
#include <thread>

#include "engine/base/queue.h"

namespace holdfast {

class Worker {
 public:
  // Keeps up to `most` tasks that wait.
  explicit Worker(std::size_t most) : tasks_(most) {
    thread_ = std::thread([this] {
      while (auto task = tasks_.Pop()) (*task)();
    });
  }
  ~Worker() { Stop(); }

  // Never waits. False, and nothing is done, when too many wait already or it has stopped. Any
  // thread.
  bool Do(std::function<void()> task) { return tasks_.TryPush(std::move(task)); }

  // Tasks that wait.
  std::size_t waiting() const { return tasks_.size(); }

  // Does what was taken, and ends.
  void Stop() {
    tasks_.Close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Queue<std::function<void()>> tasks_;
  std::thread thread_;
};

}  // namespace holdfast
