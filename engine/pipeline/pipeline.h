// Pipeline: inputs in, answers out, in order, each stage on its own thread.
//
//   Submit -> parse (any number) -> fold (one a shard) -> commit -> emit
//
// The queues between them are bounded: Submit waits when the stages behind it are slower. With a
// data folder an answer is emitted once it, and all before it, is in the log, as Sync says; the
// events that came in while the last sync ran share the next one.
//
// The answers do not depend on the number of threads or shards: offsets are given in the order of
// the inputs, and a merchant is folded by one shard.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/pipeline/data_folder.h"
#include "engine/signals/geo.h"

namespace holdfast {

// When an answered event is on disk.
enum class Sync : std::uint8_t {
  kAlways,    // before its answer leaves
  kInterval,  // within a second of it: a loss of power may take that second with it
  kNever,     // when the system writes it
};

// Decides what the sender of an event may say; implemented where requests come in.
// Threads: any; the threads that parse call it.
class Admission {
 public:
  virtual ~Admission() = default;
  // Checks the event, and sets in it what only Holdfast may say. True: that changed it. `seen`: the
  // decision that the sender has seen. Errors: those with which the event is refused.
  virtual Result<bool> Admit(Event& event, const std::optional<std::uint64_t>& seen) const = 0;
};

// One submission. `text` is an event or a bare order as JSON; or `event` is given; or it is a
// request to a shard.
struct Submission {
  std::int64_t tag = 0;  // the caller's
  std::string text;
  std::shared_ptr<Event> event;
  std::optional<Error> error;     // refused by the caller: answered in its place
  std::vector<std::string> raw;   // the caller's
  std::shared_ptr<void> request;  // the caller's

  std::shared_ptr<const Admission> admission;  // null: trusted, may send everything
  Terms terms;                                 // as for Engine::Apply

  // To shard `shard`, in its turn. The deadlines that have come by `now`; what they lead to is the
  // answer. Or a look at the shard's engine: it sees what was submitted before, and its answer
  // comes when that is in the log.
  std::uint32_t shard = 0;
  std::optional<EventTime> now;
  std::function<void(const Engine& engine)> look;
};

// An event that was applied: the submission's, or a deadline that had come.
struct AppliedEvent {
  std::shared_ptr<Event> event;
  std::string text;  // as the log keeps it; empty without a log
  Applied applied;
  std::string json;  // the decision, where there is one
};

struct SubmissionResult {
  Submission input;                 // `error` says why it was refused
  bool duplicate = false;           // was taken before
  std::vector<std::string> again;   // then the decisions that it led to first; none without a log
  std::uint64_t first = 0;          // of a duplicate: the offset that it has
  bool permit_stands = false;       // of a duplicate: that of the last of `again` is still good
  std::vector<AppliedEvent> taken;  // in the order of their offsets
};

struct PipelineOptions {
  std::string folder;  // empty: in memory alone
  FolderOptions state;
  Sync sync = Sync::kAlways;
  unsigned parsers = 1;  // threads that parse ahead of the fold
  bool decide = true;    // false: history is taken over, and nothing decided
  // Looks up the addresses of orders that bring no `geo`; null: nobody does. Outlives the pipeline.
  const GeoDatabase* geo = nullptr;
  bool render = true;        // write decisions as JSON; with a log they always are
  std::size_t waiting = 16;  // batches before a stage; Submit waits when there are more
};

class Pipeline {
 public:
  // Called with answers in the order of their inputs, by one thread. `idle`: no more are on their
  // way. False stops the pipeline.
  using Sink = std::function<bool(std::span<SubmissionResult> answers, bool idle)>;

  // Errors: as DataFolder::Open.
  static Result<std::unique_ptr<Pipeline>> Open(std::shared_ptr<const Pack> pack,
                                                const PipelineOptions& options, Sink sink,
                                                const ReplayProgress& progress = {});
  // Ends as after a crash when Close was not called; nothing that was answered is lost.
  ~Pipeline();

  // Hands an input over. False once the pipeline has stopped: Close says why.
  // Threads: one.
  bool Submit(Submission input);

  // Lets what was submitted go on its way, where the next input may be long in coming.
  bool Flush();

  // True once nothing more is taken in, by Close or by a fault; Close says which.
  bool stopped() const;

  // The log of the folder; null in memory. To be read by any thread until Close.
  const EventLog* log() const;

  // Waits until everything that was submitted is answered, puts the state on disk and ends the
  // threads. Called again it says the same. Errors: the one that stopped the pipeline, after which
  // no answer has left.
  Status Close();

 private:
  class Stages;
  explicit Pipeline(std::unique_ptr<Stages> stages);
  std::unique_ptr<Stages> stages_;
};

}  // namespace holdfast
