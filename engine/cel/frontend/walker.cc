#include "engine/cel/frontend/walker.h"

#include <algorithm>
#include <memory>

#include "engine/cel/eval/operations.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {

Value Walker::Evaluate(const Expr& expr) {
  if (exhausted()) return Value::Error("too much to go through");
  --steps_left_;
  const Value value = Compute(expr);
  if (observer_ && locals_.empty()) observer_(expr, value);
  return value;
}

Value Walker::Compute(const Expr& expr) {
  switch (expr.meaning) {
    case Meaning::kSlot:
      if (expr.kind == ExprKind::kHas) return Value::Bool(!slots_[expr.index].IsAbsent());
      return slots_[expr.index];
    case Meaning::kOptionalSlot:
      return OptionalOf(slots_[expr.index], arena_);
    case Meaning::kLocal:
      for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
        if (local->first == expr.name) return local->second;
      }
      return Value::Error("no such variable");
    case Meaning::kTypeName:
      return Value::Type(std::get<std::string>(expr.literal));
    case Meaning::kFault:
      return Value::Error(expr.name);
    default:
      break;
  }
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return ToValue(expr.literal);
    case ExprKind::kSelect:
    case ExprKind::kHas: {
      const Value target = Evaluate(*expr.args[0]);
      if (target.IsAbsent()) return target;
      const bool test = expr.kind == ExprKind::kHas;
      if (expr.index >= 0) {
        const auto field = static_cast<std::size_t>(expr.index);
        return test            ? HasField(target, field)
               : expr.optional ? OptionalField(target, field, arena_)
                               : Field(target, field, arena_);
      }
      const Value name = Value::String(expr.name);
      if (test) return HasKey(target, name, arena_);
      if (!expr.optional) return Select(target, name, arena_);
      const bool fits = target.Is(Kind::kMap) || target.Is(Kind::kOptional);
      return fits ? OptionalIndex(target, name, arena_) : NoOverload();
    }
    case ExprKind::kCall:
      return Call(expr);
    case ExprKind::kList:
    case ExprKind::kMap: {
      std::vector<Value> values;
      for (const auto& arg : expr.args) values.push_back(Evaluate(*arg));
      if (!Spend(values.size() * sizeof(Value))) return Value::Error("too much to go through");
      auto marks = std::make_unique<bool[]>(expr.marks.size() + 1);
      std::copy(expr.marks.begin(), expr.marks.end(), marks.get());
      const bool* optional = expr.marks.empty() ? nullptr : marks.get();
      return expr.kind == ExprKind::kList
                 ? MakeList(values.data(), values.size(), optional, arena_)
                 : MakeMap(values.data(), values.size() / 2, optional, arena_);
    }
    case ExprKind::kBind: {
      const Value value = Evaluate(*expr.args[0]);
      locals_.emplace_back(expr.name, value);
      const Value result = Evaluate(*expr.args[1]);
      locals_.pop_back();
      return result;
    }
    case ExprKind::kComprehension:
      return expr.macro == Macro::kOptMap || expr.macro == Macro::kOptFlatMap ? OptionalMap(expr)
                                                                              : Loop(expr);
    default:
      return Value::Error("no such variable");
  }
}

Value Walker::Call(const Expr& expr) {
  const std::string& name = expr.name;
  if (name == op::kConditional) {
    const Value condition = Evaluate(*expr.args[0]);
    if (!condition.Is(Kind::kBool)) return Fault(condition);
    return Evaluate(*expr.args[condition.boolean ? 1 : 2]);
  }
  if (expr.has_target && (name == "or" || name == "orValue") && expr.args.size() == 2) {
    const Value optional = Evaluate(*expr.args[0]);
    if (!optional.Is(Kind::kOptional)) return Fault(optional);
    if (optional.size == 0) return Evaluate(*expr.args[1]);
    return name == "or" ? optional : *optional.elements;
  }
  std::vector<Value> args;
  for (const auto& arg : expr.args) args.push_back(Evaluate(*arg));
  if (name == op::kAnd) return And(args[0], args[1], arena_);
  if (name == op::kOr) return Or(args[0], args[1], arena_);
  if (name == op::kNot)
    return args[0].Is(Kind::kBool) ? Value::Bool(!args[0].boolean) : Fault(args[0]);
  Value absent;
  if (AnyAbsent(args.data(), args.size(), arena_, absent)) return absent;
  constexpr std::pair<const char*, Relation> kRelations[] = {
      {op::kEqual, Relation::kEqual},     {op::kNotEqual, Relation::kNotEqual},
      {op::kLess, Relation::kLess},       {op::kLessEqual, Relation::kLessEqual},
      {op::kGreater, Relation::kGreater}, {op::kGreaterEqual, Relation::kGreaterEqual}};
  for (const auto& [symbol, relation] : kRelations) {
    if (name == symbol) return Relate(relation, args[0], args[1], arena_);
  }
  if (name == op::kAdd) {
    const bool makes =
        args[0].Is(Kind::kString) || args[0].Is(Kind::kBytes) || args[0].Is(Kind::kList);
    const std::uint64_t unit = args[0].Is(Kind::kList) ? sizeof(Value) : 1;
    if (makes && !Spend((std::uint64_t{args[0].size} + args[1].size) * unit)) {
      return Value::Error("too much to go through");
    }
    return Add(args[0], args[1], arena_);
  }
  if (name == op::kSubtract) return Subtract(args[0], args[1]);
  if (name == op::kMultiply) return Multiply(args[0], args[1]);
  if (name == op::kDivide) return DivideOrModulo(args[0], args[1], false);
  if (name == op::kModulo) return DivideOrModulo(args[0], args[1], true);
  if (name == op::kNegate) return Negate(args[0]);
  if (name == op::kIn) return In(args[0], args[1]);
  if (name == op::kIndex) return Index(args[0], args[1], arena_);
  if (name == op::kOptionalIndex) return OptionalIndex(args[0], args[1], arena_);
  if (expr.function == nullptr || expr.function->function == nullptr) {
    return Value::Error("the function has no body");
  }
  const Value result = expr.function->function(args, arena_);
  const bool text = result.Is(Kind::kString) || result.Is(Kind::kBytes);
  const std::uint64_t made = text                     ? result.size
                             : result.Is(Kind::kList) ? std::uint64_t{result.size} * sizeof(Value)
                                                      : 0;
  return Spend(made) ? result : Value::Error("too much to go through");
}

bool Walker::Spend(std::uint64_t bytes) {
  if (bytes < bytes_left_) {
    bytes_left_ -= bytes;
    return true;
  }
  bytes_left_ = 0;
  return false;
}

Value Walker::OptionalMap(const Expr& expr) {
  const Value range = Evaluate(*expr.args[0]);
  if (!range.Is(Kind::kOptional)) return Fault(range);
  if (range.size == 0) return range;
  locals_.emplace_back(expr.name, *range.elements);
  const Value result = Evaluate(*expr.args[1]);
  locals_.pop_back();
  if (result.IsAbsent() || expr.macro == Macro::kOptFlatMap) return result;
  return Value::Optional(*new (arena_.AllocateArray<Value>(1)) Value(result));
}

// Adds the result of a collecting loop for one element. False: the loop ends with `fault`.
bool Walker::Gather(const Value& first, const Value& item, const Expr& expr,
                    std::vector<Value>& made, Value& fault) {
  const bool filters = expr.macro == Macro::kFilter;
  if (filters || expr.args.size() == 3) {
    const Value condition = Evaluate(*expr.args[1]);
    if (!condition.Is(Kind::kBool)) {
      fault = Fault(condition);
      return false;
    }
    if (!condition.boolean) return true;
    if (filters) {
      made.push_back(item);
      return true;
    }
  }
  const Value result = Evaluate(*expr.args.back());
  if (result.IsAbsent()) {
    fault = result;
    return false;
  }
  if (expr.macro == Macro::kTransformMap) made.push_back(first);
  if (expr.macro != Macro::kTransformMapEntry) {
    made.push_back(result);
    return true;
  }
  if (!result.Is(Kind::kMap)) {
    fault = NoOverload();
    return false;
  }
  for (const MapEntry& entry : result.AsMap()) {
    made.push_back(entry.key);
    made.push_back(entry.value);
  }
  return true;
}

Value Walker::Loop(const Expr& expr) {
  const Value range = Evaluate(*expr.args[0]);
  if (!range.Is(Kind::kList) && !range.Is(Kind::kMap)) return Fault(range);
  const bool is_list = range.Is(Kind::kList);
  const bool all = expr.macro == Macro::kAll;
  Value result = Value::Bool(all);
  std::int64_t count = 0;
  std::vector<Value> made;
  Value fault;
  for (std::uint32_t i = 0; i < range.size; ++i) {
    const Value item = is_list ? range.elements[i] : range.entries[i].key;
    Value first = item;
    const std::size_t locals = locals_.size();
    if (!expr.second.empty()) {
      if (is_list) first = Value::Int(i);
      locals_.emplace_back(expr.name, first);
      locals_.emplace_back(expr.second, is_list ? item : range.entries[i].value);
    } else {
      locals_.emplace_back(expr.name, item);
    }
    bool goes_on = true;
    if (all || expr.macro == Macro::kExists) {
      const Value condition = Evaluate(*expr.args[1]);
      result = all ? And(result, condition, arena_) : Or(result, condition, arena_);
    } else if (expr.macro == Macro::kExistsOne) {
      const Value condition = Evaluate(*expr.args[1]);
      goes_on = condition.Is(Kind::kBool);
      if (!goes_on) fault = Fault(condition);
      count += condition.IsTrue() ? 1 : 0;
    } else {
      goes_on = Gather(first, item, expr, made, fault);
    }
    locals_.resize(locals);
    if (!goes_on) return fault;
  }
  switch (expr.macro) {
    case Macro::kAll:
    case Macro::kExists:
      return result;
    case Macro::kExistsOne:
      return Value::Bool(count == 1);
    case Macro::kTransformMap:
    case Macro::kTransformMapEntry:
      return MakeMap(made.data(), made.size() / 2, nullptr, arena_);
    default:
      return MakeList(made.data(), made.size(), nullptr, arena_);
  }
}

}  // namespace holdfast::cel
