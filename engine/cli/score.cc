#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/decision_table.h"
#include "engine/cli/output.h"
#include "engine/cli/progress.h"
#include "engine/cli/score_summary.h"
#include "engine/cli/terminal.h"
#include "engine/codec/json.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/durable_engine.h"

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
  bool json = false;
  bool table = false;
};

std::string CsvField(const std::string& text) {
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

// Where inputs that failed go: NDJSON with the cause beside the input, or the CSV rows themselves
// with the cause in two more columns, so that mended rows can be scored as they are.
class Rejects {
 public:
  // `source` tells CSV from NDJSON by its head. False when `path` cannot be written.
  bool Open(const std::string& path, const Source& source) {
    file_.open(path, std::ios::binary | std::ios::trunc);
    csv_ = !source.head().empty();
    delimiter_ = source.delimiter();
    if (file_ && csv_) {
      file_ << source.head() << delimiter_ << "holdfast_line" << delimiter_ << "holdfast_cause\n";
    }
    return static_cast<bool>(file_);
  }

  bool Add(const Incoming& incoming) {
    if (!file_.is_open()) return true;
    const std::string cause = incoming.error.Text();
    for (const std::string& raw : incoming.raw) {
      if (csv_) {
        file_ << raw << delimiter_ << incoming.line << delimiter_ << CsvField(cause) << '\n';
        continue;
      }
      std::string json = "{\"line\":" + std::to_string(incoming.line) + ",\"cause\":";
      WriteJsonText(cause, json);
      json += ",\"input\":";
      WriteJsonText(raw, json);
      file_ << json << "}\n";
    }
    return static_cast<bool>(file_);
  }

 private:
  std::ofstream file_;
  bool csv_ = false;
  char delimiter_ = ',';
};

// Are they one and the same file? Writing one would destroy the other.
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
    if (options_.data.empty()) {
      memory_ = std::make_unique<Engine>(pack, MakeMemoryStore());
    } else {
      auto opened =
          DurableEngine::Open(pack, options_.data, [&](std::uint64_t done, std::uint64_t all) {
            if (progress_.Due()) {
              progress_.Show("replaying " + Grouped(done) + " of " + Grouped(all) + " events");
            }
            return !stop.load(std::memory_order_relaxed);
          });
      progress_.End();
      if (!opened) return ReportError(opened.error());
      durable_ = std::move(*opened);
    }
    return Loop(*source, stop);
  }

 private:
  int Loop(Source& source, const std::atomic<bool>& stop) {
    const auto started = Clock::now();
    table_on_ = options_.table || (!options_.json && IsTerminal(STDOUT_FILENO));
    while (!stop.load(std::memory_order_relaxed) && !output_.closed()) {
      if (source.Drained()) {
        // The next input may be long in coming.
        if (Status committed = Commit(true); !committed) return ReportError(committed.error());
        if (table_on_) table_.Flush();
        output_.Flush();
      }
      auto incoming = source.Next();
      if (!incoming) break;
      if (incoming->event != nullptr) {
        auto applied = Apply(incoming->event);
        if (!applied) {
          incoming->error = std::move(applied.error());
          if (incoming->raw.empty()) WriteEvent(*incoming->event, incoming->raw.emplace_back());
          incoming->event = nullptr;
        } else {
          summary_.AddEvent();
          if (applied->duplicate) summary_.AddDuplicate();
          if (Status held = Hold(std::move(*applied)); !held) return ReportError(held.error());
        }
      }
      if (incoming->event == nullptr && !Refuse(*incoming)) return 3;
      if (progress_.Due()) ShowProgress(started);
    }
    // Also what a signal has cut short was accepted.
    if (Status committed = Commit(true); !committed) return ReportError(committed.error());
    progress_.End();
    if (table_on_) table_.Flush();
    output_.Flush();
    return Finish(source, std::chrono::duration<double>(Clock::now() - started).count(), stop);
  }

  void ShowProgress(Clock::time_point started) {
    const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
    const double rate = static_cast<double>(summary_.orders()) / seconds;
    progress_.Show(Grouped(summary_.orders()) + " orders, " + Grouped(summary_.rejects()) +
                   " rejected, " + Grouped(static_cast<unsigned long long>(rate)) + " orders/s");
  }

  Result<Applied> Apply(const EventPtr& event) {
    return durable_ != nullptr ? durable_->Apply(event) : memory_->Apply(event);
  }

  // Keeps an answer back until what it answers is in the log.
  Status Hold(Applied applied) {
    if (applied.duplicate) {
      // The first answer again: its reader may not have got it.
      if (durable_ == nullptr || table_on_) return {};
      auto first = durable_->FirstAnswer(applied.offset);
      if (!first) return tl::unexpected(first.error());
      if (!first->empty()) held_.push_back(std::move(*first) + "\n");
    } else if (applied.decision) {
      summary_.Add(*applied.decision);
      if (table_on_) {
        held_rows_.push_back(std::move(*applied.decision));
      } else {
        std::string& line = held_.emplace_back();
        WriteDecision(*applied.decision, line);
        line += '\n';
      }
    }
    constexpr std::size_t kGroup = 256;
    const std::size_t waiting = std::max(held_.size(), held_rows_.size());
    constexpr std::size_t kGroupBytes = 4 << 20;
    const bool full = durable_ == nullptr || durable_->pending() >= kGroup ||
                      durable_->pending_bytes() >= kGroupBytes || waiting >= kGroup;
    return full ? Commit() : Status();
  }

  // Is what is committed now to be on disk before it is answered? `waits`: the next input may be
  // long in coming, or there is none.
  bool SyncIsDue(bool waits) {
    if (options_.sync == "always") return durable_->pending() > 0;
    if (options_.sync == "never") return false;
    unsynced_ = unsynced_ || durable_->pending() > 0;
    constexpr auto kInterval = std::chrono::seconds(1);
    const auto now = Clock::now();
    if (!unsynced_ || (!waits && now - synced_ < kInterval)) return false;
    synced_ = now;
    unsynced_ = false;
    return true;
  }

  // Puts what has been taken into the log, then lets its answers go.
  Status Commit(bool waits = false) {
    if (durable_ != nullptr) {
      if (Status committed = durable_->Commit(SyncIsDue(waits)); !committed) return committed;
    }
    for (const std::string& line : held_) output_.Write(line);
    for (const Decision& decision : held_rows_) table_.Add(decision);
    held_.clear();
    held_rows_.clear();
    return {};
  }

  // Reports an input that failed; false when it could not be kept.
  bool Refuse(const Incoming& incoming) {
    summary_.AddReject();
    constexpr std::uint64_t kShown = 20;
    progress_.End();
    const std::string name = options_.input == "-" ? "<stdin>" : options_.input;
    if (summary_.rejects() <= kShown) {
      std::fprintf(stderr, "%s:%lld: error[%s]: %s\n", name.c_str(),
                   static_cast<long long>(incoming.line),
                   std::string(InfoOf(incoming.error.code).name).c_str(),
                   Safe(incoming.error.Text()).c_str());
    } else if (summary_.rejects() == kShown + 1) {
      std::fprintf(stderr, "... further rejects are only counted%s\n",
                   options_.rejects.empty() ? "; --rejects FILE keeps them all" : "");
    }
    if (rejects_.Add(incoming)) return true;
    ReportError({ErrorCode::kIo, options_.rejects, "cannot be written"});
    return false;
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
  std::unique_ptr<Engine> memory_;  // one of both
  std::unique_ptr<DurableEngine> durable_;
  Clock::time_point synced_ = Clock::now();
  bool unsynced_ = false;          // something was answered since
  std::vector<std::string> held_;  // answers that may not leave yet
  std::vector<Decision> held_rows_;
  bool table_on_ = false;
};

}  // namespace

void AddScore(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "score",
      "Decide orders: events or bare orders in (NDJSON, or CSV with a mapping), decisions out");
  command
      ->add_option("FILE", options->input,
                   "Input; - for standard input, each line answered as it comes")
      ->capture_default_str();
  command
      ->add_option("--pack", options->pack, "Rule pack: a folder with pack.yaml, or one YAML file")
      ->required();
  command->add_option("--mapping", options->mapping,
                      "Read CSV through this mapping (docs/mappings.md)");
  command->add_option("--data", options->data,
                      "Keep every event in this folder before it is answered, and go on from what "
                      "is there; default: nothing is kept");
  command
      ->add_option(
          "--sync", options->sync,
          "With --data, when an answered event is on disk: always (before its answer), "
          "interval (once a second: a loss of power may take the last second), never (when "
          "the system writes it); the end of the process alone loses nothing")
      ->check(CLI::IsMember({"always", "interval", "never"}))
      ->capture_default_str();
  command->add_option("--rejects", options->rejects,
                      "Keep inputs that fail, with their cause, in this file");
  auto* json = command->add_flag("--json", options->json,
                                 "Decisions as NDJSON; the default when the output is no terminal");
  command->add_flag("--table", options->table, "Decisions as a table; the default on a terminal")
      ->excludes(json);
  command->footer(
      "Ends with a summary: below a table, else on standard error. Exit codes: 0 all inputs were\n"
      "scored, 1 some were rejected or the pack has errors, 2 usage, 3 failed or interrupted.\n\n"
      "  holdfast score --pack rules/starter orders.ndjson\n"
      "  zcat orders.csv.gz | holdfast score --pack rules/starter --mapping "
      "config/mappings/my-shop.yaml -");
  command->callback([options, &run] { run = [options] { return Scoring(*options).Run(); }; });
}

}  // namespace holdfast::cli
