// Rescoring against its floor, in one run: see bench/floor.h.
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/floor.h"
#include "bench/keys_pack.h"
#include "bench/orders.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/pipeline.h"
#include "engine/rescore/rescore.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kOrders = 200'000;
constexpr int kRounds = 5;
const std::string kFolder = "build/rescore-bench";

double SecondsOf(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// All threads on one processor, or on any.
void UseProcessors(bool one) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < (one ? 1 : CPU_SETSIZE); ++i) CPU_SET(i, &set);
  sched_setaffinity(0, sizeof set, &set);
}

void Die(const Error& error) {
  std::fprintf(stderr, "%s\n", error.Text().c_str());
  std::abort();
}

void Fill(const std::string& folder, const std::vector<std::string>& orders) {
  PipelineOptions options;
  options.folder = folder;
  options.sync = Sync::kInterval;
  auto pipeline =
      Pipeline::Open(MakePack(40), options, [](std::span<SubmissionResult>, bool) { return true; });
  if (!pipeline) Die(pipeline.error());
  for (const std::string& order : orders) {
    Submission input;
    input.text = order;
    (*pipeline)->Submit(std::move(input));
  }
  if (Status closed = (*pipeline)->Close(); !closed) Die(closed.error());
}

double Run(const EventLog& log, std::uint32_t jobs, bool fold) {
  RescoreOptions options;
  options.pack = MakePack(41);
  options.jobs = jobs;
  options.fold = fold;
  options.work = kFolder + "/work";
  options.cache_bytes = 4ULL << 30;
  fs::remove_all(options.work);
  return SecondsOf([&] {
    const auto rescored = Rescore(log, options, {}, [](const OrderCase&) -> Status { return {}; });
    if (!rescored) Die(rescored.error());
    if (rescored->tally.orders.All().orders != kOrders) std::abort();
    if (rescored->why_folded.empty() == fold) std::abort();
  });
}

int Main() {
  fs::remove_all(kFolder);
  fs::create_directories(kFolder);
  OrderOptions options;
  options.merchants = 8;
  const std::vector<std::string> orders = OrderGenerator(options).Take(kOrders);
  const auto floor = Floor::Open(kFolder + "/floor");
  floor->Run(orders);
  Fill(kFolder + "/data", orders);
  const auto log = OpenWholeLog(kFolder + "/data", LogMode::kRead);
  if (!log) Die(log.error());

  std::vector<double> scan, rescan, raw, one, two, facts;
  for (int round = 0; round < kRounds; ++round) {
    UseProcessors(true);
    scan.push_back(SecondsOf([&] { floor->Scan(); }));
    rescan.push_back(SecondsOf([&] { floor->Rescan(); }));
    raw.push_back(SecondsOf([&] {
      if (!(*log)->Read(1, [](const LogRecord&) -> Status { return {}; })) std::abort();
    }));
    one.push_back(Run(**log, 1, true));
    facts.push_back(Run(**log, 1, false));
    UseProcessors(false);
    two.push_back(Run(**log, 2, true));
  }
  const auto rate = [](const std::vector<double>& seconds) { return kOrders / Median(seconds); };
  fmt::print("orders a second, medians of {} rounds of {} orders of 8 merchants\n", kRounds,
             kOrders);
  fmt::print("  floor: scan {:.0f}, scan, parse, 8 states, 40 comparisons {:.0f}\n", rate(scan),
             rate(rescan));
  fmt::print(
      "  engine: scan of its log {:.0f}, folded by one job on one processor {:.0f}, by two "
      "jobs on two {:.0f}, from recorded facts on one {:.0f}\n",
      rate(raw), rate(one), rate(two), rate(facts));
  fmt::print("  folded, one processor / floor                  {:>8.2f} x   (aim: at least 0.8)\n",
             rate(one) / rate(rescan));
  fmt::print("  two jobs on two / one on one                   {:>8.2f} x   (aim: at least 1.7)\n",
             rate(two) / rate(one));
  fmt::print("  from recorded facts / raw scan of the log      {:>8.2f} x   (aim: at least 0.4)\n",
             rate(facts) / rate(raw));
  fs::remove_all(kFolder);
  return 0;
}

}  // namespace
}  // namespace holdfast::bench

int main() { return holdfast::bench::Main(); }
