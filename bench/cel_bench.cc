// CEL: six typical rules against the same conditions in C++, and three hundred rules an order.
#include <re2/re2.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench/ratios.h"
#include "engine/cel/expression.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

using cel::Type;
using cel::TypeKind;
using cel::Value;

constexpr std::size_t kOrders = 64;

struct Item {
  std::string_view risk_class;
  std::int64_t quantity;
};
struct Order {
  double total;
  std::string_view ip_country, account_country, ship_country, email, coupon, payment;
  bool threeds;
  std::int64_t orders_30d, chargebacks;
  std::int64_t created_seconds, registered_seconds;
  std::vector<Item> items;
};

// The same orders, for C++ and as slots.
struct World {
  World() {
    constexpr std::string_view kCountries[] = {"US", "DE", "GB", "NG", "FR", "RO"};
    constexpr std::string_view kEmails[] = {"anna.meyer@mail.example", "qwerty12345@mail.example",
                                            "bob@shop.xyz"};
    auto record = std::make_shared<cel::RecordType>();
    record->name = "item";
    record->fields = {{"risk_class", Type(TypeKind::kString), {}},
                      {"quantity", Type(TypeKind::kInt), {}}};
    const auto text = Type(TypeKind::kString);
    const auto whole = Type(TypeKind::kInt);
    for (const auto& [name, type] : std::vector<std::pair<const char*, Type>>{
             {"order.total", Type(TypeKind::kDouble)},
             {"order.ip_country", text},
             {"order.account_country", text},
             {"ship_country", text},
             {"email", text},
             {"coupon", text},
             {"payment", text},
             {"threeds", Type(TypeKind::kBool)},
             {"buyer.orders_30d", whole},
             {"chargebacks", whole},
             {"order.created", Type(TypeKind::kTimestamp)},
             {"buyer.created", Type(TypeKind::kTimestamp)},
             {"order.items", Type::List(Type::Record(record))},
             {"items", Type::List(Type::Record(record))},
             {"total", Type(TypeKind::kDouble)}}) {
      environment.AddVariable(name, type);
    }
    Random random(4);
    for (std::size_t i = 0; i < kOrders; ++i) {
      Order& o = orders[i];
      o.total = static_cast<double>(random.Between(1'000, 90'000)) / 100;
      o.ip_country = random.Pick(kCountries);
      o.account_country = random.Chance(700) ? o.ip_country : random.Pick(kCountries);
      o.ship_country = random.Pick(kCountries);
      o.email = random.Pick(kEmails);
      o.coupon = random.Chance(100) ? "VIP10" : "SPRING";
      o.payment = random.Chance(500) ? "card" : "wallet";
      o.threeds = random.Chance(500);
      o.orders_30d = random.Between(0, 3);
      o.chargebacks = random.Chance(50) ? 1 : 0;
      o.created_seconds = 1'790'000'000 + random.Between(0, 1'000'000);
      o.registered_seconds = o.created_seconds - random.Between(0, 200'000);
      const std::int64_t count = random.Between(1, 4);
      for (std::int64_t k = 0; k < count; ++k) {
        o.items.push_back({random.Chance(200) ? "high" : "normal", random.Between(1, 6)});
      }
    }
    for (std::size_t i = 0; i < kOrders; ++i) {
      const Order& o = orders[i];
      for (const Item& item : o.items) {
        fields[i].push_back(Value::String(item.risk_class));
        fields[i].push_back(Value::Int(item.quantity));
      }
      for (std::size_t k = 0; k < o.items.size(); ++k)
        records[i].push_back(Value::Record(&fields[i][2 * k], 2));
      const Value list = Value::List(records[i].data(), records[i].size());
      slots[i] = {Value::Double(o.total),
                  Value::String(o.ip_country),
                  Value::String(o.account_country),
                  Value::String(o.ship_country),
                  Value::String(o.email),
                  Value::String(o.coupon),
                  Value::String(o.payment),
                  Value::Bool(o.threeds),
                  Value::Int(o.orders_30d),
                  Value::Int(o.chargebacks),
                  Value::Timestamp({o.created_seconds, 0}),
                  Value::Timestamp({o.registered_seconds, 0}),
                  list,
                  list,
                  Value::Double(o.total)};
    }
  }

  cel::Expression Compile(const std::string& text) const {
    cel::Issues issues;
    auto expression = cel::CompileExpression(text, environment, issues);
    if (!expression) {
      std::fprintf(stderr, "%s: %s\n", text.c_str(), issues[0].message.c_str());
      std::abort();
    }
    return std::move(*expression);
  }

  cel::Environment environment;
  std::array<Order, kOrders> orders;
  std::array<std::vector<Value>, kOrders> fields, records, slots;
};

const World& TheWorld() {
  static const World world;
  return world;
}

const re2::RE2& EmailPattern() {
  static const re2::RE2 pattern("^[a-z]+[0-9]{4,}@");
  return pattern;
}

bool NativeR1(const Order& o) { return o.total > 200.0 && o.ip_country != o.account_country; }
bool NativeR2(const Order& o) {
  bool any = false;
  for (const Item& item : o.items) {
    if (item.risk_class == "high") {
      any = true;
      break;
    }
  }
  return any && o.orders_30d == 0;
}
bool NativeR3(const Order& o) {
  return o.email.ends_with(".xyz") ||
         re2::RE2::PartialMatch(re2::StringPiece(o.email.data(), o.email.size()), EmailPattern()) ||
         o.coupon.starts_with("VIP");
}
bool NativeR4(const Order& o) {
  bool listed = false;
  for (const std::string_view code : {"NG", "GH", "RO", "UA", "BY"}) {
    if (o.ship_country == code) {
      listed = true;
      break;
    }
  }
  return listed && o.payment == "card" && !o.threeds;
}
bool NativeR5(const Order& o) {
  return o.created_seconds - o.registered_seconds < 86'400 &&
         o.total / static_cast<double>(o.items.size()) > 150.0;
}
bool NativeR6(const Order& o) {
  std::size_t many = 0;
  for (const Item& item : o.items) many += item.quantity > 3 ? 1 : 0;
  return many >= 2 || (o.total > 500.0 && o.chargebacks > 0);
}

struct Rule {
  const char* text;
  bool (*native)(const Order&);
};
constexpr Rule kRules[] = {
    {"order.total > 200.0 && order.ip_country != order.account_country", &NativeR1},
    {"order.items.exists(i, i.risk_class == 'high') && buyer.orders_30d == 0", &NativeR2},
    {"email.endsWith('.xyz') || email.matches('^[a-z]+[0-9]{4,}@') || coupon.startsWith('VIP')",
     &NativeR3},
    {"ship_country in ['NG', 'GH', 'RO', 'UA', 'BY'] && payment == 'card' && !threeds", &NativeR4},
    {"order.created - buyer.created < duration('24h') && order.total / double(size(order.items)) > "
     "150.0",
     &NativeR5},
    {"items.filter(i, i.quantity > 3).size() >= 2 || total > 500.0 && chargebacks > 0", &NativeR6},
};

template <int kNumber>
void Native(benchmark::State& state) {
  const World& world = TheWorld();
  // Called through a pointer that the compiler cannot see through, as a rule of a pack would be.
  bool (*volatile rule)(const Order&) = kRules[kNumber - 1].native;
  bool (*const call)(const Order&) = rule;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(call(world.orders[i++ % kOrders]));
}

template <int kNumber>
void Cel(benchmark::State& state) {
  const World& world = TheWorld();
  const cel::Expression rule = world.Compile(kRules[kNumber - 1].text);
  cel::Machine machine;
  for (std::size_t i = 0; i < kOrders; ++i) {
    const Value value = machine.Run(rule.program, world.slots[i].data());
    if (!value.Is(cel::Kind::kBool) || value.boolean != kRules[kNumber - 1].native(world.orders[i]))
      std::abort();
  }
  std::size_t i = 0;
  for (auto _ : state) {
    machine.Reset();
    benchmark::DoNotOptimize(machine.Run(rule.program, world.slots[i++ % kOrders].data()).kind);
  }
}

BENCHMARK(Native<1>);
BENCHMARK(Native<2>);
BENCHMARK(Native<3>);
BENCHMARK(Native<4>);
BENCHMARK(Native<5>);
BENCHMARK(Native<6>);
BENCHMARK(Cel<1>);
BENCHMARK(Cel<2>);
BENCHMARK(Cel<3>);
BENCHMARK(Cel<4>);
BENCHMARK(Cel<5>);
BENCHMARK(Cel<6>);

// The pattern of R3 alone.
void Re2Itself(benchmark::State& state) {
  const World& world = TheWorld();
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string_view email = world.orders[i++ % kOrders].email;
    benchmark::DoNotOptimize(
        re2::RE2::PartialMatch(re2::StringPiece(email.data(), email.size()), EmailPattern()));
  }
}
BENCHMARK(Re2Itself);

// Three hundred distinct rules on each order: comparisons of amounts, counts, countries and words,
// two or three to a rule, as packs have them.
void ThreeHundredRules(benchmark::State& state) {
  const World& world = TheWorld();
  constexpr std::string_view kCodes[] = {"NG", "GH", "RO", "UA", "BY", "US", "DE", "FR"};
  Random random(6);
  std::vector<cel::Expression> rules;
  for (int i = 0; i < 300; ++i) {
    const std::string limit = std::to_string(random.Between(10, 900)) + ".0";
    const std::string code(random.Pick(kCodes)), other(random.Pick(kCodes));
    const std::string n = std::to_string(random.Between(0, 3)), k = std::to_string(i);
    switch (i % 6) {
      case 0:
        rules.push_back(world.Compile("order.total > " + limit +
                                      " && order.ip_country != order.account_country"));
        break;
      case 1:
        rules.push_back(world.Compile("buyer.orders_30d == " + n + " && order.total > " + limit +
                                      " && payment == 'card'"));
        break;
      case 2:
        rules.push_back(world.Compile("ship_country in ['" + code + "', '" + other + "', 'X" + k +
                                      "'] && !threeds"));
        break;
      case 3:
        rules.push_back(world.Compile("chargebacks > " + n + " || order.total > " + limit));
        break;
      case 4:
        rules.push_back(world.Compile("order.created - buyer.created < duration('" +
                                      std::to_string(i + 1) + "m') && total > " + limit));
        break;
      default:
        rules.push_back(
            world.Compile("order.ip_country == '" + code + "' && ship_country != '" + other + "'"));
    }
  }
  cel::Machine machine;
  std::size_t i = 0;
  for (auto _ : state) {
    const Value* slots = world.slots[i++ % kOrders].data();
    int matched = 0;
    for (const cel::Expression& rule : rules)
      matched += machine.Run(rule.program, slots).IsTrue() ? 1 : 0;
    benchmark::DoNotOptimize(matched);
  }
  state.counters["rules/s"] = benchmark::Counter(300.0 * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
}
BENCHMARK(ThreeHundredRules);

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  std::vector<holdfast::bench::Ratio> ratios;
  for (int i = 1; i <= 6; ++i) {
    const std::string n = std::to_string(i);
    const double aim = i == 1 || i == 4 || i == 5 ? 2 : i == 3 ? 0 : 2.5;
    ratios.push_back({"R" + n + " in CEL / in C++", "Cel<" + n + ">", "Native<" + n + ">", aim});
  }
  ratios.push_back({"R3 in CEL / RE2 itself", "Cel<3>", "Re2Itself", 1.3});
  return holdfast::bench::Run(argc, argv, ratios);
}
