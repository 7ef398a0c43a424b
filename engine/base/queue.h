// Queue: a bounded queue between threads. Push waits while it is full and Pop while it is empty, so
// that a fast stage cannot run ahead of a slow one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace holdfast {

template <typename T>
class Queue {
 public:
  explicit Queue(std::size_t most) : most_(most) {}

  // False when the queue is closed; `item` is then dropped.
  bool Push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < most_ || closed_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    some_.notify_one();
    return true;
  }

  // Never waits: false when the queue is full or closed; `item` is then dropped.
  bool TryPush(T item) {
    const std::unique_lock lock(mutex_);
    if (closed_ || items_.size() >= most_) return false;
    items_.push_back(std::move(item));
    some_.notify_one();
    return true;
  }

  // Nothing when the queue is closed and empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [this] { return !items_.empty() || closed_; });
    return Take();
  }

  // As Pop, but nothing also when none came in `time`; see finished().
  std::optional<T> PopWithin(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    some_.wait_for(lock, time, [this] { return !items_.empty() || closed_; });
    return Take();
  }

  // Nothing when there is none now.
  std::optional<T> TryPop() {
    const std::unique_lock lock(mutex_);
    return Take();
  }

  // Accepts no more items; items in the queue can still be popped.
  void Close() {
    const std::unique_lock lock(mutex_);
    closed_ = true;
    some_.notify_all();
    room_.notify_all();
  }

  std::size_t size() const {
    const std::unique_lock lock(mutex_);
    return items_.size();
  }

  // Closed, and everything was taken.
  bool finished() const {
    const std::unique_lock lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  std::optional<T> Take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return item;
  }

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable some_, room_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace holdfast
