// The engine on disk against its floors, all in one run: see bench/floor.h, and
// docs/ARCHITECTURE.md for what the figures led to.
//
//   engine_bench [throughput] [rules] [growth] [latency] [folder]     default: all
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bench/floor.h"
#include "bench/keys_pack.h"
#include "bench/orders.h"
#include "engine/codec/json.h"
#include "engine/pipeline/pipeline.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::string kFolder = "build/engine-bench";

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string NewFolder(const std::string& name) {
  const std::string folder = kFolder + "/" + name;
  fs::remove_all(folder);
  fs::create_directories(kFolder);
  return folder;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double Percentile(std::vector<double>& values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

void Line(const std::string& what, double figure, const std::string& aim = {}) {
  fmt::print("  {:<64} {:>8.2f} x{}\n", what, figure, aim.empty() ? "" : "   (aim: " + aim + ")");
  std::fflush(stdout);
}

// A pipeline with what it answered counted.
class Running {
 public:
  Running(std::shared_ptr<const Pack> pack, const std::string& folder, Sync sync = Sync::kAlways,
          std::size_t cache_bytes = 4ULL << 30) {
    PipelineOptions options;
    options.folder = folder;
    options.state.cache_bytes = cache_bytes;
    options.sync = sync;
    auto opened =
        Pipeline::Open(std::move(pack), options, [this](std::span<SubmissionResult> answers, bool) {
          for (const SubmissionResult& answer : answers) {
            if (answer.input.error) std::abort();
            if (on_answer) on_answer(answer.input.tag);
          }
          answered += answers.size();
          return true;
        });
    if (!opened) {
      std::fputs(opened.error().Text().c_str(), stderr);
      std::abort();
    }
    pipeline_ = std::move(*opened);
  }

  // Seconds until all are answered.
  double Run(const std::vector<std::string>& orders) {
    const auto start = Clock::now();
    const std::uint64_t all = answered + orders.size();
    for (const std::string& order : orders) {
      Submission input;
      input.text = order;
      if (!pipeline_->Submit(std::move(input))) std::abort();
    }
    pipeline_->Flush();
    while (answered < all) std::this_thread::sleep_for(std::chrono::microseconds(50));
    return SecondsSince(start);
  }

  Pipeline& pipeline() { return *pipeline_; }
  void Close() {
    if (!pipeline_->Close()) std::abort();
    pipeline_.reset();
  }

  std::atomic<std::uint64_t> answered = 0;
  std::function<void(std::int64_t)> on_answer;

 private:
  std::unique_ptr<Pipeline> pipeline_;
};

// ---- orders a second ----------------------------------------------------------------------------

void Throughput() {
  constexpr std::size_t kWarm = 100'000, kRound = 50'000, kRounds = 7, kGroup = 256;
  OrderGenerator generator({});
  const auto warm = generator.Take(kWarm);
  const auto floor = Floor::Open(NewFolder("floor"));
  floor->Run(warm);
  Running engine(MakePack(40), NewFolder("engine"));
  Running memory(MakePack(40), "");
  engine.Run(warm);
  memory.Run(warm);
  std::vector<double> a, b, mine, mine_b, in_memory;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const auto orders = generator.Take(kRound);
    std::vector<std::string> groups(1);
    for (std::size_t i = 0; i < orders.size(); ++i) {
      if (i > 0 && i % kGroup == 0) groups.emplace_back();
      groups.back() += orders[i];
    }
    auto start = Clock::now();
    floor->Run(orders);
    a.push_back(SecondsSince(start));
    mine.push_back(engine.Run(orders));
    const std::string path = NewFolder("raw");
    b.push_back(AppendSynced(path, groups));
    fs::remove(path);
    in_memory.push_back(memory.Run(orders));
  }
  const auto rate = [&](std::vector<double>& seconds) {
    return static_cast<double>(kRound) / Median(seconds);
  };
  fmt::print("orders a second, medians of {} rounds of {} orders, 100,000 buyers\n", kRounds,
             kRound);
  fmt::print("  floor A {:.0f}, floor B {:.0f}, engine on disk {:.0f}, in memory {:.0f}\n", rate(a),
             rate(b), rate(mine), rate(in_memory));
  Line("engine, synced / floor A", rate(mine) / rate(a), "at least 2");
  Line("engine, synced / floor B, an append of the same orders", rate(mine) / rate(b),
       "at least 0.4");
  Line("engine, synced / in memory", rate(mine) / rate(in_memory));
  engine.Close();
  memory.Close();
}

// ---- what rules cost ----------------------------------------------------------------------------

void Rules() {
  constexpr std::size_t kRound = 20'000;
  std::vector<int> counts = {0, 40, 400};
  std::vector<std::unique_ptr<Engine>> engines;
  for (const int count : counts) {
    engines.push_back(std::make_unique<Engine>(MakePack(count), MakeMemoryStore()));
  }
  std::vector<std::vector<double>> seconds(counts.size());
  OrderGenerator generator({.seed = 2, .buyers = 20'000});
  JsonEventParser parser;
  for (int round = 0; round < 9; ++round) {
    const auto orders = generator.Take(kRound);
    for (std::size_t i = 0; i < engines.size(); ++i) {
      const auto start = Clock::now();
      std::string json;
      for (const std::string& order : orders) {
        auto event = std::make_shared<Event>();
        if (!parser.Parse(order, *event)) std::abort();
        const auto applied = engines[i]->Apply(event);
        if (!applied) std::abort();
        json.clear();
        WriteDecision(*applied->decision, json);
      }
      if (round > 1) seconds[i].push_back(SecondsSince(start));
    }
  }
  const double none = Median(seconds[0]), forty = Median(seconds[1]), many = Median(seconds[2]);
  fmt::print("rules, one thread, in memory: {:.1f}, {:.1f}, {:.1f} us an order with 0, 40, 400\n",
             none / kRound * 1e6, forty / kRound * 1e6, many / kRound * 1e6);
  Line("40 rules: their part of an order", (forty - none) / forty, "at most 0.10");
  Line("400 rules / 40 rules", many / forty, "at most 1.5");
}

// ---- growth -------------------------------------------------------------------------------------

double OrderSeconds(const OrderOptions& options, std::size_t warm, std::size_t timed,
                    std::size_t cache_bytes) {
  OrderGenerator generator(options);
  Running engine(MakePack(40), NewFolder("growth"), Sync::kAlways, cache_bytes);
  for (std::size_t done = 0; done < warm; done += 50'000) engine.Run(generator.Take(50'000));
  std::vector<double> seconds;
  for (int round = 0; round < 5; ++round) seconds.push_back(engine.Run(generator.Take(timed / 5)));
  engine.Close();
  return Median(seconds) / (static_cast<double>(timed) / 5);
}

void Growth() {
  constexpr std::size_t kWarm = 400'000, kTimed = 100'000, kCache = 1ULL << 30;
  const double small = OrderSeconds({.buyers = 100'000}, kWarm, kTimed, kCache);
  const double large = OrderSeconds({.buyers = 1'000'000}, kWarm, kTimed, kCache);
  const double hot = OrderSeconds({.buyers = 10'000'000, .hot = 100'000}, kWarm, kTimed, kCache);
  const double one_ip = OrderSeconds({.buyers = 100'000, .one_ip = true}, kWarm, kTimed, kCache);
  fmt::print("growth, after {} orders, a gigabyte of cache: {:.1f} us an order of 100,000 buyers\n",
             kWarm, small * 1e6);
  Line("1,000,000 buyers / 100,000", large / small, "at most 1.6");
  Line("100,000 returning among 10,000,000 / 100,000", hot / small, "at most 1.3");
  Line("all orders from one IP address / from as many as buyers", one_ip / small, "at most 1.5");
}

// ---- latency ------------------------------------------------------------------------------------

// Seconds of fdatasync after 2 KB, in a file allocated beforehand.
std::vector<double> SyncSeconds(std::size_t count) {
  std::vector<double> seconds;
  const std::string path = NewFolder("sync");
  const std::vector<std::string> one = {std::string(2048, 'x')};
  for (std::size_t i = 0; i < count; ++i) {
    seconds.push_back(AppendSynced(path, one));
    fs::remove(path);
  }
  return seconds;
}

void Latency() {
  OrderGenerator generator({.seed = 3});
  Running engine(MakePack(40), NewFolder("latency"));
  engine.Run(generator.Take(100'000));
  // Long enough for what goes on in the background to be part of it.
  const double full = 100'000 / engine.Run(generator.Take(100'000));
  auto sync = SyncSeconds(2000);
  const auto orders = generator.Take(200'000);
  std::vector<Clock::time_point> due(orders.size());
  std::vector<double> waited(orders.size());
  engine.on_answer = [&](std::int64_t tag) {
    waited[static_cast<std::size_t>(tag)] = SecondsSince(due[static_cast<std::size_t>(tag)]);
  };
  const double gap = 2 / full;
  const auto start = Clock::now();
  const std::uint64_t all = engine.answered + orders.size();
  for (std::size_t i = 0; i < orders.size(); ++i) {
    due[i] = start + std::chrono::nanoseconds(
                         static_cast<std::int64_t>(gap * static_cast<double>(i) * 1e9));
    if (due[i] > Clock::now()) {
      // As a service does when no more has come.
      engine.pipeline().Flush();
      std::this_thread::sleep_until(due[i]);
    }
    Submission input;
    input.tag = static_cast<std::int64_t>(i);
    input.text = orders[i];
    engine.pipeline().Submit(std::move(input));
  }
  engine.pipeline().Flush();
  while (engine.answered < all) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  engine.Close();
  const double p50 = Percentile(waited, 0.5), p99 = Percentile(waited, 0.99);
  const double s50 = Percentile(sync, 0.5), s99 = Percentile(sync, 0.99);
  fmt::print(
      "latency at {:.0f} orders a second, half of what it can: p50 {:.0f} us, p99 {:.0f} us, "
      "worst {:.1f} ms\n  an fdatasync of 2 KB: p50 {:.0f} us, p99 {:.0f} us\n",
      full / 2, p50 * 1e6, p99 * 1e6, waited.back() * 1e3, s50 * 1e6, s99 * 1e6);
  Line("p50 / fdatasync p50", p50 / s50, "at most 3");
  Line("p99 / fdatasync p99", p99 / s99, "at most 5");
}

// ---- the folder ---------------------------------------------------------------------------------

std::uint64_t BytesIn(const std::string& folder, bool log) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const bool state = entry.path().string().find("/state/") != std::string::npos;
    if (state != log) bytes += entry.file_size();
  }
  return bytes;
}

double ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void Folder() {
  constexpr std::size_t kOrders = 400'000, kPart = 50'000;
  const std::string folder = NewFolder("folder");
  OrderGenerator generator({.seed = 4, .buyers = 400'000});
  double bytes = 0, seconds = 0;
  const double before = ResidentBytes();
  {
    Running engine(MakePack(40), folder);
    for (std::size_t done = 0; done < kOrders; done += kPart) {
      const auto orders = generator.Take(kPart);
      for (const std::string& order : orders) bytes += static_cast<double>(order.size());
      seconds += engine.Run(orders);
    }
    fmt::print("{} orders of 400,000 buyers: {:.0f} bytes of memory an order\n", kOrders,
               (ResidentBytes() - before) / kOrders);
    // As a crash leaves it.
    fs::remove_all(folder + "-crashed");
    fs::copy(folder, folder + "-crashed", fs::copy_options::recursive);
    engine.Close();
  }
  malloc_trim(0);
  auto start = Clock::now();
  { Running engine(MakePack(40), folder + "-crashed"); }
  fmt::print("  open after a crash {:.2f} s", SecondsSince(start));
  fs::remove_all(folder + "-crashed/state");
  start = Clock::now();
  { Running engine(MakePack(40), folder + "-crashed"); }
  const double replay = SecondsSince(start);
  fmt::print(", fold everything again {:.2f} s\n", replay);
  Line("replay, orders a second / live", seconds / replay, "at least 3");
  Line("log on disk / JSON of its orders", static_cast<double>(BytesIn(folder, true)) / bytes,
       "at most 0.4");
  Line("state on disk / JSON of its orders", static_cast<double>(BytesIn(folder, false)) / bytes);
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  const std::set<std::string> chosen(argv + 1, argv + argc);
  const std::pair<const char*, void (*)()> all[] = {{"throughput", Throughput},
                                                    {"rules", Rules},
                                                    {"growth", Growth},
                                                    {"latency", Latency},
                                                    {"folder", Folder}};
  for (const auto& [name, run] : all) {
    if (chosen.empty() || chosen.contains(name)) run();
  }
  std::filesystem::remove_all("build/engine-bench");
  return 0;
}
