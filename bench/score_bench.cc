// Score: events to decisions, parse to JSON out, in memory, against a bare SAX pass over the input.
#if defined(__SSE4_2__)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/reader.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/ratios.h"
#include "bench/starter.h"
#include "engine/codec/json.h"
#include "engine/pipeline/engine.h"
#include "engine/simulate/simulator.h"

namespace holdfast {
namespace {

constexpr std::size_t kOrders = 5000;

const std::vector<std::string>& Events() {
  static const std::vector<std::string> events = [] {
    std::vector<std::string> made;
    Simulator simulator({.seed = 2, .orders = kOrders});
    while (const auto event = simulator.Next()) {
      made.emplace_back();
      WriteEvent(*event, made.back());
    }
    return made;
  }();
  return events;
}

struct Nothing : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Nothing> {
  bool Default() { return true; }
};

void BareSax(benchmark::State& state) {
  const auto& events = Events();
  std::vector<char> buffer(1 << 16);
  for (auto _ : state) {
    for (const std::string& json : events) {
      std::memcpy(buffer.data(), json.data(), json.size() + 1);
      rapidjson::Reader reader;
      rapidjson::InsituStringStream stream(buffer.data());
      Nothing handler;
      benchmark::DoNotOptimize(
          reader.Parse<rapidjson::kParseInsituFlag>(stream, handler).IsError());
    }
  }
}
BENCHMARK(BareSax)->Unit(benchmark::kMillisecond);

void Score(benchmark::State& state) {
  const auto& events = Events();
  const auto pack = bench::Starter();
  std::size_t decisions = 0;
  for (auto _ : state) {
    Engine engine(pack, MakeMemoryStore());
    JsonEventParser parser;
    std::string out;
    for (const std::string& json : events) {
      auto event = std::make_shared<Event>();
      if (!parser.Parse(json, *event)) std::abort();
      auto applied = engine.Apply(std::move(event));
      if (!applied) std::abort();
      if (!applied->decision) continue;
      out.clear();
      WriteDecision(*applied->decision, out);
      ++decisions;
    }
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["events/s"] =
      benchmark::Counter(rounds * static_cast<double>(events.size()), benchmark::Counter::kIsRate);
  state.counters["orders/s"] =
      benchmark::Counter(rounds * static_cast<double>(kOrders), benchmark::Counter::kIsRate);
  state.counters["decisions/s"] =
      benchmark::Counter(static_cast<double>(decisions), benchmark::Counter::kIsRate);
}
BENCHMARK(Score)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  return holdfast::bench::Run(
      argc, argv, {{"score end to end / bare SAX pass over the events", "Score", "BareSax", 0}});
}
