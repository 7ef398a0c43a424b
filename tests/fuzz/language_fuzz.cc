#include "tests/fuzz/language_fuzz.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/cel/expression.h"
#include "engine/cel/frontend/logic.h"
#include "engine/cel/frontend/parser.h"
#include "engine/cel/frontend/walker.h"

namespace holdfast::fuzz {
namespace {

using namespace cel;  // NOLINT: the language is what this file is about

[[noreturn]] void Complain(const std::string& what, std::string_view text) {
  std::fprintf(stderr, "%s\n  %.*s\n", what.c_str(), static_cast<int>(text.size()), text.data());
  std::abort();
}

// A set of texts, as lists are.
class Words final : public TextSet {
 public:
  bool Contains(std::string_view text) const override { return text == "a" || text.size() > 8; }
};

// Variables of every type that rules have. The generator knows them by `kVariables`.
struct World {
  World() {
    auto record = std::make_shared<RecordType>();
    record->name = "item";
    record->fields = {{"risk", Type(TypeKind::kString), {}},
                      {"quantity", Type(TypeKind::kInt), {}},
                      {"price", Type(TypeKind::kDouble), {}},
                      {"gift", Type(TypeKind::kBool), {}}};
    for (const auto& [name, type] : std::initializer_list<std::pair<const char*, Type>>{
             {"i.a", Type(TypeKind::kInt)},
             {"i.b", Type(TypeKind::kInt)},
             {"d.a", Type(TypeKind::kDouble)},
             {"d.b", Type(TypeKind::kDouble)},
             {"s.a", Type(TypeKind::kString)},
             {"s.b", Type(TypeKind::kString)},
             {"b.a", Type(TypeKind::kBool)},
             {"b.b", Type(TypeKind::kBool)},
             {"t.a", Type(TypeKind::kTimestamp)},
             {"t.b", Type(TypeKind::kTimestamp)},
             {"items", Type::List(Type::Record(record))},
             {"tags", Type::List(Type(TypeKind::kString))},
             {"map", Type::Map(Type(TypeKind::kString), Type(TypeKind::kDyn))},
             {"words", ParseType("set")}}) {
      environment.AddVariable(name, type);
    }
  }
  Environment environment;
  Words words;
};

const World& TheWorld() {
  static const World world;
  return world;
}

// The bytes of a run as a row of decisions; zeros when they are used up.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  unsigned Byte() { return at_ < bytes_.size() ? static_cast<unsigned char>(bytes_[at_++]) : 0; }
  unsigned Below(unsigned bound) { return Byte() % bound; }
  template <std::size_t N>
  const char* Pick(const char* const (&words)[N]) {
    return words[Below(N)];
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

constexpr const char* kTexts[] = {"''", "'a'", "'ab'", "'aé'", "'twelve bytes'", "'NG'"};
constexpr const char* kWholes[] = {"0", "1", "3", "-1", "9223372036854775807", "7"};
constexpr const char* kNumbers[] = {"0.0", "1.5", "-2.0", "200.0", "1e308", "3.0"};
constexpr const char* kRelations[] = {"==", "!=", "<", "<=", ">", ">="};

// Writes expressions of a wanted type.
class Writer {
 public:
  explicit Writer(Choices& choices) : choices_(choices) {}

  std::string Truth(int depth) {
    if (depth <= 0) return Pick({"b.a", "b.b", "true", "false", "has(s.a)", Field("gift", "b.a")});
    const int d = depth - 1;
    switch (choices_.Below(20)) {
      case 0:
      case 1:
        return "(" + Truth(d) + " && " + Truth(d) + ")";
      case 2:
      case 3:
        return "(" + Truth(d) + " || " + Truth(d) + ")";
      case 4:
        return "!" + Bracketed(Truth(d));
      case 5:
        return "(" + Truth(d) + " ? " + Bracketed(Truth(d)) + " : " + Truth(d) + ")";
      case 6:
      case 7:
        return Number(d) + " " + Relation() + " " + Number(d);
      case 8:
        return Whole(d) + " " + Relation() + " " + Whole(d);
      case 9:
      case 10:
        return Text(d) + " " + Relation() + " " + Text(d);
      case 11:
        return Text(d) + " in " +
               Pick({"['a', 'NG']", "tags", "words", "map", "['twelve bytes']", "[]"});
      case 12:
        return Text(d) + Pick({".startsWith(", ".endsWith(", ".contains(", ".matches("}) + Text(0) +
               ")";
      case 13:
        return Pick({"t.a - t.b", "t.b - t.a"}) + " " + Relation() + " " +
               Pick({"duration('24h')", "duration('0s')", "duration('-1h')"});
      case 14:
        return Pick({"d.a", "d.b"}) + Pick({" + ", " - ", " * ", " / "}) +
               Pick({"d.a", "d.b", "double(size(items))"}) + " " + Relation() + " " +
               choices_.Pick(kNumbers);
      case 15:
      case 16:
        return Loop(d, Pick({"exists", "all", "exists_one"}));
      case 17:
        return Loop(d, "filter") + ".size() " + Relation() + " " + choices_.Pick(kWholes);
      case 18:
        return Truth(d) + " == " + Bracketed(Truth(d));
      default:
        return "cel.bind(v, " + Truth(d) + ", v || " + Truth(d) + ")";
    }
  }

 private:
  std::string Pick(std::initializer_list<std::string> options) {
    return options.begin()[choices_.Below(static_cast<unsigned>(options.size()))];
  }
  std::string Relation() { return choices_.Pick(kRelations); }
  static std::string Bracketed(const std::string& text) { return "(" + text + ")"; }
  // A field of the item that a loop is at, or what stands for it outside.
  std::string Field(const char* name, const char* outside) {
    return in_loop_ ? std::string("x.") + name : outside;
  }

  std::string Loop(int depth, const std::string& macro) {
    if (in_loop_) return macro == "filter" ? "items" : Field("gift", "b.a");
    in_loop_ = true;
    const std::string body = Truth(depth);
    in_loop_ = false;
    return "items." + macro + "(x, " + body + ")";
  }

  std::string Text(int depth) {
    if (depth <= 0) {
      return Pick(
          {"s.a", "s.b", Field("risk", "s.a"), choices_.Pick(kTexts), choices_.Pick(kTexts)});
    }
    switch (choices_.Below(8)) {
      case 0:
        return "(" + Text(depth - 1) + " + " + Text(depth - 1) + ")";
      case 1:
        return "s.?a.orValue(" + Text(depth - 1) + ")";
      case 2:
        return Text(depth - 1) + Pick({".lowerAscii()", ".trim()", ".reverse()", ".substring(1)"});
      case 3:
        return "tags[" + Whole(0) + "]";
      case 4:
        return "map.?k.optMap(m, string(m)).orValue('')";
      default:
        return Text(0);
    }
  }

  std::string Whole(int depth) {
    if (depth <= 0) {
      return Pick({"i.a", "i.b", Field("quantity", "i.a"), choices_.Pick(kWholes), "size(items)"});
    }
    switch (choices_.Below(7)) {
      case 6:
        return "items.map(n, n.quantity)" + Pick({".sum()", ".min()", ".max()"});
      case 0:
        return "(" + Whole(depth - 1) + Pick({" + ", " - ", " * ", " / ", " % "}) +
               Whole(depth - 1) + ")";
      case 1:
        return Text(depth - 1) + ".size()";
      case 2:
        return "math.greatest(" + Whole(depth - 1) + ", " + Whole(depth - 1) + ")";
      case 3:
        return "tags.transformList(n, t, n + size(t)).size()";
      default:
        return Whole(0);
    }
  }

  std::string Number(int depth) {
    if (depth <= 0) return Pick({"d.a", "d.b", Field("price", "d.b"), choices_.Pick(kNumbers)});
    switch (choices_.Below(6)) {
      case 4:
        return "items.map(n, n.quantity).avg()";
      case 5:
        return "items.filter(n, n.gift).map(n, n.price)" +
               Pick({".sum()", ".avg()", ".min()", ".max()"});
      case 0:
        return "(" + Number(depth - 1) + Pick({" + ", " - ", " * ", " / "}) + Number(depth - 1) +
               ")";
      case 1:
        return "double(" + Whole(depth - 1) + ")";
      default:
        return Number(0);
    }
  }

  Choices& choices_;
  bool in_loop_ = false;
};

// A value for every slot; one in six facts is missing.
struct Facts {
  explicit Facts(Choices& choices, bool all_known = false) : all_known_(all_known) {
    constexpr std::string_view kSome[] = {"", "a", "ab", "aé", "twelve bytes", "NG", "exactly 8"};
    constexpr double kReals[] = {0,
                                 1.5,
                                 -2,
                                 200,
                                 1e308,
                                 std::numeric_limits<double>::quiet_NaN(),
                                 std::numeric_limits<double>::infinity()};
    constexpr std::int64_t kInts[] = {0, 1, 3, -1, std::numeric_limits<std::int64_t>::max(), 7};
    const auto text = [&] { return Value::String(kSome[choices.Below(7)]); };
    const auto real = [&] { return Value::Double(kReals[choices.Below(7)]); };
    const auto whole = [&] { return Value::Int(kInts[choices.Below(6)]); };
    const auto truth = [&] { return Value::Bool(choices.Below(2) == 1); };
    const auto time = [&] {
      return Value::Timestamp({1'790'000'000 + 40'000 * static_cast<std::int64_t>(choices.Below(5)),
                               choices.Below(2) * 500'000'000});
    };
    slots = {whole(), whole(), real(), real(), text(), text(), truth(), truth(), time(), time()};
    const unsigned count = choices.Below(4);
    for (unsigned i = 0; i < count; ++i) {
      Value* fields = arena.AllocateArray<Value>(4);
      new (fields) Value(MaybeMissing(choices, text(), 100));
      new (fields + 1) Value(MaybeMissing(choices, whole(), 101));
      new (fields + 2) Value(MaybeMissing(choices, real(), 102));
      new (fields + 3) Value(MaybeMissing(choices, truth(), 103));
      items.push_back(Value::Record(fields, 4));
    }
    for (unsigned i = choices.Below(3); i > 0; --i) tags.push_back(text());
    entries = {{Value::String("k"), Value::Int(4)}, {Value::String("a"), Value::String("NG")}};
    slots.push_back(Value::List(items.data(), items.size()));
    slots.push_back(Value::List(tags.data(), tags.size()));
    slots.push_back(Value::Map(entries.data(), choices.Below(3)));
    slots.push_back(Value::Set(&TheWorld().words));
    for (std::uint32_t i = 0; i + 1 < slots.size(); ++i)
      slots[i] = MaybeMissing(choices, slots[i], i);
  }

  Value MaybeMissing(Choices& choices, const Value& value, std::uint32_t fact) {
    if (choices.Below(6) != 5 || all_known_) return value;
    return Value::Unknown(new (arena.AllocateArray<std::uint32_t>(1)) std::uint32_t(fact), 1);
  }

  Arena arena;
  std::vector<Value> slots, items, tags;
  std::vector<MapEntry> entries;

 private:
  bool all_known_;
};

bool IsLimit(const Value& value) {
  return value.Is(Kind::kError) && value.AsText().find("too ") != std::string_view::npos;
}

// Equal, NaN to NaN; errors to errors whatever they say; unknowns by their facts.
bool Agree(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.Is(Kind::kError)) return true;
  if (a.Is(Kind::kUnknown)) {
    return std::equal(a.Facts().begin(), a.Facts().end(), b.Facts().begin(), b.Facts().end());
  }
  if (a.Is(Kind::kDouble) && std::isnan(a.number)) return std::isnan(b.number);
  return Equal(a, b);
}

std::string Shown(const Value& value) {
  std::string text = std::string(TypeNameOf(value)) + " " + ToText(value);
  if (value.Is(Kind::kUnknown)) {
    for (const auto fact : value.Facts()) text += " " + std::to_string(fact);
  }
  return text;
}

}  // namespace

void FuzzFront(std::string_view text) {
  if (text.size() > 4096) return;
  Issues issues;
  const auto expression = CompileExpression(text, TheWorld().environment, issues);
  if (!expression) {
    if (issues.empty()) Complain("refused without an issue", text);
    for (const Issue& issue : issues) {
      if (issue.range.begin > issue.range.end || issue.range.end > text.size()) {
        Complain("an issue outside of the text: " + issue.message, text);
      }
    }
    return;
  }
  const std::string written = Unparse(*expression->tree);
  issues.clear();
  const auto again = CompileExpression(written, TheWorld().environment, issues);
  if (!again) Complain("not accepted again: " + written + ": " + issues.front().message, text);
  if (Unparse(*again->tree) != written) Complain("written differently again: " + written, text);
  if (!(again->type == expression->type)) Complain("another type again: " + written, text);
}

bool FuzzMachine(std::string_view bytes) {
  Choices choices(bytes);
  Facts facts(choices);
  const std::string text = Writer(choices).Truth(static_cast<int>(choices.Below(5)));
  Issues issues;
  const auto expression = CompileExpression(text, TheWorld().environment, issues);
  if (!expression) return false;  // a constant pattern that RE2 refuses, types that do not fit
  Machine machine;
  const Value by_steps =
      DeepCopy(machine.RunSteps(expression->program, facts.slots.data()), facts.arena);
  const Value by_both = DeepCopy(machine.Run(expression->program, facts.slots.data()), facts.arena);
  std::vector<Value> unread(facts.slots.size(), Value::Unread());
  const Value lazily = machine.Run(expression->program, unread.data(), [&](int slot) {
    unread[static_cast<std::size_t>(slot)] = facts.slots[static_cast<std::size_t>(slot)];
  });
  Walker walker(facts.slots.data(), facts.arena);
  const Value by_walk = walker.Evaluate(*expression->tree);
  if (walker.exhausted() || IsLimit(by_steps)) return false;
  const std::string values = "\n  walk: " + Shown(by_walk) + "\n  steps: " + Shown(by_steps) +
                             "\n  predicate: " + Shown(by_both) + "\n  lazily: " + Shown(lazily);
  if (!Agree(by_steps, by_walk)) Complain("the machine and the walker differ" + values, text);
  if (!Agree(by_both, by_walk)) Complain("the predicate and the walker differ" + values, text);
  if (!Agree(lazily, by_walk)) Complain("lazily read facts give another value" + values, text);
  return true;
}

void FuzzLogic(std::string_view bytes) {
  Choices choices(bytes);
  Facts facts(choices, true);
  // Amounts are numbers; logic does not reckon with NaN.
  for (Value& value : facts.slots) {
    if (value.Is(Kind::kDouble) && std::isnan(value.number)) value = Value::Double(3);
  }
  const int depth = 1 + static_cast<int>(choices.Below(3));
  const std::string texts[] = {Writer(choices).Truth(depth), Writer(choices).Truth(depth)};
  const BoundsOf bounds = [](int) { return Bounds{}; };
  std::vector<std::optional<Condition>> conditions;
  std::vector<Value> values;
  Machine machine;
  for (const std::string& text : texts) {
    Issues issues;
    const auto expression = CompileExpression(text, TheWorld().environment, issues);
    if (!expression) return;
    values.push_back(machine.Run(expression->program, facts.slots.data()));
    conditions.push_back(Condition::Of(*expression->tree, true, bounds));
    const Truth truth = TruthOf(*expression->tree, bounds);
    if ((truth == Truth::kAlways && values.back().IsFalse()) ||
        (truth == Truth::kNever && values.back().IsTrue())) {
      Complain("not certain after all", text);
    }
  }
  if (!conditions[0] || !conditions[1]) return;
  for (const std::size_t i : {0, 1}) {
    if (conditions[i]->Implies(*conditions[1 - i]) && values[i].IsTrue() &&
        values[1 - i].IsFalse()) {
      Complain("it does not imply " + texts[1 - i], texts[i]);
    }
  }
}

}  // namespace holdfast::fuzz
