// What a signal costs: usual input, and input made to cost.
#include <benchmark/benchmark.h>

#include <string>

#include "engine/signals/addresses.h"
#include "engine/signals/geo.h"
#include "engine/signals/names.h"

namespace holdfast {
namespace {

void Names(benchmark::State& state, const std::string& a, const std::string& b) {
  for (auto _ : state) benchmark::DoNotOptimize(CompareNames(a, b));
}

std::string Repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) all += text;
  return all;
}

BENCHMARK_CAPTURE(Names, same, std::string("Maria Garcia Lopez"), std::string("GARCIA, Maria"));
BENCHMARK_CAPTURE(Names, different, std::string("John Smith"), std::string("Aiko Tanaka"));
BENCHMARK_CAPTURE(Names, marks, std::string("Jürgen Müller"), std::string("Juergen Mueller"));
BENCHMARK_CAPTURE(Names, cyrillic, std::string("Sergey Lavrov"), std::string("Сергей Лавров"));
BENCHMARK_CAPTURE(Names, chinese, std::string("Wang Xiaoming"), std::string("王小明"));
BENCHMARK_CAPTURE(Names, hostile_marks, Repeated("a\u0301\u0301\u0301\u0301", 10'000),
                  Repeated("e\u0300\u0301", 10'000));
BENCHMARK_CAPTURE(Names, hostile_words, Repeated("abcdefghijklmnopqrstuvw ", 10'000),
                  Repeated("zyxwvutsrqponmlkjihgfed ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_han, Repeated("王小明 ", 10'000), Repeated("Wang ", 10'000));

void Addresses(benchmark::State& state, const std::string& a, const std::string& b) {
  const Address x{a, {}, "New York", "NY", "10019", "US"};
  const Address y{b, "Apt 4B", "New York City", "New York", "10019-1234", "US"};
  for (auto _ : state) benchmark::DoNotOptimize(CompareAddresses(x, y));
}

BENCHMARK_CAPTURE(Addresses, usual, std::string("854 7th Ave."), std::string("854 Seventh Avenue"));
BENCHMARK_CAPTURE(Addresses, hostile, Repeated("abcdefghijklmnopqrstuvw ", 1'000),
                  Repeated("zyxwvutsrqponmlkjihgfed ", 1'000));

void Lookup(benchmark::State& state) {
  const auto database =
      GeoDatabase::Open({HOLDFAST_SOURCE "/data/ip-country.mmdb", {}, {}, {}}).value();
  Arena memory;
  std::uint32_t next = 1;
  for (auto _ : state) {
    next = next * 1664525 + 1013904223;
    const std::string ip = std::to_string(next >> 24) + "." + std::to_string(next >> 16 & 255) +
                           "." + std::to_string(next >> 8 & 255) + ".7";
    memory.Reset();
    benchmark::DoNotOptimize((*database).Lookup(ip, memory));
  }
}
BENCHMARK(Lookup);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
