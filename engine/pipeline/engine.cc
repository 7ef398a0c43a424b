#include "engine/pipeline/engine.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/codec/json.h"
#include "engine/decide/deadline.h"
#include "engine/decide/packing.h"
#include "engine/decide/permit.h"
#include "engine/funds/account.h"
#include "engine/funds/read_reports.h"
#include "engine/model/names.h"
#include "engine/orders/order_ledger.h"
#include "engine/pipeline/own_events.h"
#include "engine/pipeline/reviews.h"

namespace holdfast {
namespace {

// Whose fold changes what is decided about an order.
bool Redecides(EventType type) {
  switch (type) {
    case EventType::kOrderPlaced:
    case EventType::kOrderAmended:
    case EventType::kOrderCancelled:
    case EventType::kPaymentUpdated:
    case EventType::kRefundIssued:
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
    case EventType::kBuyerMessage:
    case EventType::kBuyerConfirmed:
    case EventType::kShipmentPacked:
    case EventType::kReviewReleased:
    case EventType::kReviewRejected:
    case EventType::kReviewHeld:
    case EventType::kReviewAsked:
    case EventType::kReviewApproved:
    case EventType::kReviewRescored:
    case EventType::kReviewPaid:
    case EventType::kTimerFired:
      return true;
    default:
      return false;
  }
}

// A deadline that an event is further behind than this does not come by it.
constexpr std::int64_t kTimerReach = 30 * 24 * 3600 * kNanosPerSecond;
// Deadlines that come with one event; the rest come with the next.
constexpr int kTimersAnEvent = 1000;

std::string Named(std::string_view id) { return "'" + std::string(id) + "'"; }

}  // namespace

Engine::Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store)
    : pack_(std::move(pack)), store_(std::move(store)) {
  // The decider knows the lists' values, the features need them, the decider reads features.
  features_ = std::make_unique<FeatureFold>(pack_->features, *store_);
  links_ = std::make_unique<Links>(*store_);
  names_ = std::make_unique<OrderNames>(pack_->funds, *store_);
  money_ = std::make_unique<OrderMoney>(*pack_, *names_);
  decider_ = std::make_unique<Decider>(pack_, *store_, *features_);
  features_->SetConstants(decider_->constants());
}

// Events of deadlines come by themselves. From outside only a log brings them, that is read again:
// each where it came then.
Status Engine::CheckDeadline(const Event& event, bool decide) const {
  const bool whole = event.type == EventType::kTimerFired && event.timer->due_at &&
                     event.occurred_at == *event.timer->due_at &&
                     event.id == DeadlineId(*event.timer->due_at, event.order_id);
  if (!whole) {
    return Fail(ErrorCode::kInvalidInput, "id",
                "ids that begin with 'deadline ' are those of deadlines; give another");
  }
  const bool waits = store_->DeadlineOf(event.merchant, event.order_id) == event.timer->due_at;
  if (decide && !waits) {
    return Fail(
        ErrorCode::kInvalidInput, "timer.due_at",
        "order " + Named(event.order_id) + " has no such deadline; deadlines come by themselves");
  }
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  if (!decide && (state == nullptr || state->order == nullptr)) {
    return Fail(ErrorCode::kUnknownOrder, "order.id",
                "order " + Named(event.order_id) + " of this deadline is not known");
  }
  if (!decide && waits) {
    return Fail(
        ErrorCode::kInvalidInput, "timer.due_at",
        "order " + Named(event.order_id) + " waits here for this deadline, which comes by itself");
  }
  return {};
}

Status Engine::Check(const Event& event, bool decide) {
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  const bool known = state != nullptr && state->order != nullptr;
  if (event.type == EventType::kOrderPlaced && known) {
    return Fail(
        ErrorCode::kOrderExists, "order.id",
        "order " + Named(event.order_id) + " was placed before; send order.amended to change it");
  }
  if (event.type == EventType::kOrderAmended && !known) {
    return Fail(ErrorCode::kUnknownOrder, "order.id",
                "order " + Named(event.order_id) + " is not known; send order.placed first");
  }
  if (IsDeadlineId(event.id)) {
    if (Status checked = CheckDeadline(event, decide); !checked) return checked;
  }
  if (decide && PayloadKeyOf(event.type) == "review") {
    if (!known) {
      return Fail(ErrorCode::kUnknownOrder, "order_id",
                  "order " + Named(event.order_id) + " is not known");
    }
    if (Status checked = CheckReview(event, *state, *pack_); !checked) return checked;
  }
  if (decide && known && event.type == EventType::kShipmentPacked && event.shipment != nullptr &&
      state->packed.size() >= OrderState::kMaxParcels &&
      !state->packed.contains(std::string(event.shipment->parcel))) {
    return Fail(ErrorCode::kLimitExceeded, "shipment.parcel",
                "more than " + std::to_string(OrderState::kMaxParcels) + " parcels");
  }
  // Only a log brings what has been joined, as it brings deadlines.
  if (IsJoinedId(event.id) && !event.joined) {
    return Fail(ErrorCode::kInvalidInput, "id",
                "ids that begin with 'joined ' are those of events that waited for their order; "
                "give another");
  }
  if (event.type == EventType::kListChanged) {
    const auto list = std::find_if(pack_->lists.begin(), pack_->lists.end(),
                                   [&](const PackList& l) { return l.name == event.list->name; });
    if (list == pack_->lists.end() || !list->dynamic) {
      return Fail(ErrorCode::kInvalidInput, "list.name",
                  "the pack has no dynamic list " + Named(event.list->name));
    }
    for (const auto& [texts, name] :
         {std::pair(event.list->add, "add"), {event.list->remove, "remove"}}) {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string fault = FaultOfEntry(list->type, NormaliseEntry(list->type, texts[i]));
        if (fault.empty()) continue;
        return Fail(ErrorCode::kInvalidInput,
                    "list." + std::string(name) + "[" + std::to_string(i) + "]", fault);
      }
    }
  }
  return {};
}

Status Engine::CheckSeen(const Event& event, std::uint64_t seen) const {
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  const auto due = store_->DeadlineOf(event.merchant, event.order_id);
  const bool is_due = due && *due <= event.occurred_at;
  if (state == nullptr || (state->decided == seen && !is_due)) return {};
  if (state->decided == seen) {
    return Fail(ErrorCode::kConflict, {},
                "a deadline of order " + Named(event.order_id) + " came at " + FormatRfc3339(*due));
  }
  return Fail(ErrorCode::kConflict, {},
              "order " + Named(event.order_id) + " has changed; look at it again");
}

Result<Applied> Engine::Apply(const std::shared_ptr<Event>& event, const Fired& fired, bool decide,
                              const Terms& terms) {
  SetPaymentName(*event, pack_->funds);
  if (const RememberedEvent* first = store_->FindEvent(event->merchant, MemoryId(*event))) {
    if (first->digest == event->digest) {
      Applied again;
      again.duplicate = true;
      again.offset = first->offset;
      return again;
    }
    return Fail(ErrorCode::kDuplicateConflict, "id",
                "the event id " + Named(event->id) + " was used before with other content");
  }
  const bool joined = names_->Join(*event);
  Status checked;
  if (terms.seen) checked = CheckSeen(*event, *terms.seen);
  if (checked) checked = Check(*event, decide);
  if (checked && terms.keeps_lines && event->type == EventType::kOrderAmended) {
    const OrderState* state = store_->FindOrder(event->merchant, event->order_id);
    checked = CheckLinesStay(*state->order->order, *event->order);
  }
  if (checked) checked = names_->CheckRoom(*event);
  if (!checked) return tl::unexpected(checked.error());
  const bool quiet = names_->IsQuiet(*event);
  if (fired && decide) FireBefore(*event, quiet, fired);
  const Deciding deciding = decide ? Deciding::kWords : Deciding::kNot;
  if (!quiet) {
    for (const std::shared_ptr<Event>& waited : names_->Before(*event)) {
      waited->offset = ++last_;
      Applied applied = ApplyOne(waited, deciding);
      if (fired) fired(waited, std::move(applied));
    }
  }
  event->offset = ++last_;
  Applied applied = ApplyOne(event, deciding);
  applied.joined = joined;
  return applied;
}

void Engine::FireBefore(const Event& event, bool quiet, const Fired& fired) {
  for (int count = 0; count < kTimersAnEvent; ++count) {
    const auto timer = DueBefore(event);
    // An exported log brings the event of a deadline itself.
    if (timer == nullptr || timer->id == event.id) break;
    timer->offset = ++last_;
    fired(timer, ApplyOne(timer, Deciding::kWords));
  }
  for (const auto& alert : AlertsOf(event, quiet)) {
    alert->offset = ++last_;
    fired(alert, ApplyOne(alert, Deciding::kWords));
  }
}

void Engine::FireDeadlines(EventTime now, std::size_t most, const Fired& fired) {
  for (const auto& [merchant, deadline] : store_->DeadlinesUntil(now, most)) {
    const auto timer = TimerOf(merchant, deadline);
    timer->offset = ++last_;
    fired(timer, ApplyOne(timer, Deciding::kWords));
  }
}

// The alerts that are raised before the event is taken.
std::vector<std::shared_ptr<Event>> Engine::AlertsOf(const Event& event, bool quiet) const {
  std::vector<std::shared_ptr<Event>> alerts;
  if (auto alert = AlertOf(event)) alerts.push_back(std::move(alert));
  // One for each pair of orders.
  const auto raise = [&](const char* name, std::string_view other, const std::string& text) {
    const std::string about = std::string(event.order_id) + " " + std::string(other);
    auto alert = MakeAlert(event.merchant, event.order_id, name, about, event.occurred_at, text);
    if (store_->FindEvent(event.merchant, MemoryIdOf(alert->id)) == nullptr) {
      alerts.push_back(std::move(alert));
    }
  };
  if (event.order_id.empty() || event.joined) return alerts;
  const auto order = [&event] { return "Order " + std::string(event.order_id); };
  if (const std::string other = quiet ? "" : names_->OtherOwnerOf(event); !other.empty()) {
    raise("payment-of-two-orders", other,
          order() + " names a payment that order " + other + " named first (" +
              std::string(event.id) + "): ask the provider whose it is");
  }
  if (const std::string_view number = names_->Ambiguous(event); !number.empty()) {
    raise("number-of-two-orders", number,
          order() + " is said to be number " + std::string(number) +
              ", which is another order's: reports under that number do not reach it");
  }
  return alerts;
}

// Of an order that leaves though its last decision was not to ship it; null where all is well.
std::shared_ptr<Event> Engine::AlertOf(const Event& event) const {
  if (event.type != EventType::kShipmentDispatched) return nullptr;
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  const bool known = state != nullptr && state->order != nullptr;
  // Of history that was taken over nothing was decided.
  if (known && !state->outcome && !state->cancelled) return nullptr;
  std::string what = !known                               ? "is not known"
                     : state->cancelled                   ? "was cancelled"
                     : state->outcome == Outcome::kHold   ? "is held"
                     : state->outcome == Outcome::kReject ? "was rejected"
                                                          : "";
  if (what.empty()) what = FaultOfPermit(event, *state);
  if (what.empty()) return nullptr;
  auto alert =
      MakeAlert(event.merchant, event.order_id, "shipped-while-held", event.id, event.occurred_at,
                "Order " + std::string(event.order_id) + " was dispatched, but it " + what);
  if (store_->FindEvent(event.merchant, MemoryIdOf(alert->id)) != nullptr) return nullptr;
  return alert;
}

// What is wrong with the permit with which a parcel of an order that is to be shipped leaves;
// empty: nothing.
std::string Engine::FaultOfPermit(const Event& event, const OrderState& state) const {
  const std::string_view token =
      event.shipment == nullptr ? std::string_view() : event.shipment->permit;
  if (token.empty()) return pack_->permit_required ? "has left without its permit" : "";
  const auto permit = ReadPermit(token);
  if (!permit || event.shipment->permit_refused.value_or(false)) {
    return "has left with a permit that is none of ours";
  }
  if (permit->merchant != event.merchant || permit->order_id != event.order_id) {
    return "has left with the permit of another order";
  }
  const bool stands = permit->claims == state.permit && permit->offset >= state.permit_since;
  return stands ? "" : "has changed since its permit was given";
}

// The event of the merchant's next deadline, if `event` has reached it.
std::shared_ptr<Event> Engine::DueBefore(const Event& event) const {
  // A time so far behind a deadline is a clock that is wrong rather than the next thing to happen.
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  const std::int64_t time = event.occurred_at.nanos;
  const auto next = store_->NextDeadline(
      event.merchant, {time < kFirst + kTimerReach ? kFirst : time - kTimerReach});
  if (!next || next->due > event.occurred_at) return nullptr;
  return TimerOf(event.merchant, *next);
}

std::shared_ptr<Event> Engine::TimerOf(std::string_view merchant, const Deadline& deadline) const {
  auto timer = std::make_shared<Event>();
  Arena& memory = timer->memory;
  timer->type = EventType::kTimerFired;
  timer->merchant = memory.Copy(merchant);
  timer->order_id = memory.Copy(deadline.order_id);
  timer->id = memory.Copy(DeadlineId(deadline.due, deadline.order_id));
  timer->occurred_at = deadline.due;
  timer->timer = new (memory.Allocate(sizeof(Timer))) Timer{memory.Copy("deadline"), deadline.due};
  std::string text;
  WriteEvent(*timer, text);
  timer->digest = Hash64(text);  // as that of the text read again
  return timer;
}

Result<Applied> Engine::Replay(const std::shared_ptr<Event>& event, Deciding deciding,
                               std::string_view decision) {
  const auto damaged = [&](const char* what) {
    return Fail(ErrorCode::kCorrupt, "record " + std::to_string(event->offset), what);
  };
  if (store_->FindEvent(event->merchant, MemoryId(*event)) != nullptr) {
    return damaged("is an event that the log has twice");
  }
  if (event->type == EventType::kOrderAmended) {
    const OrderState* state = store_->FindOrder(event->merchant, event->order_id);
    if (state == nullptr || state->order == nullptr)
      return damaged("amends an order that is not there");
  }
  last_ = event->offset;
  SetPaymentName(*event, pack_->funds);
  Applied applied = ApplyOne(event, deciding, false);
  // What was not decided has set no deadline and holds nothing.
  if (!decision.empty()) {
    const auto head = ReadDecisionHead(decision);
    if (!head) return damaged("has a decision that cannot be read");
    SetStanding(*event, store_->Order(event->merchant, event->order_id), *head);
  }
  return applied;
}

std::uint64_t Engine::OffsetOf(const Event& event) const {
  const RememberedEvent* first = store_->FindEvent(event.merchant, MemoryId(event));
  return first == nullptr ? 0 : first->offset;
}

bool Engine::PermitStands(const Event& event) const {
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  return state != nullptr && state->permit_since != 0 && OffsetOf(event) >= state->permit_since;
}

void Engine::AssignOffset(Event& event, std::uint64_t offset, bool decided) {
  const std::uint64_t before = std::exchange(event.offset, offset);
  Remember(event);
  if (event.order_id.empty() || before == offset) return;
  // The order has noted the offset that the event had; an older event may have had the same.
  OrderState& state = store_->Order(event.merchant, event.order_id);
  const auto noted = std::find(state.history.rbegin(), state.history.rend(), before);
  if (noted != state.history.rend()) *noted = offset;
  const bool gave = state.permit_since == before && state.permit_by == event.digest;
  if (decided && gave) state.permit_since = offset;
  if (!decided || state.decided != before) return;
  state.decided = offset;
  if (auto held = store_->HeldOf(event.merchant, event.order_id)) {
    held->offset = offset;
    store_->SetHeld(event.merchant, event.order_id, held);
  }
}

void Engine::Remember(const Event& event) {
  store_->RememberEvent(event.merchant, MemoryId(event), {event.digest, event.offset});
}

// Keeps what a decision means for its order until the next one.
void Engine::SetStanding(const Event& event, OrderState& state, const DecisionHead& head) {
  state.decided = event.offset;
  state.outcome = head.outcome;
  if (head.permit.empty()) {
    state.permit_since = 0;
  } else if (state.permit_since == 0 || state.permit != head.permit) {
    state.permit_since = event.offset;
    state.permit_by = event.digest;
  }
  state.permit = head.permit;
  if (event.type == EventType::kReviewReleased || event.type == EventType::kReviewApproved) {
    state.review.covers = head.released;
    state.review.score = head.score;
  }
  store_->SetDeadline(event.merchant, event.order_id, head.deadline);
  std::optional<Held> held;
  if (head.outcome == Outcome::kHold) {
    const auto before = store_->HeldOf(event.merchant, event.order_id);
    held.emplace();
    held->since = before ? before->since : head.decided_at;
    held->review_by = head.review_by.value_or(head.decided_at);
    held->cause = head.cause;
    held->score = head.score;
    held->offset = event.offset;
    held->amount = BaseTotal(state, *pack_);
    held->rank = RankOf(*held, head.deadline, pack_->amounts->base());
    SetClaim(*held, state.review);
  }
  store_->SetHeld(event.merchant, event.order_id, held);
}

void Engine::Prefetch(const Event& event) const {
  store_->WarmEvent(event.merchant, MemoryId(event), event.order_id);
}

const std::string& Engine::RecordFacts() {
  if (!schema_) schema_.emplace(*pack_);
  pack_id_ = PackIdOf(*pack_);
  return schema_->text();
}

Status Engine::GiveRuling(const FactRow& row, const FactMap& map, std::string& ruling) {
  decider_->UseMerchant(row.merchant);
  return decider_->GiveRuling(row, map, ruling);
}

// Empty unless facts are recorded.
std::string Engine::FactsOf(const Event& event, const OrderState* state, const Applied& applied) {
  std::string facts;
  if (!schema_) return facts;
  FactRow row;
  row.occurred_at = event.occurred_at;
  row.merchant = event.merchant;
  row.order_id = event.order_id;
  row.changes_list = event.type == EventType::kListChanged;
  if (state != nullptr) row.evidence = EvidenceOf(event, *state);
  std::string ruling, values;
  if (applied.decision) {
    row.decided = true;
    row.pack = pack_id_;
    row.late = IsLate(*state);
    row.placed_at = *state->placed_at;
    row.amount = BaseTotal(*state, *pack_);
    PutRuling(RulingOf(*applied.decision), ruling);
    row.ruling = ruling;
    row.judged = state->review.verdict == nullptr;
    if (row.judged) decider_->Record(ContextOf(event, *state), *schema_, row, values);
  }
  PutFactRow(row, facts);
  return facts;
}

// With `stands` what is decided is what the order goes by until the next decision.
Applied Engine::ApplyOne(const EventPtr& event, Deciding deciding, bool stands) {
  features_->Begin();
  Applied applied;
  applied.offset = event->offset;
  Remember(*event);
  if (event->type == EventType::kListChanged) {
    ChangeList(*event);
    applied.facts = FactsOf(*event, nullptr, applied);
    return applied;
  }
  if (event->order_id.empty()) {
    applied.parked = !event->references.empty();
    names_->Keep(event);
    applied.facts = FactsOf(*event, nullptr, applied);
    return applied;
  }
  names_->Keep(event);
  OrderState& state = store_->Order(event->merchant, event->order_id);
  if (state.history.size() == OrderState::kHistory) state.history.erase(state.history.begin());
  state.history.push_back(event->offset);
  if (event->type == EventType::kAlertRaised) {
    applied.facts = FactsOf(*event, nullptr, applied);
    return applied;
  }
  state.latest = std::max(state.latest, event->occurred_at);
  decider_->UseMerchant(event->merchant);
  const bool released = IsReleased(state.review);
  const EventPtr paid_before = released ? state.payment : nullptr;
  const FundsCertainty before = released ? CertaintyOf(state) : FundsCertainty::kNone;
  Fold(event, state);
  if (released && IsReleased(state.review) && event != state.review.verdict &&
      EndsRelease(*event, state, before, PaymentIn(paid_before.get()))) {
    state.review.voided_by = event;
  }
  const bool decides = Redecides(event->type) && state.order != nullptr;
  if (decides && deciding == Deciding::kRuling) {
    decider_->GiveRuling(ContextOf(*event, state), applied.ruling);
  } else if (decides && deciding == Deciding::kWords) {
    applied.decision = decider_->Decide(ContextOf(*event, state), applied.offset);
    // Of what the order was decided by, before that is what it stands by.
    applied.facts = FactsOf(*event, &state, applied);
    if (stands) SetStanding(*event, state, HeadOf(*applied.decision));
  } else {
    applied.facts = FactsOf(*event, &state, applied);
  }
  return applied;
}

std::optional<Explanation> Engine::Explain(std::string_view merchant, std::string_view order_id) {
  const OrderState* state = store_->FindOrder(merchant, order_id);
  if (state == nullptr || state->order == nullptr) return std::nullopt;
  features_->Begin();
  decider_->UseMerchant(merchant);
  Explanation explanation = decider_->Explain(ContextOf(*state->order, *state), 0);
  OrderLedger ledger;
  MakeLedger(*state, pack_->funds, *pack_->amounts, ledger);
  ledger.funds.sums = state->funds;
  explanation.funds = AccountOf(ledger.funds, *state->order->order->currency);
  return explanation;
}

std::vector<std::pair<std::string, std::string>> Engine::FactTexts(
    std::string_view merchant, std::string_view order_id) const {
  std::vector<std::pair<std::string, std::string>> texts;
  const OrderState* state = store_->FindOrder(merchant, order_id);
  if (state == nullptr || state->order == nullptr) return texts;
  Arena arena;
  FactContext context = ContextOf(*state->order, *state);
  context.arena = &arena;
  const auto facts = holdfast::Facts();
  for (std::size_t slot = 0; slot < facts.size(); ++slot) {
    if (facts[slot].scope == FactScope::kFeatures) continue;
    const cel::Value value = GetFact(static_cast<int>(slot), context);
    if (!value.IsAbsent()) texts.emplace_back(facts[slot].name, cel::ToText(value));
  }
  return texts;
}

FactContext Engine::ContextOf(const Event& event, const OrderState& state) const {
  FactContext context;
  context.event = &event;
  context.order = state.order->order;
  context.state = &state;
  context.amounts = pack_->amounts.get();
  context.products = &pack_->products;
  context.terms = &pack_->funds;
  context.domains = &pack_->domains;
  context.notes = &pack_->notes;
  context.links = links_.get();
  context.now = std::max(state.latest, event.occurred_at);
  const std::string identity = BuyerIdentity(*context.order);
  context.has_buyer = !identity.empty();
  if (context.has_buyer) {
    std::string key;
    MakeEntityKey(kBuyerKind, context.order->merchant, identity, key);
    context.buyer = store_->FindEntity(key);
  }
  return context;
}

void Engine::Fold(const EventPtr& event, OrderState& state) {
  switch (event->type) {
    case EventType::kOrderPlaced:
      return Place(event, state);
    case EventType::kOrderAmended:
      return Amend(event, state);
    case EventType::kOrderCancelled:
      return Cancel(event, state);
    case EventType::kPaymentUpdated: {
      const EventPtr before = state.card;
      KeepPayment(event, state);
      money_->Update(event, state);
      if (pack_->features.links && state.order != nullptr && state.card != before) {
        links_->EnterCard(ContextOf(*event, state), PaymentIn(before.get()));
      }
      return EnterEvent(event, state);
    }
    case EventType::kRefundIssued:
      KeepLatest(
          state.refunds[std::string(event->refund->id.empty() ? event->id : event->refund->id)],
          event);
      money_->Update(event, state);
      return EnterEvent(event, state);
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
      KeepLatest(
          state.disputes[std::string(event->dispute->id.empty() ? event->id : event->dispute->id)],
          event);
      money_->Update(event, state);
      return EnterEvent(event, state);
    case EventType::kBuyerMessage:
      return EnterEvent(event, state);
    case EventType::kReviewPaid:
      return money_->Update(event, state);
    case EventType::kBuyerConfirmed:
      return KeepLatest(state.answers[std::string(event->confirmation->request)], event);
    case EventType::kShipmentPacked:
      if (event->shipment == nullptr) return;
      // Of each parcel the last report counts: it was packed again. An empty
      // parcel that the order has not, or no longer has, takes back what was said of it.
      if (event->shipment->items.empty() && state.order != nullptr &&
          !HasParcel(*state.order->order, event->shipment->parcel)) {
        state.packed.erase(std::string(event->shipment->parcel));
        return;
      }
      state.packed[std::string(event->shipment->parcel)] = event;
      return;
    case EventType::kShipmentDispatched:
      // Says more than that it has come, whichever is heard of first.
      if (state.dispatched != nullptr && state.dispatched->type != event->type) {
        state.dispatched = nullptr;
      }
      return KeepLatest(state.dispatched, event);
    case EventType::kShipmentDelivered:
      // What has come has left.
      if (state.dispatched == nullptr) state.dispatched = event;
      return EnterEvent(event, state);
    default:
      if (event->review == nullptr) return;
      TakeReview(event, state.review);
      // A claim changes no decision.
      if (auto held = store_->HeldOf(event->merchant, event->order_id);
          held && event->type == EventType::kReviewClaimed) {
        SetClaim(*held, state.review);
        store_->SetHeld(event->merchant, event->order_id, held);
      }
  }
}

void Engine::Place(const EventPtr& event, OrderState& state) {
  state.order = event;
  state.placed_at = *event->order->placed_at;
  state.placed_address = ShippingDigest(*event->order);
  state.least_total = *event->order->total;
  if (event->order->payment != nullptr) KeepPayment(event, state);
  money_->Update(event, state);
  const FactContext context = ContextOf(*event, state);
  features_->EnterOrder(context, nullptr);
  if (pack_->features.links) links_->EnterOrder(context, nullptr);
  if (event->order->payment != nullptr) EnterReversal(*event, state);
  // Events that came first are counted now, each in its own time.
  for (const EventPtr& parked : std::exchange(state.parked, {})) EnterEvent(parked, state);
}

void Engine::Amend(const EventPtr& event, OrderState& state) {
  // A payment within an amendment is a copy by the shop, at the shop's time: providers report the
  // money in payment.updated.
  const Order& order = *event->order;
  if (order.currency == state.order->order->currency) {
    state.least_total = std::min(state.least_total, *order.total);
  }
  if (ShippingDigest(order) != state.placed_address) {
    state.address_changed_at =
        std::max(state.address_changed_at.value_or(event->occurred_at), event->occurred_at);
  }
  const EventPtr old = state.order;
  // Also an order that was first told of later than it was placed stands as it was by then.
  const bool amended_before =
      old->type == EventType::kOrderAmended || old->occurred_at > *old->order->placed_at;
  if (amended_before &&
      std::tuple(event->occurred_at, event->id) < std::tuple(old->occurred_at, old->id)) {
    return;  // a later amendment is there already
  }
  const FactContext before = ContextOf(*old, state);
  state.order = event;
  money_->Update(event, state);
  const FactContext context = ContextOf(*event, state);
  features_->EnterOrder(context, &before);
  if (pack_->features.links) links_->EnterOrder(context, &before);
}

void Engine::Cancel(const EventPtr& event, OrderState& state) {
  state.cancelled = true;
  if (state.order == nullptr && event->order != nullptr) {
    return EnterOnce(*event->order, kBuyerCancelled, *event, 0);
  }
  EnterEvent(event, state);
}

void Engine::KeepPayment(const EventPtr& event, OrderState& state) {
  const Payment& payment = *PaymentIn(event.get());
  const bool moves = payment.movement.kind != MovementKind::kUnset;
  if (payment.status == PaymentStatus::kNone && !moves) return;
  state.first_paid_at =
      std::min(state.first_paid_at.value_or(event->occurred_at), event->occurred_at);
  if (!payment.card.fingerprint.empty()) KeepLatest(state.card, event);
  if (SaysPaid(payment)) {
    state.certain_at = std::min(state.certain_at.value_or(event->occurred_at), event->occurred_at);
  }
}

// Keeps the later of two words on one matter; of one moment, the one that closes it, then the
// graver, then the greater event id.
void Engine::KeepLatest(EventPtr& last, const EventPtr& event) {
  const auto rank = [](const Event& e) {
    const bool closes = e.type == EventType::kDisputeClosed;
    const bool good = closes && (e.dispute->outcome == DisputeOutcome::kWon ||
                                 e.dispute->outcome == DisputeOutcome::kWithdrawn);
    const bool lost = closes && e.dispute->outcome == DisputeOutcome::kLost;
    return std::tuple(e.occurred_at, closes, lost, !good, e.id);
  };
  if (last == nullptr || rank(*event) > rank(*last)) last = event;
}

// Enters what an event says into features and the buyer's profile; parks it while its order is not
// known.
void Engine::EnterEvent(const EventPtr& event, OrderState& state) {
  if (state.order == nullptr) {
    state.parked.push_back(event);
    return;
  }
  const Order& order = *state.order->order;
  const FactContext context = ContextOf(*event, state);
  switch (event->type) {
    case EventType::kPaymentUpdated:
      EnterReversal(*event, state);
      return features_->EnterEvent(context, FeatureOn::kPayment);
    case EventType::kRefundIssued: {
      const Refund& refund = *event->refund;
      const auto base =
          refund.amount && refund.currency
              ? pack_->amounts->ToBase(*refund.amount, *refund.currency, *state.placed_at)
              : std::nullopt;
      EnterOnce(order, kBuyerRefunds, *event, base.value_or(0));
      return features_->EnterEvent(context, FeatureOn::kRefund);
    }
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed: {
      if (event->dispute->kind == DisputeKind::kReview) return;
      const bool chargeback = event->dispute->kind == DisputeKind::kChargeback;
      EnterOnce(order, chargeback ? kBuyerChargebacks : kBuyerDisputes, *event, 0);
      if (pack_->features.links) {
        links_->EnterOutcome(context, chargeback ? kLinkChargebacks : kLinkDisputes);
      }
      if (event->type == EventType::kDisputeOpened) {
        features_->EnterEvent(context, FeatureOn::kDispute);
      }
      return;
    }
    case EventType::kBuyerMessage:
      return features_->EnterEvent(context, FeatureOn::kMessage);
    case EventType::kShipmentDelivered:
      return EnterOnce(order, kBuyerDelivered, *event, 0);
    case EventType::kOrderCancelled:
      return EnterOnce(order, kBuyerCancelled, *event, 0);
    default:
      return;
  }
}

// Wallets tell of a chargeback by the payment's status.
void Engine::EnterReversal(const Event& event, const OrderState& state) {
  const PaymentStatus status = PaymentIn(&event)->status;
  if (status != PaymentStatus::kReversed && status != PaymentStatus::kChargedBack) return;
  EnterOnce(*state.order->order, kBuyerChargebacks, event, 0);
  if (pack_->features.links) links_->EnterOutcome(ContextOf(event, state), kLinkChargebacks);
}

// At most one entry an order in each series of the buyer's profile: the first in time.
void Engine::EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number) {
  const std::string identity = BuyerIdentity(order);
  if (identity.empty()) return;
  std::string key;
  MakeEntityKey(kBuyerKind, order.merchant.empty() ? event.merchant : order.merchant, identity,
                key);
  Series& mine = store_->Entity(key, kBuyerSeriesCount).series[series];
  const std::uint64_t source = SourceOf(event.order_id);
  if (const auto first = mine.FirstOf(source)) {
    if (*first <= event.occurred_at) return;
    mine.Remove(source);
  }
  mine.Add({event.occurred_at, source, number, 0});
}

void Engine::ChangeList(const Event& event) {
  const auto list = std::find_if(pack_->lists.begin(), pack_->lists.end(),
                                 [&](const PackList& l) { return l.name == event.list->name; });
  if (list == pack_->lists.end()) return;
  ListEdits& edits = store_->ChangeEdits(event.merchant, event.list->name);
  const auto edit = [&](std::string_view text, bool add) {
    const std::string entry = NormaliseEntry(list->type, text);
    if (!FaultOfEntry(list->type, entry).empty()) return;
    if (list->type == ListType::kIp) {
      const IpNetwork network = *NetworkOfEntry(entry);
      return add ? edits.networks.Add(network) : edits.networks.Remove(network);
    }
    (add ? edits.removed : edits.added).erase(entry);
    (add ? edits.added : edits.removed).insert(entry);
  };
  for (const std::string_view text : event.list->add) edit(text, true);
  for (const std::string_view text : event.list->remove) edit(text, false);
}

}  // namespace holdfast
