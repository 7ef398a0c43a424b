#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

#include "engine/base/text.h"
#include "engine/base/zstd.h"
#include "engine/cli/commands.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/replay.h"
#include "engine/upkeep/trim.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string data, pack, before, out;
  std::uint32_t parts = 0;
  std::string input = "-";
  std::uint64_t from = 1;
  std::uint64_t to = ~std::uint64_t{0};
  std::uint64_t count = 10;
  bool zstd = false;
  bool full = false;
  bool rehearse = false;
};

// Writes a record with everything that is stored of it.
void WriteRecord(const LogRecord& record, std::string& out) {
  out += JsonObject()
             .Number("offset", record.offset)
             .Raw("event", record.event)
             .Raw("decision", record.decision.empty() ? std::string_view("null") : record.decision)
             .Done();
}

// A record as a line of an export.
void SetLine(const Options& options, const LogRecord& record, std::string& line) {
  line.clear();
  if (options.full) {
    WriteRecord(record, line);
  } else {
    line = record.event;
  }
  line += '\n';
}

// The offset after which there are `count` records, or all records.
Result<std::uint64_t> Behind(const EventLog& log, std::uint64_t count) {
  // A trimmed log has gaps, so a larger range is read.
  for (std::uint64_t reach = count;; reach *= 2) {
    const std::uint64_t begin = log.last() - std::min(log.last(), reach) + 1;
    std::vector<std::uint64_t> offsets;
    const Status read = log.Read(begin, [&offsets](const LogRecord& record) -> Status {
      offsets.push_back(record.offset);
      return {};
    });
    if (!read) return tl::unexpected(read.error());
    if (offsets.size() >= count) return offsets[offsets.size() - count];
    if (begin == 1) return 1;
  }
}

// Events, one a line, from a record on.
int Print(const Options& options, bool tail) {
  const std::atomic<bool>& stop = StopFlag();
  const auto log = OpenWholeLog(options.data, LogMode::kRead);
  if (!log) return ReportError(log.error());
  const Result<std::uint64_t> begin = tail ? Behind(**log, options.count) : options.from;
  if (!begin) return ReportError(begin.error());
  Output output;
  ZstdWriter packer;
  std::string line, packed;
  bool reached = false;
  const Status read = (*log)->Read(*begin, [&](const LogRecord& record) -> Status {
    reached = record.offset > options.to;
    if (reached || stop.load() || output.closed()) {
      return Fail(ErrorCode::kInterrupted, options.data, "stopped before the end of the log");
    }
    SetLine(options, record, line);
    if (options.zstd) {
      packed.clear();
      packer.Write(line, packed);
    }
    output.Write(options.zstd ? packed : line);
    return {};
  });
  if (options.zstd && (read || reached)) {
    packed.clear();
    packer.End(packed);
    output.Write(packed);
  }
  output.Flush();
  if (output.failed()) return 3;
  if (output.closed() || reached) return 0;
  return read ? 0 : ReportError(read.error());
}

// Writes records to one file for each part, divided by merchant.
class PartFiles {
 public:
  static Result<std::unique_ptr<PartFiles>> Open(const std::string& name, std::uint32_t count) {
    auto parts = std::make_unique<PartFiles>();
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string path =
          name + "-" + std::to_string(i) + "-of-" + std::to_string(count) + ".ndjson.zst";
      auto& part = parts->parts_.emplace_back(std::make_unique<Part>());
      part->file.open(path, std::ios::binary | std::ios::trunc);
      if (!part->file) return Fail(ErrorCode::kIo, path, "cannot be written");
    }
    return parts;
  }
  void Write(std::string_view merchant, const std::string& line) {
    Part& part = *parts_[ShardOf(merchant, static_cast<std::uint32_t>(parts_.size()))];
    part.packer.Write(line, part.packed);
    Flush(part);
  }
  bool Close() {
    bool all = true;
    for (const auto& part : parts_) {
      part->packer.End(part->packed);
      Flush(*part);
      part->file.close();
      all = all && static_cast<bool>(part->file);
    }
    return all;
  }

 private:
  struct Part {
    std::ofstream file;
    ZstdWriter packer;
    std::string packed;
  };
  static void Flush(Part& part) {
    part.file << part.packed;
    part.packed.clear();
  }
  std::vector<std::unique_ptr<Part>> parts_;
};

int PrintParts(const Options& options) {
  if (options.out.empty()) {
    return ReportError({ErrorCode::kUsage, "--out", "is missing; the files are called after it"});
  }
  const std::atomic<bool>& stop = StopFlag();
  const auto log = OpenWholeLog(options.data, LogMode::kRead);
  if (!log) return ReportError(log.error());
  auto parts = PartFiles::Open(options.out, options.parts);
  if (!parts) return ReportError(parts.error());
  std::string line;
  Progress progress;
  const Status read = (*log)->Read(options.from, [&](const LogRecord& record) -> Status {
    if (stop.load()) return Fail(ErrorCode::kInterrupted, options.data, {});
    if (record.offset > options.to) return {};
    const auto event = ReadRecord(record);
    if (!event) return tl::unexpected(event.error());
    SetLine(options, record, line);
    (*parts)->Write((*event)->merchant, line);
    if (progress.Due()) progress.Show(Grouped(record.offset) + " of " + Grouped((*log)->last()));
    return {};
  });
  progress.End();
  if (!read) return ReportError(read.error());
  if (!(*parts)->Close()) return ReportError({ErrorCode::kIo, options.out, "cannot be written"});
  return 0;
}

// Imports events as history, without decisions.
int Import(const Options& options) {
  const std::atomic<bool>& stop = StopFlag();
  const auto pack = LoadPackOrSay(options.pack);
  if (pack == nullptr) return 1;
  const auto fd = OpenInput(options.input);
  if (!fd) return ReportError(fd.error());
  const auto source = MakeNdjsonSource(*fd, &stop);
  PipelineOptions how;
  how.folder = options.data;
  how.decide = false;
  how.sync = Sync::kInterval;
  std::uint64_t taken = 0, again = 0, refused = 0;
  Progress progress;
  auto pipeline = Pipeline::Open(pack, how, [&](std::span<SubmissionResult> answers, bool) {
    for (const SubmissionResult& answer : answers) {
      taken += answer.taken.size();
      again += answer.duplicate ? 1 : 0;
      if (!answer.input.error) continue;
      constexpr std::uint64_t kShown = 20;
      progress.End();
      if (++refused <= kShown) {
        std::fprintf(stderr, "%s:%lld: error[%s]: %s\n", options.input.c_str(),
                     static_cast<long long>(answer.input.tag),
                     std::string(InfoOf(answer.input.error->code).name).c_str(),
                     Safe(answer.input.error->Text()).c_str());
      }
    }
    if (progress.Due()) progress.Show(Grouped(taken) + " events");
    return true;
  });
  if (!pipeline) return ReportError(pipeline.error());
  while (auto incoming = source->Next()) {
    Submission input;
    input.tag = incoming->line;
    input.text = std::move(incoming->text);
    input.error = std::move(incoming->error);
    if (!(*pipeline)->Submit(std::move(input))) break;
  }
  const Status closed = (*pipeline)->Close();
  progress.End();
  if (!closed) return ReportError(closed.error());
  std::printf("%s events imported, %s were there already, %s refused\n", Grouped(taken).c_str(),
              Grouped(again).c_str(), Grouped(refused).c_str());
  if (source->error()) return ReportError(*source->error());
  if (stop.load()) return ReportError({ErrorCode::kInterrupted, options.input, {}});
  return refused > 0 ? 1 : 0;
}

// Removes old records.
int Trim(const Options& options) {
  const auto before = ParseEventTime(options.before);
  if (!before) {
    return ReportError(
        {ErrorCode::kUsage, "--before",
         "must be a time such as 2026-01-31T00:00:00Z, not '" + options.before + "'"});
  }
  const std::atomic<bool>& stop = StopFlag();
  Progress progress;
  const auto report =
      TrimLog(options.data, *before, options.rehearse, [&](std::uint64_t done, std::uint64_t all) {
        if (progress.Due()) progress.Show(Grouped(100 * done / all) + " %");
        return !stop.load(std::memory_order_relaxed);
      });
  progress.End();
  if (!report) return ReportError(report.error());
  std::printf("%s records %s removed, %s are left\n", Grouped(report->removed).c_str(),
              options.rehearse ? "would be" : "were", Grouped(report->kept).c_str());
  return 0;
}

}  // namespace

void AddLog(Command app) {
  Command log = app.Add("log", "Read the log of a data folder, or take history over into it");
  log.NeedsCommand();
  auto options = std::make_shared<Options>();
  Command all = log.Add(
      "export", "Print every event as NDJSON; `holdfast score` and `log import` read it again");
  Command tail = log.Add("tail", "Print the last events");
  Command import = log.Add(
      "import", "Take events over as history: they count from now on, and nothing is decided");
  Command trim =
      log.Add("trim",
              "Take out events from before a time, unless their order has later ones; they no "
              "longer count, and sent again they are new");
  for (Command command : {all, tail, import, trim}) {
    command.Value("--data", options->data, "The folder").Folder().Required();
  }
  for (Command command : {all, tail}) {
    command.Flag("--full", options->full,
                 "Each as {\"offset\", \"event\", \"decision\"}: with what it led to");
    command.Footer("Exit codes: 0 fine, 2 usage, 3 failed.");
  }
  all.Value("--from", options->from, "Begin with this record").Positive().ShowDefault();
  all.Value("--to", options->to, "End with this record").Positive();
  all.Flag("--zstd", options->zstd, "Packed as Zstandard");
  const Option parts =
      all.Value("--parts", options->parts,
                "Spread over so many files by merchant, packed: OUT-0-of-4.ndjson.zst, ...")
          .Between(1U, 10'000U);
  all.Value("--out", options->out, "With --parts, how the files' names begin").File().Needs(parts);
  tail.Value("-n", options->count, "How many").Positive().ShowDefault();
  import.Value("FILE", options->input, "NDJSON, also packed as Zstandard; - for standard input")
      .File()
      .ShowDefault();
  import.Value("--pack", options->pack, "The pack that will decide: what it counts is folded")
      .File()
      .Required();
  import.Footer("Exit codes: 0 fine, 1 some events were refused, 2 usage, 3 failed.");
  trim.Value("--before", options->before, "The time, such as 2026-01-31T00:00:00Z").Required();
  trim.Flag("--rehearse", options->rehearse, "Only say how many");
  trim.Footer(
      "The next command that opens the folder folds what is left again. A trim that was stopped "
      "is\n"
      "ended by the same trim; until then nothing else is done with the folder.\n"
      "Exit codes: 0 fine, 2 usage, 3 failed.");
  trim.Does([options] { return Trim(*options); });
  all.Does(
      [options] { return options->parts > 0 ? PrintParts(*options) : Print(*options, false); });
  tail.Does([options] { return Print(*options, true); });
  import.Does([options] { return Import(*options);
});
}  // namespace holdfast::cli

}  // namespace holdfast::cli
