// Orders as they stand, decisions that were made, and what is held.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/server/asked.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kScanMost = 100'000;  // records of the log that one request reads
constexpr std::uint64_t kWaitMost = 60;       // seconds that a request may wait for more
constexpr std::size_t kFeedsMost = 1'000;     // requests that wait
constexpr std::uint64_t kQueueMost = 1'000;

// A copy of what an order's state says, to be read in another thread.
struct Standing {
  bool known = false;
  OrderState state;
  std::optional<Held> held;
};

std::shared_ptr<Standing> NewStanding() { return std::make_shared<Standing>(); }

std::function<void(const Engine&)> CopyOf(std::shared_ptr<Standing> standing, std::string merchant,
                                          std::string order_id) {
  return [standing = std::move(standing), merchant = std::move(merchant),
          order_id = std::move(order_id)](const Engine& engine) {
    const OrderState* state = engine.store().FindOrder(merchant, order_id);
    if (state == nullptr) return;
    standing->known = true;
    standing->state = *state;
    standing->held = engine.store().HeldOf(merchant, order_id);
  };
}

std::string EventJson(const EventPtr& event) {
  std::string json;
  if (event == nullptr) return "null";
  WriteEvent(*event, json);
  return json;
}

std::string HeldJson(const std::optional<Held>& held) {
  if (!held) return "null";
  std::string json = "{";
  JsonMember("cause", NameOf(held->cause), json);
  JsonRaw("score", std::to_string(held->score), json);
  JsonMember("since", FormatRfc3339(held->since), json);
  JsonMember("review_by", FormatRfc3339(held->review_by), json);
  JsonRaw("offset", std::to_string(held->offset), json);
  return json + "}";
}

HttpAnswer UnknownOrder(const std::string& order_id) {
  return Problem(ErrorCode::kUnknownOrder, "order '" + order_id + "' is not known");
}

}  // namespace

void Service::GetOrder(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto standing = NewStanding();
  Look(asked, *merchant, CopyOf(standing, *merchant, asked->parts[0]),
       [this, asked, standing, merchant] {
         if (!standing->known) return Answer(asked, UnknownOrder(asked->parts[0]));
         const OrderState& state = standing->state;
         std::string json = "{";
         JsonMember("order_id", asked->parts[0], json);
         JsonMember("merchant", *merchant, json);
         JsonRaw("order", EventJson(state.order), json);
         JsonRaw("payment", EventJson(state.payment), json);
         JsonRaw("cancelled", state.cancelled ? "true" : "false", json);
         JsonRaw("held", HeldJson(standing->held), json);
         std::string memory, decision = "null";
         if (state.decided != 0) {
           const auto record = core_->log().At(state.decided, memory);
           if (record && !record->decision.empty()) decision = record->decision;
         }
         JsonRaw("decision", decision, json);
         std::string history = "[";
         for (const std::uint64_t offset : state.history) {
           if (history.size() > 1) history += ',';
           history += std::to_string(offset);
         }
         JsonRaw("events", history + "]", json);
         HttpAnswer answer;
         answer.body = json + "}";
         Answer(asked, std::move(answer));
       });
}

void Service::GetOrderDecisions(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto standing = NewStanding();
  Look(asked, *merchant, CopyOf(standing, *merchant, asked->parts[0]), [this, asked, standing] {
    if (!standing->known) return Answer(asked, UnknownOrder(asked->parts[0]));
    std::string list = "[", memory;
    for (const std::uint64_t offset : standing->state.history) {
      const auto record = core_->log().At(offset, memory);
      if (!record || record->decision.empty()) continue;
      if (list.size() > 1) list += ',';
      list += record->decision;
    }
    HttpAnswer answer;
    answer.body = "{\"decisions\":" + list + "]}";
    Answer(asked, std::move(answer));
  });
}

// ---- the feed -----------------------------------------------------------------------------------

void Service::GetDecisions(const AskedPtr& asked) {
  const auto feed = std::make_shared<Feed>();
  if (!asked->key->OfAll() || !asked->request.Query("merchant").empty()) {
    const auto merchant = MerchantOf(asked);
    if (!merchant) return;
    feed->merchant = *merchant;
  }
  feed->asked = asked;
  constexpr std::uint64_t kAny = ~0ULL >> 1;
  feed->after = QueryNumber(asked->request, "after", 0, kAny);
  feed->most = std::max<std::uint64_t>(QueryNumber(asked->request, "limit", 100, 1'000), 1);
  feed->until =
      Clock::now() + std::chrono::seconds(QueryNumber(asked->request, "wait", 0, kWaitMost));
  Later(asked, [this, feed] { ServeFeed(feed, false); });
}

// In the worker's thread. A request that may wait and for which there is nothing waits on.
void Service::ServeFeed(const std::shared_ptr<Feed>& feed, bool last) {
  std::string list = "[";
  std::size_t count = 0;
  std::uint64_t scanned = 0, next = feed->after;
  const Status read = core_->log().Read(feed->after + 1, [&](const LogRecord& record) -> Status {
    if (record.offset > core_->last()) return Fail(ErrorCode::kInterrupted, {}, {});
    next = record.offset;
    const bool mine =
        !record.decision.empty() &&
        (feed->merchant.empty() || ReadDecisionMerchant(record.decision) == feed->merchant);
    if (mine) {
      if (count > 0) list += ',';
      list += record.decision;
      ++count;
    }
    if (count == feed->most || ++scanned == kScanMost) {
      return Fail(ErrorCode::kInterrupted, {}, {});
    }
    return {};
  });
  if (!read && read.error().code != ErrorCode::kInterrupted) {
    return Answer(feed->asked, Problem(read.error()));
  }
  feed->after = next;
  const bool over = last || draining_ || Clock::now() >= feed->until || scanned == kScanMost;
  if (count == 0 && !over) {
    const std::lock_guard lock(feeds_mutex_);
    if (feeds_.size() < kFeedsMost) {
      feeds_.push_back(feed);
      return;
    }
  }
  HttpAnswer answer;
  answer.body = "{\"decisions\":" + list + "],\"next\":" + std::to_string(next) + "}";
  Answer(feed->asked, std::move(answer));
}

// Looks whether there is something for those who wait, and sends away those whose time is over.
void Service::ServeFeeds() {
  std::list<std::shared_ptr<Feed>> feeds;
  {
    const std::lock_guard lock(feeds_mutex_);
    const auto now = Clock::now();
    for (auto at = feeds_.begin(); at != feeds_.end();) {
      const auto next = std::next(at);
      const bool more = core_->last() > (*at)->after;
      if (more || draining_ || now >= (*at)->until) feeds.splice(feeds.end(), feeds_, at);
      at = next;
    }
  }
  for (const std::shared_ptr<Feed>& feed : feeds) {
    Later(feed->asked, [this, feed] { ServeFeed(feed, false); });
  }
}

// ---- the queue ----------------------------------------------------------------------------------

void Service::GetQueue(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const std::string cause = asked->request.Query("cause");
  const auto causes = NamesOf<Cause>();
  if (!cause.empty() && std::find(causes.begin(), causes.end(), cause) == causes.end()) {
    return Answer(asked,
                  Problem(ErrorCode::kUsage,
                          "cause must be " + OrList({causes.begin() + 1, causes.end()}, 20)));
  }
  const std::uint64_t most =
      std::max<std::uint64_t>(QueryNumber(asked->request, "limit", 100, kQueueMost), 1);
  const auto json = std::make_shared<std::string>("[");
  const auto count = std::make_shared<std::uint64_t>(0);
  Look(
      asked, *merchant,
      [=, merchant = *merchant](const Engine& engine) {
        engine.store().ForHeld(merchant, {}, [&](const std::string& order_id, const Held& held) {
          if (!cause.empty() && NameOf(held.cause) != cause) return true;
          if (*count > 0) *json += ',';
          std::string row = "{";
          JsonMember("order_id", order_id, row);
          JsonMember("merchant", merchant, row);
          const OrderState* state = engine.store().FindOrder(merchant, order_id);
          if (state != nullptr && state->order != nullptr) {
            const Order& order = *state->order->order;
            JsonMember("placed_at", FormatRfc3339(*state->placed_at), row);
            JsonMember("total", FormatMinor(*order.total, *order.currency), row);
            JsonMember("currency", order.currency->code(), row);
          }
          JsonRaw("held", HeldJson(held), row);
          *json += row + "}";
          return ++*count < most;
        });
      },
      [this, asked, json, most, count] {
        HttpAnswer answer;
        answer.body =
            "{\"orders\":" + *json + "],\"more\":" + (*count == most ? "true" : "false") + "}";
        Answer(asked, std::move(answer));
      });
}

}  // namespace holdfast
