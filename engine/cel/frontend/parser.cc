#include "engine/cel/frontend/parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "engine/base/utf8.h"
#include "engine/cel/frontend/lexer.h"

namespace holdfast::cel {
namespace {

bool IsKeyword(std::string_view name) {
  return name == "true" || name == "false" || name == "null" || name == "in";
}

bool IsReserved(std::string_view name) {
  constexpr std::string_view kWords[] = {
      "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
      "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
  for (const auto word : kWords) {
    if (word == name) return true;
  }
  return false;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, Issues& issues, int depth_max)
      : tokens_(std::move(tokens)), issues_(issues), depth_max_(depth_max) {}

  ExprPtr Run() {
    ExprPtr expr = ParseExpr();
    if (expr && Now().kind != TokenKind::kEnd) {
      Fault(Now().range, "expected an operator or the end, found " + Shown(Now()));
    }
    return failed_ ? nullptr : std::move(expr);
  }

 private:
  const Token& Now() const { return tokens_[at_]; }
  const Token& Ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  void Advance() {
    last_end_ = Now().range.end;
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  bool Take(std::string_view punct) {
    if (!Now().Is(punct)) return false;
    Advance();
    return true;
  }

  static std::string Shown(const Token& token) {
    if (token.kind == TokenKind::kEnd) return "the end";
    if (token.kind == TokenKind::kString) return "a text";
    return "'" + token.text + "'";
  }

  ExprPtr Fault(Range range, std::string message, std::string_view code = "syntax") {
    if (!failed_) issues_.push_back({code, range, std::move(message), {}});
    failed_ = true;
    return nullptr;
  }
  bool Expect(std::string_view punct) {
    if (Take(punct)) return true;
    Fault(Now().range, "expected '" + std::string(punct) + "', found " + Shown(Now()));
    return false;
  }

  ExprPtr Make(ExprKind kind, std::uint32_t begin) {
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->range = {begin, last_end_};
    return expr;
  }
  ExprPtr Call(const char* name, std::uint32_t begin, ExprPtr a, ExprPtr b = nullptr,
               ExprPtr c = nullptr) {
    ExprPtr call = Make(ExprKind::kCall, begin);
    call->name = name;
    call->args.push_back(std::move(a));
    if (b) call->args.push_back(std::move(b));
    if (c) call->args.push_back(std::move(c));
    return call;
  }

  // Counts one level of nesting for as long as it lives.
  struct Nested {
    explicit Nested(Parser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    Parser& parser_;
  };

  ExprPtr ParseExpr() {
    const Nested nested(*this);
    if (depth_ > depth_max_) {
      return Fault(Now().range, "nested more than " + std::to_string(depth_max_) + " levels deep",
                   "limit");
    }
    const std::uint32_t begin = Now().range.begin;
    ExprPtr condition = ParseOr();
    if (!condition || !Take("?")) return condition;
    ExprPtr yes = ParseOr();
    if (!yes || !Expect(":")) return nullptr;
    ExprPtr no = ParseExpr();
    if (!no) return nullptr;
    return Call(op::kConditional, begin, std::move(condition), std::move(yes), std::move(no));
  }

  // A left-associative level: operands by `next`, operators by `name_of` (null: none).
  template <typename Next, typename NameOf>
  ExprPtr ParseLevel(Next next, NameOf name_of) {
    const std::uint32_t begin = Now().range.begin;
    ExprPtr left = next();
    while (left) {
      const char* name = name_of(Now());
      if (name == nullptr) break;
      Advance();
      ExprPtr right = next();
      if (!right) return nullptr;
      left = Call(name, begin, std::move(left), std::move(right));
      // A long chain makes a deep tree; walkers recurse over it.
      if (++chain_ > kChainMax) return Fault(left->range, "more than 2000 operators", "limit");
    }
    return left;
  }

  ExprPtr ParseOr() {
    return ParseLevel([this] { return ParseAnd(); },
                      [](const Token& t) { return t.Is("||") ? op::kOr : nullptr; });
  }
  ExprPtr ParseAnd() {
    return ParseLevel([this] { return ParseRelation(); },
                      [](const Token& t) { return t.Is("&&") ? op::kAnd : nullptr; });
  }
  ExprPtr ParseRelation() {
    return ParseLevel([this] { return ParseAddition(); },
                      [](const Token& t) -> const char* {
                        if (t.kind == TokenKind::kIdent && t.text == "in") return op::kIn;
                        if (t.Is("==")) return op::kEqual;
                        if (t.Is("!=")) return op::kNotEqual;
                        if (t.Is("<")) return op::kLess;
                        if (t.Is("<=")) return op::kLessEqual;
                        if (t.Is(">")) return op::kGreater;
                        if (t.Is(">=")) return op::kGreaterEqual;
                        return nullptr;
                      });
  }
  ExprPtr ParseAddition() {
    return ParseLevel([this] { return ParseMultiplication(); },
                      [](const Token& t) -> const char* {
                        if (t.Is("+")) return op::kAdd;
                        if (t.Is("-")) return op::kSubtract;
                        return nullptr;
                      });
  }
  ExprPtr ParseMultiplication() {
    return ParseLevel([this] { return ParseUnary(); },
                      [](const Token& t) -> const char* {
                        if (t.Is("*")) return op::kMultiply;
                        if (t.Is("/")) return op::kDivide;
                        if (t.Is("%")) return op::kModulo;
                        return nullptr;
                      });
  }

  static bool IsNumber(const Token& token) {
    return token.kind == TokenKind::kInt || token.kind == TokenKind::kDouble;
  }

  ExprPtr ParseUnary() {
    const std::uint32_t begin = Now().range.begin;
    const std::string sign = Now().text;
    if (!Now().Is("!") && !Now().Is("-")) return ParseMember();
    std::size_t count = 0;
    // A minus directly before a number is part of the number.
    while (Now().Is(sign) && !(sign == "-" && IsNumber(Ahead(1)))) {
      Advance();
      ++count;
    }
    ExprPtr operand = ParseMember();
    if (!operand || count % 2 == 0) return operand;
    return Call(sign == "!" ? op::kNot : op::kNegate, begin, std::move(operand));
  }

  ExprPtr ParseMember() {
    const std::uint32_t begin = Now().range.begin;
    ExprPtr expr = ParsePrimary();
    for (int members = 0; expr; ++members) {
      if (Take(".")) {
        const bool optional = Take("?");
        const Token name = Now();
        if (name.kind != TokenKind::kIdent && name.kind != TokenKind::kQuotedIdent) {
          return Fault(name.range, "expected a field name after '.', found " + Shown(name));
        }
        if (name.kind == TokenKind::kIdent && IsKeyword(name.text)) {
          return Fault(name.range, "'" + name.text + "' is a keyword, not a field name");
        }
        Advance();
        if (name.kind == TokenKind::kIdent && !optional && Now().Is("(")) {
          expr = ParseMethod(begin, std::move(expr), name);
        } else {
          ExprPtr select = Make(ExprKind::kSelect, begin);
          select->name = name.text;
          select->optional = optional;
          select->args.push_back(std::move(expr));
          expr = std::move(select);
        }
      } else if (Take("[")) {
        const bool optional = Take("?");
        ExprPtr index = ParseExpr();
        if (!index || !Expect("]")) return nullptr;
        expr = Call(optional ? op::kOptionalIndex : op::kIndex, begin, std::move(expr),
                    std::move(index));
      } else {
        break;
      }
      if (members == depth_max_) {
        return Fault({begin, last_end_},
                     "more than " + std::to_string(depth_max_) + " fields and calls in a row",
                     "limit");
      }
      if (++chain_ > kChainMax)
        return Fault({begin, last_end_}, "more than 2000 operators", "limit");
    }
    return expr;
  }

  bool ParseArgs(std::vector<ExprPtr>& args) {
    Advance();  // "("
    if (Take(")")) return true;
    do {
      ExprPtr arg = ParseExpr();
      if (!arg) return false;
      args.push_back(std::move(arg));
    } while (Take(","));
    return Expect(")");
  }

  ExprPtr ParseMethod(std::uint32_t begin, ExprPtr target, const Token& name) {
    std::vector<ExprPtr> args;
    if (!ParseArgs(args)) return nullptr;
    if (const auto macro = MacroOf(name.text, args.size())) {
      return ExpandMacro(begin, std::move(target), name, *macro, std::move(args));
    }
    if (target->kind == ExprKind::kIdent && !target->leading_dot) {
      if (target->name == "cel" && name.text == "bind" && args.size() == 3) {
        return ExpandBind(begin, std::move(args));
      }
      if (target->name == "math" && (name.text == "greatest" || name.text == "least")) {
        return ExpandExtreme(begin, name, std::move(args));
      }
    }
    ExprPtr call = Make(ExprKind::kCall, begin);
    call->name = name.text;
    call->has_target = true;
    call->args.push_back(std::move(target));
    for (auto& arg : args) call->args.push_back(std::move(arg));
    return call;
  }

  static std::optional<Macro> MacroOf(std::string_view name, std::size_t args) {
    if (args == 2 && name == "all") return Macro::kAll;
    if (args == 2 && name == "exists") return Macro::kExists;
    if (args == 2 && name == "exists_one") return Macro::kExistsOne;
    if (args == 2 && name == "filter") return Macro::kFilter;
    if ((args == 2 || args == 3) && name == "map") return Macro::kMap;
    if (args == 2 && name == "optMap") return Macro::kOptMap;
    if (args == 2 && name == "optFlatMap") return Macro::kOptFlatMap;
    if (args == 3 && name == "all") return Macro::kAll;
    if (args == 3 && name == "exists") return Macro::kExists;
    if (args == 3 && (name == "existsOne" || name == "exists_one")) return Macro::kExistsOne;
    if (args != 3 && args != 4) return std::nullopt;
    if (name == "transformList") return Macro::kTransformList;
    if (name == "transformMap") return Macro::kTransformMap;
    if (name == "transformMapEntry") return Macro::kTransformMapEntry;
    return std::nullopt;
  }

  // True when the macro has two variables if it is called with so many arguments.
  static bool HasSecond(Macro macro, std::size_t args) {
    switch (macro) {
      case Macro::kAll:
      case Macro::kExists:
      case Macro::kExistsOne:
        return args == 3;
      case Macro::kTransformList:
      case Macro::kTransformMap:
      case Macro::kTransformMapEntry:
        return true;
      default:
        return false;
    }
  }

  bool IsPlainName(const Expr& expr, std::string_view where) {
    if (expr.kind == ExprKind::kIdent && !expr.leading_dot) return true;
    Fault(expr.range, std::string(where) + " must be a plain name");
    return false;
  }

  ExprPtr ExpandMacro(std::uint32_t begin, ExprPtr range, const Token& name, Macro macro,
                      std::vector<ExprPtr> args) {
    if (!IsPlainName(*args[0], "the first argument of " + name.text + "()")) return nullptr;
    const bool second = HasSecond(macro, args.size());
    if (second && !IsPlainName(*args[1], "the second argument of " + name.text + "()")) {
      return nullptr;
    }
    if (second && args[0]->name == args[1]->name) {
      return Fault(args[1]->range, "the two variables of " + name.text + "() need two names");
    }
    ExprPtr comprehension = Make(ExprKind::kComprehension, begin);
    comprehension->macro = macro;
    comprehension->name = args[0]->name;
    if (second) comprehension->second = args[1]->name;
    comprehension->args.push_back(std::move(range));
    for (std::size_t i = second ? 2 : 1; i < args.size(); ++i) {
      comprehension->args.push_back(std::move(args[i]));
    }
    return comprehension;
  }

  ExprPtr ExpandBind(std::uint32_t begin, std::vector<ExprPtr> args) {
    if (!IsPlainName(*args[0], "the first argument of cel.bind()")) return nullptr;
    ExprPtr bind = Make(ExprKind::kBind, begin);
    bind->name = args[0]->name;
    bind->args.push_back(std::move(args[1]));
    bind->args.push_back(std::move(args[2]));
    return bind;
  }

  // One or two numbers are passed as arguments, more of them as a list.
  ExprPtr ExpandExtreme(std::uint32_t begin, const Token& name, std::vector<ExprPtr> args) {
    if (args.empty()) {
      return Fault({begin, last_end_}, "math." + name.text + "() needs a number or a list");
    }
    ExprPtr call = Make(ExprKind::kCall, begin);
    call->name = name.text == "greatest" ? call::kGreatest : call::kLeast;
    if (args.size() <= 2) {
      call->args = std::move(args);
      return call;
    }
    ExprPtr list = Make(ExprKind::kList, args.front()->range.begin);
    list->args = std::move(args);
    call->args.push_back(std::move(list));
    return call;
  }

  ExprPtr ParsePrimary() {
    const Token token = Now();
    const std::uint32_t begin = token.range.begin;
    if (token.Is("-") && IsNumber(Ahead(1))) {
      Advance();
      return ParseNumber(begin, true);
    }
    if (token.Is(".") || token.kind == TokenKind::kIdent) return ParseName();
    switch (token.kind) {
      case TokenKind::kInt:
      case TokenKind::kUint:
      case TokenKind::kDouble:
        return ParseNumber(begin, false);
      case TokenKind::kString:
        Advance();
        return MakeLiteral(begin, Literal(token.text));
      case TokenKind::kBytes:
        Advance();
        return MakeLiteral(begin, Literal(Bytes{token.text}));
      default:
        break;
    }
    if (Take("(")) {
      ExprPtr inner = ParseExpr();
      if (!inner || !Expect(")")) return nullptr;
      return inner;
    }
    if (token.Is("[")) return ParseList();
    if (token.Is("{")) return ParseMap();
    return Fault(token.range, "expected a value, found " + Shown(token));
  }

  ExprPtr MakeLiteral(std::uint32_t begin, Literal literal) {
    ExprPtr expr = Make(ExprKind::kLiteral, begin);
    expr->literal = std::move(literal);
    return expr;
  }

  ExprPtr ParseNumber(std::uint32_t begin, bool negative) {
    const Token token = Now();
    Advance();
    const Range range{begin, last_end_};
    if (token.kind == TokenKind::kDouble) {
      const std::string digits = (negative ? "-" : "") + token.text;
      double value = 0;
      const char* first = digits.c_str();
      // from_chars wants a digit before the point; strtod does not, and reads "1e-324" as 0.
      value = std::strtod(first, nullptr);
      if (std::isinf(value)) return Fault(range, "the number is too large for a double");
      return MakeLiteral(begin, Literal(value));
    }
    const bool hex = token.text.size() > 2 && token.text[1] == 'x';
    const char* first = token.text.data() + (hex ? 2 : 0);
    const char* end = token.text.data() + token.text.size();
    std::uint64_t magnitude = 0;
    const auto parsed = std::from_chars(first, end, magnitude, hex ? 16 : 10);
    if (token.kind == TokenKind::kUint) {
      if (parsed.ec != std::errc()) return Fault(range, "the number is too large for a uint");
      return MakeLiteral(begin, Literal(magnitude));
    }
    const std::uint64_t limit =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
    if (parsed.ec != std::errc() || magnitude > limit) {
      return Fault(range, "the number is too large for an int");
    }
    const auto value = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
    return MakeLiteral(begin, Literal(value));
  }

  ExprPtr ParseName() {
    const std::uint32_t begin = Now().range.begin;
    const bool leading_dot = Take(".");
    const Token token = Now();
    if (token.kind != TokenKind::kIdent) {
      return Fault(token.range, "expected a name, found " + Shown(token));
    }
    if (!leading_dot && (token.text == "true" || token.text == "false")) {
      Advance();
      return MakeLiteral(begin, Literal(token.text == "true"));
    }
    if (!leading_dot && token.text == "null") {
      Advance();
      return MakeLiteral(begin, Literal());
    }
    if (IsKeyword(token.text) || IsReserved(token.text)) {
      return Fault(token.range, "'" + token.text + "' is a reserved word");
    }
    Advance();
    if (Now().Is("(")) {
      std::vector<ExprPtr> args;
      if (!ParseArgs(args)) return nullptr;
      if (token.text == "has" && !leading_dot && args.size() == 1)
        return ExpandHas(begin, std::move(args[0]));
      ExprPtr call = Make(ExprKind::kCall, begin);
      call->name = token.text;
      call->leading_dot = leading_dot;
      call->args = std::move(args);
      return call;
    }
    if (Now().Is("{")) {
      return Fault(Now().range, "messages cannot be built in an expression");
    }
    ExprPtr ident = Make(ExprKind::kIdent, begin);
    ident->name = token.text;
    ident->leading_dot = leading_dot;
    return ident;
  }

  ExprPtr ExpandHas(std::uint32_t begin, ExprPtr arg) {
    if (arg->kind != ExprKind::kSelect) {
      return Fault(arg->range, "has() takes a field, such as has(order.ip)");
    }
    arg->kind = ExprKind::kHas;
    arg->range = {begin, last_end_};
    return arg;
  }

  ExprPtr ParseList() {
    const std::uint32_t begin = Now().range.begin;
    Advance();
    std::vector<ExprPtr> elements;
    std::vector<bool> marks;
    while (!Now().Is("]")) {
      marks.push_back(Take("?"));
      ExprPtr element = ParseExpr();
      if (!element) return nullptr;
      elements.push_back(std::move(element));
      if (!Take(",")) break;
    }
    if (!Expect("]")) return nullptr;
    ExprPtr list = Make(ExprKind::kList, begin);
    list->args = std::move(elements);
    SetMarks(*list, std::move(marks));
    return list;
  }

  static void SetMarks(Expr& expr, std::vector<bool> marks) {
    if (std::find(marks.begin(), marks.end(), true) != marks.end()) expr.marks = std::move(marks);
  }

  ExprPtr ParseMap() {
    const std::uint32_t begin = Now().range.begin;
    Advance();
    std::vector<ExprPtr> entries;
    std::vector<bool> marks;
    while (!Now().Is("}")) {
      marks.push_back(Take("?"));
      ExprPtr key = ParseExpr();
      if (!key || !Expect(":")) return nullptr;
      ExprPtr value = ParseExpr();
      if (!value) return nullptr;
      entries.push_back(std::move(key));
      entries.push_back(std::move(value));
      if (!Take(",")) break;
    }
    if (!Expect("}")) return nullptr;
    ExprPtr map = Make(ExprKind::kMap, begin);
    map->args = std::move(entries);
    SetMarks(*map, std::move(marks));
    return map;
  }

  static constexpr int kChainMax = 2'000;

  std::vector<Token> tokens_;
  Issues& issues_;
  int depth_max_;
  std::size_t at_ = 0;
  std::uint32_t last_end_ = 0;
  int depth_ = 0;
  int chain_ = 0;
  bool failed_ = false;
};

}  // namespace

ExprPtr Parse(std::string_view text, Issues& issues, const ParseLimits& limits) {
  if (text.size() > limits.text_bytes) {
    issues.push_back(
        {"limit",
         {0, static_cast<std::uint32_t>(text.size())},
         "the expression is longer than " + std::to_string(limits.text_bytes) + " bytes",
         {}});
    return nullptr;
  }
  if (!IsValidUtf8(text)) {
    issues.push_back({"syntax", {0, 0}, "the expression is not valid UTF-8", {}});
    return nullptr;
  }
  const std::size_t before = issues.size();
  std::vector<Token> tokens = Tokenize(text, issues);
  if (issues.size() > before) return nullptr;
  return Parser(std::move(tokens), issues, limits.depth).Run();
}

}  // namespace holdfast::cel
