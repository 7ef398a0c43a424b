#include "engine/features/fold.h"

#include <algorithm>
#include <limits>

#include "engine/base/hash.h"

namespace holdfast {

using cel::Value;

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

void MakeKey(std::string_view merchant, std::string_view text, std::string& key) {
  key.assign(merchant);
  key += '\0';
  key += text;
}

FeatureFold::FeatureFold(const FeaturePlan& plan, Store& store) : plan_(plan), store_(store) {}

Value FeatureFold::Evaluate(const cel::Program& program, const FactContext& context) {
  const auto facts = static_cast<int>(Facts().size());
  FactContext mine = context;
  mine.arena = &machine_.arena();
  for (const int slot : program.slots()) {
    if (slot < facts) slots_[static_cast<std::size_t>(slot)] = GetFact(slot, mine);
  }
  return machine_.Run(program, slots_.data());
}

bool FeatureFold::KeyOf(const KindPlan& kind, const FactContext& context, std::string& key) {
  const Value value = Evaluate(kind.key, context);
  if (value.IsAbsent()) return false;
  if (value.Is(cel::Kind::kString)) {
    MakeKey(context.order->merchant, value.AsText(), key);
  } else {
    MakeKey(context.order->merchant, cel::ToText(value), key);
  }
  return true;
}

void FeatureFold::EnterOrder(const FactContext& context, const FactContext* before) {
  const std::uint64_t source = SourceOf(context.order->id);
  machine_.Reset();
  EnterBuyer(context, before);
  if (before != nullptr) {
    for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
      if (!KeyOf(plan_.kinds[k], *before, key_)) continue;
      EntityRecord& record =
          store_.Entity(static_cast<int>(k) + 1, key_, plan_.kinds[k].series.size());
      for (std::size_t s = 0; s < record.series.size(); ++s) {
        if (plan_.kinds[k].series[s].on == FeatureOn::kOrder) record.series[s].Remove(source);
      }
    }
  }
  Enter(context, FeatureOn::kOrder, *context.state->placed_at, source);
}

void FeatureFold::EnterEvent(const FactContext& context, FeatureOn on) {
  machine_.Reset();
  FactContext folding = context;
  folding.folding = true;
  Enter(folding, on, context.event->occurred_at, SourceOf(context.event->id));
}

void FeatureFold::Enter(const FactContext& context, FeatureOn on, EventTime at,
                        std::uint64_t source) {
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
    const KindPlan& kind = plan_.kinds[k];
    bool have_key = false;
    for (std::size_t s = 0; s < kind.series.size(); ++s) {
      const SeriesPlan& series = kind.series[s];
      if (series.on != on) continue;
      if (!have_key) {
        if (!KeyOf(kind, context, key_)) break;
        have_key = true;
      }
      if (series.where && !Evaluate(*series.where, context).IsTrue()) continue;
      const Value value = Evaluate(series.value, context);
      // An amount that is not known makes sums over it unknown, not smaller.
      if (value.IsAbsent() && !series.numeric) continue;
      Series::Entry entry{at, source, 0, 0};
      if (value.IsAbsent()) entry.number = std::numeric_limits<double>::quiet_NaN();
      switch (value.kind) {
        case cel::Kind::kDouble:
          entry.number = value.number;
          break;
        case cel::Kind::kInt:
          entry.number = static_cast<double>(value.integer);
          break;
        case cel::Kind::kUint:
          entry.number = static_cast<double>(value.uinteger);
          break;
        default:
          break;
      }
      if (series.distinct) {
        entry.digest =
            value.Is(cel::Kind::kString) ? Hash64(value.AsText()) : Hash64(cel::ToText(value));
      }
      store_.Entity(static_cast<int>(k) + 1, key_, kind.series.size()).series[s].Add(entry);
    }
  }
}

void FeatureFold::EnterBuyer(const FactContext& context, const FactContext* before) {
  const Order& order = *context.order;
  const std::uint64_t source = SourceOf(order.id);
  if (before != nullptr) {
    if (const std::string identity = BuyerIdentity(*before->order); !identity.empty()) {
      MakeKey(order.merchant, identity, key_);
      EntityRecord& record = store_.Entity(kBuyerKind, key_, kBuyerSeriesCount);
      record.series[kBuyerOrders].Remove(source);
      record.series[kBuyerDevices].Remove(source);
    }
  }
  const std::string identity = BuyerIdentity(order);
  if (identity.empty()) return;
  MakeKey(order.merchant, identity, key_);
  EntityRecord& record = store_.Entity(kBuyerKind, key_, kBuyerSeriesCount);
  const EventTime at = *context.state->placed_at;
  // An order whose currency has no rate is still an order; the spend is then not known.
  const auto base = context.amounts->ToBase(*order.total, *order.currency);
  record.series[kBuyerOrders].Add({at, source,
                                   base.value_or(std::numeric_limits<double>::quiet_NaN()),
                                   AddressDigest(order.shipping.address)});
  if (!order.device_id.empty()) {
    record.series[kBuyerDevices].Add({at, source, 0, Hash64(order.device_id)});
  }
}

Value FeatureFold::Read(const Feature& feature, const FactContext& context, Arena& arena) {
  const KindPlan& kind = plan_.kinds[static_cast<std::size_t>(feature.kind - 1)];
  const Value key = Evaluate(kind.key, context);
  if (key.IsAbsent()) return cel::DeepCopy(key, arena);
  MakeKey(context.order->merchant,
          key.Is(cel::Kind::kString) ? std::string(key.AsText()) : cel::ToText(key), key_);
  const EntityRecord* record = store_.FindEntity(feature.kind, key_);
  static const Series kEmpty;
  const Series& series = record == nullptr || feature.series >= record->series.size()
                             ? kEmpty
                             : record->series[feature.series];
  const EventTime placed = *context.state->placed_at;
  const Window window = !feature.over ? Window::Ever(std::max(context.now, placed))
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
