#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "engine/cel/eval/compiler.h"
#include "engine/cel/eval/machine.h"
#include "engine/cel/eval/operations.h"
#include "engine/cel/eval/program.h"

namespace holdfast::cel {

Program::Program() = default;
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

// Compiles a tree into steps. Temporaries are allocated as a stack.
class Compiler {
 public:
  explicit Compiler(Issues& issues, bool folding = false) : issues_(issues), folding_(folding) {}

  Program Run(const Expr& expr) {
    const Operand result = ToOperand(expr);
    Emit({Op::kReturn, 0, result, 0, 0});
    program_.temps_ = static_cast<int>(temps_max_);
    program_.slots_.assign(slots_.begin(), slots_.end());
    if (program_.steps_.size() > kStepsMax || temps_max_ > kNumberMask ||
        program_.constants_.size() > kNumberMask || program_.text_lists_.size() > kNumberMask ||
        (!slots_.empty() && *slots_.rbegin() > kNumberMask)) {
      issues_.push_back({"limit", expr.range, "the expression is too large", {}});
    }
    return std::move(program_);
  }

  // Marks expressions that read no variable. Returns whether the whole expression is one.
  static bool MarkConstants(Expr& expr) {
    bool constant = true;
    for (auto& arg : expr.args) constant = MarkConstants(*arg) && constant;
    // A loop over constants is not folded, because it may be long.
    if (expr.kind == ExprKind::kComprehension || expr.kind == ExprKind::kBind) {
      return expr.constant = false;
    }
    switch (expr.meaning) {
      case Meaning::kSlot:
      case Meaning::kOptionalSlot:
      case Meaning::kLocal:
      case Meaning::kFault:
        constant = false;
        break;
      default:
        break;
    }
    return expr.constant = constant;
  }

 private:
  static constexpr std::size_t kStepsMax = 1'000'000;

  std::size_t Emit(Step step) {
    program_.steps_.push_back(step);
    return program_.steps_.size() - 1;
  }
  std::int32_t Here() const { return static_cast<std::int32_t>(program_.steps_.size()); }
  void Land(std::size_t step) { program_.steps_[step].jump = Here(); }

  std::uint16_t NewTemp() {
    ++temps_;
    temps_max_ = std::max(temps_max_, temps_);
    return static_cast<std::uint16_t>(temps_ - 1);
  }

  Operand Constant(const Value& value) {
    program_.constants_.push_back(DeepCopy(value, program_.arena_));
    return static_cast<Operand>(kConstantSpace | ((program_.constants_.size() - 1) & kNumberMask));
  }

  // The value of a constant expression, computed at compile time. False when the computation fails;
  // then the expression fails each time it runs.
  bool Fold(const Expr& expr, Operand& out) {
    if (folding_) {
      if (expr.kind != ExprKind::kLiteral) return false;
      out = Constant(ToValue(expr.literal));
      return true;
    }
    const auto value = FoldConstant(expr, program_.arena_);
    if (!value) return false;
    program_.constants_.push_back(*value);
    out = static_cast<Operand>(kConstantSpace | ((program_.constants_.size() - 1) & kNumberMask));
    return true;
  }

  // Where the value of `expr` can be read: its slot, a constant, or a new temporary.
  Operand ToOperand(const Expr& expr) {
    Operand folded = 0;
    if (Fold(expr, folded)) return folded;
    if (expr.shared >= 0) return SlotOperand(expr.shared);
    if (expr.meaning == Meaning::kSlot && expr.kind != ExprKind::kHas) {
      return SlotOperand(expr.index);
    }
    if (expr.meaning == Meaning::kLocal) return LocalOperand(expr.name);
    const std::uint16_t dst = NewTemp();
    To(expr, dst);
    return dst;
  }

  Operand SlotOperand(int slot) {
    slots_.insert(slot);
    return static_cast<Operand>(kSlotSpace | (slot & kNumberMask));
  }

  Operand LocalOperand(const std::string& name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->first == name) return local->second;
    }
    return 0;
  }

  // Steps that leave the value of `expr` in temporary `dst`.
  void To(const Expr& expr, std::uint16_t dst) {
    const std::size_t temps = temps_;
    ToInner(expr, dst);
    temps_ = temps;
  }

  void Copy(Operand from, std::uint16_t dst) { Emit({Op::kMove, dst, from, 0, 0}); }

  void ToInner(const Expr& expr, std::uint16_t dst) {
    Operand folded = 0;
    if (Fold(expr, folded)) return Copy(folded, dst);
    if (expr.shared >= 0) return Copy(SlotOperand(expr.shared), dst);
    switch (expr.meaning) {
      case Meaning::kSlot:
        if (expr.kind == ExprKind::kHas) {
          Emit({Op::kHasSlot, dst, SlotOperand(expr.index), 0, 0});
          return;
        }
        return Copy(ToOperand(expr), dst);
      case Meaning::kOptionalSlot:
        Emit({Op::kOptionalSlot, dst, SlotOperand(expr.index), 0, 0});
        return;
      case Meaning::kLocal:
        return Copy(LocalOperand(expr.name), dst);
      case Meaning::kTypeName:
        return Copy(Constant(Value::Type(std::get<std::string>(expr.literal))), dst);
      case Meaning::kFault:
        return Copy(Constant(Value::Error(expr.name)), dst);
      default:
        break;
    }
    switch (expr.kind) {
      case ExprKind::kSelect:
      case ExprKind::kHas:
        return SelectTo(expr, dst);
      case ExprKind::kCall:
        return CallTo(expr, dst);
      case ExprKind::kList:
      case ExprKind::kMap: {
        const std::uint16_t from = ArgsToTemps(expr);
        const bool is_list = expr.kind == ExprKind::kList;
        const auto count = static_cast<Operand>(is_list ? expr.args.size() : expr.args.size() / 2);
        Emit({is_list ? Op::kMakeList : Op::kMakeMap, dst, from, count, Marks(expr)});
        return;
      }
      case ExprKind::kBind: {
        const Operand value = ToOperand(*expr.args[0]);
        locals_.emplace_back(expr.name, value);
        To(*expr.args[1], dst);
        locals_.pop_back();
        return;
      }
      case ExprKind::kComprehension:
        return LoopTo(expr, dst);
      default:
        return;
    }
  }

  std::int32_t Marks(const Expr& expr) {
    if (expr.marks.empty()) return 0;
    auto marks = std::make_unique<bool[]>(expr.marks.size());
    std::copy(expr.marks.begin(), expr.marks.end(), marks.get());
    program_.marks_.push_back(std::move(marks));
    return static_cast<std::int32_t>(program_.marks_.size());
  }

  // Evaluates the arguments into consecutive temporaries. Returns the first.
  std::uint16_t ArgsToTemps(const Expr& expr) {
    const auto from = static_cast<std::uint16_t>(temps_);
    for (std::size_t i = 0; i < expr.args.size(); ++i) NewTemp();
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      To(*expr.args[i], static_cast<std::uint16_t>(from + i));
    }
    return from;
  }

  void SelectTo(const Expr& expr, std::uint16_t dst) {
    const bool test = expr.kind == ExprKind::kHas;
    const Operand operand = ToOperand(*expr.args[0]);
    if (expr.index >= 0) {
      const Op read = expr.optional ? Op::kOptionalField : Op::kField;
      Emit({test ? Op::kHasField : read, dst, operand, 0, expr.index});
    } else {
      const Op read = expr.optional ? Op::kOptionalSelect : Op::kSelect;
      Emit({test ? Op::kHasKey : read, dst, operand, Constant(Value::String(expr.name)), 0});
    }
  }

  // ---- calls ------------------------------------------------------------------------------------

  enum class JumpWhen : std::uint8_t { kNever, kFalse, kTrue };

  // The comparison step for `name` on operands of the given types, if `name` is a comparison.
  static bool CompareOp(const std::string& name, const Type& a, const Type& b, JumpWhen when,
                        Op& out) {
    constexpr std::pair<const char*, Op> kBase[] = {
        {op::kEqual, Op::kEqualInt},     {op::kNotEqual, Op::kNotEqualInt},
        {op::kLess, Op::kLessInt},       {op::kLessEqual, Op::kLessEqualInt},
        {op::kGreater, Op::kGreaterInt}, {op::kGreaterEqual, Op::kGreaterEqualInt}};
    for (const auto& [relation, base] : kBase) {
      if (name != relation) continue;
      int type = 3;
      if (a.kind() == b.kind()) {
        if (a.Is(TypeKind::kInt) || a.Is(TypeKind::kDuration)) type = 0;
        if (a.Is(TypeKind::kDouble)) type = 1;
        if (a.Is(TypeKind::kString)) type = 2;
      }
      out = static_cast<Op>(static_cast<int>(base) + static_cast<int>(when) * 4 + type);
      return true;
    }
    return false;
  }

  // Stores the value in `dst` and jumps when it is false (or true). Returns the number of the jump,
  // whose target is set later.
  std::size_t BranchTo(const Expr& expr, std::uint16_t dst, JumpWhen when) {
    Op compare;
    if (expr.kind == ExprKind::kCall && !expr.constant && expr.args.size() == 2 &&
        expr.meaning == Meaning::kFunction &&
        CompareOp(expr.name, expr.args[0]->type, expr.args[1]->type, when, compare)) {
      const std::size_t temps = temps_;
      const Operand a = ToOperand(*expr.args[0]);
      const Operand b = ToOperand(*expr.args[1]);
      temps_ = temps;
      return Emit({compare, dst, a, b, 0});
    }
    To(expr, dst);
    Step& last = program_.steps_.back();
    if (when == JumpWhen::kFalse && last.op == Op::kInTexts && last.dst == dst) {
      last.op = Op::kInTextsJumpFalse;
      return program_.steps_.size() - 1;
    }
    return Emit({when == JumpWhen::kFalse ? Op::kJumpFalse : Op::kJumpTrue, 0, dst, 0, 0});
  }

  void CallTo(const Expr& expr, std::uint16_t dst) {
    const std::string& name = expr.name;
    if (name == op::kAnd || name == op::kOr) return LogicTo(expr, dst);
    if (name == op::kConditional) return ConditionalTo(expr, dst);
    Op compare;
    if (expr.args.size() == 2 &&
        CompareOp(name, expr.args[0]->type, expr.args[1]->type, JumpWhen::kNever, compare)) {
      const Operand a = ToOperand(*expr.args[0]);
      const Operand b = ToOperand(*expr.args[1]);
      Emit({compare, dst, a, b, 0});
      return;
    }
    if (name == op::kIn && InTextsTo(expr, dst)) return;
    if (name == "matches" && MatchesTo(expr, dst)) return;
    const TypeKind first = expr.args.empty() ? TypeKind::kDyn : expr.args[0]->type.kind();
    if (name == "size" && (first == TypeKind::kList || first == TypeKind::kMap)) {
      Emit({Op::kSize, dst, ToOperand(*expr.args[0]), 0, 0});
      return;
    }
    if (name == "double" && first == TypeKind::kInt) {
      const Expr& inner = *expr.args[0];
      if (inner.kind == ExprKind::kCall && inner.name == "size" && inner.args.size() == 1 &&
          (inner.args[0]->type.Is(TypeKind::kList) || inner.args[0]->type.Is(TypeKind::kMap))) {
        Emit({Op::kSizeToDouble, dst, ToOperand(*inner.args[0]), 0, 0});
        return;
      }
      Emit({Op::kIntToDouble, dst, ToOperand(*expr.args[0]), 0, 0});
      return;
    }
    Op operation;
    if (OperatorOp(expr, operation)) {
      const Operand a = ToOperand(*expr.args[0]);
      const Operand b = expr.args.size() > 1 ? ToOperand(*expr.args[1]) : Operand{0};
      Emit({operation, dst, a, b, 0});
      return;
    }
    if (expr.has_target && (name == "or" || name == "orValue") && expr.args.size() == 2) {
      const Operand optional = ToOperand(*expr.args[0]);
      const std::size_t done =
          Emit({name == "or" ? Op::kOrElse : Op::kOrValueElse, dst, optional, 0, 0});
      To(*expr.args[1], dst);
      return Land(done);
    }
    if (expr.function->function == nullptr) {
      return Copy(Constant(Value::Error("the function has no body")), dst);
    }
    const std::uint16_t from = ArgsToTemps(expr);
    program_.functions_.push_back(expr.function->function);
    Emit({Op::kCall, dst, from, static_cast<Operand>(expr.args.size()),
          static_cast<std::int32_t>(program_.functions_.size() - 1)});
  }

  static bool OperatorOp(const Expr& expr, Op& out) {
    constexpr std::pair<const char*, Op> kOps[] = {{op::kNot, Op::kNot},
                                                   {op::kNegate, Op::kNegate},
                                                   {op::kAdd, Op::kAdd},
                                                   {op::kSubtract, Op::kSubtract},
                                                   {op::kMultiply, Op::kMultiply},
                                                   {op::kDivide, Op::kDivide},
                                                   {op::kModulo, Op::kModulo},
                                                   {op::kIndex, Op::kIndex},
                                                   {op::kIn, Op::kIn},
                                                   {op::kOptionalIndex, Op::kOptionalIndex}};
    for (const auto& [name, operation] : kOps) {
      if (expr.name != name) continue;
      out = operation;
      if (expr.args.size() != 2) return true;
      const Type &a = expr.args[0]->type, &b = expr.args[1]->type;
      if (a.Is(TypeKind::kDouble) && b.Is(TypeKind::kDouble)) {
        if (out == Op::kAdd) out = Op::kAddDouble;
        if (out == Op::kSubtract) out = Op::kSubtractDouble;
        if (out == Op::kMultiply) out = Op::kMultiplyDouble;
        if (out == Op::kDivide) out = Op::kDivideDouble;
      }
      if (a.Is(TypeKind::kTimestamp) && b.Is(TypeKind::kTimestamp) && out == Op::kSubtract) {
        out = Op::kSubtractTime;
      }
      return true;
    }
    return false;
  }

  // The terms of a chain of && or of ||, left to right.
  static void CollectTerms(const Expr& expr, const std::string& name,
                           std::vector<const Expr*>& terms) {
    for (const auto& arg : expr.args) {
      if (arg->kind == ExprKind::kCall && arg->name == name && !arg->constant) {
        CollectTerms(*arg, name, terms);
      } else {
        terms.push_back(arg.get());
      }
    }
  }

  // A chain ends as soon as a term decides it. The last term needs no jump.
  void LogicTo(const Expr& expr, std::uint16_t dst) {
    const bool is_and = expr.name == op::kAnd;
    std::vector<const Expr*> terms;
    CollectTerms(expr, expr.name, terms);
    std::vector<std::size_t> exits;
    exits.push_back(BranchTo(*terms[0], dst, is_and ? JumpWhen::kFalse : JumpWhen::kTrue));
    for (std::size_t i = 1; i < terms.size(); ++i) {
      const std::size_t temps = temps_;
      const Operand term = ToOperand(*terms[i]);
      temps_ = temps;
      if (i + 1 == terms.size()) {
        Emit({is_and ? Op::kAnd : Op::kOr, dst, dst, term, 0});
      } else {
        exits.push_back(Emit({is_and ? Op::kAndJumpFalse : Op::kOrJumpTrue, dst, dst, term, 0}));
      }
    }
    for (const std::size_t exit : exits) Land(exit);
  }

  void ConditionalTo(const Expr& expr, std::uint16_t dst) {
    const Operand condition = ToOperand(*expr.args[0]);
    const std::size_t branch = Emit({Op::kCondition, dst, condition, 0, 0});
    const std::size_t faulty = Emit({Op::kJump, 0, 0, 0, 0});
    To(*expr.args[1], dst);
    const std::size_t done = Emit({Op::kJump, 0, 0, 0, 0});
    Land(branch);
    To(*expr.args[2], dst);
    Land(done);
    Land(faulty);
  }

  // `x in ['a', 'b']` with a text x.
  bool InTextsTo(const Expr& expr, std::uint16_t dst) {
    const Expr& list = *expr.args[1];
    if (list.kind != ExprKind::kList || list.args.empty()) return false;
    std::vector<std::string> texts;
    for (const auto& element : list.args) {
      const auto* text = std::get_if<std::string>(&element->literal);
      if (element->kind != ExprKind::kLiteral || text == nullptr) return false;
      texts.push_back(*text);
    }
    program_.text_lists_.emplace_back(std::move(texts));
    const Operand operand = ToOperand(*expr.args[0]);
    Emit({Op::kInTexts, dst, operand, static_cast<Operand>(program_.text_lists_.size() - 1), 0});
    return true;
  }

  // A constant pattern is compiled once.
  bool MatchesTo(const Expr& expr, std::uint16_t dst) {
    const Expr& pattern = *expr.args.back();
    const auto* text = std::get_if<std::string>(&pattern.literal);
    if (pattern.kind != ExprKind::kLiteral || text == nullptr) return false;
    auto regex = std::make_unique<re2::RE2>(*text, RE2::Quiet);
    if (!regex->ok()) return false;
    program_.patterns_.push_back(std::move(regex));
    const Operand operand = ToOperand(*expr.args[0]);
    Emit({Op::kMatches, dst, operand, 0, static_cast<std::int32_t>(program_.patterns_.size() - 1)});
    return true;
  }

  // ---- loops ------------------------------------------------------------------------------------

  void OptionalMapTo(const Expr& expr, std::uint16_t dst) {
    const Operand range = ToOperand(*expr.args[0]);
    const std::uint16_t variable = NewTemp();
    const std::uint16_t result = NewTemp();
    const std::size_t exit = Emit({Op::kOpen, variable, range, result, 0});
    locals_.emplace_back(expr.name, variable);
    const Operand value = ToOperand(*expr.args[1]);
    locals_.pop_back();
    Emit({expr.macro == Macro::kOptMap ? Op::kWrap : Op::kMove, result, value, 0, 0});
    Land(exit);
    Copy(result, dst);
  }

  void LoopTo(const Expr& expr, std::uint16_t dst) {
    if (expr.macro == Macro::kOptMap || expr.macro == Macro::kOptFlatMap) {
      return OptionalMapTo(expr, dst);
    }
    const bool pairs = !expr.second.empty();
    const Operand range = ToOperand(*expr.args[0]);
    const std::uint16_t index = NewTemp();
    const std::uint16_t variable = NewTemp();
    if (pairs) NewTemp();
    const std::uint16_t result = NewTemp();  // dst may be read by the body
    std::vector<std::size_t> exits;
    // The result is the loop's value so far; kIterate must not find it missing.
    exits.push_back(Emit({Op::kIterate, index, range, result, 0}));
    switch (expr.macro) {
      case Macro::kAll:
      case Macro::kExists:
        Copy(Constant(Value::Bool(expr.macro == Macro::kAll)), result);
        break;
      case Macro::kExistsOne:
        Copy(Constant(Value::Int(0)), result);
        break;
      case Macro::kTransformMap:
      case Macro::kTransformMapEntry:
        Emit({Op::kBuildMap, result, range, 0, 0});
        break;
      default:
        Emit({Op::kBuild, result, range, 0, 0});
    }
    const std::int32_t loop = Here();
    exits.push_back(Emit({pairs ? Op::kNextPair : Op::kNext, variable, range, index, 0}));
    locals_.emplace_back(expr.name, variable);
    if (pairs) locals_.emplace_back(expr.second, static_cast<Operand>(variable + 1));
    LoopBody(expr, variable, result, loop, exits);
    locals_.resize(locals_.size() - (pairs ? 2 : 1));
    Emit({Op::kJump, 0, 0, 0, loop});
    for (const std::size_t exit : exits) Land(exit);
    if (expr.macro == Macro::kExistsOne) Emit({Op::kIsOne, result, 0, 0, 0});
    Copy(result, dst);
  }

  void LoopBody(const Expr& expr, std::uint16_t variable, std::uint16_t result, std::int32_t loop,
                std::vector<std::size_t>& exits) {
    const std::size_t temps = temps_;
    const Operand value = ToOperand(*expr.args[1]);
    switch (expr.macro) {
      case Macro::kAll:
        Emit({Op::kAnd, result, result, value, 0});
        exits.push_back(Emit({Op::kJumpFalse, 0, result, 0, 0}));
        break;
      case Macro::kExists:
        Emit({Op::kOr, result, result, value, 0});
        exits.push_back(Emit({Op::kJumpTrue, 0, result, 0, 0}));
        break;
      case Macro::kExistsOne:
        exits.push_back(Emit({Op::kCount, result, value, 0, 0}));
        break;
      case Macro::kFilter:
        exits.push_back(Emit({Op::kAppendIf, result, value, variable, 0}));
        break;
      default: {
        Operand mapped = value;
        if (expr.args.size() == 3) {
          exits.push_back(Emit({Op::kRequire, result, value, 0, 0}));
          Emit({Op::kJumpFalse, 0, value, 0, loop});
          mapped = ToOperand(*expr.args[2]);
        }
        if (expr.macro == Macro::kTransformMap) {
          exits.push_back(Emit({Op::kAppendEntry, result, variable, mapped, 0}));
        } else {
          const bool entries = expr.macro == Macro::kTransformMapEntry;
          exits.push_back(Emit({entries ? Op::kAppendEntries : Op::kAppend, result, mapped, 0, 0}));
        }
      }
    }
    temps_ = temps;
  }

  Issues& issues_;
  Program program_;
  std::set<int> slots_;
  std::size_t temps_ = 0;
  std::size_t temps_max_ = 0;
  std::vector<std::pair<std::string, Operand>> locals_;
  bool folding_;  // folding a constant: its parts are not folded again
};

std::optional<Value> FoldConstant(const Expr& expr, Arena& arena) {
  if (expr.kind == ExprKind::kLiteral) return DeepCopy(ToValue(expr.literal), arena);
  if (!expr.constant) return std::nullopt;
  Issues ignored;  // a value that is too large is reported when it is compiled without folding
  const Program program = Compiler(ignored, true).Run(expr);
  if (!ignored.empty()) return std::nullopt;
  Machine machine;
  const Value value = machine.Run(program, nullptr);
  if (value.IsAbsent()) return std::nullopt;
  return DeepCopy(value, arena);
}

Program CompileSteps(const Expr& expr, Issues& issues) { return Compiler(issues).Run(expr); }

Program Compile(Expr& expr, Issues& issues, const SlotCost& cost) {
  Compiler::MarkConstants(expr);
  Compiler compiler(issues);
  const std::size_t before = issues.size();
  Program program = compiler.Run(expr);
  if (issues.size() == before && expr.type.Is(TypeKind::kBool) && !expr.constant) {
    program.predicate_ = Predicate::Compile(expr, cost ? cost : SlotCost([](int) { return 1; }));
  }
  return program;
}

}  // namespace holdfast::cel
