// Ratios: runs Google Benchmark and prints, below its table, what each figure is against its floor
// of the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace holdfast::bench {

struct Ratio {
  std::string what;   // in words
  std::string mine;   // name of a benchmark
  std::string floor;  // name of another
  double aim;         // at most; 0: none stated
};

// Keeps the median time of every benchmark beside printing it.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    benchmark::ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.aggregate_name == "median")
        nanos_[run.run_name.function_name] =
            run.run_name.time_type.empty() ? run.GetAdjustedCPUTime() : run.GetAdjustedRealTime();
    }
  }
  double Nanos(const std::string& name) const {
    const auto found = nanos_.find(name);
    return found == nanos_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> nanos_;
};

// Runs everything registered: seven repetitions, interleaved so that a drift of the machine's speed
// meets all alike.
inline int Run(int argc, char** argv, const std::vector<Ratio>& ratios) {
  std::vector<char*> args(argv, argv + argc);
  std::string fixed[] = {"--benchmark_repetitions=7", "--benchmark_report_aggregates_only=true",
                         "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1"};
  for (std::string& flag : fixed) args.insert(args.begin() + 1, flag.data());
  int count = static_cast<int>(args.size());
  benchmark::Initialize(&count, args.data());
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\nratios of medians, one run; CPU time, or real time where a disk is waited for\n");
  for (const Ratio& ratio : ratios) {
    const double mine = reporter.Nanos(ratio.mine), floor = reporter.Nanos(ratio.floor);
    if (mine == 0 || floor == 0) continue;
    std::printf("  %-58s %6.2f x", ratio.what.c_str(), mine / floor);
    if (ratio.aim > 0) std::printf("   (aim: at most %.1f x)", ratio.aim);
    std::printf("\n");
  }
  return 0;
}

}  // namespace holdfast::bench
