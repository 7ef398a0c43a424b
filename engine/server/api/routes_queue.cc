#include "engine/server/api/routes_queue.h"

#include <algorithm>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/codec/json_object.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/model/names.h"
#include "engine/server/api/problem.h"

namespace holdfast {

struct QueueLook {
  std::string merchant;
  std::optional<Cause> cause;
  bool workable = false;  // without orders that wait for payment
  std::string claimed_by;
  bool unclaimed = false;
  bool approval = false;  // only orders whose release a second person must approve
  std::optional<std::int64_t> least, most;  // amounts in minor units of the base currency
  std::optional<EventTime> held_before;
  EventTime now;
  std::uint64_t rows = 100;

  std::optional<QueuePlace> after;
  bool over = false;
  std::uint64_t count = 0;
  JsonList rows_json;
  HeldCounts counts{};
  std::string currency;
};

namespace {

constexpr std::uint64_t kQueueMost = 1'000;
// Orders that are read in one turn of the fold, which waits meanwhile.
constexpr std::size_t kTurn = 20'000;

bool IsWanted(const QueueLook& queue, const Held& held) {
  const bool claimed = !held.claimed_by.empty() && held.claimed_until > queue.now;
  if (queue.cause && held.cause != *queue.cause) return false;
  if (queue.workable && held.cause == Cause::kFunds) return false;
  if (!queue.claimed_by.empty() && (!claimed || held.claimed_by != queue.claimed_by)) return false;
  if (queue.unclaimed && claimed) return false;
  // An unknown amount may be any amount.
  if (queue.least && held.amount && *held.amount < *queue.least) return false;
  if (queue.most && (!held.amount || *held.amount > *queue.most)) return false;
  return !queue.held_before || held.since <= *queue.held_before;
}

std::string RowJson(const Engine& engine, const std::string& merchant, const std::string& order_id,
                    const Held& held) {
  JsonObject row;
  row.Text("order_id", order_id);
  row.Text("merchant", merchant);
  const OrderState* state = engine.store().FindOrder(merchant, order_id);
  if (state != nullptr && state->order != nullptr) {
    const Order& order = *state->order->order;
    row.Text("placed_at", FormatRfc3339(*state->placed_at));
    row.Text("total", FormatMinor(*order.total, *order.currency));
    row.Text("currency", order.currency->code());
    row.Text("buyer", order.buyer.name.empty() ? order.shipping.name : order.buyer.name);
    row.Text("country", order.shipping.address.country);
    row.Raw("tags", JsonTexts(state->review.tags));
    const Event* waiting = VerdictOf(*state, engine.pack(), nullptr).waiting;
    if (waiting != nullptr) row.Text("released_by", waiting->review->by);
  }
  if (held.amount) {
    row.Text("amount_base", FormatMinor(*held.amount, engine.pack().amounts->base()));
  }
  row.Raw("held", HeldJson(held));
  return row.Done();
}

// Runs in the fold. Reads the next orders of the queue.
bool AwaitsApproval(const Engine& engine, const QueueLook& queue, const std::string& order_id) {
  const OrderState* state = engine.store().FindOrder(queue.merchant, order_id);
  return state != nullptr && VerdictOf(*state, engine.pack(), nullptr).waiting != nullptr;
}

void LookOn(const Engine& engine, QueueLook& queue) {
  queue.counts = engine.store().CountHeld(queue.merchant);
  queue.currency = engine.pack().amounts->base().code();
  queue.over = true;
  if (queue.cause && queue.counts[static_cast<std::size_t>(*queue.cause)] == 0) return;
  std::size_t seen = 0;
  const std::string* last = nullptr;
  const Held* held_last = nullptr;
  engine.store().ForQueue(queue.merchant, !queue.claimed_by.empty(), queue.after,
                          [&](const std::string& order_id, const Held& held) {
                            // Orders that wait for payment come after all others.
                            if (queue.workable && held.cause == Cause::kFunds) return false;
                            if (queue.count == queue.rows || ++seen > kTurn) {
                              queue.over = false;
                              return false;
                            }
                            last = &order_id;
                            held_last = &held;
                            if (!IsWanted(queue, held)) return true;
                            if (queue.approval && !AwaitsApproval(engine, queue, order_id)) {
                              return true;
                            }
                            ++queue.count;
                            queue.rows_json.Add(RowJson(engine, queue.merchant, order_id, held));
                            return true;
                          });
  if (last != nullptr) queue.after = PlaceOf(*last, *held_last);
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
  const auto nanos = ParseNumber<std::int64_t>(text.substr(1, dot - 1));
  if (!nanos) return std::nullopt;
  QueuePlace place;
  place.funds = text[0] == 'f';
  place.rank.nanos = *nanos;
  place.order_id = text.substr(dot + 1);
  return place;
}

}  // namespace

std::string HeldJson(const Held& held) {
  JsonObject json;
  json.Text("cause", NameOf(held.cause));
  json.Number("score", held.score);
  json.Text("since", FormatRfc3339(held.since));
  json.Text("review_by", FormatRfc3339(held.review_by));
  json.Text("rank", FormatRfc3339(held.rank));
  json.Number("offset", held.offset);
  if (!held.claimed_by.empty()) {
    json.Text("claimed_by", held.claimed_by);
    json.Text("claimed_until", FormatRfc3339(held.claimed_until));
  }
  return json.Done();
}

void QueueRoutes::GetQueue(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const HttpRequest& request = context->request;
  const auto queue = std::make_shared<QueueLook>();
  const auto refuse = [&](std::string what) {
    responder_.Answer(context, Problem(ErrorCode::kUsage, std::move(what)));
  };
  queue->merchant = *merchant;
  queue->now = runtime_.Now();
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
  queue->approval = request.Query("approval") == "true";
  if (request.Query("mine") == "true") queue->claimed_by = context->key->Person();
  const Currency base = runtime_.pack()->amounts->base();
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
  LookAtQueue(context, queue);
}

// Reads the queue in several turns, so that other orders do not wait long.
void QueueRoutes::LookAtQueue(const ContextPtr& context, const std::shared_ptr<QueueLook>& queue) {
  responder_.ReadState(
      context, queue->merchant, [queue](const Engine& engine) { LookOn(engine, *queue); },
      [this, context, queue] {
        if (!queue->over && queue->count < queue->rows) return LookAtQueue(context, queue);
        JsonObject json;
        json.Raw("orders", queue->rows_json.Done());
        json.Bool("more", !queue->over);
        if (!queue->over) json.Text("next", CursorOf(*queue->after));
        JsonObject counts;
        for (std::size_t i = 0; i < queue->counts.size(); ++i) {
          if (queue->counts[i] == 0) continue;
          counts.Number(NameOf(static_cast<Cause>(i)), queue->counts[i]);
        }
        json.Raw("held", counts.Done());
        json.Text("base_currency", queue->currency);
        HttpAnswer answer;
        answer.body = json.Done();
        responder_.Answer(context, std::move(answer));
      });
}

}  // namespace holdfast
