// Pipeline: takes inputs and emits answers in the same order. Each stage has its own threads.
//
//   Submit -> parse (any number) -> fold (one a shard) -> commit -> emit
//
// The queues between the stages are bounded: Submit blocks while they are full. With a data folder
// an answer is emitted when its events, and all earlier ones, are in the log; see Sync. Events that
// arrive during a sync share the next one.
//
// The answers do not depend on the number of threads or shards: offsets are assigned in the order
// of the inputs, and all events of a merchant are handled by one shard.
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

// When an event is synced to disk.
enum class Sync : std::uint8_t {
  kAlways,    // before its answer is sent
  kInterval,  // within a second after it; a power failure may lose that second
  kNever,     // when the operating system writes it
};

// Checks what the sender of an event is allowed to send. The server implements it (Principal).
// Threads: any; called by the threads that parse.
class Admission {
 public:
  // What was changed of an event. kMerchant: nothing but that it has the sender's merchant now.
  enum class Change : std::uint8_t { kNone, kMerchant, kMore };

  virtual ~Admission() = default;
  // Checks the event, and sets or removes the fields that only Holdfast may set. `seen`: see
  // Preconditions::seen. Errors: the reason why the event is refused.
  virtual Result<Change> Admit(Event& event, const std::optional<std::uint64_t>& seen) const = 0;
};

// One input: `text`, which is an event or a bare order as JSON; or `event`; or a request to a
// shard.
struct Submission {
  std::int64_t tag = 0;  // for the caller's use
  std::string text;
  std::shared_ptr<Event> event;
  std::optional<Error> error;     // set by a caller that refuses it; answered in order
  std::vector<std::string> raw;   // for the caller's use
  std::shared_ptr<void> request;  // for the caller's use

  std::shared_ptr<const Admission> admission;  // null: trusted, may send any event
  Preconditions terms;                         // as for Engine::Apply

  // A request to shard `shard`, handled in the order of submission. `now`: applies deadlines that
  // are due at that time; the answer has their events. `look`: is called with the shard's engine,
  // after everything submitted before; the answer is emitted when that is in the log.
  std::uint32_t shard = 0;
  std::optional<EventTime> now;
  std::function<void(const Engine& engine)> look;
};

// An event that was applied: the submitted one, or one that Holdfast made (a deadline, an alert, a
// joined event).
struct AppliedEvent {
  std::shared_ptr<Event> event;
  std::string text;  // the event as logged; empty without a log
  Applied applied;
  std::string json;  // the decision; empty: none
};

struct SubmissionResult {
  Submission input;                 // `error` says why it was refused
  bool duplicate = false;           // the same event was accepted before
  std::vector<std::string> again;   // of a duplicate: its first decisions; none without a log
  std::uint64_t first = 0;          // of a duplicate: the offset of the first
  bool permit_stands = false;       // of a duplicate: the permit in `again` is still valid
  std::vector<AppliedEvent> taken;  // in the order of their offsets
};

struct PipelineOptions {
  std::string folder;  // empty: in memory only
  FolderOptions state;
  Sync sync = Sync::kAlways;
  unsigned parsers = 1;  // threads that parse ahead of the fold
  bool decide = true;    // false: import history without deciding
  // Looks up the IP addresses of orders without `geo`; null: no lookup. Must outlive the pipeline.
  const GeoDatabase* geo = nullptr;
  bool render = true;        // write decisions as JSON; with a log they always are
  std::size_t waiting = 16;  // batches queued before a stage; Submit blocks beyond that
};

class Pipeline {
 public:
  // Receives the answers, in the order of their inputs, on one thread. `idle`: no further answers
  // are pending. Returning false stops the pipeline.
  using Sink = std::function<bool(std::span<SubmissionResult> answers, bool idle)>;

  // Errors: as DataFolder::Open.
  static Result<std::unique_ptr<Pipeline>> Open(std::shared_ptr<const Pack> pack,
                                                const PipelineOptions& options, Sink sink,
                                                const ReplayProgress& progress = {});
  // Without Close the state on disk is left as after a crash. Nothing that was answered is lost.
  ~Pipeline();

  // Queues an input. Returns false once the pipeline has stopped; Close returns the reason.
  // Threads: one.
  bool Submit(Submission input);

  // Passes the inputs submitted so far to the next stage without waiting for a full batch. Returns
  // false once the pipeline has stopped.
  bool Flush();

  // True once no more inputs are accepted, because of an error or because the sink returned false.
  bool stopped() const;

  // The log of the folder; null without a folder. Any thread may read it until Close.
  const EventLog* log() const;

  // Waits until all inputs are answered, writes the state to disk and ends the threads. A further
  // call returns the same error. Errors: the one that stopped the pipeline; no answer is emitted
  // after it.
  Status Close();

 private:
  class Stages;
  explicit Pipeline(std::unique_ptr<Stages> stages);
  std::unique_ptr<Stages> stages_;
};

}  // namespace holdfast
