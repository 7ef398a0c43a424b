// What is held, and whose turn it is.
#include <algorithm>
#include <charconv>

#include "engine/base/text.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/server/asked.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kQueueMost = 1'000;
// Orders that are looked at in one turn of the fold, which waits for it.
constexpr std::size_t kTurn = 20'000;

// What is asked for, and how far it has been looked for.
struct QueueAsked {
  std::string merchant;
  std::optional<Cause> cause;
  bool workable = false;  // none that wait for their money
  std::string claimed_by;
  bool unclaimed = false;
  std::optional<std::int64_t> least, most;  // amounts in minor units of the base currency
  std::optional<EventTime> held_before;
  EventTime now;
  std::uint64_t rows = 100;

  std::optional<QueuePlace> after;
  bool over = false;
  std::uint64_t count = 0;
  std::string json = "[";
  HeldCounts counts{};
  std::string currency;
};
using QueueAskedPtr = std::shared_ptr<QueueAsked>;

bool IsWanted(const QueueAsked& asked, const Held& held) {
  const bool claimed = !held.claimed_by.empty() && held.claimed_until > asked.now;
  if (asked.cause && held.cause != *asked.cause) return false;
  if (asked.workable && held.cause == Cause::kFunds) return false;
  if (!asked.claimed_by.empty() && (!claimed || held.claimed_by != asked.claimed_by)) return false;
  if (asked.unclaimed && claimed) return false;
  // An amount that is not known may be any.
  if (asked.least && held.amount && *held.amount < *asked.least) return false;
  if (asked.most && (!held.amount || *held.amount > *asked.most)) return false;
  return !asked.held_before || held.since <= *asked.held_before;
}

std::string RowJson(const Engine& engine, const std::string& merchant, const std::string& order_id,
                    const Held& held) {
  std::string row = "{";
  JsonMember("order_id", order_id, row);
  JsonMember("merchant", merchant, row);
  const OrderState* state = engine.store().FindOrder(merchant, order_id);
  if (state != nullptr && state->order != nullptr) {
    const Order& order = *state->order->order;
    JsonMember("placed_at", FormatRfc3339(*state->placed_at), row);
    JsonMember("total", FormatMinor(*order.total, *order.currency), row);
    JsonMember("currency", order.currency->code(), row);
    JsonMember("buyer", order.buyer.name.empty() ? order.shipping.name : order.buyer.name, row);
    JsonMember("country", order.shipping.address.country, row);
    std::string tags = "[";
    for (const std::string& tag : state->review.tags) {
      if (tags.size() > 1) tags += ',';
      WriteJsonText(tag, tags);
    }
    JsonRaw("tags", tags + "]", row);
  }
  if (held.amount) {
    JsonMember("amount_base", FormatMinor(*held.amount, engine.pack().amounts->base()), row);
  }
  JsonRaw("held", HeldJson(held), row);
  return row + "}";
}

// In the fold's turn; looks at the next orders of the queue.
void LookOn(const Engine& engine, QueueAsked& asked) {
  asked.counts = engine.store().CountHeld(asked.merchant);
  asked.currency = engine.pack().amounts->base().code();
  std::size_t seen = 0;
  asked.over = true;
  engine.store().ForQueue(asked.merchant, asked.after,
                          [&](const std::string& order_id, const Held& held) {
                            // Those that wait for their money stand behind all others.
                            if (asked.workable && held.cause == Cause::kFunds) return false;
                            if (asked.count == asked.rows || ++seen > kTurn) {
                              asked.over = false;
                              return false;
                            }
                            asked.after = PlaceOf(order_id, held);
                            if (!IsWanted(asked, held)) return true;
                            if (asked.count++ > 0) asked.json += ',';
                            asked.json += RowJson(engine, asked.merchant, order_id, held);
                            return true;
                          });
}

std::string CursorOf(const QueuePlace& place) {
  return std::string(place.funds ? "f" : "w") + std::to_string(place.rank.nanos) + "." +
         place.order_id;
}

std::optional<QueuePlace> ReadCursor(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (text.size() < 2 || dot == text.npos || (text[0] != 'f' && text[0] != 'w')) {
    return std::nullopt;
  }
  QueuePlace place;
  place.funds = text[0] == 'f';
  const auto read = std::from_chars(text.data() + 1, text.data() + dot, place.rank.nanos);
  if (read.ec != std::errc() || read.ptr != text.data() + dot) return std::nullopt;
  place.order_id = text.substr(dot + 1);
  return place;
}

}  // namespace

std::string HeldJson(const Held& held) {
  std::string json = "{";
  JsonMember("cause", NameOf(held.cause), json);
  JsonRaw("score", std::to_string(held.score), json);
  JsonMember("since", FormatRfc3339(held.since), json);
  JsonMember("review_by", FormatRfc3339(held.review_by), json);
  JsonMember("rank", FormatRfc3339(held.rank), json);
  JsonRaw("offset", std::to_string(held.offset), json);
  if (!held.claimed_by.empty()) {
    JsonMember("claimed_by", held.claimed_by, json);
    JsonMember("claimed_until", FormatRfc3339(held.claimed_until), json);
  }
  return json + "}";
}

void Service::GetQueue(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const HttpRequest& request = asked->request;
  const auto queue = std::make_shared<QueueAsked>();
  const auto refuse = [&](std::string what) {
    Answer(asked, Problem(ErrorCode::kUsage, std::move(what)));
  };
  queue->merchant = *merchant;
  queue->now = core_->Now();
  queue->rows = std::max<std::uint64_t>(QueryNumber(request, "limit", 100, kQueueMost), 1);
  const std::string cause = request.Query("cause");
  const auto causes = NamesOf<Cause>();
  if (!cause.empty()) {
    const auto at = std::find(causes.begin() + 1, causes.end(), cause);
    if (at == causes.end()) {
      return refuse("cause must be " + OrList({causes.begin() + 1, causes.end()}, 20));
    }
    queue->cause = static_cast<Cause>(at - causes.begin());
  }
  queue->workable = request.Query("workable") == "true";
  queue->unclaimed = request.Query("unclaimed") == "true";
  if (request.Query("mine") == "true") queue->claimed_by = asked->key->Person();
  const Currency base = core_->pack()->amounts->base();
  for (const auto& [name, bound] :
       {std::pair("min_amount", &queue->least), {"max_amount", &queue->most}}) {
    const std::string text = request.Query(name);
    if (text.empty()) continue;
    const auto minor = ParseMinor(text, base);
    if (!minor)
      return refuse(std::string(name) + " must be an amount in " + std::string(base.code()));
    *bound = *minor;
  }
  if (const std::string text = request.Query("held_for"); !text.empty()) {
    const auto span = ParseSpan(text);
    if (!span) return refuse("held_for must be a time such as 90m, 24h or 3d");
    queue->held_before = EventTime{queue->now.nanos - *span};
  }
  if (const std::string text = request.Query("after"); !text.empty()) {
    queue->after = ReadCursor(text);
    if (!queue->after) return refuse("after must be what `next` of an answer was");
  }
  LookAtQueue(asked, queue);
}

// Turn by turn, so that no order waits long for one who asks.
void Service::LookAtQueue(const AskedPtr& asked, const std::shared_ptr<void>& state) {
  const auto queue = std::static_pointer_cast<QueueAsked>(state);
  Look(
      asked, queue->merchant, [queue](const Engine& engine) { LookOn(engine, *queue); },
      [this, asked, queue] {
        if (!queue->over && queue->count < queue->rows) return LookAtQueue(asked, queue);
        std::string json = "{";
        JsonRaw("orders", queue->json + "]", json);
        JsonRaw("more", queue->over ? "false" : "true", json);
        if (!queue->over) JsonMember("next", CursorOf(*queue->after), json);
        std::string counts = "{";
        for (std::size_t i = 0; i < queue->counts.size(); ++i) {
          if (queue->counts[i] == 0) continue;
          JsonRaw(NameOf(static_cast<Cause>(i)), std::to_string(queue->counts[i]), counts);
        }
        JsonRaw("held", counts + "}", json);
        JsonMember("base_currency", queue->currency, json);
        HttpAnswer answer;
        answer.body = json + "}";
        Answer(asked, std::move(answer));
      });
}

}  // namespace holdfast
