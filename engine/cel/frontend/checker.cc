#include "engine/cel/frontend/checker.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <optional>

#include "engine/base/text.h"

namespace holdfast::cel {
namespace {

using enum TypeKind;

// The types that type parameters are bound to so far.
class Bindings {
 public:
  const Type* Find(const Type& param) const {
    const auto found = bound_.find(param.name());
    return found == bound_.end() ? nullptr : &found->second;
  }
  void Bind(const Type& param, Type type) { bound_[param.name()] = std::move(type); }

  // `type` with parameters replaced; unbound ones by dyn where `to_dyn`.
  Type Resolve(const Type& type, bool to_dyn) const {
    if (type.Is(kParam)) {
      if (const Type* bound = Find(type)) return Resolve(*bound, to_dyn);
      return to_dyn ? Type(kDyn) : type;
    }
    if (type.args().empty()) return type;
    std::vector<Type> args;
    for (const Type& arg : type.args()) args.push_back(Resolve(arg, to_dyn));
    switch (type.kind()) {
      case kList:
        return Type::List(args[0]);
      case kMap:
        return Type::Map(args[0], args[1]);
      case kType:
        return Type::TypeOf(args[0]);
      default:
        return Type::Abstract(type.name(), std::move(args));
    }
  }

 private:
  std::map<std::string, Type> bound_;
};

// True when `a` is at most as specific as `b` (dyn is the least specific).
bool IsEqualOrLessSpecific(const Type& a, const Type& b) {
  if (a.Is(kDyn) || a.Is(kParam)) return true;
  if (b.Is(kDyn) || b.Is(kParam)) return false;
  if (a.kind() != b.kind() || a.name() != b.name() || a.args().size() != b.args().size())
    return false;
  if (a.Is(kRecord)) return a == b;
  for (std::size_t i = 0; i < a.args().size(); ++i) {
    if (!IsEqualOrLessSpecific(a.args()[i], b.args()[i])) return false;
  }
  return true;
}

Type MostGeneral(const Type& a, const Type& b) { return IsEqualOrLessSpecific(a, b) ? a : b; }

class Checker {
 public:
  Checker(const Environment& environment, Checking checking, Issues& issues)
      : env_(environment), lenient_(checking == Checking::kLenient), issues_(issues) {}

  Type Run(Expr& expr) {
    Visit(expr);
    Settle(expr);
    return expr.type;
  }

 private:
  static constexpr const char* kOptionalName = "optional_type";
  static Type OptionalOf(Type type) { return Type::Abstract(kOptionalName, {std::move(type)}); }
  static bool IsOptional(const Type& type) {
    return type.Is(kAbstract) && type.name() == kOptionalName && type.args().size() == 1;
  }

  // ---- assignability (unification with parameters) ---------------------------------------------

  bool OccursIn(const Type& param, const Type& type) const {
    if (type.Is(kParam)) {
      if (type.name() == param.name()) return true;
      const Type* bound = bindings_.Find(type);
      return bound != nullptr && OccursIn(param, *bound);
    }
    return std::any_of(type.args().begin(), type.args().end(),
                       [&](const Type& arg) { return OccursIn(param, arg); });
  }

  // Returns whether `param` can be bound to `type`, and whether it was bound before.
  std::pair<bool, bool> Substitute(const Type& type, const Type& param) {
    if (type == param) return {true, true};
    if (const Type* bound = bindings_.Find(param)) {
      const Type before = *bound;
      if (type == before) return {true, true};
      if (!Unify(type, before)) return {false, true};
      const Type general = MostGeneral(type, before);
      if (!OccursIn(param, general)) bindings_.Bind(param, general);
      return {true, true};
    }
    if (OccursIn(param, type)) return {false, false};
    bindings_.Bind(param, type);
    return {true, false};
  }

  static bool TakesNull(const Type& type) {
    return type.Is(kNull) || type.Is(kTimestamp) || type.Is(kDuration) || type.Is(kAbstract);
  }

  bool Unify(const Type& a, const Type& b) {
    if (b.Is(kParam)) {
      const auto [fits, was_bound] = Substitute(a, b);
      if (fits) return true;
      if (was_bound) return false;
    }
    if (a.Is(kParam)) return Substitute(b, a).first;
    if (a.Is(kDyn) || b.Is(kDyn)) return true;
    if (a.Is(kNull)) return TakesNull(b);
    if (b.Is(kNull)) return TakesNull(a);
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case kList:
      case kMap:
      case kAbstract: {
        if (a.name() != b.name() || a.args().size() != b.args().size()) return false;
        for (std::size_t i = 0; i < a.args().size(); ++i) {
          if (!Unify(a.args()[i], b.args()[i])) return false;
        }
        return true;
      }
      case kRecord:
        return a == b;
      default:
        return true;
    }
  }

  // Unify, with what it bound undone when it fails.
  bool Assignable(const std::vector<Type>& from, const std::vector<Type>& to) {
    const Bindings before = bindings_;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (!Unify(from[i], to[i])) {
        bindings_ = before;
        return false;
      }
    }
    return true;
  }

  Type Fresh() { return Type::Param("%" + std::to_string(fresh_++)); }

  Type Instantiate(const Type& type, std::map<std::string, Type>& fresh) {
    if (type.Is(kParam)) {
      auto [at, added] = fresh.try_emplace(type.name(), Type(kDyn));
      if (added) at->second = Fresh();
      return at->second;
    }
    if (type.args().empty()) return type;
    Bindings names;
    for (const Type& arg : type.args()) CollectParams(arg, fresh, names);
    return names.Resolve(type, false);
  }
  void CollectParams(const Type& type, std::map<std::string, Type>& fresh, Bindings& names) {
    if (type.Is(kParam)) {
      names.Bind(type, Instantiate(type, fresh));
      return;
    }
    for (const Type& arg : type.args()) CollectParams(arg, fresh, names);
  }

  Type Join(const std::optional<Type>& previous, const Type& current) {
    if (!previous) return current;
    if (Assignable({*previous}, {current})) return MostGeneral(*previous, current);
    return Type(kDyn);
  }

  // ---- findings --------------------------------------------------------------------------------

  void Report(Expr& expr, std::string_view code, Range range, std::string message,
              std::string help = {}) {
    expr.type = Type(kDyn);
    if (lenient_) {
      expr.meaning = Meaning::kFault;
      expr.name = std::move(message);
      return;
    }
    issues_.push_back({code, range, std::move(message), std::move(help)});
  }

  // ---- names -----------------------------------------------------------------------------------

  // The dotted name that `expr` spells, or nothing.
  static std::optional<std::string> QualifiedName(const Expr& expr) {
    if (expr.kind == ExprKind::kIdent) return expr.name;
    if (expr.kind != ExprKind::kSelect) return std::nullopt;
    auto operand = QualifiedName(*expr.args[0]);
    if (!operand) return std::nullopt;
    *operand += '.';
    *operand += expr.name;
    return operand;
  }
  // Is one of the selects of a dotted name written `.?name`?
  static bool AnyOptional(const Expr& expr) {
    return expr.kind != ExprKind::kIdent && (expr.optional || AnyOptional(*expr.args[0]));
  }
  static const Expr& Root(const Expr& expr) {
    return expr.kind == ExprKind::kIdent || expr.args.empty() ? expr : Root(*expr.args[0]);
  }

  bool IsLocal(const Expr& root) const {
    return !root.leading_dot && FindLocal(root.name) != nullptr;
  }
  const Type* FindLocal(std::string_view name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->first == name) return &local->second;
    }
    return nullptr;
  }

  // Calls `found` with each name that `name` may refer to, innermost container first, until it
  // returns true.
  template <typename Found>
  bool ForCandidates(const std::string& name, bool leading_dot, Found found) const {
    if (!leading_dot) {
      for (std::string container = env_.container(); !container.empty();) {
        if (found(container + "." + name)) return true;
        const std::size_t dot = container.rfind('.');
        container.erase(dot == std::string::npos ? 0 : dot);
      }
    }
    return found(name);
  }

  // Gives `expr` the meaning of the declared name `name`, if there is one.
  bool ResolveName(Expr& expr, const std::string& name, bool leading_dot) {
    return ForCandidates(name, leading_dot, [&](const std::string& candidate) {
      if (const VariableDecl* variable = env_.FindVariable(candidate)) {
        expr.meaning = Meaning::kSlot;
        expr.index = variable->slot;
        expr.type = variable->type;
        return true;
      }
      const std::string_view type_name = env_.FindTypeName(candidate);
      if (type_name.empty()) return false;
      expr.meaning = Meaning::kTypeName;
      expr.literal = std::string(type_name);
      expr.type = Type::TypeOf(TypeCalled(type_name));
      return true;
    });
  }

  static Type TypeCalled(std::string_view name) {
    if (name == "google.protobuf.Timestamp") return Type(kTimestamp);
    if (name == "google.protobuf.Duration") return Type(kDuration);
    if (name == "null_type") return Type(kNull);
    if (name == kOptionalName) return OptionalOf(Type(kDyn));
    if (name == "list") return Type::List(Type(kDyn));
    if (name == "map") return Type::Map(Type(kDyn), Type(kDyn));
    return ParseType(name);
  }

  // The longest prefix of the dotted `path` that declared variables begin with, or empty.
  std::string NamespaceOf(const std::string& path) const {
    for (std::size_t dot = path.rfind('.'); dot != std::string::npos && dot > 0;
         dot = path.rfind('.', dot - 1)) {
      const std::string prefix = path.substr(0, dot + 1);
      for (const VariableDecl& variable : env_.variables()) {
        if (variable.name.starts_with(prefix)) return path.substr(0, dot);
      }
    }
    return {};
  }

  void ReportUnknownPath(Expr& expr, const std::string& path) {
    const std::string space = NamespaceOf(path);
    const std::string_view near = NearestVariable(env_, path);
    std::string help(env_.AdviceOn(path));
    if (help.empty() && !near.empty()) help = "did you mean '" + std::string(near) + "'?";
    if (space.empty()) {
      return Report(expr, "unknown-name", expr.range, "there is no '" + path + "'", help);
    }
    const std::string field = path.substr(space.size() + 1);
    Report(expr, "unknown-field", expr.range,
           space + " has no field '" + field.substr(0, field.find('.')) + "'", help);
  }

  void VisitIdent(Expr& expr) {
    if (!expr.leading_dot) {
      if (const Type* local = FindLocal(expr.name)) {
        expr.meaning = Meaning::kLocal;
        expr.type = *local;
        return;
      }
    }
    if (ResolveName(expr, expr.name, expr.leading_dot)) return;
    const std::string prefix = expr.name + ".";
    for (const VariableDecl& variable : env_.variables()) {
      if (!variable.name.starts_with(prefix)) continue;
      return Report(expr, "unknown-name", expr.range,
                    "'" + expr.name + "' is a group of fields, not a value",
                    "read one of them, such as '" + variable.name + "'");
    }
    ReportUnknownPath(expr, expr.name);
  }

  void VisitSelect(Expr& expr) {
    const bool is_test = expr.kind == ExprKind::kHas;
    std::optional<std::string> path = QualifiedName(*expr.args[0]);
    const Expr& root = Root(*expr.args[0]);
    if (path && !IsLocal(root)) {
      *path += '.';
      *path += expr.name;
      if (ResolveName(expr, *path, root.leading_dot)) {
        if (is_test) {
          expr.type = Type(kBool);
        } else if (AnyOptional(expr) && expr.meaning == Meaning::kSlot) {
          expr.meaning = Meaning::kOptionalSlot;
          expr.type = OptionalOf(expr.type);
        }
        return;
      }
      // Not a variable, and no prefix of it is one: nothing can be selected from.
      if (!AnyPrefixDeclared(*path, root.leading_dot)) return ReportUnknownPath(expr, *path);
    }
    Visit(*expr.args[0]);
    SelectField(expr, is_test);
  }

  bool AnyPrefixDeclared(const std::string& path, bool leading_dot) const {
    for (std::size_t dot = path.find('.'); dot != std::string::npos;
         dot = path.find('.', dot + 1)) {
      const bool declared =
          ForCandidates(path.substr(0, dot), leading_dot, [&](const std::string& candidate) {
            return env_.FindVariable(candidate) != nullptr || !env_.FindTypeName(candidate).empty();
          });
      if (declared) return true;
    }
    return false;
  }

  void SelectField(Expr& expr, bool is_test) {
    Type operand = bindings_.Resolve(expr.args[0]->type, false);
    bool optional = expr.optional;
    if (IsOptional(operand)) {
      operand = bindings_.Resolve(Type(operand.args()[0]), false);
      optional = true;
    }
    const auto found = [&](const Type& field) {
      expr.type = is_test ? Type(kBool) : optional ? OptionalOf(field) : field;
    };
    switch (operand.kind()) {
      case kDyn:
      case kParam:
        return found(Type(kDyn));
      case kMap: {
        if (!Assignable({Type(kString)}, {operand.args()[0]})) break;
        return found(operand.args()[1]);
      }
      case kRecord: {
        const RecordType& record = operand.record();
        const int index = record.IndexOf(expr.name);
        if (index >= 0) {
          expr.index = index;
          return found(record.fields[static_cast<std::size_t>(index)].type);
        }
        std::vector<std::string_view> names;
        for (const auto& field : record.fields) names.push_back(field.name);
        const std::string_view near = DidYouMean(expr.name, names);
        return Report(
            expr, "unknown-field", expr.range, record.name + " has no field '" + expr.name + "'",
            near.empty() ? "it has " + OrList(names) : "did you mean '" + std::string(near) + "'?");
      }
      default:
        break;
    }
    if (lenient_) return;  // fails when it runs, by the value it meets
    Report(expr, "type-mismatch", expr.range,
           "cannot read field '" + expr.name + "' of a value of type " +
               bindings_.Resolve(operand, true).Text());
  }

  // ---- calls -----------------------------------------------------------------------------------

  void VisitCall(Expr& expr) {
    // `a.b.f(x)` may be the function `a.b.f`.
    if (expr.has_target) {
      const auto path = QualifiedName(*expr.args[0]);
      if (path && !IsLocal(Root(*expr.args[0]))) {
        const bool found = ForCandidates(*path + "." + expr.name, Root(*expr.args[0]).leading_dot,
                                         [&](const std::string& name) {
                                           const FunctionDecl* function = env_.FindFunction(name);
                                           if (function == nullptr) return false;
                                           expr.function = function;
                                           expr.name = name;
                                           return true;
                                         });
        if (found) {
          expr.args.erase(expr.args.begin());
          expr.has_target = false;
        }
      }
    }
    for (auto& arg : expr.args) Visit(*arg);
    if (expr.function == nullptr) {
      ForCandidates(expr.name, expr.leading_dot, [&](const std::string& name) {
        expr.function = env_.FindFunction(name);
        return expr.function != nullptr;
      });
    }
    if (expr.function == nullptr) {
      std::vector<std::string_view> names = env_.FunctionNames();
      for (int macro = 0; macro <= static_cast<int>(Macro::kOptFlatMap); ++macro) {
        names.emplace_back(NameOf(static_cast<Macro>(macro), false));
      }
      const std::string_view near = DidYouMean(expr.name, names);
      std::string help(env_.AdviceOn(expr.name));
      if (help.empty() && !near.empty()) help = "did you mean '" + std::string(near) + "'?";
      return Report(expr, "unknown-function", expr.range,
                    "there is no function '" + expr.name + "'", std::move(help));
    }
    expr.meaning = Meaning::kFunction;
    ResolveOverload(expr);
  }

  void ResolveOverload(Expr& expr) {
    std::vector<Type> args;
    for (const auto& arg : expr.args) args.push_back(arg->type);
    std::optional<Type> result;
    bool arity_fits = false;
    for (const Overload& overload : expr.function->overloads) {
      if (overload.is_method != expr.has_target || overload.params.size() != args.size()) continue;
      arity_fits = true;
      std::map<std::string, Type> fresh;
      std::vector<Type> params;
      for (const Type& param : overload.params) params.push_back(Instantiate(param, fresh));
      const Type declared = Instantiate(overload.result, fresh);
      if (!Assignable(args, params)) continue;
      const Type mine = bindings_.Resolve(declared, false);
      if (!result) {
        result = mine;
      } else if (!(*result == mine)) {
        result = Type(kDyn);
      }
    }
    if (result) {
      expr.type = *result;
      CheckWords(expr);
      return;
    }
    expr.type = Type(kDyn);
    // In lenient mode the machine's steps check the values when they run. A call without an
    // overload of this arity cannot be compiled.
    if (lenient_ && (arity_fits || expr.function->function == nullptr)) return;
    ReportNoOverload(expr, args, arity_fits);
  }

  void ReportNoOverload(Expr& expr, const std::vector<Type>& args, bool arity_fits) {
    std::vector<std::string> shown;
    for (const Type& arg : args) shown.push_back(bindings_.Resolve(arg, true).Text());
    const std::string& name = expr.function->name;
    if (name == call::kGreatest || name == call::kLeast) {
      return Report(expr, "type-mismatch", expr.range,
                    "math.greatest() and math.least() take numbers, or one list of numbers");
    }
    if (name.front() == '_' || name.front() == '!' || name.front() == '-' || name.front() == '@') {
      ReportOperator(expr, name, shown);
      return;
    }
    std::string help;
    for (const Overload& overload : expr.function->overloads) {
      help += help.empty() ? "it takes " : " or ";
      help += SignatureText(name, overload);
    }
    std::string list;
    for (const auto& text : shown) list += (list.empty() ? "" : ", ") + text;
    Report(expr, "type-mismatch", expr.range,
           arity_fits ? name + "() does not take (" + list + ")"
                      : name + "() does not take " + std::to_string(args.size()) + " arguments",
           help);
  }

  static std::string SignatureText(const std::string& name, const Overload& overload) {
    std::string text;
    std::size_t first = 0;
    if (overload.is_method) {
      text = overload.params[0].Text() + ".";
      first = 1;
    }
    text += name + "(";
    for (std::size_t i = first; i < overload.params.size(); ++i) {
      if (i > first) text += ", ";
      text += overload.params[i].Text();
    }
    return text + ")";
  }

  void ReportOperator(Expr& expr, const std::string& name, const std::vector<std::string>& types) {
    if (name == op::kConditional) {
      return Report(expr, "type-mismatch", expr.range,
                    "'? :' needs a bool and two values of one type, got " + types[0] + ", " +
                        types[1] + " and " + types[2]);
    }
    if (name == op::kIndex || name == op::kOptionalIndex) {
      return Report(expr, "type-mismatch", expr.range,
                    "cannot index " + types[0] + " by " + types[1]);
    }
    if (types.size() == 1) {
      return Report(expr, "type-mismatch", expr.range,
                    std::string("'") + name.front() + "' does not apply to " + types[0]);
    }
    const std::string symbol = name == op::kIn ? "in" : name.substr(1, name.size() - 2);
    std::string help;
    const auto number = [](const std::string& t) {
      return t == "int" || t == "uint" || t == "double";
    };
    if (number(types[0]) && number(types[1])) {
      const auto& literal = expr.args[1]->kind == ExprKind::kLiteral ? types[0] : types[1];
      help = "write both as one type, for example ";
      help += literal == "double" ? "200.0 for 200" : "double(x)";
    } else if (symbol == "&&" || symbol == "||") {
      help = "both sides must be true or false";
    }
    Report(expr, "type-mismatch", expr.range,
           "cannot use '" + symbol + "' on " + types[0] + " and " + types[1], help);
  }

  // ---- words: comparing an enumeration with a text that it can never be -------------------------

  const std::vector<std::string>* WordsOf(const Expr& expr) const {
    if (expr.kind == ExprKind::kSelect && expr.meaning == Meaning::kNone && expr.index >= 0) {
      const auto& fields = expr.args[0]->type.record().fields;
      const auto& words = fields[static_cast<std::size_t>(expr.index)].words;
      return words.empty() ? nullptr : &words;
    }
    if (expr.meaning != Meaning::kSlot || expr.kind == ExprKind::kHas) return nullptr;
    const auto& words = env_.variables()[static_cast<std::size_t>(expr.index)].words;
    return words.empty() ? nullptr : &words;
  }

  void CheckWords(Expr& expr) {
    const std::string& name = expr.function->name;
    if (name == "matches") return CheckRegex(expr);
    if (name == op::kEqual || name == op::kNotEqual) {
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        if (const auto* words = WordsOf(*expr.args[side])) CheckWord(*words, *expr.args[1 - side]);
      }
    }
    if (name == op::kIn && expr.args[1]->kind == ExprKind::kList) {
      if (const auto* words = WordsOf(*expr.args[0])) {
        for (auto& element : expr.args[1]->args) CheckWord(*words, *element);
      }
    }
  }

  void CheckWord(const std::vector<std::string>& words, Expr& literal) {
    if (literal.kind != ExprKind::kLiteral) return;
    const auto* text = std::get_if<std::string>(&literal.literal);
    if (text == nullptr || std::find(words.begin(), words.end(), *text) != words.end()) return;
    const std::vector<std::string_view> views(words.begin(), words.end());
    const std::string_view near = DidYouMean(*text, views);
    Report(literal, "unknown-word", literal.range, "it is never '" + *text + "'",
           near.empty() ? "it is one of " + OrList(views, 20)
                        : "did you mean '" + std::string(near) + "'?");
  }

  void CheckRegex(Expr& expr) {
    Expr& pattern = *expr.args.back();
    const auto* text = std::get_if<std::string>(&pattern.literal);
    if (pattern.kind != ExprKind::kLiteral || text == nullptr) return;
    const RE2 regex(*text, RE2::Quiet);
    if (regex.ok() || lenient_) return;
    Report(pattern, "bad-regex", pattern.range, "RE2 refuses this pattern: " + regex.error(),
           "the syntax is that of https://github.com/google/re2/wiki/Syntax");
  }

  // ---- aggregates and macros --------------------------------------------------------------------

  // The type of an element within a list or a map; for an optional element, the type of its value.
  Type ElementType(const Expr& whole, std::size_t i, const Expr& element) {
    if (whole.marks.empty() || !whole.marks[i]) return element.type;
    const Type value = Fresh();
    if (!Assignable({element.type}, {OptionalOf(value)}) && !lenient_) {
      issues_.push_back(
          {"type-mismatch", element.range,
           "'?' needs an optional value, not " + bindings_.Resolve(element.type, true).Text(),
           "write it without '?', or with optional.of(...)"});
    }
    return bindings_.Resolve(value, false);
  }

  void VisitList(Expr& expr) {
    std::optional<Type> element;
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      Visit(*expr.args[i]);
      element = Join(element, ElementType(expr, i, *expr.args[i]));
    }
    expr.type = Type::List(element ? *element : Fresh());
  }

  void VisitMap(Expr& expr) {
    std::optional<Type> key, value;
    for (std::size_t i = 0; i < expr.args.size(); i += 2) {
      Visit(*expr.args[i]);
      key = Join(key, expr.args[i]->type);
      Visit(*expr.args[i + 1]);
      value = Join(value, ElementType(expr, i / 2, *expr.args[i + 1]));
    }
    expr.type = Type::Map(key ? *key : Fresh(), value ? *value : Fresh());
  }

  void VisitBind(Expr& expr) {
    Visit(*expr.args[0]);
    locals_.emplace_back(expr.name, expr.args[0]->type);
    Visit(*expr.args[1]);
    locals_.pop_back();
    expr.type = expr.args[1]->type;
  }

  void VisitOptionalMap(Expr& expr) {
    Visit(*expr.args[0]);
    const Type value = Fresh();
    if (!Assignable({expr.args[0]->type}, {OptionalOf(value)}) && !lenient_) {
      return Report(expr, "type-mismatch", expr.args[0]->range,
                    std::string(NameOf(expr.macro, false)) + "() needs an optional value, not " +
                        bindings_.Resolve(expr.args[0]->type, true).Text());
    }
    locals_.emplace_back(expr.name, value);
    Visit(*expr.args[1]);
    locals_.pop_back();
    if (expr.macro == Macro::kOptMap) {
      expr.type = OptionalOf(expr.args[1]->type);
      return;
    }
    expr.type = OptionalOf(Fresh());
    if (!Assignable({expr.args[1]->type}, {expr.type}) && !lenient_) {
      Report(expr, "type-mismatch", expr.args[1]->range,
             "optFlatMap() needs an optional result, not " +
                 bindings_.Resolve(expr.args[1]->type, true).Text(),
             "use optMap()");
    }
  }

  void VisitComprehension(Expr& expr) {
    if (expr.macro == Macro::kOptMap || expr.macro == Macro::kOptFlatMap) {
      return VisitOptionalMap(expr);
    }
    Visit(*expr.args[0]);
    const Type range = bindings_.Resolve(expr.args[0]->type, false);
    const bool pairs = !expr.second.empty();
    Type variable(kDyn), second(kDyn);
    if (range.Is(kList)) {
      variable = pairs ? Type(kInt) : range.args()[0];
      second = range.args()[0];
    } else if (range.Is(kMap)) {
      variable = range.args()[0];
      second = range.args()[1];
    } else if (!range.Is(kDyn) && !range.Is(kParam) && !lenient_) {
      return Report(
          expr, "type-mismatch", expr.args[0]->range,
          "only a list or a map can be gone through, not " + bindings_.Resolve(range, true).Text());
    }
    locals_.emplace_back(expr.name, variable);
    if (pairs) locals_.emplace_back(expr.second, second);
    for (std::size_t i = 1; i < expr.args.size(); ++i) Visit(*expr.args[i]);
    locals_.resize(locals_.size() - (pairs ? 2 : 1));

    const bool transforms = expr.macro == Macro::kMap || expr.macro >= Macro::kTransformList;
    const bool has_predicate = !transforms || expr.args.size() == 3;
    if (has_predicate && !Assignable({expr.args[1]->type}, {Type(kBool)}) && !lenient_) {
      return Report(expr, "type-mismatch", expr.args[1]->range,
                    "the condition must be true or false, not " +
                        bindings_.Resolve(expr.args[1]->type, true).Text());
    }
    switch (expr.macro) {
      case Macro::kAll:
      case Macro::kExists:
      case Macro::kExistsOne:
        expr.type = Type(kBool);
        break;
      case Macro::kFilter:
        expr.type = Type::List(variable);
        break;
      case Macro::kMap:
      case Macro::kTransformList:
        expr.type = Type::List(expr.args.back()->type);
        break;
      case Macro::kTransformMap:
        expr.type = Type::Map(variable, expr.args.back()->type);
        break;
      default:
        expr.type = Type::Map(Fresh(), Fresh());
        if (!Assignable({expr.args.back()->type}, {expr.type}) && !lenient_) {
          Report(expr, "type-mismatch", expr.args.back()->range,
                 "transformMapEntry() needs a map of new entries, not " +
                     bindings_.Resolve(expr.args.back()->type, true).Text());
        }
    }
  }

  static Type TypeOfLiteral(const Literal& literal) {
    constexpr TypeKind kKinds[] = {kNull, kBool, kInt, kUint, kDouble, kString, kBytes};
    return Type(kKinds[literal.index()]);
  }

  void Visit(Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kLiteral:
        expr.type = TypeOfLiteral(expr.literal);
        break;
      case ExprKind::kIdent:
        VisitIdent(expr);
        break;
      case ExprKind::kSelect:
      case ExprKind::kHas:
        VisitSelect(expr);
        break;
      case ExprKind::kCall:
        VisitCall(expr);
        break;
      case ExprKind::kList:
        VisitList(expr);
        break;
      case ExprKind::kMap:
        VisitMap(expr);
        break;
      case ExprKind::kComprehension:
        VisitComprehension(expr);
        break;
      case ExprKind::kBind:
        VisitBind(expr);
        break;
    }
  }

  // Replaces what parameters were bound to, and dyn for the rest, in the whole tree.
  void Settle(Expr& expr) {
    expr.type = bindings_.Resolve(expr.type, true);
    for (auto& arg : expr.args) Settle(*arg);
    if (expr.kind == ExprKind::kCall && expr.name == call::kSum && expr.function != nullptr) {
      if (expr.type.Is(kUint)) expr.function = env_.FindFunction(call::kSumOfUints);
      if (expr.type.Is(kDouble)) expr.function = env_.FindFunction(call::kSumOfDoubles);
    }
  }

  const Environment& env_;
  bool lenient_;
  Issues& issues_;
  Bindings bindings_;
  int fresh_ = 0;
  std::vector<std::pair<std::string, Type>> locals_;
};

}  // namespace

Type Check(Expr& expr, const Environment& environment, Checking checking, Issues& issues) {
  return Checker(environment, checking, issues).Run(expr);
}

std::string_view NearestVariable(const Environment& environment, std::string_view path) {
  std::vector<std::string_view> names, expected;
  for (const VariableDecl& variable : environment.variables()) names.push_back(variable.name);
  for (const auto& [wrong, meant] : environment.hints()) expected.push_back(wrong);
  // A name that people expect, but that has another name here, comes first.
  const std::string_view near_hint = DidYouMean(path, expected);
  const std::string_view near = DidYouMean(path, names);
  const auto shares_space = [path](std::string_view name) {
    return name.substr(0, name.rfind('.')) == path.substr(0, path.rfind('.'));
  };
  if (!near.empty() && shares_space(near)) return near;
  if (!near_hint.empty()) return environment.hints().find(near_hint)->second;
  const std::string_view leaf = path.substr(path.rfind('.') + 1);
  for (const std::string_view name : names) {
    if (name.substr(name.rfind('.') + 1) == leaf) return name;
  }
  return near;
}

}  // namespace holdfast::cel
