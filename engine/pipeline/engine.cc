#include "engine/pipeline/engine.h"

#include <algorithm>
#include <utility>

#include "engine/codec/decision_reader.h"
#include "engine/decide/packing.h"
#include "engine/funds/account.h"
#include "engine/funds/payment_reports.h"
#include "engine/model/names.h"
#include "engine/orders/order_ledger.h"
#include "engine/pipeline/decision_effects.h"
#include "engine/pipeline/list_changes.h"
#include "engine/pipeline/own_events.h"
#include "engine/pipeline/reviews.h"

namespace holdfast {
namespace {

// True when the event can change the decision about its order, whose state contains it.
bool Redecides(const Event& event, const OrderState& state, const Pack& pack) {
  if (state.order == nullptr) return false;
  switch (event.type) {
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
    case EventType::kReviewUndone:
    case EventType::kTimerFired:
      return true;
    case EventType::kShipmentDispatched:
    case EventType::kShipmentDelivered:
    case EventType::kShipmentReturned:
    case EventType::kShipmentRefused:
      return LeavesUnchecked(*state.order->order, state, event, pack.evidence.has_value());
    default:
      return false;
  }
}

// The most deadlines applied with one event; the rest are applied with the next.
constexpr int kTimersAnEvent = 1000;

}  // namespace

Engine::Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store)
    : pack_(std::move(pack)), store_(std::move(store)) {
  // The decider reads features, and the features need the decider's constants (the values of
  // lists), which are set at the end.
  features_ = std::make_unique<FeatureFold>(pack_->features, *store_);
  links_ = std::make_unique<Links>(*store_, pack_->features.links);
  names_ = std::make_unique<OrderNames>(pack_->funds, *store_);
  money_ = std::make_unique<OrderMoney>(*pack_, *names_);
  contexts_ = std::make_unique<FactContexts>(*pack_, *store_, *links_);
  history_ = std::make_unique<History>(*pack_, *store_, *features_, *links_, *contexts_);
  fold_ = std::make_unique<OrderFold>(*store_, *money_, *history_, *contexts_);
  find_ = std::make_unique<FindIndex>(*store_);
  checks_ = std::make_unique<EventChecks>(*pack_, *store_);
  due_ = std::make_unique<DueEvents>(*pack_, *store_, *names_);
  decider_ = std::make_unique<Decider>(pack_, *store_, *features_);
  features_->SetConstants(decider_->constants());
}

Result<Applied> Engine::Apply(const std::shared_ptr<Event>& event, const OnOwnEvent& fired,
                              bool decide, const Preconditions& terms) {
  const ExclusiveUse::Scope use(use_);
  SetPaymentName(*event, pack_->funds);
  if (const SeenEvent* first = store_->FindEvent(event->merchant, SeenId(*event))) {
    if (first->digest == event->digest) {
      Applied again;
      again.duplicate = true;
      again.offset = first->offset;
      return again;
    }
    return Fail(ErrorCode::kDuplicateConflict, "id",
                "the event id '" + std::string(event->id) + "' was used before with other content");
  }
  const bool joined = names_->Join(*event);
  Status checked;
  if (terms.seen) checked = checks_->CheckSeen(*event, *terms.seen);
  if (checked) checked = checks_->Check(*event, decide);
  if (checked && terms.only_shipping_may_change && event->type == EventType::kOrderAmended) {
    const OrderState* state = store_->FindOrder(event->merchant, event->order_id);
    checked = CheckReviewersAmendment(*state, *event->order);
  }
  if (checked) checked = names_->CheckRoom(*event);
  if (!checked) return tl::unexpected(checked.error());
  const bool quiet = names_->HasNothingBefore(*event);
  if (fired && decide) FireBefore(*event, quiet, fired);
  const Deciding deciding = decide ? Deciding::kDecision : Deciding::kNothing;
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

void Engine::FireBefore(const Event& event, bool quiet, const OnOwnEvent& fired) {
  for (int count = 0; count < kTimersAnEvent; ++count) {
    const auto timer = due_->DeadlineBefore(event);
    // An exported log contains the deadline's event itself.
    if (timer == nullptr || timer->id == event.id) break;
    timer->offset = ++last_;
    fired(timer, ApplyOne(timer, Deciding::kDecision));
  }
  for (const auto& alert : due_->AlertsBefore(event, quiet)) {
    alert->offset = ++last_;
    fired(alert, ApplyOne(alert, Deciding::kDecision));
  }
}

void Engine::FireDeadlines(EventTime now, std::size_t most, const OnOwnEvent& fired) {
  const ExclusiveUse::Scope use(use_);
  for (const auto& [merchant, deadline] : store_->DeadlinesUntil(now, most)) {
    const auto timer = due_->MakeTimerEvent(merchant, deadline);
    timer->offset = ++last_;
    fired(timer, ApplyOne(timer, Deciding::kDecision));
  }
}

Result<Applied> Engine::Replay(const std::shared_ptr<Event>& event, Deciding deciding,
                               std::string_view decision) {
  const ExclusiveUse::Scope use(use_);
  const auto damaged = [&](const char* what) {
    return Fail(ErrorCode::kCorrupt, "record " + std::to_string(event->offset), what);
  };
  if (store_->FindEvent(event->merchant, SeenId(*event)) != nullptr) {
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
  // An event without a decision has set no deadline and no hold.
  if (!decision.empty()) {
    const auto head = ReadDecisionHead(decision);
    if (!head) return damaged("has a decision that cannot be read");
    StoreDecisionEffects(*event, *head, *pack_, store_->Order(event->merchant, event->order_id),
                         *store_);
  }
  return applied;
}

std::uint64_t Engine::OffsetOf(const Event& event) const {
  const SeenEvent* first = store_->FindEvent(event.merchant, SeenId(event));
  return first == nullptr ? 0 : first->offset;
}

bool Engine::PermitStands(const Event& event) const {
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  return state != nullptr && state->permit_offset != 0 && OffsetOf(event) >= state->permit_offset;
}

void Engine::AssignOffset(Event& event, std::uint64_t offset, bool decided) {
  const ExclusiveUse::Scope use(use_);
  const std::uint64_t before = std::exchange(event.offset, offset);
  Remember(event);
  if (event.order_id.empty() || before == offset) return;
  UpdateStoredOffsets(event, before, decided, store_->Order(event.merchant, event.order_id),
                      *store_);
}

void Engine::Remember(const Event& event) {
  store_->RememberEvent(event.merchant, SeenId(event), {event.digest, event.offset});
}

void Engine::Prefetch(const Event& event) const {
  store_->WarmEvent(event.merchant, SeenId(event), event.order_id);
}

const std::string& Engine::RecordFacts() {
  if (!schema_) schema_.emplace(*pack_);
  pack_id_ = PackIdOf(*pack_);
  return schema_->text();
}

Status Engine::AppendRuling(const FactRow& row, const FactMap& map, std::string& ruling) {
  const ExclusiveUse::Scope use(use_);
  decider_->UseMerchant(row.merchant, row.as_of);
  return decider_->AppendRuling(row, map, ruling);
}

// The fact row of an event, encoded by PutFactRow. Empty unless facts are recorded.
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
    if (row.judged) decider_->Record(contexts_->Of(event, *state), *schema_, row, values);
  }
  PutFactRow(row, facts);
  return facts;
}

void Engine::Begin() {
  features_->Begin();
  contexts_->Begin();
}

// `stands`: the order's deadline, hold and permit are set from the decision.
Applied Engine::ApplyOne(const EventPtr& event, Deciding deciding, bool stands) {
  Begin();
  Applied applied;
  applied.offset = event->offset;
  Remember(*event);
  if (event->type == EventType::kListChanged) {
    KeepListChange(*event, *pack_, *store_);
    decider_->FollowListChange(*event);
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
  if (event->type == EventType::kAlertRaised || event->type == EventType::kAlertAcknowledged) {
    applied.facts = FactsOf(*event, nullptr, applied);
    return applied;
  }
  state.latest = std::max(state.latest, event->occurred_at);
  decider_->UseMerchant(event->merchant, state.latest);
  const bool released = IsReleased(state.review);
  const EventPtr paid_before = released ? state.payment : nullptr;
  const EventPtr order_before = released ? state.order : nullptr;
  const FundsCertainty before = released ? CertaintyOf(state) : FundsCertainty::kNone;
  const bool placed = state.order != nullptr;
  fold_->Fold(event, state);
  find_->Enter(*event, state, placed);
  if (released && IsReleased(state.review) && event != state.review.verdict &&
      EndsRelease(*event, state, before, PaymentIn(paid_before.get()),
                  order_before == nullptr ? nullptr : order_before->order)) {
    state.review.voided_by = event;
  }
  const bool decides = Redecides(*event, state, *pack_);
  if (decides && deciding == Deciding::kRuling) {
    decider_->AppendRuling(contexts_->Of(*event, state), applied.ruling);
  } else if (decides && deciding == Deciding::kDecision) {
    applied.decision = decider_->Decide(contexts_->Of(*event, state), applied.offset);
    // Record the facts before the decision changes the state that they were read from.
    applied.facts = FactsOf(*event, &state, applied);
    if (stands) StoreDecisionEffects(*event, HeadOf(*applied.decision), *pack_, state, *store_);
  } else {
    applied.facts = FactsOf(*event, &state, applied);
  }
  return applied;
}

std::optional<Explanation> Engine::Explain(std::string_view merchant, std::string_view order_id) {
  const ExclusiveUse::Scope use(use_);
  const OrderState* state = store_->FindOrder(merchant, order_id);
  if (state == nullptr || state->order == nullptr) return std::nullopt;
  Begin();
  decider_->UseMerchant(merchant, state->latest);
  Explanation explanation = decider_->Explain(contexts_->Of(*state->order, *state), 0);
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
  contexts_->Begin();
  FactContext context = contexts_->Of(*state->order, *state);
  context.arena = &arena;
  const auto facts = holdfast::Facts();
  for (std::size_t slot = 0; slot < facts.size(); ++slot) {
    if (facts[slot].scope == FactScope::kFeatures) continue;
    const cel::Value value = GetFact(static_cast<int>(slot), context);
    if (!value.IsAbsent()) texts.emplace_back(facts[slot].name, cel::ToText(value));
  }
  return texts;
}

std::vector<std::string> Engine::EvidenceMissing(std::string_view merchant,
                                                 std::string_view order_id) const {
  const OrderState* state = store_->FindOrder(merchant, order_id);
  if (state == nullptr || state->order == nullptr) return {};
  contexts_->Begin();
  decider_->UseMerchant(merchant, state->latest);
  return decider_->EvidenceMissing(contexts_->Of(*state->order, *state));
}

std::vector<Engine::CountAround> Engine::CountsAround(std::string_view merchant,
                                                      std::string_view order_id,
                                                      EventTime now) const {
  std::vector<CountAround> counts;
  const OrderState* state = store_->FindOrder(merchant, order_id);
  if (state == nullptr || state->order == nullptr) return counts;
  Arena arena;
  contexts_->Begin();
  FactContext before = contexts_->Of(*state->order, *state);
  before.arena = &arena;
  before.now = state->placed_at.value_or(before.now);
  // The same order as if it were placed now: what is counted up to its placing is counted up to
  // now.
  OrderState later = *state;
  later.placed_at = std::max(now, before.now);
  FactContext since = before;
  since.state = &later;
  since.now = *later.placed_at;
  const auto facts = holdfast::Facts();
  for (std::size_t slot = 0; slot < facts.size(); ++slot) {
    const Fact& fact = facts[slot];
    const bool about_buyers = fact.name.starts_with("buyer.") || fact.name.starts_with("linked.");
    if (!about_buyers || fact.unit != Unit::kCount || fact.name.ends_with("_since")) continue;
    const cel::Value then = GetFact(static_cast<int>(slot), before);
    const cel::Value all = GetFact(static_cast<int>(slot), since);
    if (!then.Is(cel::Kind::kInt) || !all.Is(cel::Kind::kInt)) continue;
    counts.push_back(
        {fact.name, then.integer, std::max<std::int64_t>(all.integer - then.integer, 0)});
  }
  return counts;
}

}  // namespace holdfast
