#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <thread>

#include "engine/base/text.h"
#include "engine/cli/admin/geo_options.h"
#include "engine/cli/commands.h"
#include "engine/cli/score_summary.h"
#include "engine/cli/ui/decision_table.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"
#include "engine/decide/permit.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/pack_store.h"
#include "engine/pipeline/pipeline.h"

namespace holdfast::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string input = "-";
  std::string pack;
  std::string mapping;
  std::string rejects;
  std::string data;
  std::string sync = "always";
  std::uint32_t shards = 1;
  std::uint64_t max_replay = 100'000;
  std::size_t cache_mb = 1024;
  GeoOptions geo;
  bool json = false;
  bool table = false;
};

std::string CsvField(const std::string& text) {
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

// Receives inputs that failed: NDJSON with the error beside the input, or the CSV rows with two
// more columns for the error, so that corrected rows can be scored directly.
class Rejects {
 public:
  // `source` has a header for CSV and none for NDJSON. False when `path` cannot be written.
  bool Open(const std::string& path, const Source& source) {
    file_.open(path, std::ios::binary | std::ios::trunc);
    csv_ = !source.head().empty();
    delimiter_ = source.delimiter();
    if (file_ && csv_) {
      file_ << source.head() << delimiter_ << "holdfast_line" << delimiter_ << "holdfast_cause\n";
    }
    return static_cast<bool>(file_);
  }

  bool Add(const Submission& input) {
    if (!file_.is_open()) return true;
    const std::string cause = input.error->Text();
    if (csv_) {
      for (const std::string& row : input.raw) {
        file_ << row << delimiter_ << input.tag << delimiter_ << CsvField(cause) << '\n';
      }
      return static_cast<bool>(file_);
    }
    file_ << JsonObject()
                 .Number("line", input.tag)
                 .Text("cause", cause)
                 .Text("input", input.text)
                 .Done()
          << '\n';
    return static_cast<bool>(file_);
  }

 private:
  std::ofstream file_;
  bool csv_ = false;
  char delimiter_ = ',';
};

// True when both are the same file, which writing would destroy.
bool SameFile(int fd, const std::string& path) {
  struct stat a {
  }, b{};
  return fstat(fd, &a) == 0 && stat(path.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

class Scoring {
 public:
  explicit Scoring(const Options& options) : options_(options) {}

  int Run() {
    const std::atomic<bool>& stop = StopFlag();
    Diagnostics diagnostics;
    const auto pack = LoadPack(options_.pack, diagnostics);
    if (!diagnostics.empty()) std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stderr);
    if (pack == nullptr) {
      std::fprintf(stderr, "%s; nothing was scored\n", CountText(diagnostics).c_str());
      return 1;
    }
    if (!options_.data.empty()) {
      const Status active = CheckActivePack(*pack, options_.pack, options_.data);
      if (!active) return ReportError(active.error());
    }
    const auto fd = OpenInput(options_.input);
    if (!fd) return ReportError(fd.error());
    std::unique_ptr<Source> source;
    if (options_.mapping.empty()) {
      source = MakeNdjsonSource(*fd, &stop);
    } else {
      Diagnostics findings;
      auto mapping = LoadMapping(options_.mapping, findings);
      if (!findings.empty()) std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
      if (mapping == nullptr) return 2;
      auto made = MakeCsvSource(*fd, std::move(mapping), &stop);
      if (!made) return ReportError(made.error());
      source = std::move(*made);
    }
    if (!options_.rejects.empty()) {
      if (SameFile(*fd, options_.rejects)) {
        return ReportError({ErrorCode::kUsage, options_.rejects,
                            "is the input itself; give --rejects another file"});
      }
      if (!rejects_.Open(options_.rejects, *source)) {
        return ReportError({ErrorCode::kIo, options_.rejects,
                            std::string("cannot be written: ") + std::strerror(errno)});
      }
    }
    const auto geo = OpenGeo(options_.geo);
    if (!geo) return ReportError(geo.error());
    table_on_ = options_.table || (!options_.json && IsTerminal(STDOUT_FILENO));
    PipelineOptions pipeline;
    pipeline.folder = options_.data;
    pipeline.state.shards = options_.shards;
    pipeline.state.replay_max = options_.max_replay;
    pipeline.state.cache_bytes = options_.cache_mb << 20;
    pipeline.sync = options_.sync == "always"     ? Sync::kAlways
                    : options_.sync == "interval" ? Sync::kInterval
                                                  : Sync::kNever;
    pipeline.parsers = std::max(1U, std::thread::hardware_concurrency() / 2);
    pipeline.render = !table_on_;
    pipeline.geo = geo->get();
    Progress replay;
    auto opened = Pipeline::Open(
        pack, pipeline,
        [this](std::span<SubmissionResult> answers, bool idle) { return Emit(answers, idle); },
        [&](std::uint64_t done, std::uint64_t all) {
          if (replay.Due()) {
            replay.Show("replaying " + Grouped(done) + " of " + Grouped(all) + " events");
          }
          return !stop.load(std::memory_order_relaxed);
        });
    replay.End();
    if (!opened) return ReportError(opened.error());
    return Loop(**opened, *source, stop);
  }

 private:
  int Loop(Pipeline& pipeline, Source& source, const std::atomic<bool>& stop) {
    bool going = true;
    while (going && !stop.load(std::memory_order_relaxed)) {
      // The next input may take a while to arrive.
      if (source.Drained()) going = pipeline.Flush();
      auto incoming = source.Next();
      if (!incoming) break;
      Submission input;
      input.tag = incoming->line;
      input.text = std::move(incoming->text);
      input.event = std::move(incoming->event);
      input.error = std::move(incoming->error);
      input.raw = std::move(incoming->raw);
      going = pipeline.Submit(std::move(input));
    }
    // Inputs accepted before a signal are completed too.
    const Status closed = pipeline.Close();
    progress_.End();
    if (table_on_) table_.Flush();
    output_.Flush();
    if (!closed) return ReportError(closed.error());
    if (rejects_failed_) {
      return ReportError({ErrorCode::kIo, options_.rejects, "cannot be written"});
    }
    if (!going && output_.closed() && !options_.data.empty()) {
      return ReportError({ErrorCode::kInterrupted, "<stdout>",
                          "was closed before the end of the input; sent again, what was taken is "
                          "answered as it was"});
    }
    return Finish(source, std::chrono::duration<double>(Clock::now() - started_).count(), stop);
  }

  // ---- results, in the pipeline's last thread --------------------------------------------------

  bool Emit(std::span<SubmissionResult> answers, bool idle) {
    for (SubmissionResult& answer : answers) {
      if (answer.input.error) {
        if (!Refuse(answer.input)) return false;
        continue;
      }
      summary_.AddEvent();
      if (answer.duplicate) PrintOriginal(answer);
      for (AppliedEvent& taken : answer.taken) {
        if (!taken.applied.decision) continue;
        summary_.Add(*taken.applied.decision);
        if (table_on_) {
          table_.Add(*taken.applied.decision);
        } else {
          SetPermit(nullptr, *taken.applied.decision, taken.json);
          taken.json += '\n';
          output_.Write(taken.json);
        }
      }
    }
    if (idle) {
      if (table_on_) table_.Flush();
      output_.Flush();
    }
    if (progress_.Due()) ShowProgress();
    return !output_.closed();
  }

  // Prints the original answer again, because the reader may not have received it.
  void PrintOriginal(SubmissionResult& answer) {
    summary_.AddDuplicate();
    if (table_on_) return;
    for (std::string& decision : answer.again) {
      SetPermit(nullptr, decision);
      decision += '\n';
      output_.Write(decision);
    }
  }

  void ShowProgress() {
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const double rate = static_cast<double>(summary_.orders()) / seconds;
    progress_.Show(Grouped(summary_.orders()) + " orders, " + Grouped(summary_.rejects()) +
                   " rejected, " + Grouped(static_cast<unsigned long long>(rate)) + " orders/s");
  }

  // Reports an input that failed. False when it could not be written to the rejects.
  bool Refuse(const Submission& input) {
    summary_.AddReject();
    constexpr std::uint64_t kShown = 20;
    progress_.End();
    const std::string name = options_.input == "-" ? "<stdin>" : options_.input;
    if (summary_.rejects() <= kShown) {
      std::fprintf(
          stderr, "%s:%lld: error[%s]: %s\n", name.c_str(), static_cast<long long>(input.tag),
          std::string(InfoOf(input.error->code).name).c_str(), Safe(input.error->Text()).c_str());
    } else if (summary_.rejects() == kShown + 1) {
      std::fprintf(stderr, "... further rejects are only counted%s\n",
                   options_.rejects.empty() ? "; --rejects FILE keeps them all" : "");
    }
    rejects_failed_ = !rejects_.Add(input);
    return !rejects_failed_;
  }

  int Finish(const Source& source, double seconds, const std::atomic<bool>& stop) {
    if (output_.failed()) return 3;
    const std::string text = summary_.Text(seconds);
    if (table_on_ && !output_.closed()) {
      output_.Write("\n" + text);
      output_.Flush();
    } else {
      std::fputs(text.c_str(), stderr);
    }
    if (source.error()) return ReportError(*source.error());
    if (stop.load()) {
      std::fputs("stopped before the end of the input\n", stderr);
      return 3;
    }
    return summary_.rejects() > 0 ? 1 : 0;
  }

  const Options& options_;
  Output output_;
  DecisionTable table_{output_};
  ScoreSummary summary_;
  Progress progress_;
  Rejects rejects_;
  bool rejects_failed_ = false;
  Clock::time_point started_ = Clock::now();
  bool table_on_ = false;
};

}  // namespace

void AddScore(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(
      "score",
      "Decide orders: events or bare orders in (NDJSON, or CSV with a mapping), decisions out");
  command
      .Value("FILE", options->input, "Input; - for standard input, each line answered as it comes")
      .File()
      .ShowDefault();
  command.Value("--pack", options->pack, "Rule pack: a folder with pack.yaml, or one YAML file")
      .File()
      .Required();
  command.Value("--mapping", options->mapping, "Read CSV through this mapping (docs/mappings.md)")
      .File();
  command
      .Value("--data", options->data,
             "Keep every event in this folder before it is answered, and go on from what is "
             "there; default: nothing is kept")
      .Folder()
      .Check(
          [](const std::string& folder) {
            return folder.empty() ? std::string("the name is empty; leave it out to keep nothing")
                                  : std::string();
          },
          "FOLDER");
  command
      .Value("--sync", options->sync,
             "With --data, when an answered event is on disk: always (before its answer), "
             "interval (once a second: a loss of power may take the last second), never (when "
             "the system writes it); the end of the process alone loses nothing")
      .OneOf({"always", "interval", "never"})
      .ShowDefault();
  command
      .Value("--shards", options->shards,
             "Fold the merchants in this many shards, each on its own thread; with --data, "
             "another number than last time folds the log again")
      .Between(1U, kShardsMax)
      .ShowDefault();
  command
      .Value("--max-replay", options->max_replay,
             "With --data, events that are folded again after a crash, at most")
      .Between(std::uint64_t{1'000}, std::uint64_t{1'000'000'000})
      .ShowDefault();
  command
      .Value("--cache-mb", options->cache_mb,
             "With --data, megabytes of state to keep in memory, about")
      .Between(std::uint64_t{1}, std::uint64_t{1} << 20)
      .ShowDefault();
  AddGeoOptions(command, options->geo);
  command
      .Value("--rejects", options->rejects, "Keep inputs that fail, with their cause, in this file")
      .File();
  const Option json = command.Flag(
      "--json", options->json, "Decisions as NDJSON; the default when the output is no terminal");
  command.Flag("--table", options->table, "Decisions as a table; the default on a terminal")
      .Excludes(json);
  command.Footer(
      "Ends with a summary: below a table, else on standard error. Exit codes: 0 all inputs were\n"
      "scored, 1 some were rejected or the pack has errors, 2 usage, 3 failed or interrupted.");
  command.Example("holdfast score --pack rules/starter orders.ndjson");
  command.Example(
      "zcat orders.csv.gz | holdfast score --pack rules/starter --mapping "
      "config/mappings/my-shop.yaml -");
  command.Example("holdfast score --pack rules/starter --data shop.data -");
  command.Does([options] { return Scoring(*options).Run(); });
}

}  // namespace holdfast::cli
