// Packs: how long ten thousand rules take to load, and what the size of a list does to a lookup.
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/ratios.h"
#include "engine/base/network_table.h"
#include "engine/base/text_table.h"
#include "engine/packs/pack.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

constexpr std::size_t kFew = 10, kMany = 10'000'000;

// Two to three terms a rule, all different, as a generated pack would have them.
std::string TenThousandRules() {
  constexpr std::string_view kCodes[] = {"NG", "GH", "RO", "UA", "BY", "US", "DE", "FR"};
  Random random(2);
  std::string text =
      "pack: many\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
      "thresholds: { hold: 50 }\n"
      "features: { ip_orders: { count: order.id, by: order.ip, over: 1h } }\nrules:\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    const std::string amount = std::to_string(random.Between(10, 9'000)) + ".5";
    const std::string when[] = {
        "order.total > " + amount + " && order.channel != 'app' && order.quantity == " + n,
        "buyer.orders == " + n + " && order.total_base > " + amount +
            " && payment.method == 'card'",
        "order.channel in ['" + std::string(random.Pick(kCodes)) + "', 'X" + n +
            "'] && ip_orders > 3",
        "buyer.chargebacks > " + n + " || order.total > " + amount,
        "order.placed_at - order.buyer.registered_at < duration('" + n + "m') && order.total > " +
            amount,
        "order.items.exists(i, i.risk == 'high' && i.quantity > " + n +
            ") && match.payer_to_holder == 'different'"};
    text += "  - { id: r" + n + ", when: \"" + when[i % 6] + "\", points: 10 }\n";
  }
  return text;
}

void LoadTenThousandRules(benchmark::State& state) {
  const std::string text = TenThousandRules();
  for (auto _ : state) {
    Diagnostics diagnostics;
    const auto pack = CompilePack("many.yaml", text, ".", diagnostics);
    if (pack == nullptr || pack->rules.size() != 10'000) std::abort();
  }
}
BENCHMARK(LoadTenThousandRules)->Unit(benchmark::kMillisecond);

std::string EmailOf(std::uint64_t number) {
  return "user" + std::to_string(number) + "@mail" + std::to_string(number % 997) + ".example";
}

template <std::size_t kSize>
const TextTable& Texts() {
  static const TextTable table = [] {
    TextTable made;
    for (std::size_t i = 0; i < kSize; ++i) made.Add(EmailOf(i));
    return made;
  }();
  return table;
}

template <std::size_t kSize>
const NetworkTable& Networks() {
  static const NetworkTable table = [] {
    NetworkTable made;
    Random random(5);
    for (std::size_t i = 0; i < kSize; ++i) {
      IpAddress address = *ParseIp("0.0.0.0");
      for (std::size_t k = 12; k < 16; ++k) {
        address[k] = static_cast<std::uint8_t>(random.Below(256));
      }
      made.Add({address, 120 + static_cast<int>(random.Below(9))});
    }
    made.Seal();
    return made;
  }();
  return table;
}

// Half of what is looked up is there.
template <std::size_t kSize>
void FindText(benchmark::State& state) {
  const TextTable& table = Texts<kSize>();
  Random random(1);
  std::vector<std::string> wanted;
  for (int i = 0; i < 4096; ++i) wanted.push_back(EmailOf(random.Below(kSize * 2)));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.Contains(wanted[i++ % wanted.size()]));
}
BENCHMARK(FindText<kFew>);
BENCHMARK(FindText<kMany>);

template <std::size_t kSize>
void FindAddress(benchmark::State& state) {
  const NetworkTable& table = Networks<kSize>();
  Random random(1);
  std::vector<IpAddress> wanted(4096, *ParseIp("0.0.0.0"));
  for (IpAddress& address : wanted) {
    for (std::size_t k = 12; k < 16; ++k) {
      address[k] = static_cast<std::uint8_t>(random.Below(256));
    }
  }
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.Holds(wanted[i++ % wanted.size()]));
}
BENCHMARK(FindAddress<kFew>);
BENCHMARK(FindAddress<kMany>);

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  return holdfast::bench::Run(
      argc, argv,
      {{"a text among 10,000,000 / among 10", "FindText<kMany>", "FindText<kFew>", 0},
       {"an address in 10,000,000 networks / in 10", "FindAddress<kMany>", "FindAddress<kFew>",
        0}});
}
