#include "engine/simulate/simulator.h"

#include <CLI/CLI.hpp>
#include <fstream>
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
  const auto labels = std::make_shared<std::string>();
  command->add_option("--labels", *labels, "Write which orders are fraud to this file, as CSV");
  command->footer(
      "Each order carries attributes.label (good, fraud) and attributes.scenario.\n\n"
      "  holdfast simulate --seed 7 --orders 1000 | holdfast score --pack rules/starter -");
  command->callback([options, labels, &run] {
    run = [options, labels] {
      const auto& stop = StopFlag();
      Simulator simulator(*options);
      Output output;
      std::ofstream csv;
      if (!labels->empty()) {
        csv.open(*labels);
        csv << "merchant,order_id,label\n";
      }
      std::string line;
      while (!stop.load(std::memory_order_relaxed) && !output.closed()) {
        const auto event = simulator.Next();
        if (event == nullptr) break;
        line.clear();
        WriteEvent(*event, line);
        line += '\n';
        output.Write(line);
        if (event->type != EventType::kOrderPlaced || labels->empty()) continue;
        for (const Attribute& attribute : event->order->attributes) {
          if (attribute.name != "label") continue;
          csv << event->merchant << ',' << event->order_id << ',' << attribute.value.text << '\n';
        }
      }
      output.Flush();
      csv.close();
      if (!labels->empty() && !csv) {
        return ReportError({ErrorCode::kIo, *labels, "cannot be written"});
      }
      return output.failed() || stop.load() ? 3 : 0;
    };
  });
}

}  // namespace holdfast::cli
