// What the conformance suite does not say: missing facts, records, limits, issues with places.
#include <doctest/doctest.h>

#include <memory>

#include "engine/cel/expression.h"
#include "engine/cel/frontend/parser.h"

namespace holdfast::cel {
namespace {

// A few facts: `known` is 5, `lost` and `gone` are missing (facts 1 and 2), `items` are records.
struct World {
  World() {
    auto record = std::make_shared<RecordType>();
    record->name = "item";
    record->fields = {{"risk", Type(TypeKind::kString), {"low", "high"}},
                      {"quantity", Type(TypeKind::kInt), {}}};
    environment.AddVariable("known", Type(TypeKind::kInt));
    environment.AddVariable("lost", Type(TypeKind::kInt));
    environment.AddVariable("gone", Type(TypeKind::kString));
    environment.AddVariable("order.items", Type::List(Type::Record(record)));
    environment.AddVariable("order.total", Type(TypeKind::kDouble));
    environment.AddVariable("payment.status", Type(TypeKind::kString), {"pending", "completed"});
    fields = {Value::String("high"), Value::Int(2), Value::String("low"), Value::Int(7)};
    items = {Value::Record(&fields[0], 2), Value::Record(&fields[2], 2)};
    slots = {Value::Int(5),
             Value::Unknown(&ids[1], 1),
             Value::Unknown(&ids[2], 1),
             Value::List(items.data(), 2),
             Value::Double(99.5),
             Value::String("completed")};
  }

  // The value as text; "missing: 1 2" for facts; the first issue for what does not compile.
  std::string Say(std::string_view text) {
    Issues issues;
    const auto expression = CompileExpression(text, environment, issues);
    if (!expression) return std::string(issues[0].code) + ": " + issues[0].message;
    const Value value = machine.Run(expression->program, slots.data());
    if (!value.Is(Kind::kUnknown)) return (value.Is(Kind::kError) ? "error: " : "") + ToText(value);
    std::string facts = "missing:";
    for (const auto fact : value.Facts()) facts += " " + std::to_string(fact);
    return facts;
  }

  Environment environment;
  Machine machine;
  std::uint32_t ids[3] = {0, 1, 2};
  std::vector<Value> fields, items, slots;
};

TEST_CASE("cel: a missing fact is neither true nor false, but logic may not need it") {
  World world;
  CHECK(world.Say("lost > 3") == "missing: 1");
  CHECK(world.Say("lost > 3 && known == 6") == "false");
  CHECK(world.Say("known == 6 && lost > 3") == "false");
  CHECK(world.Say("lost > 3 || known == 5") == "true");
  CHECK(world.Say("lost > 3 && known == 5") == "missing: 1");
  CHECK(world.Say("!(lost > 3)") == "missing: 1");
  CHECK(world.Say("lost > 3 && gone == 'x'") == "missing: 1 2");
  CHECK(world.Say("gone == 'x' || lost > 3") == "missing: 1 2");
  CHECK(world.Say("lost + known > 1") == "missing: 1");
  CHECK(world.Say("lost > 3 ? 'a' : 'b'") == "missing: 1");
  CHECK(world.Say("[lost, known]") == "missing: 1");
  CHECK(world.Say("gone.startsWith('a')") == "missing: 2");
  CHECK(world.Say("gone in ['a', 'b']") == "missing: 2");
  CHECK(world.Say("gone.matches('a+')") == "missing: 2");
  // What failed beside a missing fact is not forgotten, and still decides nothing.
  CHECK(world.Say("1 / 0 == 1 || lost > 3") == "missing: 1 4294967295");
  CHECK(world.Say("lost > 3 && 1 / 0 == 1") == "missing: 1 4294967295");
  CHECK(world.Say("1 / 0 == 1 || lost > 3 || known == 5") == "true");
  CHECK(world.Say("1 / 0 + lost == 1") == "error: division by zero");
}

TEST_CASE("cel: has() tells known facts from missing ones") {
  World world;
  CHECK(world.Say("has(order.total)") == "true");
  CHECK(world.Say("has(order.totl)").starts_with("unknown-field: order has no field 'totl'"));
  CHECK(world.Say("has(known)") == "syntax: has() takes a field, such as has(order.ip)");
}

TEST_CASE("cel: records are read by field, in loops too") {
  World world;
  CHECK(world.Say("order.items.exists(i, i.risk == 'high')") == "true");
  CHECK(world.Say("order.items.all(i, i.quantity > 2)") == "false");
  CHECK(world.Say("order.items.filter(i, i.quantity > 3).size()") == "1");
  CHECK(world.Say("order.items.map(i, i.quantity * 2)") == "[4, 14]");
  CHECK(world.Say("order.items.exists_one(i, i.quantity == known + 2)") == "true");
  CHECK(world.Say("order.items.exists(i, order.items.exists(j, j.quantity > i.quantity))") ==
        "true");
  CHECK(world.Say("order.items[1].quantity") == "7");
  CHECK(world.Say("order.items.exists(i, i.rsk == 'high')") ==
        "unknown-field: item has no field 'rsk'");
  CHECK(world.Say("order.items.exists(i, i.risk == 'hihg')") == "unknown-word: it is never 'hihg'");
}

TEST_CASE("cel: mistakes are found before anything runs") {
  World world;
  CHECK(world.Say("payment.status == 'complted'") == "unknown-word: it is never 'complted'");
  CHECK(world.Say("payment.status in ['pending', 'don']") == "unknown-word: it is never 'don'");
  CHECK(world.Say("order.total > 200") == "type-mismatch: cannot use '>' on double and int");
  CHECK(world.Say("order.totl > 200.0") == "unknown-field: order has no field 'totl'");
  CHECK(world.Say("order == 5") == "unknown-name: 'order' is a group of fields, not a value");
  CHECK(world.Say("knwn == 5") == "unknown-name: there is no 'knwn'");
  CHECK(world.Say("known.startsWith('a')") ==
        "type-mismatch: startsWith() does not take (int, string)");
  CHECK(world.Say("gone.startWith('a')") == "unknown-function: there is no function 'startWith'");
  CHECK(world.Say("gone.matches('(')").starts_with("bad-regex: RE2 refuses this pattern"));
  CHECK(world.Say("known = 5") == "syntax: unexpected character '='");
  CHECK(world.Say("known == ") == "syntax: expected a value, found the end");
  CHECK(world.Say("'open") == "syntax: text is not closed");
  CHECK(world.Say("known && true") == "type-mismatch: cannot use '&&' on int and bool");
}

TEST_CASE("cel: limits end in errors") {
  World world;
  CHECK(
      world.Say(std::string(300, '(') + "1" + std::string(300, ')')).starts_with("limit: nested"));
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += " + 1";
  CHECK(world.Say(chain).starts_with("limit: more than"));
  CHECK(world.Say(std::string(200'000, ' ')).starts_with("limit: the expression is longer"));
  std::string many = "known";
  for (int i = 0; i < 1500; ++i) many += " + 1";
  CHECK(world.Say(many) == "1505");
  std::string list = "[0";
  for (int i = 1; i < 400; ++i) list += "," + std::to_string(i);
  list += "]";
  CHECK(world.Say(list + ".all(a, " + list + ".all(b, " + list + ".all(c, a + b + c >= 0)))") ==
        "error: too many iterations");
}

// Goal: what is folded, fused and typed gives the same as what is not.
// Method: the same condition on constants and on facts of the same value.
TEST_CASE("cel: constants and facts of the same value agree") {
  World world;
  const std::pair<const char*, const char*> pairs[] = {
      {"known", "5"}, {"order.total", "99.5"}, {"payment.status", "'completed'"}};
  const char* relations[] = {"==", "!=", "<", "<=", ">", ">="};
  const char* others[3][3] = {
      {"4", "5", "6"}, {"99.0", "99.5", "100.0"}, {"'completed'", "'completed'", "'pending'"}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (const char* relation : relations) {
      for (const char* other : others[i]) {
        const std::string tail = std::string(" ") + relation + " " + other;
        const std::string fact = pairs[i].first + tail, constant = pairs[i].second + tail;
        CAPTURE(fact);
        CHECK(world.Say(fact) == world.Say(constant));
        CHECK(world.Say(fact + " && known == 5") == world.Say(constant));
        CHECK(world.Say(fact + " || known == 6") == world.Say(constant));
        CHECK(world.Say("!(" + fact + ")") == world.Say("!(" + constant + ")"));
      }
    }
  }
}

TEST_CASE("cel: an expression is written again with the parentheses it needs") {
  for (const char* text :
       {"a && (b || c)", "(a || b) && c", "a - (b - c)", "a - b - c", "!(a && b)",
        "x ? y : z ? u : v", "a.b.c(1, 'it\\'s')[2]", "has(a.b)", "[1, 2.0, 3u, b'\\x00']",
        "{'k': 1}.k", "l.exists(i, i.q > 3)", "x in ['a']", "-(x)", "(a ? b : c) + 1"}) {
    Issues issues;
    const ExprPtr tree = Parse(text, issues);
    CAPTURE(text);
    REQUIRE(tree);
    CHECK(Unparse(*tree) == text);
  }
}

TEST_CASE("cel: sums and extremes of lists of numbers") {
  World world;
  CHECK(world.Say("order.items.map(i, i.quantity).sum()") == "9");
  CHECK(world.Say("order.items.map(i, i.quantity).avg()") == "4.5");
  CHECK(world.Say("order.items.map(i, i.quantity).min()") == "2");
  CHECK(world.Say("order.items.map(i, i.quantity).max()") == "7");
  CHECK(world.Say("[1.5, 2.5].sum() == 4.0") == "true");
  CHECK(world.Say("[1u, 2u].sum() == 3u") == "true");
  // The sum of no numbers has the type that the numbers would have.
  CHECK(world.Say("order.items.filter(i, i.quantity > 99).map(i, i.quantity).sum() + 1") == "1");
  CHECK(
      world.Say("order.items.filter(i, i.quantity > 99).map(i, order.total).sum() + 1.5 == 1.5") ==
      "true");
  CHECK(world.Say("[1u].filter(n, n > 5u).sum() + 1u == 1u") == "true");
  for (const char* function : {"avg", "min", "max"}) {
    CHECK(world.Say("order.items.filter(i, i.quantity > 99).map(i, i.quantity)." +
                    std::string(function) + "()") == "error: the list is empty");
  }
  CHECK(world.Say("[9223372036854775807, 1].sum()") == "error: integer overflow");
  CHECK(world.Say("[9223372036854775807, 9223372036854775807].avg() > 9.2e18") == "true");
  CHECK(world.Say("[dyn(1), dyn(2.5)].avg() == 1.75") == "true");
  CHECK(world.Say("[dyn(1), dyn(2.5)].sum()") == "error: no such overload");
  CHECK(world.Say("[dyn('a')].sum()") == "error: no such overload");
  CHECK(world.Say("order.items.map(i, lost).sum()") == "missing: 1");
  CHECK(world.Say("['a'].sum()") == "type-mismatch: sum() does not take (list(string))");
}

}  // namespace
}  // namespace holdfast::cel
