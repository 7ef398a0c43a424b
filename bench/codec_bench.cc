// Codec: orders from JSON, against a bare SAX pass of RapidJSON over the same bytes.
#if defined(__SSE4_2__)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/reader.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/ratios.h"
#include "engine/base/utf8.h"
#include "engine/codec/json.h"
#include "engine/simulate/simulator.h"

namespace holdfast {
namespace {

// Bare orders as a shop would send them, about 1.2 KB each.
const std::vector<std::string>& Orders() {
  static const std::vector<std::string> orders = [] {
    std::vector<std::string> made;
    Simulator simulator({.seed = 1, .orders = 2000});
    while (made.size() < 1000) {
      const auto event = simulator.Next();
      if (event->type != EventType::kOrderPlaced) continue;
      std::string json;
      WriteEvent(*event, json);
      // The answer is checked before anything is timed.
      Event back;
      JsonEventParser parser;
      if (!parser.Parse(json, back) || back.order->total != event->order->total) std::abort();
      made.push_back(std::move(json));
    }
    return made;
  }();
  return orders;
}

void Count(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["orders/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

struct Nothing : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Nothing> {
  bool Default() { return true; }
};

void BareSax(benchmark::State& state) {
  const auto& orders = Orders();
  std::vector<char> buffer(1 << 16);
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    const std::string& json = orders[i++ % orders.size()];
    std::memcpy(buffer.data(), json.data(), json.size() + 1);
    rapidjson::Reader reader;
    rapidjson::InsituStringStream stream(buffer.data());
    Nothing handler;
    benchmark::DoNotOptimize(reader.Parse<rapidjson::kParseInsituFlag>(stream, handler).IsError());
    bytes += json.size();
  }
  Count(state, bytes);
}
BENCHMARK(BareSax);

void Codec(benchmark::State& state) {
  const auto& orders = Orders();
  JsonEventParser parser;
  Event event;
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    const std::string& json = orders[i++ % orders.size()];
    benchmark::DoNotOptimize(parser.Parse(json, event).has_value());
    bytes += json.size();
  }
  Count(state, bytes);
}
BENCHMARK(Codec);

void Utf8Pass(benchmark::State& state) {
  const auto& orders = Orders();
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    const std::string& json = orders[i++ % orders.size()];
    benchmark::DoNotOptimize(IsValidUtf8(json));
    bytes += json.size();
  }
  Count(state, bytes);
}
BENCHMARK(Utf8Pass);

void WriteCanonical(benchmark::State& state) {
  const auto& orders = Orders();
  JsonEventParser parser;
  std::vector<std::unique_ptr<Event>> events;
  for (const std::string& json : orders) {
    events.push_back(std::make_unique<Event>());
    if (!parser.Parse(json, *events.back())) std::abort();
  }
  std::string out;
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    out.clear();
    WriteEvent(*events[i++ % events.size()], out);
    bytes += out.size();
  }
  Count(state, bytes);
}
BENCHMARK(WriteCanonical);

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  return holdfast::bench::Run(
      argc, argv,
      {{"codec with UTF-8 validation / bare SAX pass", "Codec", "BareSax", 1.4},
       {"UTF-8 validation alone / bare SAX pass", "Utf8Pass", "BareSax", 0},
       {"canonical JSON out / bare SAX pass", "WriteCanonical", "BareSax", 0}});
}
