#include "engine/base/enum_names.h"
#include "engine/base/text.h"
#include "engine/cel/frontend/ast.h"

namespace holdfast::cel {
namespace {

struct Binary {
  const char* name;
  const char* symbol;
  int precedence;
};

constexpr int kTernary = 1, kOrLevel = 2, kAndLevel = 3, kRelation = 4, kSum = 5, kProduct = 6;
constexpr int kUnary = 7, kMember = 8;

constexpr Binary kBinaries[] = {
    {op::kOr, "||", kOrLevel},      {op::kAnd, "&&", kAndLevel},
    {op::kEqual, "==", kRelation},  {op::kNotEqual, "!=", kRelation},
    {op::kLess, "<", kRelation},    {op::kLessEqual, "<=", kRelation},
    {op::kGreater, ">", kRelation}, {op::kGreaterEqual, ">=", kRelation},
    {op::kIn, "in", kRelation},     {op::kAdd, "+", kSum},
    {op::kSubtract, "-", kSum},     {op::kMultiply, "*", kProduct},
    {op::kDivide, "/", kProduct},   {op::kModulo, "%", kProduct}};

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\'':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out + "'";
}

std::string QuoteBytes(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "b'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out + "'";
}

std::string LiteralText(const Literal& literal) {
  switch (literal.index()) {
    case 1:
      return std::get<1>(literal) ? "true" : "false";
    case 2:
      return std::to_string(std::get<2>(literal));
    case 3:
      return std::to_string(std::get<3>(literal)) + "u";
    case 4: {
      std::string text = FormatDouble(std::get<4>(literal));
      if (text.find_first_of(".eN") == std::string::npos) text += ".0";
      return text;
    }
    case 5:
      return Quote(std::get<5>(literal));
    case 6:
      return QuoteBytes(std::get<6>(literal).bytes);
    default:
      return "null";
  }
}

// A field's name as it is written after a dot.
std::string FieldName(const std::string& name) {
  bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
  for (const char c : name) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_');
  }
  return plain ? name : "`" + name + "`";
}

class Writer {
 public:
  std::string Text(const Expr& expr, int context) {
    const auto [text, precedence] = Write(expr);
    return precedence < context ? "(" + text + ")" : text;
  }

 private:
  std::string Selected(const Expr& expr) {
    return Text(*expr.args[0], kMember) + (expr.optional ? ".?" : ".") + FieldName(expr.name);
  }

  std::string List(const Expr& expr, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < expr.args.size(); ++i) {
      if (i > first) text += ", ";
      if (!expr.marks.empty() && expr.marks[i]) text += "?";
      text += Text(*expr.args[i], kTernary);
    }
    return text;
  }

  std::pair<std::string, int> Write(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kLiteral:
        return {LiteralText(expr.literal), kMember};
      case ExprKind::kIdent:
        return {(expr.leading_dot ? "." : "") + expr.name, kMember};
      case ExprKind::kSelect:
        return {Selected(expr), kMember};
      case ExprKind::kHas:
        return {"has(" + Selected(expr) + ")", kMember};
      case ExprKind::kList:
        return {"[" + List(expr, 0) + "]", kMember};
      case ExprKind::kBind:
        return {"cel.bind(" + expr.name + ", " + List(expr, 0) + ")", kMember};
      case ExprKind::kMap: {
        std::string text = "{";
        for (std::size_t i = 0; i < expr.args.size(); i += 2) {
          if (i > 0) text += ", ";
          if (!expr.marks.empty() && expr.marks[i / 2]) text += "?";
          text += Text(*expr.args[i], kTernary) + ": " + Text(*expr.args[i + 1], kTernary);
        }
        return {text + "}", kMember};
      }
      case ExprKind::kComprehension:
        return {Text(*expr.args[0], kMember) + "." + NameOf(expr.macro, !expr.second.empty()) +
                    "(" + expr.name + ", " + (expr.second.empty() ? "" : expr.second + ", ") +
                    List(expr, 1) + ")",
                kMember};
      case ExprKind::kCall:
        return WriteCall(expr);
    }
    return {"", kMember};
  }

  std::pair<std::string, int> WriteCall(const Expr& expr) {
    for (const Binary& binary : kBinaries) {
      if (expr.name != binary.name) continue;
      return {Text(*expr.args[0], binary.precedence) + " " + binary.symbol + " " +
                  Text(*expr.args[1], binary.precedence + 1),
              binary.precedence};
    }
    if (expr.name == op::kNot) return {"!" + Text(*expr.args[0], kUnary + 1), kUnary};
    if (expr.name == op::kNegate) return {"-(" + Text(*expr.args[0], kTernary) + ")", kUnary};
    if (expr.name == op::kConditional) {
      return {Text(*expr.args[0], kOrLevel) + " ? " + Text(*expr.args[1], kOrLevel) + " : " +
                  Text(*expr.args[2], kTernary),
              kTernary};
    }
    if (expr.name == op::kIndex || expr.name == op::kOptionalIndex) {
      const char* open = expr.name == op::kIndex ? "[" : "[?";
      return {Text(*expr.args[0], kMember) + open + Text(*expr.args[1], kTernary) + "]", kMember};
    }
    if (expr.name == call::kGreatest || expr.name == call::kLeast) {
      const char* name = expr.name == call::kGreatest ? "math.greatest(" : "math.least(";
      return {name + List(expr, 0) + ")", kMember};
    }
    if (expr.has_target) {
      return {Text(*expr.args[0], kMember) + "." + expr.name + "(" + List(expr, 1) + ")", kMember};
    }
    return {(expr.leading_dot ? "." : "") + expr.name + "(" + List(expr, 0) + ")", kMember};
  }
};

}  // namespace

const char* NameOf(Macro macro, bool two_variables) {
  constexpr const char* kNames[] = {"all",    "exists",        "exists_one",   "map",
                                    "filter", "transformList", "transformMap", "transformMapEntry",
                                    "optMap", "optFlatMap"};
  if (macro == Macro::kExistsOne && two_variables) return "existsOne";
  return NameIn(kNames, macro);
}

std::string Unparse(const Expr& expr) { return Writer().Text(expr, kTernary); }
std::string UnparseOperand(const Expr& expr) { return Writer().Text(expr, kSum); }

}  // namespace holdfast::cel
