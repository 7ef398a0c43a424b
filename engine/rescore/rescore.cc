#include "engine/rescore/rescore.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "engine/rescore/fold.h"
#include "engine/rescore/from_facts.h"
#include "engine/rescore/order_counter.h"
#include "engine/rescore/rows.h"
#include "engine/rescore/scratch_folder.h"
#include "engine/rescore/spill.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// Merges the rows written for each order.
Result<Rescored> Gather(const RescoreOptions& how, const LogTaken& taken,
                        const std::function<Status(const OrderCase&)>& visit) {
  Rescored rescored;
  rescored.tally.events = taken.events;
  rescored.tally.decisions = taken.decisions;
  rescored.tally.same = taken.same;
  rescored.tally.other_engines = taken.other_engines;
  // Labels have a writer of their own and are written again each time.
  std::uint32_t writers = how.jobs;
  if (how.labels) {
    auto spill = Spill::Open(how.work, writers++, {});
    if (!spill) return tl::unexpected(spill.error());
    std::string row;
    Status labelled =
        how.labels([&](std::string_view merchant, std::string_view order_id, bool fraud) {
          row.clear();
          PutRow(fraud ? Evidence::kFraud : Evidence::kGood, row);
          spill->Add(merchant, order_id, row);
        });
    if (labelled) labelled = spill->Sync();
    if (!labelled) return tl::unexpected(labelled.error());
  }
  rescored.as_of = how.as_of.value_or(taken.latest);
  RulingsPool pool;
  OrderCounter counter(rescored.tally, how.pack->hold_threshold);
  const EventTime mature{rescored.as_of.nanos - how.label_delay};
  for (std::uint32_t part = 0; part < kSpillParts; ++part) {
    const auto read = SpillRows::Read(how.work, writers, part);
    if (!read) return tl::unexpected(read.error());
    const auto& rows = read->rows();
    for (std::size_t i = 0, next = 0; i < rows.size(); i = next) {
      CaseBuilder builder;
      for (next = i; next < rows.size() && rows[next].order_id == rows[i].order_id &&
                     rows[next].merchant == rows[i].merchant;
           ++next) {
        if (Status added = builder.Add(rows[next].row); !added)
          return tl::unexpected(added.error());
      }
      if (builder.LabelsDisagree()) {
        return Fail(ErrorCode::kInvalidInput, "labels",
                    "say both fraud and good of order '" + std::string(rows[i].order_id) +
                        "' of merchant '" + std::string(rows[i].merchant) + "'");
      }
      if (!builder.Ruled()) {
        rescored.labels_unknown += builder.HasGivenLabel() ? 1 : 0;
        continue;
      }
      const auto order = builder.Build(rows[i].merchant, rows[i].order_id, mature, pool);
      if (!order) return tl::unexpected(order.error());
      if (how.from && order->placed_at < *how.from) continue;
      if (how.to && order->placed_at >= *how.to) continue;
      counter.Add(*order);
      if (Status visited = visit(*order); !visited) return tl::unexpected(visited.error());
    }
  }
  return rescored;
}

}  // namespace

Result<Rescored> Rescore(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress,
                         const std::function<Status(const OrderCase&)>& visit) {
  std::error_code fault;
  fs::create_directories(fs::path(options.work).parent_path(), fault);
  auto why = options.fold ? Result<std::string>("as asked for") : WhyNotFromFacts(log, options);
  if (!why) return tl::unexpected(why.error());
  if (why->empty()) {
    // Runs in one thread with its own scratch folder, so that what a stopped fold left stays.
    RescoreOptions how = options;
    how.work = FactsScratch(options.work);
    how.jobs = 1;
    const auto taken = TakeFacts(log, how, progress);
    if (taken) {
      auto rescored = Gather(how, *taken, visit);
      if (rescored) rescored->recorded_of_trimmed = log.trim().upto > 0;
      return rescored;
    }
    if (taken.error().code != ErrorCode::kNotFound) return tl::unexpected(taken.error());
    *why = taken.error().detail;
    if (Status removed = RemoveScratch(how.work); !removed) return tl::unexpected(removed.error());
  }
  const auto taken = FoldLog(log, options, progress);
  if (!taken) return tl::unexpected(taken.error());
  auto rescored = Gather(options, *taken, visit);
  if (rescored) rescored->why_folded = *why;
  return rescored;
}

}  // namespace holdfast
