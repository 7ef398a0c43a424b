#include "engine/rescore/fold.h"

#include <filesystem>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/queue.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/model/engine_version.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/replay.h"
#include "engine/rescore/rows.h"
#include "engine/rescore/scratch_folder.h"
#include "engine/rescore/spill.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// Records of the log that are passed to a job.
struct Batch {
  std::vector<Replayed> records;
  std::uint64_t checkpoint = 0;  // if not 0, write a checkpoint of the log up to here
};

// The counts of a job at a checkpoint.
struct Mark {
  std::uint64_t offset = 0;
  std::uint64_t events = 0, decisions = 0, same = 0, other_engines = 0;
  EventTime latest;
  std::vector<std::uint64_t> sizes;
};

constexpr std::size_t kMarkBytes = 1 << 16;

std::string MarkPath(const std::string& folder, std::uint32_t job, std::uint64_t offset) {
  return folder + "/mark-" + std::to_string(job) + "-" + std::to_string(offset);
}

std::string MarkText(const Mark& mark) {
  JsonList sizes;
  for (const std::uint64_t size : mark.sizes) sizes.Add(std::to_string(size));
  return JsonObject()
             .Number("offset", mark.offset)
             .Number("events", mark.events)
             .Number("decisions", mark.decisions)
             .Number("same", mark.same)
             .Number("other_engines", mark.other_engines)
             .Number("latest", mark.latest.nanos)
             .Raw("sizes", sizes.Done())
             .Done() +
         "\n";
}

Result<Mark> ReadMark(const std::string& path) {
  const auto text = ReadFile(path, kMarkBytes);
  if (!text) return tl::unexpected(text.error());
  const auto document = JsonDocument::Parse(*text);
  if (!document) return tl::unexpected(document.error());
  bool whole = true;
  const auto read = [&whole]<typename Number>(const JsonValue& value, Number& number) {
    const auto given = ParseNumber<Number>(value.text());
    whole = whole && given.has_value();
    number = given.value_or(0);
  };
  const JsonValue& root = document->root();
  Mark mark;
  read(root["offset"], mark.offset);
  read(root["events"], mark.events);
  read(root["decisions"], mark.decisions);
  read(root["same"], mark.same);
  read(root["other_engines"], mark.other_engines);
  read(root["latest"], mark.latest.nanos);
  for (const JsonValue& size : root["sizes"].list()) read(size, mark.sizes.emplace_back());
  if (!whole || mark.sizes.size() != kSpillParts) return Fail(ErrorCode::kCorrupt, path, {});
  return mark;
}

// One of several threads that fold, each for its own merchants.
class Job {
 public:
  static Result<std::unique_ptr<Job>> Open(const EventLog& log, const RescoreOptions& options,
                                           std::uint32_t number);

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  bool Push(Batch batch) { return queue_.Push(std::move(batch)); }
  // Waits for the thread to end. Errors: the one that stopped it.
  Status Join() {
    queue_.Close();
    if (thread_.joinable()) thread_.join();
    return status_;
  }
  ~Job() { (void)Join(); }

  const Mark& mark() const { return mark_; }
  // True when what an earlier run left is damaged, or one of two folds is ahead of the other.
  bool broken() const { return broken_; }

 private:
  explicit Job(const RescoreOptions& options, std::uint32_t number)
      : options_(options), number_(number) {}

  void Run();
  Status Take(const Replayed& replayed);
  Status Set(const Event& event);
  Status TakeWhatWasSaid(const Replayed& replayed);
  Status Checkpoint(std::uint64_t offset);

  const RescoreOptions& options_;
  const std::uint32_t number_;
  Mark mark_;
  bool broken_ = false;
  std::uint64_t begun_ = 0;  // records up to here are already in the state
  std::unique_ptr<Shard> fold_, baseline_;
  std::optional<Spill> spill_;
  Queue<Batch> queue_{8};
  std::thread thread_;
  Status status_;
  std::string text_, row_;      // scratch
  std::string before_, after_;  // rulings
  FactRow said_;
};

Result<std::unique_ptr<Shard>> OpenShard(const EventLog& log, const RescoreOptions& options,
                                         const std::shared_ptr<const Pack>& pack, const char* name,
                                         std::uint32_t number) {
  const StateHead head{log.name(), pack->fold, options.jobs, number};
  const std::size_t folds = options.baseline == nullptr ? 1 : 2;
  return Shard::Open(pack, StateFolder(options.work + "/" + name, head), head, &log,
                     options.cache_bytes / options.jobs / folds, Postings::kNone);
}

Result<std::unique_ptr<Job>> Job::Open(const EventLog& log, const RescoreOptions& options,
                                       std::uint32_t number) {
  std::unique_ptr<Job> job(new Job(options, number));
  auto after = OpenShard(log, options, options.pack, "after", number);
  if (!after) return tl::unexpected(after.error());
  job->fold_ = std::move(*after);
  std::uint64_t done = job->fold_->on_disk();
  if (options.baseline != nullptr) {
    auto before = OpenShard(log, options, options.baseline, "before", number);
    if (!before) return tl::unexpected(before.error());
    job->baseline_ = std::move(*before);
  }
  if (done > 0) {
    auto mark = ReadMark(MarkPath(options.work, number, done));
    job->broken_ = !mark;
    if (mark) job->mark_ = std::move(*mark);
  }
  if (job->baseline_ != nullptr && job->baseline_->on_disk() != done) job->broken_ = true;
  job->begun_ = done;
  auto spill = Spill::Open(options.work, number, job->mark_.sizes);
  job->broken_ = job->broken_ || (!spill && spill.error().code == ErrorCode::kCorrupt);
  if (job->broken_) return job;
  if (!spill) return tl::unexpected(spill.error());
  job->spill_.emplace(std::move(*spill));
  return job;
}

void Job::Run() {
  while (auto batch = queue_.Pop()) {
    for (const Replayed& replayed : batch->records) {
      if (status_) status_ = Take(replayed);
    }
    if (status_ && batch->checkpoint > begun_) status_ = Checkpoint(batch->checkpoint);
    if (!status_) return queue_.Close();
  }
  // The state is no longer needed; after an interruption from here on, the run resumes at the last
  // checkpoint. Each job frees its own memory, which takes a while for millions of records.
  if (status_) status_ = spill_->Sync();
  fold_.reset();
  baseline_.reset();
}

Status Job::Take(const Replayed& replayed) {
  const Event& event = *replayed.event;
  if (event.offset <= begun_) return {};
  ++mark_.events;
  mark_.latest = std::max(mark_.latest, event.occurred_at);
  const bool by_another =
      !replayed.decision.empty() && ReadDecisionEngine(replayed.decision) != kEngineVersion;
  mark_.other_engines += by_another && baseline_ == nullptr ? 1 : 0;
  // A decision by the same pack must be repeated byte for byte.
  const bool own = options_.prove && baseline_ == nullptr && !by_another &&
                   replayed.decision.find(options_.pack->hash) != std::string::npos;
  auto applied = fold_->engine().Replay(
      replayed.event, own ? Deciding::kDecision : Deciding::kRuling, replayed.decision);
  if (!fold_->fault()) return fold_->fault();
  if (!applied) return tl::unexpected(applied.error());
  after_ = std::move(applied->ruling);
  if (applied->decision) {
    text_.clear();
    WriteDecision(*applied->decision, text_);
    mark_.same += text_ == replayed.decision ? 1 : 0;
    PutRuling(RulingOf(*applied->decision), after_);
  }
  if (baseline_ != nullptr) {
    auto before = baseline_->engine().Replay(replayed.event, Deciding::kRuling, replayed.decision);
    if (!baseline_->fault()) return baseline_->fault();
    if (!before) return tl::unexpected(before.error());
    before_ = std::move(before->ruling);
    const bool same = !after_.empty() && options_.baseline->hash == options_.pack->hash;
    mark_.same += same ? 1 : 0;
  } else if (!after_.empty()) {
    if (Status read = TakeWhatWasSaid(replayed); !read) return read;
  }
  const bool known_then = !options_.as_of || event.occurred_at <= *options_.as_of;
  const OrderState* state = fold_->engine().store().FindOrder(event.merchant, event.order_id);
  if (state != nullptr && known_then) {
    if (const auto evidence = EvidenceOf(event, *state)) {
      row_.clear();
      PutRow(*evidence, row_);
      spill_->Add(event.merchant, event.order_id, row_);
    }
  }
  if (after_.empty()) return {};
  mark_.decisions += baseline_ == nullptr && replayed.decision.empty() ? 0 : 1;
  return Set(event);
}

// Stores the ruling recorded at the time in before_.
Status Job::TakeWhatWasSaid(const Replayed& replayed) {
  before_.clear();
  if (GetFactRow(replayed.facts, said_) && said_.decided) {
    before_ = said_.ruling;
    return {};
  }
  Ruling before;
  if (!replayed.decision.empty()) {
    auto read = ReadRuling(replayed.decision);
    if (!read) return tl::unexpected(read.error());
    before = std::move(*read);
  }
  PutRuling(before, before_);
  return {};
}

Status Job::Set(const Event& event) {
  const OrderState& state = *fold_->engine().store().FindOrder(event.merchant, event.order_id);
  RuledRow row;
  row.late = IsLate(state);
  row.offset = event.offset;
  row.placed_at = state.placed_at.value_or(event.occurred_at);
  row.amount = BaseTotal(state, *options_.pack);
  row.before = before_;
  row.after = after_;
  row_.clear();
  PutRow(row, row_);
  spill_->Add(event.merchant, event.order_id, row_);
  return {};
}

// Writes the rows and the mark first, then the state, which is written as a whole. The position of
// the state tells which mark is valid.
Status Job::Checkpoint(std::uint64_t offset) {
  const std::uint64_t last = mark_.offset;
  if (Status synced = spill_->Sync(); !synced) return synced;
  mark_.offset = offset;
  mark_.sizes = spill_->sizes();
  const std::string path = MarkPath(options_.work, number_, offset);
  if (Status marked = ReplaceFile(path, MarkText(mark_)); !marked) return marked;
  if (baseline_ != nullptr) {
    if (Status settled = baseline_->CheckpointNow(offset); !settled) return settled;
  }
  if (Status settled = fold_->CheckpointNow(offset); !settled) return settled;
  std::error_code ignored;
  if (last != offset) fs::remove(MarkPath(options_.work, number_, last), ignored);
  return {};
}

// The version of marks and rows. Increase it when they change, so that those of another version are
// computed again.
constexpr int kRowFormat = 3;

// Identifies what the scratch folder is for. Another pack, another log or another number of jobs
// cannot resume with it.
std::string KindOf(const EventLog& log, const RescoreOptions& options) {
  return JsonObject()
             .Number("format", kRowFormat)
             .Text("log", log.name())
             .Number("trimmed", log.trim().upto)
             .Number("kept", log.trim().kept)
             .Text("merchant", options.merchant)
             .Text("as_of", options.as_of ? FormatRfc3339(*options.as_of) : "")
             .Text("pack", options.pack->hash)
             .Text("baseline", options.baseline == nullptr ? "" : options.baseline->hash)
             .Number("jobs", options.jobs)
             .Done() +
         "\n";
}

Result<std::vector<std::unique_ptr<Job>>> OpenJobs(const EventLog& log,
                                                   const RescoreOptions& options) {
  for (const bool fresh : {false, true}) {
    if (Status prepared = PrepareScratch(options.work, KindOf(log, options), fresh); !prepared) {
      return tl::unexpected(prepared.error());
    }
    std::vector<std::unique_ptr<Job>> jobs;
    bool broken = false;
    for (std::uint32_t i = 0; i < options.jobs && !broken; ++i) {
      auto job = Job::Open(log, options, i);
      if (!job) return tl::unexpected(job.error());
      broken = (*job)->broken();
      jobs.push_back(std::move(*job));
    }
    if (!broken) return jobs;
  }
  return Fail(ErrorCode::kCorrupt, options.work, "cannot be gone on with; remove it");
}

// Passes the log's records to the jobs.
Status FoldInto(const EventLog& log, const RescoreOptions& options,
                std::vector<std::unique_ptr<Job>>& jobs, const RescoreProgress& progress) {
  std::uint64_t done = log.last();
  for (const auto& job : jobs) done = std::min(done, job->mark().offset);
  constexpr std::size_t kBatch = 256;
  std::vector<Batch> batches(jobs.size());
  const auto stopped = [] { return Fail(ErrorCode::kInterrupted, {}, {}); };
  const auto flush = [&](std::uint64_t checkpoint) {
    bool all = true;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      batches[i].checkpoint = checkpoint;
      if (checkpoint == 0 && batches[i].records.empty()) continue;
      all = jobs[i]->Push(std::exchange(batches[i], {})) && all;
    }
    return all;
  };
  std::uint64_t next = done + options.checkpoint;
  const Status read = ReplayLog(log, done + 1, [&](Replayed& replayed) -> Status {
    const std::shared_ptr<Event> event = replayed.event;
    if (options.merchant.empty() || event->merchant == options.merchant) {
      const std::uint32_t i = ShardOf(event->merchant, options.jobs);
      batches[i].records.push_back(std::move(replayed));
      if (batches[i].records.size() == kBatch && !jobs[i]->Push(std::exchange(batches[i], {}))) {
        return stopped();
      }
    }
    if (event->offset >= next) {
      next = event->offset + options.checkpoint;
      if (!flush(event->offset)) return stopped();
    }
    constexpr std::uint64_t kOften = 4096;
    if (event->offset % kOften == 0 && progress && !progress(event->offset, log.last())) {
      return Fail(ErrorCode::kInterrupted, {}, "stopped before the end of the log");
    }
    return {};
  });
  if (read) (void)flush(0);
  Status status = read;
  for (const auto& job : jobs) {
    Status ended = job->Join();
    // The error that stopped a job is the cause. That its queue then accepts no more is only a
    // consequence.
    if (!ended) status = ended;
  }
  return status;
}

}  // namespace

Result<LogTaken> FoldLog(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress) {
  auto opened = OpenJobs(log, options);
  if (!opened) return tl::unexpected(opened.error());
  std::vector<std::unique_ptr<Job>>& jobs = *opened;
  for (const auto& job : jobs) job->Start();
  if (Status folded = FoldInto(log, options, jobs, progress); !folded) {
    return tl::unexpected(folded.error());
  }
  LogTaken taken;
  for (const auto& job : jobs) {
    taken.events += job->mark().events;
    taken.decisions += job->mark().decisions;
    taken.same += job->mark().same;
    taken.other_engines += job->mark().other_engines;
    taken.latest = std::max(taken.latest, job->mark().latest);
  }
  return taken;
}

}  // namespace holdfast
