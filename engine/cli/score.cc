#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
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
#include "engine/cli/score_summary.h"
#include "engine/cli/terminal.h"
#include "engine/codec/json.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/engine.h"

namespace holdfast::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string input = "-";
  std::string pack;
  std::string mapping;
  std::string rejects;
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

// A line on standard error, rewritten in place, while a long run goes on.
class Progress {
 public:
  void Show(const ScoreSummary& summary, Clock::time_point started) {
    const auto now = Clock::now();
    constexpr auto kFirst = std::chrono::seconds(2);
    constexpr auto kEvery = std::chrono::milliseconds(500);
    if (!on_ || now - started < kFirst || now - last_ < kEvery) return;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - started).count();
    std::fprintf(
        stderr, "\r%s orders, %s rejected, %s orders/s   ", Grouped(summary.orders()).c_str(),
        Grouped(summary.rejects()).c_str(),
        Grouped(static_cast<unsigned long long>(static_cast<double>(summary.orders()) / seconds))
            .c_str());
    shown_ = true;
  }
  void End() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
    shown_ = false;
  }

 private:
  bool on_ = IsTerminal(STDERR_FILENO);
  bool shown_ = false;
  Clock::time_point last_{};
};

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
    return Loop(*source, Engine(pack, MakeMemoryStore()), stop);
  }

 private:
  int Loop(Source& source, Engine engine, const std::atomic<bool>& stop) {
    const auto started = Clock::now();
    table_on_ = options_.table || (!options_.json && IsTerminal(STDOUT_FILENO));
    std::string line;
    while (!stop.load(std::memory_order_relaxed) && !output_.closed()) {
      if (source.Drained()) {
        if (table_on_) table_.Flush();
        output_.Flush();
      }
      auto incoming = source.Next();
      if (!incoming) break;
      if (incoming->event != nullptr) {
        auto applied = engine.Apply(incoming->event);
        if (!applied) {
          incoming->error = std::move(applied.error());
          if (incoming->raw.empty()) WriteEvent(*incoming->event, incoming->raw.emplace_back());
          incoming->event = nullptr;
        } else if (applied->duplicate) {
          summary_.AddEvent();
          summary_.AddDuplicate();
        } else {
          summary_.AddEvent();
          if (applied->decision) Emit(*applied->decision, line);
        }
      }
      if (incoming->event == nullptr && !Refuse(*incoming)) return 3;
      progress_.Show(summary_, started);
    }
    progress_.End();
    if (table_on_) table_.Flush();
    output_.Flush();
    return Finish(source, std::chrono::duration<double>(Clock::now() - started).count(), stop);
  }

  void Emit(const Decision& decision, std::string& line) {
    summary_.Add(decision);
    if (table_on_) return table_.Add(decision);
    line.clear();
    WriteDecision(decision, line);
    line += '\n';
    output_.Write(line);
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
