#include "engine/features/feature_fold.h"

#include <algorithm>
#include <limits>

#include "engine/base/hash.h"

namespace holdfast {

using cel::Value;

namespace {

// A value as a number of a series. NaN: not known.
double NumberOf(const Value& value) {
  switch (value.kind) {
    case cel::Kind::kDouble:
      return value.number;
    case cel::Kind::kInt:
      return static_cast<double>(value.integer);
    case cel::Kind::kUint:
      return static_cast<double>(value.uinteger);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

cel::Type TypeOf(FeatureOp op) {
  switch (op) {
    case FeatureOp::kCount:
    case FeatureOp::kDistinct:
      return cel::Type(cel::TypeKind::kInt);
    case FeatureOp::kFirstAt:
    case FeatureOp::kLastAt:
      return cel::Type(cel::TypeKind::kTimestamp);
    default:
      return cel::Type(cel::TypeKind::kDouble);
  }
}

FeatureFold::FeatureFold(const FeaturePlan& plan, Store& store)
    : plan_(plan), store_(store), held_(plan.kinds.size()), keys_(plan.kinds.size()) {}

void FeatureFold::Begin() {
  machine_.Reset();
  for (Held& held : held_) held = Held();
}

Value FeatureFold::Evaluate(const cel::Program& program, const FactContext& context) {
  const auto facts = static_cast<int>(Facts().size());
  FactContext mine = context;
  mine.arena = &machine_.arena();
  for (const int slot : program.slots()) {
    if (slot < facts) slots_[static_cast<std::size_t>(slot)] = GetFact(slot, mine);
  }
  return machine_.Run(program, slots_.data());
}

Value FeatureFold::KeyOf(std::size_t kind, const FactContext& context, std::string& key) {
  const Value value = Evaluate(plan_.kinds[kind].key, context);
  if (value.IsAbsent()) return value;
  const int number = static_cast<int>(kind) + 1;
  if (value.Is(cel::Kind::kString)) {
    MakeEntityKey(number, context.order->merchant, value.AsText(), key);
  } else {
    MakeEntityKey(number, context.order->merchant, cel::ToText(value), key);
  }
  return value;
}

FeatureFold::Held& FeatureFold::Hold(std::size_t kind, const FactContext& context) {
  Held& held = held_[kind];
  if (held.stage == Held::Stage::kNothing) {
    held.absent = KeyOf(kind, context, keys_[kind]);
    held.has_key = !held.absent.IsAbsent();
    held.stage = Held::Stage::kKey;
  }
  return held;
}

void FeatureFold::EnterOrder(const FactContext& context, const FactContext* before) {
  const std::uint64_t source = SourceOf(context.order->id);
  EnterBuyer(context, before);
  if (before != nullptr) {
    for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
      if (KeyOf(k, *before, key_).IsAbsent()) continue;
      EntityRecord& record = store_.Entity(key_, plan_.kinds[k].series.size());
      for (std::size_t s = 0; s < record.series.size(); ++s) {
        if (plan_.kinds[k].series[s].on == FeatureOn::kOrder) record.series[s].Remove(source);
      }
    }
  }
  Enter(context, FeatureOn::kOrder, *context.state->placed_at, source);
}

void FeatureFold::EnterEvent(const FactContext& context, FeatureOn on) {
  FactContext folding = context;
  folding.folding = true;
  Enter(folding, on, context.event->occurred_at, SourceOf(context.event->id));
}

void FeatureFold::Enter(const FactContext& context, FeatureOn on, EventTime at,
                        std::uint64_t source) {
  // An order's keys are those under which its features are read. Other events may have other keys.
  const bool orders = on == FeatureOn::kOrder;
  if (orders) {
    warm_.clear();
    for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
      if (Hold(k, context).has_key) warm_.push_back(keys_[k]);
    }
    store_.WarmEntities(warm_);
  }
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
    const KindPlan& kind = plan_.kinds[k];
    EntityRecord* record = nullptr;
    for (std::size_t s = 0; s < kind.series.size(); ++s) {
      const SeriesPlan& series = kind.series[s];
      if (series.on != on) continue;
      if (record == nullptr) {
        if (orders ? !held_[k].has_key : KeyOf(k, context, key_).IsAbsent()) break;
      }
      if (series.where && !Evaluate(*series.where, context).IsTrue()) continue;
      if (series.present && Evaluate(*series.present, context).IsAbsent()) continue;
      Series::Entry entry{at, source, 0, 0};
      // An unknown amount makes sums over it unknown, not smaller.
      if (series.number) entry.number = NumberOf(Evaluate(*series.number, context));
      if (series.digest) {
        const Value value = Evaluate(*series.digest, context);
        if (value.Is(cel::Kind::kString)) {
          entry.digest = Hash64(value.AsText());
        } else if (!value.IsAbsent()) {
          entry.digest = Hash64(cel::ToText(value));
        }
      }
      if (record == nullptr) record = &store_.Entity(orders ? keys_[k] : key_, kind.series.size());
      record->series[s].Add(entry);
    }
    if (orders && record != nullptr) {
      held_[k].record = record;
      held_[k].stage = Held::Stage::kRecord;
    }
  }
}

void FeatureFold::EnterBuyer(const FactContext& context, const FactContext* before) {
  const Order& order = *context.order;
  const std::uint64_t source = SourceOf(order.id);
  if (before != nullptr) {
    if (const std::string identity = BuyerIdentity(*before->order); !identity.empty()) {
      MakeEntityKey(kBuyerKind, order.merchant, identity, key_);
      EntityRecord& record = store_.Entity(key_, kBuyerSeriesCount);
      record.series[kBuyerOrders].Remove(source);
      record.series[kBuyerDevices].Remove(source);
    }
  }
  const std::string identity = BuyerIdentity(order);
  if (identity.empty()) return;
  MakeEntityKey(kBuyerKind, order.merchant, identity, key_);
  EntityRecord& record = store_.Entity(key_, kBuyerSeriesCount);
  const EventTime at = *context.state->placed_at;
  // An order in a currency without a rate is counted; the spend is then not known.
  const auto base = context.amounts->ToBase(*order.total, *order.currency, at);
  record.series[kBuyerOrders].Add({at, source,
                                   base.value_or(std::numeric_limits<double>::quiet_NaN()),
                                   AddressDigest(order.shipping.address)});
  if (!order.device_id.empty()) {
    record.series[kBuyerDevices].Add({at, source, 0, Hash64(order.device_id)});
  }
}

Value FeatureFold::Read(const Feature& feature, const FactContext& context, Arena& arena) {
  const auto kind = static_cast<std::size_t>(feature.kind - 1);
  Held& held = Hold(kind, context);
  if (!held.has_key) return cel::DeepCopy(held.absent, arena);
  if (held.stage == Held::Stage::kKey) {
    held.record = store_.FindEntity(keys_[kind]);
    held.stage = Held::Stage::kRecord;
  }
  const EntityRecord* record = held.record;
  static const Series kEmpty;
  const Series& series = record == nullptr || feature.series >= record->series.size()
                             ? kEmpty
                             : record->series[feature.series];
  const EventTime placed = *context.state->placed_at;
  // Orders count as of this order's place in time. Payments, refunds, disputes and messages come
  // after it; they count until now.
  const EventTime until = feature.on == FeatureOn::kOrder ? placed : std::max(context.now, placed);
  const Window window = !feature.over ? Window::Ever(until)
                        : feature.on == FeatureOn::kOrder
                            ? Window::Ending(placed, *feature.over)
                            : Window::Ending(context.now, *feature.over);
  const auto missing = [&] { return MissingFact(static_cast<std::uint32_t>(feature.slot), arena); };
  const auto number = [&](const std::optional<double>& n) {
    return n ? Value::Double(*n) : missing();
  };
  const auto time = [&](const std::optional<EventTime>& t) {
    if (!t) return missing();
    return Value::Timestamp(
        {t->nanos / kNanosPerSecond, static_cast<std::uint32_t>(t->nanos % kNanosPerSecond)});
  };
  const bool numeric = feature.op == FeatureOp::kSum || feature.op == FeatureOp::kAvg ||
                       feature.op == FeatureOp::kMin || feature.op == FeatureOp::kMax;
  if (numeric && series.HasUnknown(window)) return missing();
  switch (feature.op) {
    case FeatureOp::kCount:
      return Value::Int(series.Count(window));
    case FeatureOp::kSum:
      return Value::Double(series.Sum(window));
    case FeatureOp::kAvg: {
      const std::int64_t count = series.Count(window);
      return count == 0 ? missing()
                        : Value::Double(series.Sum(window) / static_cast<double>(count));
    }
    case FeatureOp::kMin:
      return number(series.Min(window));
    case FeatureOp::kMax:
      return number(series.Max(window));
    case FeatureOp::kDistinct:
      return Value::Int(series.Distinct(window));
    case FeatureOp::kFirstAt:
      return time(series.FirstAt(window));
    case FeatureOp::kLastAt:
      return time(series.LastAt(window));
  }
  return missing();
}

}  // namespace holdfast
