#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "engine/cel/eval/compiler.h"
#include "engine/cel/eval/predicate_step.h"

namespace holdfast::cel {

namespace {

// The cost of a term, in comparisons of two numbers. Rough, used to try cheap terms first.
constexpr int kTextCost = 2, kListCost = 3, kCallCost = 20, kContainsCost = 10, kRegexCost = 80,
              kLoopCost = 10, kPerElement = 5;

// The orderings that satisfy a relation, as bits.
std::optional<std::uint8_t> OrdersOf(const std::string& name) {
  if (name == op::kLess) return kLessBit;
  if (name == op::kLessEqual) return kLessBit | kEqualBit;
  if (name == op::kGreater) return kGreaterBit;
  if (name == op::kGreaterEqual) return kGreaterBit | kEqualBit;
  if (name == op::kEqual) return kEqualBit;
  // Not the other two orders: NaN is unequal without being less or greater.
  if (name == op::kNotEqual) return std::uint8_t{0};
  return std::nullopt;
}

// The relation with its operands swapped.
std::uint8_t Mirrored(std::uint8_t mask) {
  return static_cast<std::uint8_t>((mask & kEqualBit) | ((mask & kLessBit) != 0 ? kGreaterBit : 0) |
                                   ((mask & kGreaterBit) != 0 ? kLessBit : 0));
}

bool IsSizeCall(const Expr& expr) {
  return expr.kind == ExprKind::kCall && expr.name == "size" && expr.args.size() == 1 &&
         (expr.args[0]->type.Is(TypeKind::kList) || expr.args[0]->type.Is(TypeKind::kMap));
}

}  // namespace

// Generates steps from the end, so that the targets of a condition exist before the condition.
class PredicateCompiler {
 public:
  PredicateCompiler(Predicate& predicate, const SlotCost& cost)
      : predicate_(predicate), slot_cost_(cost) {}

  bool Run(const Expr& expr) {
    Emit(Predicate::Op::kYes);
    Emit(Predicate::Op::kNo);
    const Place entry = Condition(expr, kYes, kNo);
    if (failed_ || !any_own_) return false;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      predicate_.steps_.push_back(drafts_[i].step);
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      predicate_.steps_[i].yes = &predicate_.steps_[drafts_[i].yes];
      predicate_.steps_[i].no = &predicate_.steps_[drafts_[i].no];
    }
    for (const auto& loop : predicate_.loops_) loop->body = &predicate_.steps_[loop->body_place];
    predicate_.entry_ = &predicate_.steps_[entry];
    return true;
  }

 private:
  using Op = Predicate::Op;
  using Step = Predicate::Step;
  using Place = std::uint32_t;  // a step's number

  static constexpr Place kYes = 0, kNo = 1;

  struct Draft {
    Step step;
    Place yes, no;
  };

  // A slot, or a field of the current element of the enclosing loop.
  struct Ref {
    std::uint8_t base = kSlots;
    std::uint32_t number = 0;
  };

  Place Emit(Step step, Place yes = 0, Place no = 0) {
    drafts_.push_back({std::move(step), yes, no});
    return static_cast<Place>(drafts_.size() - 1);
  }
  Place Emit(Op operation) { return Emit(Step(operation)); }

  // ---- operands --------------------------------------------------------------------------------

  std::optional<Ref> RefOf(const Expr& expr) const {
    if (expr.shared >= 0) return Ref{kSlots, static_cast<std::uint32_t>(expr.shared)};
    if (expr.meaning == Meaning::kSlot && expr.kind != ExprKind::kHas) {
      return Ref{kSlots, static_cast<std::uint32_t>(expr.index)};
    }
    const bool is_field = expr.kind == ExprKind::kSelect && expr.index >= 0 && !expr.optional &&
                          expr.args[0]->meaning == Meaning::kLocal && !loop_variable_.empty() &&
                          expr.args[0]->name == loop_variable_ &&
                          expr.args[0]->type.Is(TypeKind::kRecord);
    if (!is_field) return std::nullopt;
    return Ref{kFields, static_cast<std::uint32_t>(expr.index)};
  }

  static void SetA(Step& step, const Ref& ref) {
    step.a_base = ref.base;
    step.a = ref.number;
  }
  static void SetB(Step& step, const Ref& ref) {
    step.b_base = ref.base;
    step.b = ref.number;
  }

  std::optional<Value> ConstantOf(const Expr& expr) {
    return FoldConstant(expr, predicate_.arena_);
  }

  // ---- costs -----------------------------------------------------------------------------------

  int CostOf(const Expr& expr) const {
    if (expr.constant) return 0;
    if (expr.shared >= 0) return slot_cost_(expr.shared);
    int cost = 1;
    if (expr.meaning == Meaning::kSlot || expr.meaning == Meaning::kOptionalSlot) {
      cost = slot_cost_(expr.index);
    } else if (expr.kind == ExprKind::kComprehension) {
      cost = kLoopCost + CostOf(*expr.args[0]);
      for (std::size_t i = 1; i < expr.args.size(); ++i)
        cost += kPerElement * CostOf(*expr.args[i]);
      return cost;
    } else if (expr.kind == ExprKind::kCall) {
      if (expr.function != nullptr && expr.function->function != nullptr && !IsSizeCall(expr)) {
        cost = expr.name == "matches"                                 ? kRegexCost
               : expr.name == "contains"                              ? kContainsCost
               : expr.name == "startsWith" || expr.name == "endsWith" ? kTextCost
               : expr.function->cost > 0                              ? expr.function->cost
                                                                      : kCallCost;
      } else if (expr.name == op::kIn) {
        cost = kListCost;
      } else if (expr.args.size() == 2 && expr.args[0]->type.Is(TypeKind::kString)) {
        cost = kTextCost;
      }
    }
    for (const auto& arg : expr.args) cost += CostOf(*arg);
    return cost;
  }

  // ---- conditions ------------------------------------------------------------------------------

  static void CollectTerms(const Expr& expr, const char* name, std::vector<const Expr*>& terms) {
    if (expr.kind == ExprKind::kCall && expr.name == name && expr.shared < 0) {
      for (const auto& arg : expr.args) CollectTerms(*arg, name, terms);
    } else {
      terms.push_back(&expr);
    }
  }

  // Generates code that goes to `yes` when `expr` is true and to `no` when it is false. Returns its
  // first step.
  Place Condition(const Expr& expr, Place yes, Place no) {
    if (const auto constant = ConstantOf(expr)) {
      if (!constant->Is(Kind::kBool)) failed_ = true;
      return constant->IsTrue() ? yes : no;
    }
    if (expr.shared < 0 && expr.kind == ExprKind::kCall) {
      if (expr.name == op::kNot) return Condition(*expr.args[0], no, yes);
      if (expr.name == op::kAnd || expr.name == op::kOr) return Chain(expr, yes, no);
      if (expr.name == op::kConditional) {
        const Place then = Condition(*expr.args[1], yes, no);
        const Place otherwise = Condition(*expr.args[2], yes, no);
        return Condition(*expr.args[0], then, otherwise);
      }
    }
    if (const auto place = Own(expr, yes, no)) {
      any_own_ = true;
      return *place;
    }
    return Term(expr, yes, no);
  }

  Place Chain(const Expr& expr, Place yes, Place no) {
    const bool is_and = expr.name == op::kAnd;
    std::vector<const Expr*> terms;
    CollectTerms(expr, is_and ? op::kAnd : op::kOr, terms);
    std::vector<std::pair<int, const Expr*>> by_cost;
    for (const Expr* term : terms) by_cost.emplace_back(CostOf(*term), term);
    std::stable_sort(by_cost.begin(), by_cost.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Place next = is_and ? yes : no;
    for (auto term = by_cost.rbegin(); term != by_cost.rend(); ++term) {
      next = is_and ? Condition(*term->second, next, no) : Condition(*term->second, yes, next);
    }
    return next;
  }

  Place Term(const Expr& expr, Place yes, Place no) {
    // A separate program cannot read the variables of the enclosing loop.
    if (!loop_variable_.empty() || !expr.type.Is(TypeKind::kBool)) {
      failed_ = true;
      return yes;
    }
    Issues issues;
    auto program = std::make_unique<Program>(CompileSteps(expr, issues));
    if (!issues.empty()) failed_ = true;
    Step step(Op::kTerm);
    step.program = program.get();
    predicate_.terms_.push_back(std::move(program));
    return Emit(std::move(step), yes, no);
  }

  // The code of a term that has native steps. Empty: it has none.
  std::optional<Place> Own(const Expr& expr, Place yes, Place no) {
    if (expr.type.Is(TypeKind::kBool)) {
      if (const auto ref = RefOf(expr)) {
        Step step(Op::kBool);
        SetA(step, *ref);
        return Emit(std::move(step), yes, no);
      }
    }
    if (expr.shared >= 0) return std::nullopt;
    if (expr.kind == ExprKind::kHas && expr.meaning == Meaning::kSlot) {
      Step step(Op::kHas);
      step.a = static_cast<std::uint32_t>(expr.index);
      return Emit(std::move(step), yes, no);
    }
    if (expr.kind == ExprKind::kComprehension) {
      const bool all = expr.macro == Macro::kAll;
      if (!all && expr.macro != Macro::kExists) return std::nullopt;
      Predicate::FieldLoop loop;
      loop.negate = all;
      // Every element satisfies the condition when none fails it.
      return all ? Loop(expr, loop, no, yes) : Loop(expr, loop, yes, no);
    }
    if (expr.kind != ExprKind::kCall || expr.args.size() != 2) return std::nullopt;
    if (expr.name == op::kIn) return Membership(expr, yes, no);
    if (auto orders = OrdersOf(expr.name)) {
      const Expr *a = expr.args[0].get(), *b = expr.args[1].get();
      if (*orders == 0) {
        *orders = kEqualBit;
        std::swap(yes, no);
      }
      if (a->constant && !b->constant) {
        std::swap(a, b);
        *orders = Mirrored(*orders);
      }
      return Comparison(*a, *b, *orders, yes, no);
    }
    return TextCall(expr, yes, no);
  }

  std::optional<Place> Membership(const Expr& expr, Place yes, Place no) {
    const auto a = RefOf(*expr.args[0]);
    if (!a || !expr.args[0]->type.Is(TypeKind::kString)) return std::nullopt;
    const Expr& range = *expr.args[1];
    if (range.type.Is(TypeKind::kAbstract)) {
      const auto b = RefOf(range);
      if (!b) return std::nullopt;
      Step step(Op::kInSet);
      SetA(step, *a);
      SetB(step, *b);
      return Emit(std::move(step), yes, no);
    }
    const auto list = ConstantOf(range);
    if (!list || !list->Is(Kind::kList)) return std::nullopt;
    std::vector<std::string> texts;
    for (const Value& element : list->AsList()) {
      if (!element.Is(Kind::kString)) return std::nullopt;
      texts.emplace_back(element.AsText());
    }
    predicate_.lists_.push_back(std::make_unique<ConstantTexts>(texts));
    Step step(Op::kInTexts);
    SetA(step, *a);
    step.list = predicate_.lists_.back().get();
    return Emit(std::move(step), yes, no);
  }

  std::optional<Place> TextCall(const Expr& expr, Place yes, Place no) {
    const auto a = RefOf(*expr.args[0]);
    const auto text = ConstantOf(*expr.args[1]);
    if (!a || !expr.args[0]->type.Is(TypeKind::kString) || !text || !text->Is(Kind::kString)) {
      return std::nullopt;
    }
    if (expr.name == "matches") {
      auto pattern =
          std::make_unique<re2::RE2>(re2::StringPiece(text->text, text->size), re2::RE2::Quiet);
      if (!pattern->ok()) return std::nullopt;
      Step step(Op::kMatches);
      SetA(step, *a);
      step.pattern = pattern.get();
      predicate_.patterns_.push_back(std::move(pattern));
      return Emit(std::move(step), yes, no);
    }
    const Op operation = expr.name == "startsWith" ? Op::kStartsWith
                         : expr.name == "endsWith" ? Op::kEndsWith
                         : expr.name == "contains" ? Op::kContains
                                                   : Op::kNo;
    if (operation == Op::kNo) return std::nullopt;
    const bool is_short = text->size <= kPackedBytes && operation != Op::kContains;
    Step step(!is_short                      ? operation
              : operation == Op::kStartsWith ? Op::kStartsWithShort
                                             : Op::kEndsWithShort);
    SetA(step, *a);
    step.size = text->size;
    if (is_short) {
      step.packed = PackText(text->text, text->size);
    } else {
      step.text = text->size == 0 ? "" : text->text;
    }
    return Emit(std::move(step), yes, no);
  }

  // ---- comparisons -----------------------------------------------------------------------------

  // The op for `orders` of a type: each relation has four ops in a row.
  static Op OrderOp(std::uint8_t orders, bool is_int, bool with_slot) {
    const int relation = orders == kLessBit                    ? 0
                         : orders == (kLessBit | kEqualBit)    ? 1
                         : orders == kGreaterBit               ? 2
                         : orders == (kGreaterBit | kEqualBit) ? 3
                                                               : 4;
    return static_cast<Op>(static_cast<int>(Op::kDoubleLessConstant) + relation * 4 +
                           (is_int ? 2 : 0) + (with_slot ? 1 : 0));
  }

  std::optional<Place> Comparison(const Expr& a, const Expr& b, std::uint8_t orders, Place yes,
                                  Place no) {
    if (a.type.kind() != b.type.kind()) return std::nullopt;
    const auto constant = ConstantOf(b);
    if (const auto ref = RefOf(a)) {
      return constant ? WithConstant(*ref, a.type.kind(), *constant, orders, yes, no)
                      : WithSlot(*ref, a.type.kind(), b, orders, yes, no);
    }
    if (!constant || a.kind != ExprKind::kCall || a.shared >= 0) return std::nullopt;
    if (constant->Is(Kind::kInt) && IsSizeCall(a))
      return Size(a, constant->integer, orders, yes, no);
    if (a.args.size() != 2) return std::nullopt;
    if (constant->Is(Kind::kDuration)) return Age(a, constant->integer, orders, yes, no);
    if (constant->Is(Kind::kDouble)) return Arithmetic(a, *constant, orders, yes, no);
    return std::nullopt;
  }

  std::optional<Place> WithConstant(const Ref& ref, TypeKind type, const Value& constant,
                                    std::uint8_t orders, Place yes, Place no) {
    if (type == TypeKind::kDouble && constant.Is(Kind::kDouble)) {
      Step step(OrderOp(orders, false, false));
      SetA(step, ref);
      step.number = constant.number;
      return Emit(std::move(step), yes, no);
    }
    if ((type == TypeKind::kInt && constant.Is(Kind::kInt)) ||
        (type == TypeKind::kDuration && constant.Is(Kind::kDuration))) {
      Step step(OrderOp(orders, true, false));
      SetA(step, ref);
      step.integer = constant.integer;
      return Emit(std::move(step), yes, no);
    }
    if (orders != kEqualBit) return std::nullopt;
    if (type == TypeKind::kBool && constant.Is(Kind::kBool)) {
      Step step(Op::kBool);
      SetA(step, ref);
      return constant.boolean ? Emit(std::move(step), yes, no) : Emit(std::move(step), no, yes);
    }
    if (type != TypeKind::kString || !constant.Is(Kind::kString)) return std::nullopt;
    const bool is_short = constant.size <= kPackedBytes;
    Step step(is_short ? Op::kTextShort : Op::kTextLong);
    SetA(step, ref);
    step.size = constant.size;
    if (is_short) {
      step.packed = PackText(constant.text, constant.size);
    } else {
      step.text = constant.text;
    }
    return Emit(std::move(step), yes, no);
  }

  std::optional<Place> WithSlot(const Ref& a, TypeKind type, const Expr& other, std::uint8_t orders,
                                Place yes, Place no) {
    const auto b = RefOf(other);
    if (!b) return std::nullopt;
    Op operation;
    if (type == TypeKind::kDouble) {
      operation = OrderOp(orders, false, true);
    } else if (type == TypeKind::kInt || type == TypeKind::kDuration) {
      operation = OrderOp(orders, true, true);
    } else if (type == TypeKind::kString && orders == kEqualBit) {
      operation = Op::kTextSlot;
    } else {
      return std::nullopt;
    }
    Step step(operation);
    SetA(step, a);
    SetB(step, *b);
    return Emit(std::move(step), yes, no);
  }

  std::optional<Place> Age(const Expr& a, std::int64_t nanos, std::uint8_t orders, Place yes,
                           Place no) {
    const auto left = RefOf(*a.args[0]), right = RefOf(*a.args[1]);
    const auto range = WholeRange::Of(orders, nanos);
    if (a.name != op::kSubtract || !left || !right || !range ||
        !a.args[0]->type.Is(TypeKind::kTimestamp) || !a.args[1]->type.Is(TypeKind::kTimestamp)) {
      return std::nullopt;
    }
    Step step(Op::kAge);
    SetA(step, *left);
    SetB(step, *right);
    step.range = *range;
    return Emit(std::move(step), yes, no);
  }

  std::optional<Place> Arithmetic(const Expr& a, const Value& constant, std::uint8_t orders,
                                  Place yes, Place no) {
    constexpr std::pair<const char*, Op> kOperators[] = {{op::kAdd, Op::kAdd},
                                                         {op::kSubtract, Op::kSubtract},
                                                         {op::kMultiply, Op::kMultiply},
                                                         {op::kDivide, Op::kDivide}};
    Op operation = Op::kNo;
    for (const auto& [name, mine] : kOperators) {
      if (a.name == name) operation = mine;
    }
    const Expr& divisor = *a.args[1];
    const bool per_piece = operation == Op::kDivide && divisor.kind == ExprKind::kCall &&
                           divisor.name == "double" && divisor.shared < 0 &&
                           divisor.args.size() == 1 && divisor.args[0]->shared < 0 &&
                           IsSizeCall(*divisor.args[0]);
    const auto left = RefOf(*a.args[0]);
    const auto right = RefOf(per_piece ? *divisor.args[0]->args[0] : divisor);
    const bool doubles =
        a.args[0]->type.Is(TypeKind::kDouble) && divisor.type.Is(TypeKind::kDouble);
    const auto range = NumberRange::Of(orders, constant.number);
    if (operation == Op::kNo || !left || !right || !doubles || !range) return std::nullopt;
    Step step(per_piece ? Op::kPerPiece : operation);
    SetA(step, *left);
    SetB(step, *right);
    step.numbers = *range;
    return Emit(std::move(step), yes, no);
  }

  // size(list) against a number, or size(list.filter(x, condition)): then nothing is built.
  std::optional<Place> Size(const Expr& call, std::int64_t number, std::uint8_t orders, Place yes,
                            Place no) {
    const Expr& range = *call.args[0];
    const auto counts = WholeRange::Of(orders, number);
    if (!counts) return std::nullopt;
    if (const auto ref = RefOf(range)) {
      Step step(Op::kSize);
      SetA(step, *ref);
      step.range = *counts;
      return Emit(std::move(step), yes, no);
    }
    if (range.kind != ExprKind::kComprehension || range.macro != Macro::kFilter)
      return std::nullopt;
    Predicate::FieldLoop loop;
    loop.counted = true;
    loop.counts = *counts;
    return Loop(range, loop, yes, no);
  }

  // ---- loops over lists of records -------------------------------------------------------------

  std::optional<Place> Loop(const Expr& expr, Predicate::FieldLoop loop, Place yes, Place no) {
    const auto list = RefOf(*expr.args[0]);
    const Type& type = expr.args[0]->type;
    const bool of_records = type.Is(TypeKind::kList) && type.args()[0].Is(TypeKind::kRecord);
    if (!list || list->base != kSlots || !of_records || !expr.second.empty() ||
        !loop_variable_.empty()) {
      return std::nullopt;
    }
    loop_variable_ = expr.name;
    const auto operation = LoopOp(*expr.args[1], loop);
    loop_variable_.clear();
    if (!operation) return std::nullopt;
    predicate_.loops_.push_back(std::make_unique<Predicate::FieldLoop>(loop));
    Step step(*operation);
    SetA(step, *list);
    step.loop = predicate_.loops_.back().get();
    return Emit(std::move(step), yes, no);
  }

  std::optional<Op> LoopOp(const Expr& body, Predicate::FieldLoop& loop) {
    if (const auto simple = SimpleLoopOp(body, loop)) return simple;
    const std::size_t before = drafts_.size();
    const bool failed_before = failed_, own_before = any_own_;
    const Place begin = Condition(body, kYes, kNo);
    if (failed_ && !failed_before) {
      // Left to a program; the steps generated for the body are removed.
      drafts_.erase(drafts_.begin() + static_cast<std::ptrdiff_t>(before), drafts_.end());
      failed_ = failed_before;
      any_own_ = own_before;
      return std::nullopt;
    }
    loop.body_place = begin;
    return Op::kLoop;
  }

  // A field that is true, or one comparison of a field with a constant, has a loop of its own.
  std::optional<Op> SimpleLoopOp(const Expr& body, Predicate::FieldLoop& loop) {
    const auto op_of = [&loop](Op any) {
      // Each any-op is followed by its count.
      return static_cast<Op>(static_cast<int>(any) + (loop.counted ? 1 : 0));
    };
    if (const auto field = RefOf(body);
        field && field->base == kFields && body.type.Is(TypeKind::kBool)) {
      loop.field = field->number;
      return op_of(Op::kAnyBool);
    }
    if (body.kind != ExprKind::kCall || body.args.size() != 2) return std::nullopt;
    auto orders = OrdersOf(body.name);
    if (!orders) return std::nullopt;
    const Expr *a = body.args[0].get(), *b = body.args[1].get();
    if (a->constant) {
      std::swap(a, b);
      *orders = Mirrored(*orders);
    }
    const auto field = RefOf(*a);
    const auto constant = ConstantOf(*b);
    if (!field || field->base != kFields || !constant || a->type.kind() != b->type.kind()) {
      return std::nullopt;
    }
    const bool unequal = *orders == 0;
    if (unequal) *orders = kEqualBit;
    Op any;
    if (constant->Is(Kind::kString) && *orders == kEqualBit && constant->size <= kPackedBytes) {
      any = Op::kAnyText;
      loop.size = constant->size;
      loop.packed = PackText(constant->text, constant->size);
    } else if (const auto range = WholeRange::Of(*orders, constant->integer);
               constant->Is(Kind::kInt) && range) {
      any = Op::kAnyInt;
      loop.range = *range;
    } else if (const auto numbers = NumberRange::Of(*orders, constant->number);
               constant->Is(Kind::kDouble) && numbers) {
      any = Op::kAnyDouble;
      loop.numbers = *numbers;
    } else {
      return std::nullopt;
    }
    loop.field = field->number;
    loop.negate = loop.negate != unequal;
    return op_of(any);
  }

  Predicate& predicate_;
  const SlotCost& slot_cost_;
  std::vector<Draft> drafts_;
  std::string loop_variable_;  // of the loop whose body is being compiled
  bool failed_ = false;
  bool any_own_ = false;
};

std::unique_ptr<const Predicate> Predicate::Compile(const Expr& expr, const SlotCost& cost) {
  std::unique_ptr<Predicate> predicate(new Predicate());
  if (!PredicateCompiler(*predicate, cost).Run(expr)) return nullptr;
  return predicate;
}

}  // namespace holdfast::cel
