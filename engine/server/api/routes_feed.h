// FeedRoutes: decisions in the order of the log, for those who follow them.
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
  // Answers requests that wait and for which there is more, or whose time is over.
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
