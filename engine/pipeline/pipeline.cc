#include "engine/pipeline/pipeline.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include "engine/base/background.h"
#include "engine/base/check.h"
#include "engine/base/queue.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/pipeline/committer.h"

namespace holdfast {
namespace {

constexpr std::size_t kBatch = 64, kBatchBytes = 256 << 10;  // the most inputs of one batch
constexpr std::size_t kGroup = 1024, kGroupBytes = 8 << 20;  // the most that share one sync

struct Batch {
  static constexpr std::uint8_t kNone = 0xff;

  std::vector<SubmissionResult> answers;
  std::vector<std::uint8_t> shards;  // the shard of each; kNone: refused before
  std::size_t bytes = 0;
  bool ahead = false;  // parsed by a parser thread
  std::binary_semaphore parsed{0};
};
using BatchPtr = std::shared_ptr<Batch>;

bool IsRequest(const Submission& input) { return input.now || input.look; }

// Parses inputs into events. Threads: one owner.
class InputParser {
 public:
  InputParser(bool logged, const GeoDatabase* geo) : logged_(logged), geo_(geo) {}

  void Parse(Submission& input) {
    if (input.error || IsRequest(input)) return;
    Status parsed;
    const bool given = input.event != nullptr;
    if (!given) {
      input.event = std::make_shared<Event>();
      parsed = parser_.Parse(input.text, *input.event);
    }
    bool rewritten = given;
    if (parsed && input.admission != nullptr) {
      const auto changed = input.admission->Admit(*input.event, input.terms.seen);
      if (!changed) parsed = tl::unexpected(changed.error());
      const bool merchant_only = changed && *changed == Admission::Change::kMerchant && !given;
      const bool added = merchant_only && AddMerchant(input.event->merchant, input.text);
      rewritten = rewritten || (changed && *changed != Admission::Change::kNone && !added);
    }
    const bool found = parsed && LookUp(*input.event);
    if (parsed && rewritten && logged_) {
      parsed = Rewrite(input);
    } else if (found && logged_) {
      AddGeo(*input.event->geo, input.text);
    }
    HOLDFAST_SLOW_CHECK(!parsed || !logged_ || IsAsLogged(input));
    if (!parsed) input.error = std::move(parsed.error());
  }

 private:
  // Adds the geo data of the order. False when there is nothing to add.
  bool LookUp(Event& event) {
    if (geo_ == nullptr || event.order == nullptr || event.geo != nullptr) return false;
    Arena& memory = event.memory;
    const auto geo = geo_->Locate(*event.order, memory);
    if (!geo) return false;
    event.geo = new (memory.Allocate(sizeof(Geo))) Geo(*geo);
    return true;
  }

  // Writes the event as it is now, and reads it again: what is folded is what the log will give
  // back, so that a replay cannot differ.
  Status Rewrite(Submission& input) {
    input.text.clear();
    WriteEvent(*input.event, input.text);
    auto read = std::make_shared<Event>();
    Status parsed = log_parser_.Parse(input.text, *read);
    read->digest = input.event->digest;
    if (parsed) input.event = std::move(read);
    return parsed;
  }

  // Does the text lead to this event?
  bool IsAsLogged(const Submission& input) {
    Event read;
    std::string now, logged;
    WriteEvent(*input.event, now);
    const Status parsed = log_parser_.Parse(input.text, read);
    if (parsed) WriteEvent(read, logged);
    return now == logged;
  }

  const bool logged_;
  const GeoDatabase* const geo_;
  JsonEventParser parser_;
  JsonEventParser log_parser_{UnknownFields::kKeep, kLogLimits};
};

}  // namespace

class Pipeline::Stages {
 public:
  Stages(std::shared_ptr<const Pack> pack, const PipelineOptions& options, Sink sink)
      : pack_(std::move(pack)), options_(options), sink_(std::move(sink)) {}

  Status Start(const ReplayProgress& progress) {
    const std::uint32_t shards = options_.state.shards;
    if (options_.folder.empty()) {
      for (std::uint32_t i = 0; i < shards; ++i) memory_.push_back(std::make_unique<Shard>(pack_));
    } else {
      auto opened = DataFolder::Open(pack_, options_.folder, options_.state, progress);
      if (!opened) return tl::unexpected(opened.error());
      folder_ = std::move(*opened);
    }
    std::string schema;
    if (Log() != nullptr && options_.decide) {
      for (const auto& shard : Shards()) schema = shard->engine().RecordFacts();
    }
    committer_.emplace(Log(), options_, std::move(schema));
    last_ = Log() == nullptr ? 0 : Log()->last();
    committed_ = last_;
    for (unsigned i = 0; i < std::max(options_.parsers, 1U); ++i) {
      parsers_.emplace_back([this] { RunParser(); });
    }
    begin_.emplace(shards);
    end_.emplace(shards);
    for (std::uint32_t i = 1; i < shards; ++i) {
      helpers_.emplace_back([this, i] { RunHelper(i); });
    }
    fold_ = std::thread([this] { RunFold(); });
    commit_ = std::thread([this] { RunCommit(); });
    if (folder_ != nullptr) write_ = std::thread([this] { RunWrite(); });
    return {};
  }

  ~Stages() {
    if (joined_) return;
    Break({});
    Join();
  }

  // ---- the caller's thread ---------------------------------------------------------------------

  bool Submit(Submission input) {
    if (stopped_) return false;
    if (open_ == nullptr) open_ = std::make_shared<Batch>();
    open_->bytes += input.text.size();
    open_->answers.emplace_back().input = std::move(input);
    return open_->answers.size() < kBatch && open_->bytes < kBatchBytes ? true : Flush();
  }

  bool Flush() {
    if (open_ == nullptr) return !stopped_;
    BatchPtr batch = std::move(open_);
    open_ = nullptr;
    ++on_their_way_;
    // Parsing a few events in the fold thread is faster than waking a parser thread.
    constexpr std::size_t kFew = 16;
    batch->ahead = batch->answers.size() > kFew;
    if (batch->ahead && !to_parse_.Push(batch)) return false;
    return to_fold_.Push(std::move(batch));
  }

  bool stopped() const { return stopped_; }

  EventLog* Log() { return folder_ == nullptr ? nullptr : &folder_->log(); }

  Status Close() {
    if (joined_) return failure_;
    Flush();
    to_parse_.Close();
    to_fold_.Close();
    Join();
    if (!failure_ || folder_ == nullptr) return failure_;
    for (const auto& shard : Shards()) {
      if (Status settled = shard->CheckpointNow(last_); !settled) return settled;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<Shard>>& Shards() {
    return folder_ == nullptr ? memory_ : folder_->shards();
  }

  void Join() {
    joined_ = true;
    for (std::thread& parser : parsers_) parser.join();
    if (fold_.joinable()) fold_.join();
    for (std::thread& helper : helpers_) helper.join();
    if (commit_.joinable()) commit_.join();
    to_write_.Close();
    if (write_.joinable()) write_.join();
  }

  // Accepts no more inputs.
  void Stop() {
    stopped_ = true;
    to_parse_.Close();
    to_fold_.Close();
  }

  // Gives no more answers. The first `status` passed is the pipeline's failure.
  void Break(Status status) {
    {
      const std::lock_guard lock(mutex_);
      if (failure_) failure_ = std::move(status);
      broken_ = true;
    }
    moved_.notify_all();
    Stop();
  }

  // ---- parse -----------------------------------------------------------------------------------

  void RunParser() {
    InputParser parser(Log() != nullptr, options_.geo);
    while (const auto batch = to_parse_.Pop()) {
      ParseAll(parser, **batch);
      (*batch)->parsed.release();
    }
  }

  void ParseAll(InputParser& parser, Batch& batch) const {
    for (SubmissionResult& answer : batch.answers) {
      parser.Parse(answer.input);
      const std::uint32_t shard =
          answer.input.error        ? Batch::kNone
          : IsRequest(answer.input) ? answer.input.shard
                                    : ShardOf(answer.input.event->merchant, options_.state.shards);
      batch.shards.push_back(static_cast<std::uint8_t>(shard));
    }
  }

  // ---- fold ------------------------------------------------------------------------------------

  void RunFold() {
    InputParser parser(Log() != nullptr, options_.geo);
    while (auto batch = to_fold_.Pop()) {
      if ((*batch)->ahead) {
        (*batch)->parsed.acquire();
      } else {
        ParseAll(parser, **batch);
      }
      if (broken_) continue;
      folding_ = batch->get();
      begin_->arrive_and_wait();
      FoldShard(0);
      end_->arrive_and_wait();
      for (const auto& shard : Shards()) {
        if (!shard->fault()) Break(shard->fault());
      }
      if (broken_) continue;
      AssignOffsets(**batch);
      to_commit_.Push(std::move(*batch));
    }
    folding_ = nullptr;
    begin_->arrive_and_wait();  // the helpers see that there is no more
    to_commit_.Close();
  }

  void RunHelper(std::uint32_t shard) {
    for (;;) {
      begin_->arrive_and_wait();
      if (folding_ == nullptr) return;
      FoldShard(shard);
      end_->arrive_and_wait();
    }
  }

  void FoldShard(std::uint32_t index) {
    Shard& shard = *Shards()[index];
    TendShard(shard);
    std::vector<SubmissionResult>& answers = folding_->answers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (folding_->shards[i] != index) continue;
      if (i + 1 < answers.size() && folding_->shards[i + 1] == index &&
          answers[i + 1].input.event != nullptr) {
        shard.engine().Prefetch(*answers[i + 1].input.event);
      }
      SubmissionResult& answer = answers[i];
      const auto& event = answer.input.event;
      const bool logged = folder_ != nullptr;
      const Engine::OnOwnEvent fired = [&answer, logged](const std::shared_ptr<Event>& own,
                                                         Applied own_applied) {
        AppliedEvent& taken = answer.taken.emplace_back();
        taken.event = own;
        if (logged) WriteEvent(*own, taken.text);
        taken.applied = std::move(own_applied);
      };
      if (answer.input.look) {
        answer.input.look(shard.engine());
        continue;
      }
      if (answer.input.now) {
        constexpr std::size_t kDeadlinesAtOnce = 1000;
        shard.engine().FireDeadlines(*answer.input.now, kDeadlinesAtOnce, fired);
        continue;
      }
      auto applied = shard.engine().Apply(event, fired, options_.decide, answer.input.terms);
      if (!applied) {
        answer.input.error = std::move(applied.error());
      } else if (applied->duplicate) {
        answer.duplicate = true;
        LookUpFirst(shard.engine(), answer);
      } else {
        AppliedEvent& taken = answer.taken.emplace_back();
        taken.event = event;
        if (logged) taken.text = std::move(answer.input.text);
        if (logged && applied->joined) {
          taken.text.clear();
          WriteEvent(*event, taken.text);
        }
        taken.applied = std::move(*applied);
      }
    }
  }

  // Passes changed state to the writer thread. Blocks while too much is not yet on disk.
  void TendShard(Shard& shard) {
    const auto write = [&](std::unique_ptr<StateBatch> batch) {
      to_write_.Push({&shard, std::move(batch)});
    };
    std::size_t events = folding_->answers.size();
    while (shard.CheckpointIfDue(last_, events, options_.state.replay_max, write)) {
      std::unique_lock lock(mutex_);
      const std::uint64_t on_disk = shard.on_disk();
      events = options_.state.replay_max;  // collect the rest of the batch at once
      moved_.wait_for(lock, std::chrono::milliseconds(100),
                      [&] { return shard.on_disk() != on_disk || broken_; });
      if (broken_) return;
    }
  }

  static void LookUpFirst(const Engine& engine, SubmissionResult& answer) {
    answer.first = engine.OffsetOf(*answer.input.event);
    answer.permit_stands = engine.PermitStands(*answer.input.event);
  }

  // Assigns offsets to the applied events in the order of the inputs. A single shard has assigned
  // them itself.
  void AssignOffsets(Batch& batch) {
    if (Shards().size() == 1) {
      last_ = Shards()[0]->engine().last();
      return;
    }
    for (std::size_t i = 0; i < batch.answers.size(); ++i) {
      SubmissionResult& answer = batch.answers[i];
      if (answer.input.error) continue;
      Engine& engine = Shards()[batch.shards[i]]->engine();
      for (AppliedEvent& taken : answer.taken) {
        taken.applied.offset = ++last_;
        engine.AssignOffset(*taken.event, last_, taken.applied.decision.has_value());
        if (taken.applied.decision) taken.applied.decision->offset = last_;
      }
      // The original of a duplicate may be in this batch, and has its offset only now.
      if (answer.duplicate) LookUpFirst(engine, answer);
    }
    // Offsets that shards assign next must differ from all that were answered.
    for (const auto& shard : Shards()) shard->engine().SetLast(last_);
  }

  // ---- commit and emit -------------------------------------------------------------------------

  void RunCommit() {
    std::vector<BatchPtr> group;
    std::vector<std::span<SubmissionResult>> answers;
    for (;;) {
      auto first = to_commit_.PopWithin(Committer::kInterval);
      if (!first) {
        const bool last = to_commit_.finished();
        if (!broken_) {
          if (Status synced = committer_->Idle(last); !synced) Break(std::move(synced));
        }
        if (last) return;
        continue;
      }
      group.clear();
      answers.clear();
      std::size_t count = 0, bytes = 0;
      for (auto next = std::move(first); next; next = to_commit_.TryPop()) {
        count += (*next)->answers.size();
        bytes += (*next)->bytes;
        answers.emplace_back((*next)->answers);
        group.push_back(std::move(*next));
        if (count >= kGroup || bytes >= kGroupBytes) break;
      }
      if (broken_) continue;
      if (Status committed = committer_->Commit(answers); !committed) {
        Break(std::move(committed));
        continue;
      }
      SetCommitted(answers);
      on_their_way_ -= group.size();
      for (std::size_t i = 0; i < answers.size() && !silent_; ++i) {
        silent_ = !sink_(answers[i], i + 1 == answers.size() && on_their_way_ == 0);
        if (silent_) Stop();
      }
    }
  }

  void SetCommitted(const std::vector<std::span<SubmissionResult>>& answers) {
    std::uint64_t last = 0;
    for (const auto& group : answers) {
      for (const SubmissionResult& answer : group) {
        if (!answer.taken.empty()) last = answer.taken.back().applied.offset;
      }
    }
    if (last == 0) return;
    {
      const std::lock_guard lock(mutex_);
      committed_ = last;
    }
    moved_.notify_all();
  }

  // ---- state writer ----------------------------------------------------------------------------

  struct ToWrite {
    Shard* shard;
    std::unique_ptr<StateBatch> batch;
  };

  void RunWrite() {
    WorkInBackground();
    while (auto next = to_write_.Pop()) {
      Shard* const shard = next->shard;
      std::unique_ptr<StateBatch>& batch = next->batch;
      {
        // The state on disk must never be ahead of the log.
        std::unique_lock lock(mutex_);
        moved_.wait(lock, [&] { return committed_ >= batch->offset || broken_; });
      }
      if (broken_) continue;
      Status written = options_.sync == Sync::kAlways ? Status() : Log()->Sync();
      if (written) written = shard->Write(*batch);
      if (!written) {
        Break(std::move(written));
        continue;
      }
      shard->SetWritten(std::move(batch));
      {
        const std::lock_guard lock(mutex_);  // a waiting thread has checked already, or sees it
      }
      moved_.notify_all();
    }
  }

  const std::shared_ptr<const Pack> pack_;
  const PipelineOptions options_;
  const Sink sink_;
  std::unique_ptr<DataFolder> folder_;          // null: the state is in memory
  std::vector<std::unique_ptr<Shard>> memory_;  // the shards without a folder
  std::optional<Committer> committer_;

  BatchPtr open_;  // the batch that Submit fills
  Queue<BatchPtr> to_parse_{options_.waiting}, to_fold_{options_.waiting},
      to_commit_{options_.waiting};
  Queue<ToWrite> to_write_{kShardsMax};
  std::atomic<std::size_t> on_their_way_ = 0;  // batches that are not yet answered

  Batch* folding_ = nullptr;  // the batch that all shards apply, between the barriers
  std::optional<std::barrier<>> begin_, end_;
  std::uint64_t last_ = 0;  // the last offset assigned; fold thread only

  std::mutex mutex_;
  std::condition_variable moved_;  // signals a change of committed_, a shard's on_disk() or broken_
  std::uint64_t committed_ = 0;
  Status failure_;
  std::atomic<bool> broken_ = false;   // no more answers may be given
  std::atomic<bool> stopped_ = false;  // no more inputs are accepted
  bool silent_ = false;                // the sink wants no more answers; commit thread only
  bool joined_ = false;

  std::vector<std::thread> parsers_, helpers_;
  std::thread fold_, commit_, write_;
};

Pipeline::Pipeline(std::unique_ptr<Stages> stages) : stages_(std::move(stages)) {}
Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::Open(std::shared_ptr<const Pack> pack,
                                                 const PipelineOptions& options, Sink sink,
                                                 const ReplayProgress& progress) {
  auto stages = std::make_unique<Stages>(std::move(pack), options, std::move(sink));
  if (Status started = stages->Start(progress); !started) return tl::unexpected(started.error());
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(stages)));
}

bool Pipeline::Submit(Submission input) { return stages_->Submit(std::move(input)); }
bool Pipeline::Flush() { return stages_->Flush(); }
bool Pipeline::stopped() const { return stages_->stopped(); }
const EventLog* Pipeline::log() const { return stages_->Log(); }
Status Pipeline::Close() { return stages_->Close(); }

}  // namespace holdfast
