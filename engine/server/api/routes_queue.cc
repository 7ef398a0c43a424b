#include "engine/server/api/routes_queue.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/model/names.h"
#include "engine/server/api/problem.h"

namespace holdfast {

namespace {

enum class QueueSort : std::uint8_t { kRank, kAmount, kAge, kDue, kScore };
constexpr std::string_view kSorts[] = {"rank", "amount", "age", "due", "score"};

// A row of the answer. AddReason adds to `json` what only the log has.
struct QueueRow {
  std::string order_id;
  std::uint64_t offset = 0;  // of its decision
  JsonObject json;
};

// A held order and its place by the sort that was asked for: smaller first, then by order id.
struct QueueKey {
  std::int64_t key = 0;
  std::string order_id;
  auto operator<=>(const QueueKey&) const = default;
};

}  // namespace

struct QueueLook {
  std::string merchant;
  std::optional<Cause> cause;
  bool workable = false;   // without orders that wait for payment
  std::string person;      // only orders that this person has claimed or that are assigned to it
  bool escalated = false;  // only orders that were passed to the administrators
  bool unclaimed = false;  // and not assigned to a person other than `asker`
  std::string asker;
  bool approval = false;    // only orders whose release a second person must approve
  bool answered = false;    // only orders whose buyer has answered a question
  bool dispatched = false;  // only orders that left although they are held
  std::string country;      // only orders that go there
  std::optional<std::int64_t> least, most;  // amounts in minor units of the base currency
  std::optional<EventTime> held_before;
  EventTime now;
  std::uint64_t rows = 100;
  QueueSort sort = QueueSort::kRank;
  std::uint64_t page = 0;  // from 1; 0: pages by `after`, in the order of the queue
  bool ByKey() const { return page > 0; }
  // True when a filter reads the order's state.
  bool ReadsOrders() const { return approval || answered || dispatched || !country.empty(); }

  std::optional<QueuePlace> after;
  bool over = false;
  std::uint64_t count = 0;     // of the orders that were found
  std::vector<QueueKey> keys;  // ByKey: the first of them; see AddKey
  std::vector<QueueRow> found;
  HeldCounts counts{};
  std::string currency;
};

namespace {

constexpr std::uint64_t kQueueMost = 1'000;
// Orders that are read in one turn of the fold, which waits meanwhile. An order whose state is read
// counts as kReadCost orders.
constexpr std::size_t kTurn = 20'000, kReadCost = 10;
// Rows up to the end of a page by number. They are sorted in memory.
constexpr std::uint64_t kSortedMost = 100'000;

bool IsWanted(const QueueLook& queue, const Held& held) {
  const bool claimed = !held.claimed_by.empty() && held.claimed_until > queue.now;
  if (queue.cause && held.cause != *queue.cause) return false;
  if (queue.workable && held.cause == Cause::kFunds) return false;
  const bool mine =
      (claimed && held.claimed_by == queue.person) || held.assigned_to == queue.person;
  if (!queue.person.empty() && !mine) return false;
  if (queue.escalated && !held.escalated) return false;
  const bool others = !held.assigned_to.empty() && held.assigned_to != queue.asker;
  if (queue.unclaimed && (claimed || others)) return false;
  // An unknown amount may be any amount.
  if (queue.least && held.amount && *held.amount < *queue.least) return false;
  if (queue.most && (!held.amount || *held.amount > *queue.most)) return false;
  return !queue.held_before || held.since <= *queue.held_before;
}

JsonObject RowOf(const Engine& engine, const std::string& merchant, const std::string& order_id,
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
    std::int64_t items = 0;
    for (const Item& item : order.items) items += item.quantity;
    row.Number("items", items);
    row.Bool("answered", !state->answers.empty());
    row.Bool("dispatched", !state->dispatched.empty());
    row.Raw("tags", JsonTexts(state->review.tags));
    const Event* waiting = VerdictOf(*state, engine.pack(), nullptr).waiting;
    if (waiting != nullptr) row.Text("released_by", waiting->review->by);
  }
  if (held.amount) {
    row.Text("amount_base", FormatMinor(*held.amount, engine.pack().amounts->base()));
  }
  row.Raw("held", HeldJson(held));
  return row;
}

// Whether the order's state fits the filters that read it.
bool IsWantedOrder(const Engine& engine, const QueueLook& queue, const std::string& order_id) {
  const OrderState* state = engine.store().FindOrder(queue.merchant, order_id);
  if (state == nullptr) return false;
  if (queue.answered && state->answers.empty()) return false;
  if (queue.dispatched && state->dispatched.empty()) return false;
  if (!queue.country.empty() &&
      (state->order == nullptr || state->order->order->shipping.address.country != queue.country)) {
    return false;
  }
  return !queue.approval || VerdictOf(*state, engine.pack(), nullptr).waiting != nullptr;
}

// The place of an order by the sort: the largest amount or score, the longest hold, or the earliest
// review is first. An unknown amount may be any amount and is first.
std::int64_t KeyOf(QueueSort sort, const Held& held, std::uint64_t number) {
  switch (sort) {
    case QueueSort::kRank:
      return static_cast<std::int64_t>(number);
    case QueueSort::kAmount:
      return held.amount ? -*held.amount : std::numeric_limits<std::int64_t>::min();
    case QueueSort::kAge:
      return held.since.nanos;
    case QueueSort::kDue:
      return held.review_by.nanos;
    case QueueSort::kScore:
      return -held.score;
  }
  return 0;
}

// Keeps the keys up to the end of the page, and at most as many more until they are sorted out.
void AddKey(QueueLook& queue, QueueKey key) {
  const auto needed = static_cast<std::ptrdiff_t>(queue.page * queue.rows);
  queue.keys.push_back(std::move(key));
  if (std::ssize(queue.keys) < 2 * needed) return;
  std::nth_element(queue.keys.begin(), queue.keys.begin() + needed, queue.keys.end());
  queue.keys.resize(static_cast<std::size_t>(needed));
}

// Runs in the fold. Reads the next orders of the queue.
void LookOn(const Engine& engine, QueueLook& queue) {
  queue.counts = engine.store().CountHeld(queue.merchant);
  queue.currency = engine.pack().amounts->base().code();
  queue.over = true;
  if (queue.cause && queue.counts[static_cast<std::size_t>(*queue.cause)] == 0) return;
  std::size_t seen = 0;
  const std::string* order_last = nullptr;
  const Held* held_last = nullptr;
  const auto visit = [&](const std::string& order_id, const Held& held) {
    // Orders that wait for payment come after all others.
    if (queue.workable && held.cause == Cause::kFunds) return false;
    if ((!queue.ByKey() && queue.count == queue.rows) || ++seen > kTurn) {
      queue.over = false;
      return false;
    }
    order_last = &order_id;
    held_last = &held;
    if (!IsWanted(queue, held)) return true;
    if (queue.ReadsOrders()) {
      seen += kReadCost - 1;
      if (!IsWantedOrder(engine, queue, order_id)) return true;
    }
    ++queue.count;
    if (queue.ByKey()) {
      AddKey(queue, {KeyOf(queue.sort, held, queue.count), order_id});
    } else {
      queue.found.push_back({order_id, held.offset, RowOf(engine, queue.merchant, order_id, held)});
    }
    return true;
  };
  engine.store().ForQueue(queue.merchant, !queue.person.empty(), queue.after, visit);
  if (order_last != nullptr) queue.after = PlaceOf(*order_last, *held_last);
}

// Runs in the fold. Reads the orders of the page from the sorted keys. An order that is no longer
// held is left out.
void ReadPage(const Engine& engine, QueueLook& queue) {
  const std::size_t begin = (queue.page - 1) * queue.rows;
  const std::size_t end = std::min(begin + queue.rows, queue.keys.size());
  for (std::size_t i = begin; i < end; ++i) {
    const std::string& order_id = queue.keys[i].order_id;
    const auto held = engine.store().HeldOf(queue.merchant, order_id);
    if (!held) continue;
    queue.found.push_back({order_id, held->offset, RowOf(engine, queue.merchant, order_id, *held)});
  }
}

// Adds to a row the main reason of the decision that holds the order: its rule and its text.
void AddReason(const EventLog& log, const std::string& merchant, QueueRow& row) {
  std::string memory;
  const auto record = log.At(row.offset, memory);
  if (!record || record->decision.empty()) return;
  // An offset may have changed since it was copied.
  if (ReadDecisionOrder(record->decision) != row.order_id ||
      ReadDecisionMerchant(record->decision) != merchant) {
    return;
  }
  const auto decision = JsonDocument::Parse(record->decision);
  if (!decision) return;
  for (const JsonValue& reason : decision->root()["reasons"].list()) {
    const std::string_view effect = reason["effect"].text();
    if (!IsHolding(ValueOf<Effect>(effect))) continue;
    row.json.Text("rule", reason["rule"].text()).Text("reason", reason["text"].text());
    return;
  }
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
  json.GivenText("assigned_to", held.assigned_to);
  if (held.escalated) json.Bool("escalated", true);
  return json.Done();
}

namespace {

// Reads the filters, the sort and the page of a request into `queue`. Returns what is wrong with
// them, or nothing.
std::string ReadFilters(const HttpRequest& request, Currency base, QueueLook& queue) {
  const std::string cause = request.Query("cause");
  const auto causes = NamesOf<Cause>();
  if (!cause.empty()) {
    const auto at = std::find(causes.begin() + 1, causes.end(), cause);
    if (at == causes.end()) {
      return "cause must be " + OrList({causes.begin() + 1, causes.end()}, 20);
    }
    queue.cause = static_cast<Cause>(at - causes.begin());
  }
  bool mine = false;
  for (const auto& [name, flag] : {std::pair("mine", &mine),
                                   {"workable", &queue.workable},
                                   {"unclaimed", &queue.unclaimed},
                                   {"escalated", &queue.escalated},
                                   {"approval", &queue.approval},
                                   {"answered", &queue.answered},
                                   {"dispatched", &queue.dispatched}}) {
    const std::string text = request.Query(name);
    if (!text.empty() && text != "true" && text != "false") {
      return std::string(name) + " must be true or false";
    }
    *flag = text == "true";
  }
  if (mine) queue.person = queue.asker;
  if (const std::string limit = request.Query("limit");
      !limit.empty() && !ParseNumber<std::uint64_t>(limit)) {
    return "limit must be a number";
  }
  queue.country = request.Query("country");
  for (char& c : queue.country) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const bool letters = std::all_of(queue.country.begin(), queue.country.end(),
                                   [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!queue.country.empty() && (queue.country.size() != 2 || !letters)) {
    return "country must be a code of two letters, such as DE";
  }
  for (const auto& [name, bound] :
       {std::pair("min_amount", &queue.least), {"max_amount", &queue.most}}) {
    const std::string text = request.Query(name);
    if (text.empty()) continue;
    const auto minor = ParseMinor(text, base);
    if (!minor) return std::string(name) + " must be an amount in " + std::string(base.code());
    *bound = *minor;
  }
  if (const std::string text = request.Query("held_for"); !text.empty()) {
    const auto span = ParseSpan(text);
    if (!span) return "held_for must be a time such as 90m, 24h or 3d";
    queue.held_before = EventTime{queue.now.nanos - *span};
  }
  return {};
}

// The same for the sort and the page.
std::string ReadPlace(const HttpRequest& request, QueueLook& queue) {
  queue.rows = std::max<std::uint64_t>(QueryNumber(request, "limit", 100, kQueueMost), 1);
  const std::string sort = request.Query("sort"), page = request.Query("page"),
                    after = request.Query("after");
  if (!sort.empty()) {
    const auto at = std::find(std::begin(kSorts), std::end(kSorts), sort);
    if (at == std::end(kSorts)) {
      return "sort must be " + OrList({std::begin(kSorts), std::end(kSorts)}, 20);
    }
    queue.sort = static_cast<QueueSort>(at - std::begin(kSorts));
  }
  if (!page.empty()) {
    queue.page = ParseNumber<std::uint64_t>(page).value_or(0);
    const std::uint64_t most = kSortedMost / queue.rows;
    if (queue.page == 0 || queue.page > most) {
      return "page must be a number from 1 to " + std::to_string(most);
    }
  } else if (queue.sort != QueueSort::kRank) {
    queue.page = 1;
  }
  if (after.empty()) return {};
  if (queue.ByKey()) return "after is a place in the order of the queue; use page with this sort";
  queue.after = ReadCursor(after);
  return queue.after ? std::string() : "after must be what `next` of an answer was";
}

}  // namespace

void QueueRoutes::GetQueue(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const HttpRequest& request = context->request;
  const auto queue = std::make_shared<QueueLook>();
  queue->merchant = *merchant;
  queue->now = runtime_.Now();
  queue->asker = context->key->Person();
  std::string fault = ReadFilters(request, runtime_.pack()->amounts->base(), *queue);
  if (fault.empty()) fault = ReadPlace(request, *queue);
  if (!fault.empty()) {
    return responder_.Answer(context, Problem(ErrorCode::kUsage, std::move(fault)));
  }
  LookAtQueue(context, queue);
}

// Reads the queue in several turns, so that other orders do not wait long.
void QueueRoutes::LookAtQueue(const ContextPtr& context, const std::shared_ptr<QueueLook>& queue) {
  responder_.ReadState(
      context, queue->merchant, [queue](const Engine& engine) { LookOn(engine, *queue); },
      [this, context, queue] {
        const bool enough = !queue->ByKey() && queue->count >= queue->rows;
        if (!queue->over && !enough) return LookAtQueue(context, queue);
        if (!queue->ByKey()) return AnswerQueue(context, *queue);
        std::sort(queue->keys.begin(), queue->keys.end());
        responder_.ReadState(
            context, queue->merchant, [queue](const Engine& engine) { ReadPage(engine, *queue); },
            [this, context, queue] { AnswerQueue(context, *queue); });
      });
}

void QueueRoutes::AnswerQueue(const ContextPtr& context, QueueLook& queue) {
  JsonList orders;
  for (QueueRow& row : queue.found) {
    AddReason(runtime_.log(), queue.merchant, row);
    orders.Add(row.json.Done());
  }
  JsonObject json;
  json.Raw("orders", orders.Done());
  if (queue.ByKey()) {
    json.Bool("more", queue.count > queue.page * queue.rows);
    json.Number("page", queue.page);
    json.Number("pages", std::max<std::uint64_t>((queue.count + queue.rows - 1) / queue.rows, 1));
    json.Number("matching", queue.count);
  } else {
    json.Bool("more", !queue.over);
    if (!queue.over) json.Text("next", CursorOf(*queue.after));
  }
  JsonObject counts;
  for (std::size_t i = 0; i < queue.counts.size(); ++i) {
    if (queue.counts[i] == 0) continue;
    counts.Number(NameOf(static_cast<Cause>(i)), queue.counts[i]);
  }
  json.Raw("held", counts.Done());
  json.Text("base_currency", queue.currency);
  HttpAnswer answer;
  answer.body = json.Done();
  responder_.Answer(context, std::move(answer));
}

}  // namespace holdfast
