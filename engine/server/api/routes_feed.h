// FeedRoutes: the feed of decisions in the order of the log, for clients that follow it.
// Threads: any.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>

#include "engine/server/api/responder.h"

namespace holdfast {

class FeedRoutes {
 public:
  // Both outlive this.
  FeedRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetDecisions(const ContextPtr& context);
  // Answers waiting requests that have new decisions or have reached their time limit.
  void ServeFeeds();

 private:
  struct Feed;
  void ServeFeed(const std::shared_ptr<Feed>& feed, bool last);

  Responder& responder_;
  ServiceRuntime& runtime_;

  std::mutex feeds_mutex_;
  std::list<std::shared_ptr<Feed>> feeds_;  // that wait for more
};

}  // namespace holdfast
