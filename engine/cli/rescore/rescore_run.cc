#include "engine/cli/rescore/rescore_run.h"

#include <sched.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/hex.h"
#include "engine/base/text.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/codec/event_reader.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/replay.h"
#include "engine/rescore/labels.h"
#include "engine/rescore/part.h"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;

Status TimeOf(const std::string& text, const char* option, std::optional<EventTime>& out) {
  if (text.empty()) return {};
  out = ParseEventTime(text);
  if (out) return {};
  return Fail(ErrorCode::kUsage, option, "must be a time such as 2026-11-20T00:00:00Z");
}

// Identifies an export file and its current version. Empty: standard input.
std::string SourceOf(const std::string& path) {
  std::error_code fault;
  const auto size = fs::file_size(path, fault);
  const auto time = fs::last_write_time(path, fault);
  if (path == "-" || fault) return {};
  return fs::absolute(path, fault).string() + "\n" + std::to_string(size) + "\n" +
         std::to_string(time.time_since_epoch().count()) + "\n";
}

}  // namespace

Status TakeLock(const FolderLock& lock) {
  constexpr int kTries = 40;
  Status taken = lock.Take();
  for (int i = 0; i < kTries && !taken && taken.error().code == ErrorCode::kBusy; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    taken = lock.Take();
  }
  return taken;
}

void AddRescoreSource(Command command, RescoreSource& source, bool baseline) {
  command.Value("--pack", source.pack, "The pack").File();
  command
      .Value("--data", source.data, "A data folder, also one that a service has open, or a backup")
      .Folder();
  command
      .Value("--log", source.log,
             "Or an export, of all or of a part: log export --full, maybe --parts; - for "
             "standard input")
      .File();
  if (baseline) {
    command
        .Value("--baseline", source.baseline, "Compare with this pack, not with what was decided")
        .File();
  }
  command.Value("--from", source.from, "Only orders placed from this time on");
  command.Value("--to", source.to, "And before this one");
  command.Value("--merchant", source.merchant, "Only this merchant's");
  command
      .Value("--labels", source.labels,
             "CSV with order_id, label (fraud, good), and maybe merchant; they count more "
             "than what the log says")
      .File();
  command
      .Value("--label-delay", source.delay,
             "An order sent and so old has no complaint any more: it is good")
      .ShowDefault();
  command.Value("--as-of", source.as_of,
                "When an order's age is taken; default the latest event. Parts of a log need "
                "the same");
  command.Value("--jobs", source.jobs, "Threads that fold; merchants are spread over them")
      .Between(1U, kShardsMax)
      .ShowDefault();
  command.Flag("--fold", source.fold,
               "Fold the log also where the facts that were recorded with its decisions would "
               "do");
  command.Value("--cache-mb", source.cache_mb, "Megabytes of state in memory, about")
      .Between(16, 1 << 20)
      .ShowDefault();
}

Result<std::unique_ptr<RescoreRun>> RescoreRun::Open(const RescoreSource& source,
                                                     const std::string& out) {
  std::unique_ptr<RescoreRun> run(new RescoreRun(source));
  RescoreOptions& how = run->how_;
  if (source.pack.empty()) return Fail(ErrorCode::kUsage, "--pack", "is missing");
  if (source.data.empty() == source.log.empty()) {
    return Fail(ErrorCode::kUsage, "--data", "give a data folder, or an export with --log");
  }
  how.pack = LoadPackOrSay(source.pack);
  if (how.pack != nullptr && !source.baseline.empty()) {
    how.baseline = LoadPackOrSay(source.baseline);
  }
  if (how.pack == nullptr || (how.baseline == nullptr && !source.baseline.empty())) {
    return Fail(ErrorCode::kInvalidPack, how.pack == nullptr ? source.pack : source.baseline, {});
  }
  how.merchant = source.merchant;
  how.jobs = source.jobs;
  how.fold = source.fold;
  how.prove = source.prove;
  how.cache_bytes = source.cache_mb << 20;
  Status read = TimeOf(source.from, "--from", how.from);
  if (read) read = TimeOf(source.to, "--to", how.to);
  if (read) read = TimeOf(source.as_of, "--as-of", how.as_of);
  if (!read) return tl::unexpected(read.error());
  if (how.from && how.to && *how.from >= *how.to) {
    return Fail(ErrorCode::kUsage, "--to", "must be after --from: there is nothing between them");
  }
  const auto delay = ParseSpan(source.delay);
  if (!delay) return Fail(ErrorCode::kUsage, "--label-delay", "must be a time such as 60d");
  how.label_delay = *delay;
  if (!source.labels.empty()) {
    constexpr std::size_t kLabelBytes = std::size_t{4} << 30;
    std::error_code fault;
    if (fs::exists(source.labels, fault) && !fs::is_regular_file(source.labels, fault)) {
      return Fail(ErrorCode::kUsage, "--labels", "must be a file that can be read twice");
    }
    const auto text = ReadFile(source.labels, kLabelBytes);
    if (!text) return tl::unexpected(text.error());
    run->labels_digest_ = Sha256Hex(*text);
    how.labels = [&source](const RescoreOptions::TakeLabel& take) {
      return ReadLabels(source.labels,
                        source.merchant.empty() ? std::string(kDefaultMerchant) : source.merchant,
                        take);
    };
  }
  if (out.empty()) {
    auto made = Scratch::Make();
    if (!made) return tl::unexpected(made.error());
    run->scratch_.emplace(std::move(*made));
    how.work = run->scratch_->path() + "/work";
  } else {
    std::error_code fault;
    fs::create_directories(out, fault);
    if (fault) return Fail(ErrorCode::kIo, out, "cannot be made: " + fault.message());
    run->lock_.emplace(out);
    if (Status taken = TakeLock(*run->lock_); !taken) return tl::unexpected(taken.error());
    how.work = out + "/work";
  }
  // A service on the same machine has priority. Threads created from here on inherit this.
  const sched_param none{};
  static_cast<void>(sched_setscheduler(0, SCHED_IDLE, &none));
  if (Status opened = run->OpenLog(); !opened) return tl::unexpected(opened.error());
  return run;
}

// Opens the log of --data, or creates one from the export --log next to the scratch folder.
Status RescoreRun::OpenLog() {
  if (!source_.data.empty()) {
    auto log = OpenWholeLog(source_.data, LogMode::kRead);
    if (!log) return tl::unexpected(log.error());
    log_ = std::move(*log);
    return {};
  }
  // If an earlier run created a log from the same file, it is continued.
  const std::string folder = how_.work + "-log", made = folder + "/source", kind = "export\n";
  const std::string source = SourceOf(source_.log);
  constexpr std::size_t kSourceBytes = 1 << 16;
  if (Status prepared = PrepareScratch(folder, kind, false); !prepared) return prepared;
  const auto before = ReadFile(made, kSourceBytes);
  if (before && !source.empty() && *before == source) {
    if (auto log = OpenWholeLog(folder + "/log", LogMode::kRead)) {
      log_ = std::move(*log);
      return {};
    }
  }
  if (Status prepared = PrepareScratch(folder, kind, true); !prepared) return prepared;
  const auto fd = OpenInput(source_.log);
  if (!fd) return tl::unexpected(fd.error());
  const auto lines = MakeNdjsonSource(*fd, &StopFlag());
  auto log = MakePartLog(folder + "/log", [&]() -> Result<std::optional<std::string>> {
    auto incoming = lines->Next();
    if (incoming && incoming->error) return tl::unexpected(*incoming->error);
    if (!incoming && lines->error()) return tl::unexpected(*lines->error());
    if (!incoming && StopFlag()) return Fail(ErrorCode::kInterrupted, source_.log, {});
    if (!incoming) return std::optional<std::string>();
    return std::optional(std::move(incoming->text));
  });
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  return ReplaceFile(made, source);
}

std::string RescoreRun::LogName() const { return EncodeHex(log_->name()); }

Result<EventTime> RescoreRun::LatestOrder() {
  std::optional<EventTime> latest;
  // Events of the service itself may follow the last order, but rarely many.
  constexpr std::uint64_t kFirst = 1000, kMore = 8;
  for (std::uint64_t reach = kFirst; !latest; reach *= kMore) {
    const std::uint64_t begin = log_->last() - std::min(log_->last(), reach) + 1;
    const Status read = log_->Read(begin, [&](const LogRecord& record) -> Status {
      const auto event = ReadRecord(record);
      if (!event) return tl::unexpected(event.error());
      if ((*event)->type == EventType::kOrderPlaced) latest = (*event)->occurred_at;
      return {};
    });
    if (!read) return tl::unexpected(read.error());
    if (begin == 1) break;
  }
  if (!latest) return Fail(ErrorCode::kNotFound, source_.data, "holds no order");
  return *latest;
}

Result<Rescored> RescoreRun::Run(const std::function<Status(const OrderCase&)>& visit) {
  const std::atomic<bool>& stop = StopFlag();
  Progress progress;
  const auto started = std::chrono::steady_clock::now();
  std::optional<std::uint64_t>
      begun;  // what earlier runs had done says nothing of this one's speed
  auto rescored = Rescore(
      *log_, how_,
      [&](std::uint64_t done, std::uint64_t all) {
        if (!begun) begun = done;
        if (progress.Due() && done > *begun) {
          const double seconds =
              std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
          const double left =
              seconds / static_cast<double>(done - *begun) * static_cast<double>(all - done);
          progress.Show(Grouped(done) + " of " + Grouped(all) + " events, about " +
                        std::to_string(static_cast<long>(left)) + " s left");
        }
        return !stop.load(std::memory_order_relaxed);
      },
      visit);
  progress.End();
  if (!rescored) return rescored;
  const std::string& why = rescored->why_folded;
  std::fprintf(stderr, "%s\n",
               why.empty() ? "rescored from recorded facts"
                           : ("Replaying all orders, because " + why).c_str());
  log_.reset();
  for (const char* part : {"", "-facts", "-log"}) {
    if (Status removed = RemoveScratch(how_.work + part); !removed) {
      return tl::unexpected(removed.error());
    }
  }
  return rescored;
}

}  // namespace holdfast::cli
