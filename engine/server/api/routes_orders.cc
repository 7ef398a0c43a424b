#include "engine/server/api/routes_orders.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/model/names.h"
#include "engine/orders/answers.h"
#include "engine/pipeline/replay.h"
#include "engine/pipeline/reviews.h"
#include "engine/server/api/ledger_json.h"
#include "engine/server/api/order_links.h"
#include "engine/server/api/problem.h"
#include "engine/server/api/routes_queue.h"
#include "engine/server/deliveries.h"

namespace holdfast {

// A copy of an order's state for another thread.
struct OrderSnapshot {
  bool known = false;
  OrderState state;
  std::optional<Held> held;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> evidence_missing;  // see Engine::EvidenceMissing
  std::vector<Engine::CountAround> counts;
  ReviewPolicy policy;
  std::string verdict = "null";
  std::string funds = "null";       // see LedgerJson
  std::string answers = "[]";       // see AnswersJson
  std::set<std::string> confirmed;  // the requests with a valid answer
};

namespace {

// The last decision by a person, and whether it is still in force.
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

std::string_view NameOf(AnswerStanding standing) {
  switch (standing) {
    case AnswerStanding::kConfirmed:
      return "confirmed";
    case AnswerStanding::kNeedsSecond:
      return "needs_second_person";
    default:
      return "not_valid";
  }
}

// The last answer to each request, with the person who recorded it.
std::string AnswersJson(const OrderState& state, const Pack& pack) {
  JsonList answers;
  for (const auto& [request, event] : state.answers) {
    JsonObject one;
    one.Text("request", request);
    one.Text("at", FormatRfc3339(event->occurred_at));
    one.Text("from", event->confirmation->from);
    one.GivenText("by", event->confirmation->by);
    one.Text("standing", NameOf(StandingOf(state, request, pack.funds, *pack.amounts)));
    answers.Add(one.Done());
  }
  return answers.Done();
}

std::function<void(const Engine&)> CopyOf(std::shared_ptr<OrderSnapshot> snapshot,
                                          std::string merchant, std::string order_id,
                                          EventTime now) {
  return [snapshot = std::move(snapshot), merchant = std::move(merchant),
          order_id = std::move(order_id), now](const Engine& engine) {
    const OrderState* state = engine.store().FindOrder(merchant, order_id);
    if (state == nullptr) return;
    snapshot->known = true;
    snapshot->state = *state;
    snapshot->held = engine.store().HeldOf(merchant, order_id);
    if (state->order == nullptr) return;
    snapshot->facts = engine.FactTexts(merchant, order_id);
    snapshot->evidence_missing = engine.EvidenceMissing(merchant, order_id);
    snapshot->counts = engine.CountsAround(merchant, order_id, now);
    snapshot->policy = engine.pack().review;
    snapshot->verdict = VerdictJson(*state, engine.pack());
    snapshot->funds = LedgerJson(*state, engine.pack());
    snapshot->answers = AnswersJson(*state, engine.pack());
    for (const auto& [request, asked] : state->review.asked) {
      if (IsConfirmed(*state, request, engine.pack().funds, *engine.pack().amounts)) {
        snapshot->confirmed.insert(request);
      }
    }
  };
}

std::string HistoryJson(const std::vector<Engine::CountAround>& counts) {
  JsonObject before, since;
  for (const Engine::CountAround& count : counts) {
    before.Number(count.name, count.before);
    since.Number(count.name, count.since);
  }
  return JsonObject().Raw("before", before.Done()).Raw("since", since.Done()).Done();
}

std::string EventJson(const EventPtr& event) {
  std::string json;
  if (event == nullptr) return "null";
  WriteEvent(*event, json);
  return json;
}

std::string TemplatesJson(const ReviewPolicy& policy) {
  JsonObject templates;
  for (const auto& [name, languages] : policy.templates) {
    JsonObject texts;
    for (const auto& [language, text] : languages) texts.Text(language, text);
    templates.Raw(name, texts.Done());
  }
  return templates.Done();
}

std::string ReviewJson(const OrderSnapshot& snapshot, const std::string& merchant,
                       const ServiceRuntime& runtime) {
  const ReviewState& review = snapshot.state.review;
  JsonObject json;
  if (review.claim != nullptr) {
    json.Text("claimed_by", review.claim->review->by);
    json.Text("claimed_until", FormatRfc3339(*review.claim->review->until));
  }
  if (review.assigned != nullptr) {
    json.Text("assigned_to", review.assigned->review->person);
    json.Text("assigned_by", review.assigned->review->by);
  }
  if (review.escalated != nullptr) {
    json.Text("escalated_by", review.escalated->review->by);
    json.Text("escalated_why", review.escalated->review->note);
  }
  json.Raw("verdict", snapshot.verdict);
  json.Raw("tags", JsonTexts(review.tags));
  JsonList questions;
  for (const auto& [request, event] : review.asked) {
    JsonObject one;
    one.Text("request", request);
    one.Text("by", event->review->by);
    one.Text("at", FormatRfc3339(event->occurred_at));
    one.Text("to", event->review->to);
    one.Bool("confirmed", snapshot.confirmed.contains(request));
    one.Raw("deliveries", DeliveriesJson(runtime, merchant, event->offset));
    questions.Add(one.Done());
  }
  json.Raw("asked", questions.Done());
  json.Raw("answers", snapshot.answers);
  json.Raw("release_reasons", JsonTexts(snapshot.policy.release_reasons));
  json.Raw("reject_reasons", JsonTexts(snapshot.policy.reject_reasons));
  json.Raw("hold_reasons", JsonTexts(snapshot.policy.hold_reasons));
  json.Raw("templates", TemplatesJson(snapshot.policy));
  return json.Done();
}

std::string EventsJson(const Events& events) {
  JsonList list;
  for (const auto& [parcel, event] : events) list.Add(EventJson(event));
  return list.Done();
}

// Who may release an order that does not ship, or "null".
std::string ReleaseJson(const OrderState& state, const Pack& pack, const JsonValue& decision) {
  if (state.order == nullptr || !state.outcome || *state.outcome == Outcome::kShip) return "null";
  std::vector<std::string_view> rules;
  for (const JsonValue& reason : decision["reasons"].list()) {
    const auto effect = ValueOf<Effect>(reason["effect"].text());
    if (effect == Effect::kReject || IsHolding(effect)) rules.push_back(reason["rule"].text());
  }
  const ReleaseTerms terms = TermsOfRelease(state, pack, rules);
  return JsonObject()
      .Text("role", NameOf(terms.role))
      .Bool("second_person", terms.second_person)
      .Done();
}

// True when a record of the log is about this order. A copy made during a batch of several shards
// may have offsets that changed later.
bool IsOf(const LogRecord& record, const std::string& merchant, const std::string& order_id) {
  const auto event = ReadRecord(record);
  return event && (*event)->merchant == merchant && (*event)->order_id == order_id;
}

HttpAnswer UnknownOrder(const std::string& merchant, const std::string& order_id) {
  return Problem(ErrorCode::kUnknownOrder,
                 "order '" + order_id + "' of the seller '" + merchant + "' is not known");
}

}  // namespace

void OrderRoutes::ReadOrder(
    const ContextPtr& context,
    std::function<void(const std::string& merchant, const OrderSnapshot& snapshot)> then) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const auto snapshot = std::make_shared<OrderSnapshot>();
  responder_.ReadState(context, *merchant,
                       CopyOf(snapshot, *merchant, context->parts[0], runtime_.Now()),
                       [this, context, snapshot, merchant, then = std::move(then)] {
                         if (snapshot->known) return then(*merchant, *snapshot);
                         responder_.Answer(context, UnknownOrder(*merchant, context->parts[0]));
                       });
}

void OrderRoutes::GetOrder(const ContextPtr& context) {
  ReadOrder(context, [this, context](const std::string& merchant, const OrderSnapshot& snapshot) {
    const OrderState& state = snapshot.state;
    JsonObject json;
    json.Text("order_id", context->parts[0]);
    json.Text("merchant", merchant);
    json.Raw("order", EventJson(state.order));
    json.Raw("payment", EventJson(state.payment));
    json.Raw("funds", snapshot.funds);
    json.Bool("cancelled", state.cancelled);
    json.Raw("held", snapshot.held ? HeldJson(*snapshot.held) : "null");
    const auto permits = runtime_.permits();
    std::string memory, decision = "null";
    if (state.decided != 0) {
      const auto record = runtime_.log().At(state.decided, memory);
      const bool mine = record && IsOf(*record, merchant, context->parts[0]);
      if (mine && !record->decision.empty()) decision = record->decision;
    }
    SetPermit(permits->signer(), decision);
    json.Raw("decision", decision);
    const auto said = JsonDocument::Parse(decision);
    json.Raw("release", said ? ReleaseJson(state, *runtime_.pack(), said->root()) : "null");
    json.Raw("review", ReviewJson(snapshot, merchant, runtime_));
    JsonObject facts;
    for (const auto& [name, text] : snapshot.facts) facts.Text(name, text);
    json.Raw("facts", facts.Done());
    json.Raw("history", HistoryJson(snapshot.counts));
    json.Raw("links", OrderLinksJson(runtime_.config()->links, merchant, context->parts[0], state));
    json.Raw("packed", EventsJson(state.packed));
    json.Raw("dispatched", EventsJson(state.dispatched));
    json.Raw("evidence_missing", JsonTexts(snapshot.evidence_missing));
    JsonList history;
    for (const std::uint64_t offset : state.history) {
      const auto record = runtime_.log().At(offset, memory);
      if (!record || !IsOf(*record, merchant, context->parts[0])) continue;
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
    responder_.Answer(context, std::move(answer));
  });
}

void OrderRoutes::GetOrderDecisions(const ContextPtr& context) {
  ReadOrder(context, [this, context](const std::string& merchant, const OrderSnapshot& snapshot) {
    JsonList list;
    std::string memory;
    for (const std::uint64_t offset : snapshot.state.history) {
      const auto record = runtime_.log().At(offset, memory);
      if (!record || record->decision.empty()) continue;
      if (!IsOf(*record, merchant, context->parts[0])) continue;
      std::string decision(record->decision);
      // A decision that is no longer valid gets no permit.
      const bool stands = offset == snapshot.state.decided;
      SetPermit(stands ? runtime_.permits()->signer() : nullptr, decision);
      list.Add(decision);
    }
    HttpAnswer answer;
    answer.body = JsonObject().Raw("decisions", list.Done()).Done();
    responder_.Answer(context, std::move(answer));
  });
}

}  // namespace holdfast
