#include "engine/server/api/routes_feed.h"

#include <algorithm>
#include <utility>

#include "engine/codec/decision_reader.h"
#include "engine/codec/json_object.h"
#include "engine/decide/permit.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kScanMost = 100'000;  // records of the log that one request reads
constexpr std::uint64_t kWaitMost = 60;       // seconds that a request may wait for more
constexpr std::size_t kFeedsMost = 1'000;     // requests that wait

}  // namespace

struct FeedRoutes::Feed {
  ContextPtr context;
  std::string merchant;  // empty: all merchants
  std::uint64_t after = 0;
  std::size_t most = 100;
  std::chrono::steady_clock::time_point until;
};

void FeedRoutes::GetDecisions(const ContextPtr& context) {
  const auto feed = std::make_shared<Feed>();
  if (!context->key->OfAll() || !context->request.Query("merchant").empty()) {
    const auto merchant = responder_.MerchantOf(context);
    if (!merchant) return;
    feed->merchant = *merchant;
  }
  feed->context = context;
  constexpr std::uint64_t kAny = ~0ULL >> 1;
  feed->after = QueryNumber(context->request, "after", 0, kAny);
  feed->most = std::max<std::uint64_t>(QueryNumber(context->request, "limit", 100, 1'000), 1);
  feed->until =
      Clock::now() + std::chrono::seconds(QueryNumber(context->request, "wait", 0, kWaitMost));
  responder_.PostToWorker(context, [this, feed] { ServeFeed(feed, false); });
}

// Runs in the worker thread. A request that may wait is kept while there is nothing to return.
void FeedRoutes::ServeFeed(const std::shared_ptr<Feed>& feed, bool last) {
  JsonList list;
  std::size_t count = 0;
  std::uint64_t scanned = 0, next = feed->after;
  const Status read = runtime_.log().Read(feed->after + 1, [&](const LogRecord& record) -> Status {
    if (record.offset > runtime_.last()) return Fail(ErrorCode::kInterrupted, {}, {});
    next = record.offset;
    const bool mine =
        !record.decision.empty() &&
        (feed->merchant.empty() || ReadDecisionMerchant(record.decision) == feed->merchant);
    if (mine) {
      std::string decision(record.decision);
      SetPermit(runtime_.permits()->signer(), decision);
      list.Add(decision);
      ++count;
    }
    if (count == feed->most || ++scanned == kScanMost) {
      return Fail(ErrorCode::kInterrupted, {}, {});
    }
    return {};
  });
  if (!read && read.error().code != ErrorCode::kInterrupted) {
    return responder_.Answer(feed->context, Problem(read.error()));
  }
  feed->after = next;
  const bool over =
      last || responder_.draining() || Clock::now() >= feed->until || scanned == kScanMost;
  if (count == 0 && !over) {
    const std::lock_guard lock(feeds_mutex_);
    if (feeds_.size() < kFeedsMost) {
      feeds_.push_back(feed);
      return;
    }
  }
  HttpAnswer answer;
  answer.body = JsonObject().Raw("decisions", list.Done()).Number("next", next).Done();
  responder_.Answer(feed->context, std::move(answer));
}

// Answers waiting requests for which there is something new, or whose time is over.
void FeedRoutes::ServeFeeds() {
  std::list<std::shared_ptr<Feed>> feeds;
  {
    const std::lock_guard lock(feeds_mutex_);
    const auto now = Clock::now();
    for (auto at = feeds_.begin(); at != feeds_.end();) {
      const auto next = std::next(at);
      const bool more = runtime_.last() > (*at)->after;
      if (more || responder_.draining() || now >= (*at)->until)
        feeds.splice(feeds.end(), feeds_, at);
      at = next;
    }
  }
  for (const std::shared_ptr<Feed>& feed : feeds) {
    responder_.PostToWorker(feed->context, [this, feed] { ServeFeed(feed, false); });
  }
}

}  // namespace holdfast
