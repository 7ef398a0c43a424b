#include "engine/simulate/simulator.h"

#include <fstream>
#include <memory>
#include <string>

#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/codec/json.h"

namespace holdfast::cli {

void AddSimulate(Command app) {
  auto options = std::make_shared<SimulatorOptions>();
  Command command = app.Add(
      "simulate",
      "Write labelled order and payment traffic as NDJSON events, the same for the same seed");
  command.Value("--seed", options->seed, "Whole number that the traffic grows from").ShowDefault();
  command.Value("--orders", options->orders, "How many orders")
      .Between(std::uint64_t{1}, std::uint64_t{1'000'000'000})
      .ShowDefault();
  const auto labels = std::make_shared<std::string>();
  command.Value("--labels", *labels, "Write which orders are fraud to this file, as CSV").File();
  command.Footer("Each order carries attributes.label (good, fraud) and attributes.scenario.");
  command.Example(
      "holdfast simulate --seed 7 --orders 1000 | holdfast score --pack rules/starter -");
  command.Does([options, labels] {
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
  });
}

}  // namespace holdfast::cli
