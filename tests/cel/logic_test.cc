#include "engine/cel/frontend/logic.h"

#include <doctest/doctest.h>

#include "engine/cel/expression.h"

namespace holdfast::cel {
namespace {

struct World {
  World() {
    environment.AddVariable("total", Type(TypeKind::kDouble));
    environment.AddVariable("orders", Type(TypeKind::kInt));
    environment.AddVariable("status", Type(TypeKind::kString), {"pending", "completed", "denied"});
    environment.AddVariable("note", Type(TypeKind::kString));
    environment.AddVariable("gift", Type(TypeKind::kBool));
    environment.AddVariable("at", Type(TypeKind::kTimestamp));
    environment.AddVariable("made", Type(TypeKind::kTimestamp));
  }
  Bounds Of(int slot) const {
    Bounds bounds;
    bounds.words = environment.variables()[static_cast<std::size_t>(slot)].words;
    if (slot == 1) bounds.least = 0;
    return bounds;
  }
  Expression Compile(std::string_view text) {
    Issues issues;
    auto expression = CompileExpression(text, environment, issues);
    REQUIRE_MESSAGE(expression, text << ": " << issues.front().message);
    return std::move(*expression);
  }
  // "always", "never" or "open".
  std::string Says(std::string_view text) {
    const Expression expression = Compile(text);
    const Truth truth = TruthOf(*expression.tree, [this](int slot) { return Of(slot); });
    return truth == Truth::kAlways ? "always" : truth == Truth::kNever ? "never" : "open";
  }
  bool Implies(std::string_view a, std::string_view b) {
    const Expression left = Compile(a), right = Compile(b);
    const BoundsOf bounds = [this](int slot) { return Of(slot); };
    return Condition::Of(*left.tree, true, bounds)
        ->Implies(*Condition::Of(*right.tree, true, bounds));
  }
  Environment environment;
};

TEST_CASE("logic: what is certain before any order is seen") {
  World world;
  CHECK(world.Says("orders >= 0") == "always");
  CHECK(world.Says("orders < 0") == "never");
  CHECK(world.Says("orders > 0") == "open");
  CHECK(world.Says("total > 5.0 && total < 3.0") == "never");
  CHECK(world.Says("total > 5.0 || total <= 5.0") == "always");
  CHECK(world.Says("total > 5.0 || total < 5.0") == "open");
  CHECK(world.Says("total != 5.0 && total == 5.0") == "never");
  CHECK(world.Says("status == 'pending' && status == 'denied'") == "never");
  CHECK(world.Says("status in ['pending', 'completed', 'denied']") == "always");
  CHECK(world.Says("status != 'pending' || status != 'denied'") == "always");
  CHECK(world.Says("note == 'a' || note != 'a'") == "always");
  CHECK(world.Says("gift && !gift") == "never");
  CHECK(world.Says("gift || !gift") == "always");
  CHECK(world.Says("gift == false && gift") == "never");
  CHECK(world.Says("size(note) < 0") == "never");
  CHECK(world.Says("at > made && at <= made") == "never");
  CHECK(world.Says("at - made < duration('1h') && at - made > duration('2h')") == "never");
  CHECK(world.Says("(gift ? total > 5.0 : total > 3.0) && total < 2.0") == "never");
  CHECK(world.Says("note.contains('x') && !note.contains('x')") == "never");
  CHECK(world.Says("note.contains('x') && total > 1.0") == "open");
  // Neither holds of NaN, which a division may give.
  CHECK(world.Says("total / total > 1.0 || total / total <= 1.0") == "open");
  CHECK(world.Says("!(total / total < 5.0) && total / total < 5.0") == "never");
  // A value whose type is checked when it runs may be a number or a text.
  for (const char* mixed : {"orders == dyn('a')", "dyn('a') == orders", "size(note) != dyn('3')",
                            "total > 3.0 && total == dyn('x')"}) {
    CAPTURE(mixed);
    CHECK(world.Says(mixed) == "open");
  }
  std::string nested = "gift";
  for (int i = 0; i < 60; ++i)
    nested = "(" + nested + " ? total > " + std::to_string(i) + ".0 : note == 'x')";
  CHECK(world.Says(nested) == "open");
}

TEST_CASE("logic: one condition implies another") {
  World world;
  CHECK(world.Implies("total > 500.0", "total > 300.0"));
  CHECK_FALSE(world.Implies("total > 300.0", "total > 500.0"));
  CHECK(world.Implies("total > 500.0 && gift", "gift"));
  CHECK(world.Implies("status == 'denied'", "status in ['denied', 'pending']"));
  CHECK(world.Implies("status == 'denied'", "status != 'completed'"));
  CHECK(world.Implies("status != 'denied'", "status in ['pending', 'completed']"));
  CHECK(world.Implies("gift", "gift || total > 5.0"));
  CHECK_FALSE(world.Implies("gift || total > 5.0", "gift"));
  CHECK(
      world.Implies("500.0 < total && note.contains('x')", "note.contains('x') && total >= 500.0"));
  CHECK(world.Implies("made < at", "at > made"));
  CHECK(world.Implies("made < at", "at != made"));
}

TEST_CASE("logic: one form leaves out what does not matter, and nothing else") {
  World world;
  const auto same = [&world](std::string_view a, std::string_view b) {
    const Expression left = world.Compile(a), right = world.Compile(b);
    return CanonicalText(*left.tree) == CanonicalText(*right.tree);
  };
  CHECK(same("gift && total > 5.0", "(5.0 < total) && gift"));
  CHECK(same("gift || (gift && note == 'x' || total > 1.0)",
             "total > 1.0 || ('x' == note && gift) || gift"));
  CHECK(same("status in ['denied', 'pending']", "status in ['pending', 'denied']"));
  CHECK_FALSE(same("gift && total > 5.0", "gift || total > 5.0"));
  CHECK_FALSE(same("total > 5.0", "total >= 5.0"));
  CHECK_FALSE(same("total > 5.0", "5.0 > total"));
  // The same while `note` is known; not when it is missing.
  CHECK_FALSE(same("gift", "gift || (note == 'x' && note != 'x')"));
  CHECK_FALSE(same("!(gift && total > 5.0)", "!gift || total <= 5.0"));
}

}  // namespace
}  // namespace holdfast::cel
