// Log: events to decisions with every event on disk before its answer, against a bare append and
// sync of the same bytes in the same groups, and against the same without a log.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/ratios.h"
#include "bench/starter.h"
#include "engine/codec/json.h"
#include "engine/pipeline/durable_engine.h"
#include "engine/simulate/simulator.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOrders = 3000;
constexpr std::size_t kGroup = 256;

const std::vector<EventPtr>& Events() {
  static const std::vector<EventPtr> events = [] {
    std::vector<EventPtr> made;
    Simulator simulator({.seed = 2, .orders = kOrders});
    JsonEventParser parser;
    while (const auto simulated = simulator.Next()) {
      std::string json;
      WriteEvent(*simulated, json);
      auto event = std::make_shared<Event>();
      if (!parser.Parse(json, *event)) std::abort();
      made.push_back(std::move(event));
    }
    return made;
  }();
  return events;
}

// A folder on the disk of the build, new for each round.
std::string NewFolder() {
  const std::string folder = "build/log-bench";
  fs::remove_all(folder);
  return folder;
}

void Report(benchmark::State& state) {
  state.counters["orders/s"] = benchmark::Counter(static_cast<double>(state.iterations() * kOrders),
                                                  benchmark::Counter::kIsRate);
}

// What the log has to hold, group by group.
std::vector<std::string> Groups() {
  Engine engine(bench::Starter(), MakeMemoryStore());
  std::vector<std::string> groups(1);
  std::size_t in_group = 0;
  for (const EventPtr& event : Events()) {
    const auto applied = engine.Apply(event);
    if (!applied) std::abort();
    WriteEvent(*event, groups.back());
    if (applied->decision) WriteDecision(*applied->decision, groups.back());
    if (++in_group % kGroup == 0) groups.emplace_back();
  }
  return groups;
}

void BareAppend(benchmark::State& state) {
  const std::vector<std::string> groups = Groups();
  for (auto _ : state) {
    state.PauseTiming();
    const std::string folder = NewFolder();
    fs::create_directories(folder);
    const int fd = ::open((folder + "/bytes").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    state.ResumeTiming();
    for (const std::string& group : groups) {
      const auto written = ::write(fd, group.data(), group.size());
      if (written != static_cast<ssize_t>(group.size()) || ::fdatasync(fd) != 0) std::abort();
    }
    state.PauseTiming();
    ::close(fd);
    state.ResumeTiming();
  }
  Report(state);
}
BENCHMARK(BareAppend)->UseRealTime()->Unit(benchmark::kMillisecond);

void InMemory(benchmark::State& state) {
  const auto pack = bench::Starter();
  for (auto _ : state) {
    Engine engine(pack, MakeMemoryStore());
    for (const EventPtr& event : Events()) {
      if (!engine.Apply(event)) std::abort();
    }
  }
  Report(state);
}
BENCHMARK(InMemory)->UseRealTime()->Unit(benchmark::kMillisecond);

void Durable(benchmark::State& state) {
  const auto pack = bench::Starter();
  for (auto _ : state) {
    state.PauseTiming();
    auto engine = DurableEngine::Open(pack, NewFolder());
    if (!engine) std::abort();
    state.ResumeTiming();
    for (const EventPtr& event : Events()) {
      if (!(*engine)->Apply(event)) std::abort();
      if ((*engine)->pending() == kGroup && !(*engine)->Commit(true)) std::abort();
    }
    if (!(*engine)->Commit(true)) std::abort();
    state.PauseTiming();
    engine->reset();
    state.ResumeTiming();
  }
  Report(state);
}
BENCHMARK(Durable)->UseRealTime()->Unit(benchmark::kMillisecond);

void Replay(benchmark::State& state) {
  const auto pack = bench::Starter();
  const std::string folder = NewFolder();
  {
    auto engine = DurableEngine::Open(pack, folder);
    if (!engine) std::abort();
    for (const EventPtr& event : Events()) {
      if (!(*engine)->Apply(event)) std::abort();
    }
    if (!(*engine)->Commit(true)) std::abort();
  }
  for (auto _ : state) {
    if (!DurableEngine::Open(pack, folder)) std::abort();
  }
  Report(state);
}
BENCHMARK(Replay)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  const int status = holdfast::bench::Run(
      argc, argv,
      {{"events on disk and decided / a bare append of the bytes", "Durable", "BareAppend", 2.5},
       {"events on disk and decided / decided in memory", "Durable", "InMemory", 0},
       {"opening a folder again / events on disk and decided", "Replay", "Durable", 0}});
  std::filesystem::remove_all("build/log-bench");
  return status;
}
