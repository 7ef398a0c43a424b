#include "engine/simulate/simulator.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/codec/json.h"

namespace holdfast::cli {

void AddSimulate(CLI::App& app, Run& run) {
  auto options = std::make_shared<SimulatorOptions>();
  CLI::App* command = app.add_subcommand(
      "simulate",
      "Write labelled order and payment traffic as NDJSON events, the same for the same seed");
  command->add_option("--seed", options->seed, "Whole number that the traffic grows from")
      ->capture_default_str();
  command->add_option("--orders", options->orders, "How many orders")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  command->footer(
      "Each order carries attributes.label (good, fraud) and attributes.scenario.\n\n"
      "  holdfast simulate --seed 7 --orders 1000 | holdfast score --pack rules/starter -");
  command->callback([options, &run] {
    run = [options] {
      const auto& stop = StopFlag();
      Simulator simulator(*options);
      Output output;
      std::string line;
      while (!stop.load(std::memory_order_relaxed) && !output.closed()) {
        const auto event = simulator.Next();
        if (event == nullptr) break;
        line.clear();
        WriteEvent(*event, line);
        line += '\n';
        output.Write(line);
      }
      output.Flush();
      return output.failed() || stop.load() ? 3 : 0;
    };
  });
}

}  // namespace holdfast::cli
