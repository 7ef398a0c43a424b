#include "engine/cel/constant_check.h"

#include <algorithm>
#include <optional>

#include "engine/base/text.h"
#include "engine/base/time.h"
#include "engine/cel/eval/compiler.h"
#include "engine/cel/eval/machine.h"

namespace holdfast::cel {
namespace {

// Functions of a timestamp whose second argument is a time zone.
constexpr std::string_view kZoned[] = {
    "getFullYear",  "getMonth", "getDate",    "getDayOfYear", "getDayOfMonth",
    "getDayOfWeek", "getHours", "getMinutes", "getSeconds",   "getMilliseconds"};

class ConstantChecker {
 public:
  ConstantChecker(const std::vector<std::string>& zoned, Issues& issues)
      : zoned_(zoned), issues_(issues) {}

  // Returns true when a part of `expr` fails.
  bool Check(const Expr& expr) {
    // What may never run is not checked: the arms of a choice, bodies of loops, and what stands
    // beside a constant in `&&` and `||`.
    if (expr.kind == ExprKind::kComprehension || expr.kind == ExprKind::kBind) return false;
    if (expr.kind == ExprKind::kCall && expr.name == op::kConditional) return Check(*expr.args[0]);
    const bool logic =
        expr.kind == ExprKind::kCall && (expr.name == op::kAnd || expr.name == op::kOr);
    if (logic && std::any_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) {
          return arg->constant || arg->kind == ExprKind::kLiteral;
        })) {
      return false;
    }
    bool fails = false;
    for (const ExprPtr& arg : expr.args) fails = (arg != nullptr && Check(*arg)) || fails;
    if (fails || expr.kind != ExprKind::kCall) return fails;
    if (const Expr* zone = ZoneOf(expr)) return CheckZone(*zone);
    if (!expr.constant || IsLogic(expr.name)) return false;
    Issues ignored;
    Machine machine;
    const Program program = CompileSteps(expr, ignored);
    const Value value = ignored.empty() ? machine.Run(program, nullptr) : Value();
    if (!value.Is(Kind::kError)) return false;
    issues_.push_back({"constant-error", expr.range,
                       "this always fails: " + std::string(value.AsText()), HelpFor(expr.name)});
    return true;
  }

 private:
  // These decide which of their parts run.
  static bool IsLogic(std::string_view name) {
    return name == op::kAnd || name == op::kOr || name == op::kConditional || name == op::kNot;
  }

  const Expr* ZoneOf(const Expr& call) const {
    const bool of_time = call.args.size() == 2 && std::find(std::begin(kZoned), std::end(kZoned),
                                                            call.name) != std::end(kZoned);
    const bool of_host =
        call.args.size() == 3 && std::find(zoned_.begin(), zoned_.end(), call.name) != zoned_.end();
    if (!of_time && !of_host) return nullptr;
    const Expr& zone = *call.args.back();
    return zone.constant || zone.kind == ExprKind::kLiteral ? &zone : nullptr;
  }

  bool CheckZone(const Expr& expr) {
    Arena arena;
    const auto zone = FoldConstant(expr, arena);
    if (!zone || !zone->Is(Kind::kString) || ZoneOffsetSeconds(zone->AsText(), 0)) return false;
    const std::vector<std::string> names = ZoneNames();
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string_view near = DidYouMean(zone->AsText(), known);
    issues_.push_back({"constant-error", expr.range,
                       "there is no time zone " + Shown(zone->AsText()),
                       near.empty() ? "zones are written as Europe/Berlin, UTC or +02:00"
                                    : "did you mean '" + std::string(near) + "'?"});
    return true;
  }

  static std::string HelpFor(std::string_view name) {
    if (name == "duration") return "durations are written as 24h, 90m or 1h30m";
    if (name == "timestamp") return "timestamps are written as 2026-11-20T08:15:30Z";
    if (name == "cidr") return "networks are written as 192.0.2.0/24 or 2001:db8::/32";
    if (name == "ip") return "addresses are written as 192.0.2.1 or 2001:db8::1";
    return {};
  }

  const std::vector<std::string>& zoned_;
  Issues& issues_;
};

}  // namespace

void CheckConstants(const Expr& expr, const std::vector<std::string>& zoned, Issues& issues) {
  ConstantChecker(zoned, issues).Check(expr);
}

}  // namespace holdfast::cel
