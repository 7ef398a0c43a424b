// Orders as they stand, and decisions that were made.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/codec/json_object.h"
#include "engine/decide/verdict.h"
#include "engine/model/names.h"
#include "engine/pipeline/replay.h"
#include "engine/server/api/asked.h"
#include "engine/server/api/ledger_json.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kScanMost = 100'000;  // records of the log that one request reads
constexpr std::uint64_t kWaitMost = 60;       // seconds that a request may wait for more
constexpr std::size_t kFeedsMost = 1'000;     // requests that wait

// A copy of what an order's state says, to be read in another thread.
struct Standing {
  bool known = false;
  OrderState state;
  std::optional<Held> held;
  std::vector<std::pair<std::string, std::string>> facts;
  ReviewPolicy policy;
  std::string verdict = "null";
  std::string funds = "null";  // see LedgerJson
};

// What people decided, and what became of that.
std::string VerdictJson(const OrderState& state, const Pack& pack) {
  const EventPtr& last = state.review.verdict;
  if (last == nullptr) return "null";
  const Verdict verdict = VerdictOf(state, pack, nullptr);
  JsonObject json;
  json.Text("type", NameOf(last->type));
  json.Text("at", FormatRfc3339(last->occurred_at));
  json.Text("by", last->review->by);
  json.Text("reason", last->review->reason);
  json.Text("note", last->review->note);
  json.Text("state", verdict.ended != nullptr     ? "ended"
                     : verdict.waiting != nullptr ? "waits_for_second_person"
                                                  : "stands");
  return json.Done();
}

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
    if (state->order == nullptr) return;
    standing->facts = engine.FactTexts(merchant, order_id);
    standing->policy = engine.pack().review;
    standing->verdict = VerdictJson(*state, engine.pack());
    standing->funds = LedgerJson(*state, engine.pack());
  };
}

std::string EventJson(const EventPtr& event) {
  std::string json;
  if (event == nullptr) return "null";
  WriteEvent(*event, json);
  return json;
}

std::string ReviewJson(const Standing& standing) {
  const ReviewState& review = standing.state.review;
  JsonObject json;
  if (review.claim != nullptr) {
    json.Text("claimed_by", review.claim->review->by);
    json.Text("claimed_until", FormatRfc3339(*review.claim->review->until));
  }
  json.Raw("verdict", standing.verdict);
  json.Raw("tags", JsonTexts(review.tags));
  JsonList asked;
  for (const auto& [request, event] : review.asked) {
    JsonObject one;
    one.Text("request", request);
    one.Text("by", event->review->by);
    one.Text("at", FormatRfc3339(event->occurred_at));
    one.Text("to", event->review->to);
    one.Bool("confirmed", IsConfirmed(standing.state, request));
    asked.Add(one.Done());
  }
  json.Raw("asked", asked.Done());
  json.Raw("release_reasons", JsonTexts(standing.policy.release_reasons));
  json.Raw("reject_reasons", JsonTexts(standing.policy.reject_reasons));
  json.Raw("hold_reasons", JsonTexts(standing.policy.hold_reasons));
  return json.Done();
}

// Is a record of the log about this order? What was copied amid a batch of several shards may have
// had another number then.
bool IsOf(const LogRecord& record, const std::string& merchant, const std::string& order_id) {
  const auto event = ReadRecord(record);
  return event && (*event)->merchant == merchant && (*event)->order_id == order_id;
}

HttpAnswer UnknownOrder(const std::string& merchant, const std::string& order_id) {
  return Problem(ErrorCode::kUnknownOrder,
                 "order '" + order_id + "' of the seller '" + merchant + "' is not known");
}

}  // namespace

void Service::GetOrder(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto standing = NewStanding();
  Look(asked, *merchant, CopyOf(standing, *merchant, asked->parts[0]),
       [this, asked, standing, merchant] {
         if (!standing->known) return Answer(asked, UnknownOrder(*merchant, asked->parts[0]));
         const OrderState& state = standing->state;
         JsonObject json;
         json.Text("order_id", asked->parts[0]);
         json.Text("merchant", *merchant);
         json.Raw("order", EventJson(state.order));
         json.Raw("payment", EventJson(state.payment));
         json.Raw("funds", standing->funds);
         json.Bool("cancelled", state.cancelled);
         json.Raw("held", standing->held ? HeldJson(*standing->held) : "null");
         const auto permits = core_->permits();
         std::string memory, decision = "null";
         if (state.decided != 0) {
           const auto record = core_->log().At(state.decided, memory);
           const bool mine = record && IsOf(*record, *merchant, asked->parts[0]);
           if (mine && !record->decision.empty()) decision = record->decision;
         }
         FillPermit(permits->signer(), decision);
         json.Raw("decision", decision);
         json.Raw("review", ReviewJson(*standing));
         JsonObject facts;
         for (const auto& [name, text] : standing->facts) facts.Text(name, text);
         json.Raw("facts", facts.Done());
         JsonList packed;
         for (const auto& [parcel, event] : state.packed) {
           packed.Add(EventJson(event));
         }
         json.Raw("packed", packed.Done());
         json.Raw("dispatched", EventJson(state.dispatched));
         JsonList history;
         for (const std::uint64_t offset : state.history) {
           const auto record = core_->log().At(offset, memory);
           if (!record || !IsOf(*record, *merchant, asked->parts[0])) continue;
           JsonObject one;
           one.Number("offset", offset);
           one.Raw("event", record->event);
           if (const auto head = ReadDecisionHead(record->decision)) {
             one.Text("outcome", NameOf(head->outcome));
             one.Text("cause", NameOf(head->cause));
           }
           history.Add(one.Done());
         }
         json.Raw("events", history.Done());
         HttpAnswer answer;
         answer.body = json.Done();
         Answer(asked, std::move(answer));
       });
}

void Service::GetOrderDecisions(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto standing = NewStanding();
  Look(asked, *merchant, CopyOf(standing, *merchant, asked->parts[0]),
       [this, asked, standing, merchant] {
         if (!standing->known) return Answer(asked, UnknownOrder(*merchant, asked->parts[0]));
         std::string list = "[", memory;
         for (const std::uint64_t offset : standing->state.history) {
           const auto record = core_->log().At(offset, memory);
           if (!record || record->decision.empty()) continue;
           if (!IsOf(*record, *merchant, asked->parts[0])) continue;
           if (list.size() > 1) list += ',';
           std::string decision(record->decision);
           // What no longer stands gets no permit anew.
           const bool stands = offset == standing->state.decided;
           FillPermit(stands ? core_->permits()->signer() : nullptr, decision);
           list += decision;
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
      std::string decision(record.decision);
      FillPermit(core_->permits()->signer(), decision);
      list += decision;
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

}  // namespace holdfast
