// ServiceRuntime: the pipeline, the outbox and the monitor of a running service, without its
// network.
//
// Submit passes inputs to the pipeline at once; the sender is called back when they are in the log.
// No function here blocks the caller's thread. While the pack is being replaced, inputs wait,
// within the same limits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/outbox/outbox.h"
#include "engine/pipeline/pipeline.h"
#include "engine/server/alert_monitor.h"
#include "engine/server/config.h"
#include "engine/server/in_flight.h"
#include "engine/server/metrics.h"
#include "engine/server/outbox_monitor.h"
#include "engine/server/overdue_monitor.h"
#include "engine/server/security/permit_keys.h"
#include "engine/server/served_pack.h"
#include "engine/server/worker.h"
#include "engine/signals/geo.h"

namespace holdfast {

// Functions that the program which runs the service provides.
struct ServiceHooks {
  // Runs a task soon on a thread that serves requests, after its current work.
  std::function<void(std::function<void()> task)> post;
  std::function<EventTime()> now;
};

// A pack to activate, and what the log says about it.
struct PackToActivate {
  std::string path;  // its folder; empty: it is stored, see PackStore
  std::string hash;  // empty: whatever is at `path`
  std::string by, reason, gate;
};

class ServiceRuntime {
 public:
  using Done = std::function<void(std::vector<SubmissionResult> answers)>;

  // Opens the data folder and starts everything. `geo` may be null; it outlives the runtime. The
  // first start of a service activates its pack. Errors: as Pipeline::Open and Outbox::Start; as
  // ChoosePack, with the findings in `diagnostics`; as StorePack; those of PermitKeys::Load.
  static Result<std::unique_ptr<ServiceRuntime>> Start(std::shared_ptr<const ServeConfig> config,
                                                       GeoDatabase* geo, ServiceHooks hooks,
                                                       Diagnostics& diagnostics,
                                                       const ReplayProgress& progress,
                                                       StartWith how = StartWith::kConfigured);
  ~ServiceRuntime();

  // Submits inputs of `who`, a key or a webhook. `done` gets their answers, in order, on a thread
  // that serves requests, once they are in the log. Returns false, and does not call `done`, when
  // too much is in flight, of all senders or of this one (see LimitConfig), or when the runtime has
  // failed (see failed).
  bool Submit(std::string_view who, std::vector<Submission> inputs, Done done);

  // Calls `look` with the engine that has the merchant's state, then `then` on a thread that serves
  // requests. Returns false when too many such calls are pending. They have their own limit, apart
  // from that of inputs.
  bool ReadState(std::string_view merchant, std::function<void(const Engine& engine)> look,
                 std::function<void()> then);

  // Queues a task, which may wait for a disk, for the worker thread; tasks run one after another,
  // also when the runtime has failed. Returns false when too many are waiting.
  bool PostToWorker(std::function<void()> task);

  // Raises an alert, at most once for each `about`. It is also written to the service's log.
  void Alert(const std::string& merchant, const std::string& order_id, const std::string& name,
             const std::string& about, const std::string& text);

  // To be called about once a second.
  void Tick();
  // The first part of Tick. If the state or the log could not be read or written, all waiting
  // requests are answered with an error.
  void EndIfStopped();

  // Replaces the pack: stores its files, and logs an event pack.activated before anything that the
  // pack decides. `done` gets the result of the event in the worker's thread. If the pack cannot be
  // replaced, the old one stays in use, and `done` is not called. Threads: the worker's.
  // Errors: kInvalidPack, with the findings; kConflict when it does not have the hash; kNotFound
  // when it is not stored; as StorePack; those of Pipeline::Open.
  using Activated = std::function<void(const Status& logged)>;
  Status Activate(const PackToActivate& wanted, Diagnostics& diagnostics, Activated done);
  // Takes over the new settings that do not concern the network. The pack stays. Errors: those of
  // PermitKeys::Load; as CheckPermits. Threads: the worker's.
  Status Reload(std::shared_ptr<const ServeConfig> config);
  // Threads: the worker's.
  const PackIndex& packs() const { return packs_; }

  // Waits until all inputs are answered, then stops. Errors: as Pipeline::Close.
  Status Stop();

  // Only in the worker's thread, not during Activate, and only while it has not failed.
  const EventLog& log() const { return *pipeline_->log(); }

  std::shared_ptr<const ServeConfig> config() const { return config_.load(); }
  // Never null; without keys nothing is signed.
  std::shared_ptr<const PermitKeys> permits() const { return permits_.load(); }
  std::shared_ptr<const Pack> pack() const;
  std::uint64_t last() const { return last_; }  // the last record that is in the log
  bool failed() const { return failed_; }
  bool ready() const { return !failed_ && !changing_; }
  std::size_t in_flight() const { return limits_.events(); }
  Metrics& metrics() { return metrics_; }
  AlertMonitor& monitor() { return monitor_; }
  std::vector<EndpointState> endpoints() const;  // as of the last tick
  // See Outbox::DeliveriesOf; empty while there is no outbox.
  std::vector<DeliveryStatus> DeliveriesOf(std::string_view merchant, std::uint64_t offset) const;
  EventTime Now() const { return hooks_.now(); }
  const ServiceHooks& hooks() const { return hooks_; }

  // Sets a function that is called in the worker's thread when the log has new records.
  void OnMore(std::function<void()> more);

 private:
  struct Batch;
  using BatchPtr = std::shared_ptr<Batch>;

  ServiceRuntime(std::shared_ptr<const ServeConfig> config, GeoDatabase* geo, ServiceHooks hooks);
  Status Open(std::shared_ptr<const Pack> pack, const std::string& path,
              const ReplayProgress& progress);
  // `first`: the first event for the new pack's pipeline.
  Status Change(std::shared_ptr<const Pack> pack, const std::string& path,
                std::shared_ptr<Event> first, Done done);
  Status ChangeTo(std::shared_ptr<const Pack> pack, const std::string& path,
                  std::shared_ptr<Event> first, Done done);
  // `configured_hash`: see ServedPack.
  Status KeepStarted(const std::string& configured_hash);
  // The callback of an event pack.activated: adds it to the index, in the worker's thread.
  Done RecordActivation(std::string hash, Activated done);
  static BatchPtr MakeBatch(std::vector<Submission>& inputs, Done done, InFlight* in_flight);
  // `in_flight`: null when the inputs do not count as in flight.
  bool Enqueue(std::vector<Submission> inputs, Done done, InFlight* in_flight);
  // `held`: of mutex_.
  void SubmitLocked(const std::lock_guard<std::mutex>& held, std::vector<Submission> inputs);
  void Flush();
  bool Emit(std::span<SubmissionResult> answers);
  void FailWith(const Status& status);
  void SubmitOwn(std::shared_ptr<Event> event);
  void WatchOutbox();
  void WatchHeld();
  void NotifyMore();
  void Raise(const std::vector<AlertMonitor::Finding>& findings);

  std::atomic<std::shared_ptr<const ServeConfig>> config_;
  std::atomic<std::shared_ptr<const PermitKeys>> permits_;
  GeoDatabase* const geo_;
  const ServiceHooks hooks_;
  Metrics metrics_;
  AlertMonitor monitor_;
  OverdueMonitor overdue_;
  InFlightLimits limits_;

  mutable std::mutex mutex_;  // of what follows
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Outbox> outbox_;
  std::shared_ptr<const Pack> pack_;
  std::string pack_path_;                          // to open it again
  std::deque<std::vector<Submission>> held_back_;  // while the pack changes
  std::unordered_set<BatchPtr> batches_;           // that are not answered
  std::function<void()> more_;
  std::size_t unflushed_ = 0;             // inputs since the last Flush
  std::vector<EndpointState> endpoints_;  // as of the last tick
  OutboxMonitor outbox_monitor_;

  std::atomic<bool> changing_ = false, failed_ = false, flush_posted_ = false, more_posted_ = false;
  std::atomic<std::uint64_t> last_ = 0;
  std::atomic<bool> ticking_ = false;
  std::atomic<std::size_t> state_reads_ = 0;  // calls of ReadState that are not answered

  // Of the worker's thread:
  PackIndex packs_;
  int activating_ = 0;  // activations that are not in packs_ yet
  bool stopped_ = false;
  Worker worker_{5'000};
};

}  // namespace holdfast
