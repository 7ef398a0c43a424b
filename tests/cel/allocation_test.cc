#include "tests/allocations.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "engine/cel/expression.h"

namespace holdfast::cel {
namespace {

// Goal:   a rule that has run before takes nothing from the heap, whatever it uses.
// Method: every kind of rule over known and missing facts, counted from the second round on.
TEST_CASE("cel: running a rule allocates nothing in steady state") {
  auto record = std::make_shared<RecordType>();
  record->name = "item";
  record->fields = {{"risk", Type(TypeKind::kString), {}}, {"quantity", Type(TypeKind::kInt), {}}};
  Environment environment;
  environment.AddVariable("total", Type(TypeKind::kDouble));
  environment.AddVariable("email", Type(TypeKind::kString));
  environment.AddVariable("country", Type(TypeKind::kString));
  environment.AddVariable("items", Type::List(Type::Record(record)));
  environment.AddVariable("lost", Type(TypeKind::kString));
  const std::uint32_t id = 4;
  const Value fields[] = {Value::String("high"), Value::Int(3), Value::String("low"),
                          Value::Int(9)};
  const Value items[] = {Value::Record(fields, 2), Value::Record(fields + 2, 2)};
  const Value slots[] = {Value::Double(420.5), Value::String("somebody12345@mail.example"),
                         Value::String("NG"), Value::List(items, 2), Value::Unknown(&id, 1)};
  std::vector<Expression> rules;
  for (const char* text :
       {"total > 200.0 && country in ['NG', 'GH', 'RO']",
        "email.matches('^[a-z]+[0-9]{4,}@') || email.endsWith('.xyz')",
        "items.exists(i, i.risk == 'high' && i.quantity > 2)",
        "items.filter(i, i.quantity > 3).size() >= 2",
        "items.map(i, i.quantity * 2).exists(q, q > 10)", "lost == 'x' && total > 500.0",
        "lost == 'x' || country == 'NG'", "email.substring(0, 4) + country == 'someNG'",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && total > 1.0",
        "email.split('@')[1] == 'mail.example'",
        "email.replace('mail', 'post').upperAscii().reverse().startsWith('ELPMAXE')",
        "email.split('e').join('E') == email", "{'a': 1}['a'] == items.size()"}) {
    Issues issues;
    auto rule = CompileExpression(text, environment, issues);
    if (rule) rules.push_back(std::move(*rule));
  }
  REQUIRE(rules.size() >= 10);
  Machine machine;
  std::size_t before = 0;
  for (int round = 0; round < 4; ++round) {
    if (round == 2) before = testing::AllocationsSoFar();
    for (const Expression& rule : rules) {
      machine.Reset();
      machine.Run(rule.program, slots);
    }
  }
  CHECK(testing::AllocationsSoFar() == before);
}

}  // namespace
}  // namespace holdfast::cel
