// Worker: a thread that runs tasks one after another.
#pragma once

#include <functional>
#include <thread>

#include "engine/base/queue.h"

namespace holdfast {

class Worker {
 public:
  // At most `most` tasks may wait.
  explicit Worker(std::size_t most) : tasks_(most) {
    thread_ = std::thread([this] {
      while (auto task = tasks_.Pop()) (*task)();
    });
  }
  ~Worker() { Stop(); }

  // Queues a task without waiting. Returns false, and drops it, when too many wait or the worker
  // has stopped. Any thread.
  bool Do(std::function<void()> task) { return tasks_.TryPush(std::move(task)); }

  // Tasks that wait.
  std::size_t waiting() const { return tasks_.size(); }

  // Runs the waiting tasks, then stops.
  void Stop() {
    tasks_.Close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Queue<std::function<void()>> tasks_;
  std::thread thread_;
};

}  // namespace holdfast
