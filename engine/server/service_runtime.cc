#include "engine/server/service_runtime.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"
#include "engine/pipeline/own_events.h"
#include "engine/pipeline/replay.h"
#include "engine/server/log.h"
#include "engine/server/outbox_monitor.h"

namespace holdfast {

// Inputs that were enqueued together, and their results.
struct ServiceRuntime::Batch {
  std::vector<SubmissionResult> answers;
  std::atomic<std::size_t> left = 0;
  std::size_t bytes = 0;
  InFlight* in_flight = nullptr;  // null: not counted as in flight
  Done done;
};

namespace {

// The event that says that `pack` is active. Errors: those of a text that is too long.
Result<std::shared_ptr<Event>> MakeActivation(const Pack& pack, const PackToActivate& wanted,
                                              EventTime now) {
  JsonObject change;
  change.Text("name", pack.name).Number("version", pack.version).Text("hash", pack.hash);
  change.GivenText("reason", wanted.reason).GivenText("by", wanted.by);
  change.GivenText("gate", wanted.gate);
  const std::string text = JsonObject()
                               .Text("id", "pack " + EncodeHex(RandomBytes(12)))
                               .Text("type", "pack.activated")
                               .Text("occurred_at", FormatRfc3339(now))
                               .Raw("pack", change.Done())
                               .Done();
  auto event = std::make_shared<Event>();
  JsonEventParser parser(UnknownFields::kRefuse);
  if (Status parsed = parser.Parse(text, *event); !parsed) return tl::unexpected(parsed.error());
  return event;
}

}  // namespace

ServiceRuntime::ServiceRuntime(std::shared_ptr<const ServeConfig> config, GeoDatabase* geo,
                               ServiceHooks hooks)
    : config_(std::move(config)), geo_(geo), hooks_(std::move(hooks)) {
  monitor_.SetNow(hooks_.now());
  const auto settings = this->config();
  for (const WebhookConfig& webhook : settings->webhooks) {
    monitor_.AddFeed(webhook.provider, webhook.settings.merchant, hooks_.now());
  }
}

Result<std::unique_ptr<ServiceRuntime>> ServiceRuntime::Start(
    std::shared_ptr<const ServeConfig> config, GeoDatabase* geo, ServiceHooks hooks,
    Diagnostics& diagnostics, const ReplayProgress& progress, StartWith how) {
  std::unique_ptr<ServiceRuntime> runtime(
      new ServiceRuntime(std::move(config), geo, std::move(hooks)));
  const auto permits = LoadPermitKeys(*runtime->config());
  if (!permits) return tl::unexpected(permits.error());
  runtime->permits_ = *permits;
  auto chosen = ChoosePack(*runtime->config(), *runtime->permits(), how, diagnostics);
  if (!chosen) return tl::unexpected(chosen.error());
  runtime->packs_ = std::move(chosen->index);
  if (Status opened = runtime->Open(std::move(chosen->pack), chosen->path, progress); !opened) {
    return tl::unexpected(opened.error());
  }
  if (Status kept = runtime->KeepStarted(chosen->configured_hash); !kept) {
    return tl::unexpected(kept.error());
  }
  // The last records of the log show which payments were not yet decided at the start.
  constexpr std::uint64_t kLookBack = 50'000;
  const std::uint64_t last = runtime->last_;
  (void)ReplayLog(runtime->log(), last > kLookBack ? last - kLookBack + 1 : 1,
                  [&](const Replayed& replayed) -> Status {
                    runtime->monitor_.See(*replayed.event, !replayed.decision.empty());
                    return {};
                  });
  return runtime;
}

ServiceRuntime::~ServiceRuntime() { (void)Stop(); }

Status ServiceRuntime::Open(std::shared_ptr<const Pack> pack, const std::string& path,
                            const ReplayProgress& progress) {
  PipelineOptions options;
  options.folder = config()->data;
  options.state.shards = config()->shards;
  options.state.replay_max = config()->max_replay;
  options.state.cache_bytes = config()->cache_mb << 20;
  options.parsers = static_cast<unsigned>(config()->parsers);
  options.geo = geo_;
  // The number in flight is limited here, so that Submit never has to wait.
  options.waiting = config()->limits.in_flight + 10'000;
  auto opened = Pipeline::Open(
      pack, options, [this](std::span<SubmissionResult> answers, bool) { return Emit(answers); },
      progress);
  if (!opened) return tl::unexpected(opened.error());
  const EventLog& log = *(*opened)->log();
  auto outbox =
      Outbox::Start(log, config()->data + "/outbox", config()->outbox,
                    [this](std::string& decision) { SetPermit(permits()->signer(), decision); });
  if (!outbox) {
    (void)(*opened)->Close();
    return tl::unexpected(outbox.error());
  }
  const std::lock_guard lock(mutex_);
  last_ = log.last();
  pipeline_ = std::move(*opened);
  outbox_ = std::move(*outbox);
  pack_ = std::move(pack);
  pack_path_ = path;
  return {};
}

// ---- submission and results ---------------------------------------------------------------------

bool ServiceRuntime::Submit(std::string_view who, std::vector<Submission> inputs, Done done) {
  std::size_t bytes = 0;
  for (const Submission& input : inputs) bytes += input.text.size();
  InFlight* const sender = limits_.FindRoom(who, inputs.size(), bytes, config()->limits);
  return sender != nullptr && Enqueue(std::move(inputs), std::move(done), sender);
}

ServiceRuntime::BatchPtr ServiceRuntime::MakeBatch(std::vector<Submission>& inputs, Done done,
                                                   InFlight* in_flight) {
  auto batch = std::make_shared<Batch>();
  for (const Submission& input : inputs) batch->bytes += input.text.size();
  batch->in_flight = in_flight;
  batch->done = std::move(done);
  batch->answers.resize(inputs.size());
  batch->left = inputs.size();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i].tag = static_cast<std::int64_t>(i);
    inputs[i].request = batch;
  }
  return batch;
}

bool ServiceRuntime::Enqueue(std::vector<Submission> inputs, Done done, InFlight* in_flight) {
  if (failed_) return false;
  const BatchPtr batch = MakeBatch(inputs, std::move(done), in_flight);
  const std::lock_guard lock(mutex_);
  if (failed_) return false;
  if (in_flight != nullptr) limits_.Add(*in_flight, batch->answers.size(), batch->bytes);
  batches_.insert(batch);
  if (changing_) {
    held_back_.push_back(std::move(inputs));
  } else {
    SubmitLocked(lock, std::move(inputs));
  }
  return true;
}

void ServiceRuntime::SubmitLocked(const std::lock_guard<std::mutex>&,
                                  std::vector<Submission> inputs) {
  for (Submission& input : inputs) {
    if (!pipeline_->Submit(std::move(input))) return;  // Tick handles the failure
  }
  // A few at a time: while the first are folded, the next are parsed.
  constexpr std::size_t kTogether = 16;
  unflushed_ += inputs.size();
  if (unflushed_ >= kTogether) {
    unflushed_ = 0;
    (void)pipeline_->Flush();
    return;
  }
  // Inputs that arrive at the same time share a batch.
  if (flush_posted_.exchange(true)) return;
  hooks_.post([this] { Flush(); });
}

void ServiceRuntime::Flush() {
  flush_posted_ = false;
  const std::lock_guard lock(mutex_);
  unflushed_ = 0;
  if (!changing_ && pipeline_ != nullptr) (void)pipeline_->Flush();
}

// Calls OnMore's function soon, once for several notifications.
void ServiceRuntime::NotifyMore() {
  const auto more = [this] {
    const std::lock_guard lock(mutex_);
    return more_;
  };
  if (more() == nullptr || more_posted_.exchange(true)) return;
  const bool posted = PostToWorker([this, more] {
    more_posted_ = false;
    if (const auto function = more()) function();
  });
  if (!posted) more_posted_ = false;
}

// Runs in the pipeline's last thread.
bool ServiceRuntime::Emit(std::span<SubmissionResult> answers) {
  std::vector<BatchPtr> finished;
  const EventTime now = hooks_.now();
  std::uint64_t last = 0;
  for (SubmissionResult& answer : answers) {
    if (answer.input.error) {
      metrics_.AddRefused();
    } else if (answer.duplicate) {
      metrics_.AddDuplicate();
    }
    for (const AppliedEvent& taken : answer.taken) {
      metrics_.AddTaken();
      if (const auto& decision = taken.applied.decision) {
        metrics_.AddDecision(decision->outcome, decision->cause);
        overdue_.AddDecided(*decision, now);
      }
      monitor_.See(*taken.event, taken.applied.decision.has_value());
      last = taken.applied.offset;
      if (taken.event->type == EventType::kAlertRaised) {
        metrics_.AddAlert(taken.event->alert->name);
        Log(LogLevel::kWarn, "alert " + std::string(taken.event->alert->name) + ": " +
                                 std::string(taken.event->alert->text) + " (merchant " +
                                 std::string(taken.event->merchant) + ")");
      }
    }
    auto batch = std::static_pointer_cast<Batch>(std::move(answer.input.request));
    const auto at = static_cast<std::size_t>(answer.input.tag);
    batch->answers[at] = std::move(answer);
    if (--batch->left == 0) finished.push_back(std::move(batch));
  }
  if (last > 0) {
    last_ = last;
    NotifyMore();
  }
  if (finished.empty()) return true;
  {
    const std::lock_guard lock(mutex_);
    for (const BatchPtr& batch : finished) batches_.erase(batch);
  }
  hooks_.post([this, finished = std::move(finished)] {
    for (const BatchPtr& batch : finished) {
      if (batch->in_flight != nullptr) {
        limits_.Remove(*batch->in_flight, batch->answers.size(), batch->bytes);
      }
      if (batch->done) batch->done(std::move(batch->answers));
    }
  });
  return true;
}

bool ServiceRuntime::ReadState(std::string_view merchant,
                               std::function<void(const Engine& engine)> look,
                               std::function<void()> then) {
  Submission input;
  input.look = std::move(look);
  input.shard = ShardOf(merchant, config()->shards);
  constexpr std::size_t kReadsMost = 1'000;
  if (++state_reads_ > kReadsMost) {
    --state_reads_;
    return false;
  }
  std::vector<Submission> inputs;
  inputs.push_back(std::move(input));
  const auto end = [this, then = std::move(then)](std::vector<SubmissionResult>) {
    --state_reads_;
    if (then) then();
  };
  if (Enqueue(std::move(inputs), end, nullptr)) return true;
  --state_reads_;
  return false;
}

bool ServiceRuntime::PostToWorker(std::function<void()> task) {
  return worker_.Do(std::move(task));
}

void ServiceRuntime::OnMore(std::function<void()> more) {
  const std::lock_guard lock(mutex_);
  more_ = std::move(more);
}

void ServiceRuntime::SubmitOwn(std::shared_ptr<Event> event) {
  if (event == nullptr) return;
  Submission input;
  input.event = std::move(event);
  std::vector<Submission> inputs;
  inputs.push_back(std::move(input));
  (void)Enqueue(std::move(inputs), {}, nullptr);
}

void ServiceRuntime::Alert(const std::string& merchant, const std::string& order_id,
                           const std::string& name, const std::string& about,
                           const std::string& text) {
  SubmitOwn(MakeAlert(merchant, order_id, name, about, hooks_.now(), text));
}

void ServiceRuntime::Raise(const std::vector<AlertMonitor::Finding>& findings) {
  for (const AlertMonitor::Finding& found : findings) {
    Alert(found.merchant, found.order_id, found.name, found.about, found.text);
  }
}

// ---- time ---------------------------------------------------------------------------------------

void ServiceRuntime::EndIfStopped() {
  bool failing = false;
  {
    // From here on the pack does not change; see Change.
    const std::lock_guard lock(mutex_);
    const bool stopped = !changing_ && pipeline_ != nullptr && pipeline_->stopped();
    if (stopped && !failed_.exchange(true)) failing = true;
  }
  if (failing) FailWith(pipeline_ == nullptr ? Status() : pipeline_->Close());
}

void ServiceRuntime::Tick() {
  EndIfStopped();
  if (failed_ || changing_) return;
  const EventTime now = hooks_.now();
  // One request about the time per shard at once. A fold that is behind must not get more and more
  // of them.
  if (!ticking_.exchange(true)) {
    std::vector<Submission> inputs;
    for (std::uint32_t shard = 0; shard < config()->shards; ++shard) {
      Submission& input = inputs.emplace_back();
      input.now = now;
      input.shard = shard;
    }
    if (!Enqueue(
            std::move(inputs), [this](std::vector<SubmissionResult>) { ticking_ = false; },
            nullptr)) {
      ticking_ = false;
    }
  }
  const auto settings = config();
  const AlertConfig& alerts = settings->alerts;
  Raise(monitor_.Look(now, alerts.paid_not_decided_seconds, alerts.silent_feed_seconds));
  WatchOutbox();
  WatchHeld();
  metrics_.SetInFlight(static_cast<double>(in_flight()));
  metrics_.SetLog(static_cast<double>(last_));
  metrics_.SetUndecided(static_cast<double>(monitor_.undecided()));
  if (geo_ != nullptr) {
    std::vector<Error> faults;
    if (geo_->Refresh(faults)) Log(LogLevel::kInfo, "files of IP addresses were read again");
    for (const Error& fault : faults) Log(LogLevel::kWarn, fault.Text());
  }
}

void ServiceRuntime::WatchOutbox() {
  std::vector<EndpointState> states;
  std::vector<AlertMonitor::Finding> found;
  {
    const std::lock_guard lock(mutex_);
    if (outbox_ == nullptr) return;
    states = endpoints_ = outbox_->States();
    found = outbox_monitor_.Check(*config(), states);
  }
  for (const EndpointState& state : states) {
    metrics_.SetEndpoint(state.name, static_cast<double>(state.behind),
                         static_cast<double>(state.waiting), static_cast<double>(state.dead),
                         static_cast<double>(state.lag_seconds), state.open_circuit);
  }
  Raise(found);
}

void ServiceRuntime::WatchHeld() {
  const auto check = overdue_.Begin(hooks_.now(), config()->shards);
  if (check == nullptr) return;
  std::vector<Submission> inputs(config()->shards);
  for (std::uint32_t shard = 0; shard < inputs.size(); ++shard) {
    inputs[shard].shard = shard;
    inputs[shard].look = [check, shard](const Engine& engine) { check->Read(shard, engine); };
  }
  const auto end = [this, check](std::vector<SubmissionResult>) {
    std::size_t held = 0;
    for (const OverdueMonitor::Overdue& one : overdue_.End(*check, held)) {
      const std::string time = FormatRfc3339(one.review_by);
      Alert(one.merchant, one.order_id, "hold-overdue", one.order_id + " " + time,
            "Order " + one.order_id + " should have been reviewed by " + time);
    }
    metrics_.SetHeld(static_cast<double>(held));
  };
  if (!Enqueue(std::move(inputs), end, nullptr)) overdue_.Abandon();
}

// ---- another pack -------------------------------------------------------------------------------

// Stores the pack of a service and the index at its start; at the first start, logs the activation.
Status ServiceRuntime::KeepStarted(const std::string& configured_hash) {
  const auto settings = config();
  if (!IsService(*settings)) return {};
  if (Status stored = StorePack(*pack_, pack_path_, settings->data); !stored) return stored;
  const bool first = packs_.active().empty();
  packs_.log = EncodeHex(log().name());
  if (!configured_hash.empty()) {
    packs_.configured = settings->pack;
    packs_.configured_hash = configured_hash;
  }
  if (first) packs_.begun = last_ + 1;
  if (Status written = WritePackIndex(packs_, settings->data); !written || !first) return written;
  const PackToActivate wanted{
      {}, {}, "holdfast", "the pack of the configuration, at the first start", {}};
  auto event = MakeActivation(*pack_, wanted, hooks_.now());
  if (!event) return tl::unexpected(event.error());
  std::vector<Submission> inputs(1);
  inputs[0].event = std::move(*event);
  const Activated logged = [](const Status& status) {
    if (!status) Log(LogLevel::kError, "the first activation: " + status.error().Text());
  };
  (void)Enqueue(std::move(inputs), RecordActivation(pack_->hash, logged), nullptr);
  return {};
}

ServiceRuntime::Done ServiceRuntime::RecordActivation(std::string hash, Activated done) {
  ++activating_;
  return [this, hash = std::move(hash),
          done = std::move(done)](std::vector<SubmissionResult> answers) {
    Status logged;
    std::uint64_t offset = 0;
    if (answers[0].input.error) {
      logged = tl::unexpected(*answers[0].input.error);
    } else if (!answers[0].taken.empty()) {
      offset = answers[0].taken.back().applied.offset;
    }
    const bool posted = PostToWorker([this, hash, done, logged, offset] {
      --activating_;
      if (offset > 0) {
        packs_.activations.push_back({offset, hash});
        if (activating_ == 0) packs_.begun = std::nullopt;
        // Without the index the next start finds the activation in the log.
        if (Status kept = WritePackIndex(packs_, config()->data); !kept) {
          Log(LogLevel::kError, kept.error().Text());
        }
      }
      done(logged);
    });
    if (!posted) done(logged);
  };
}

Status ServiceRuntime::Activate(const PackToActivate& wanted, Diagnostics& diagnostics,
                                Activated done) {
  const std::string data = config()->data;
  if (wanted.path.empty() && !IsPackStored(data, wanted.hash)) {
    return Fail(ErrorCode::kNotFound, wanted.hash, "is no pack that the data folder has stored");
  }
  const std::string path = wanted.path.empty() ? StoredPackPath(data, wanted.hash) : wanted.path;
  auto pack = LoadServedPack(path, *config_.load(), *permits_.load(), diagnostics);
  if (!pack) return tl::unexpected(pack.error());
  if (!wanted.hash.empty() && wanted.hash != (*pack)->hash) {
    return Fail(ErrorCode::kConflict, path,
                "is another pack than the one that was judged: " + (*pack)->hash);
  }
  auto event = MakeActivation(**pack, wanted, hooks_.now());
  if (!event) return tl::unexpected(event.error());
  if (Status stored = StorePack(**pack, path, data); !stored) return stored;
  // If the process ends before the index has the activation, the next start looks for it from here.
  if (!packs_.begun) packs_.begun = last_ + 1;
  packs_.log = EncodeHex(log().name());
  if (Status written = WritePackIndex(packs_, data); !written) return written;
  Done logged = RecordActivation((*pack)->hash, std::move(done));
  Status changed = Change(std::move(*pack), path, std::move(*event), std::move(logged));
  if (!changed) --activating_;
  return changed;
}

Status ServiceRuntime::Reload(std::shared_ptr<const ServeConfig> config) {
  auto merged = std::make_shared<ServeConfig>(MergeReloaded(*this->config(), *config));
  const auto permits = LoadPermitKeys(*merged);
  if (!permits) return tl::unexpected(permits.error());
  const auto active = pack();
  if (Status fine = CheckPermits(*active, merged->permits, *merged, **permits); !fine) return fine;
  permits_ = *permits;
  config_ = std::move(merged);
  const auto settings = this->config();
  for (const WebhookConfig& webhook : settings->webhooks) {
    monitor_.AddFeed(webhook.provider, webhook.settings.merchant, hooks_.now());
  }
  Diagnostics ignored;
  const auto configured = LoadPack(settings->pack, ignored);
  const bool accepted =
      configured != nullptr &&
      (configured->hash == active->hash ||
       (settings->pack == packs_.configured && configured->hash == packs_.configured_hash));
  if (!accepted) {
    Log(LogLevel::kWarn, "the pack " + settings->pack +
                             " of the configuration is not the active one, " + active->hash +
                             ", and was changed since the start; `holdfast packs activate` "
                             "activates it. Without that the next start is refused, except with "
                             "--active-pack");
  }
  return {};
}

// Closes the pipeline and opens it again with `pack`. New inputs wait meanwhile.
Status ServiceRuntime::Change(std::shared_ptr<const Pack> pack, const std::string& path,
                              std::shared_ptr<Event> first, Done done) {
  try {
    return ChangeTo(std::move(pack), path, std::move(first), std::move(done));
  } catch (const std::exception& fault) {
    // The service cannot continue with a half-finished change.
    const auto failed = Fail(ErrorCode::kInternal, "pack", fault.what());
    FailWith(failed);
    return failed;
  }
}

Status ServiceRuntime::ChangeTo(std::shared_ptr<const Pack> pack, const std::string& path,
                                std::shared_ptr<Event> first, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_) {
      return Fail(ErrorCode::kUnavailable, {}, "the service has stopped taking events");
    }
    changing_ = true;
    outbox_.reset();
  }
  const auto old = pack_;
  const std::string old_path = pack_path_;
  Status closed = pipeline_->Close();
  Status opened = closed;
  if (closed) {
    {
      const std::lock_guard lock(mutex_);
      pipeline_.reset();
    }
    opened = Open(pack, path, {});
    // The old pack's state may have been removed; it is computed again.
    if (!opened && !Open(old, old_path, {})) closed = opened;
  }
  if (!closed) {
    FailWith(closed);
    return closed;
  }
  const std::lock_guard lock(mutex_);
  changing_ = false;
  if (opened) {
    std::vector<Submission> inputs(1);
    inputs[0].event = std::move(first);
    batches_.insert(MakeBatch(inputs, std::move(done), nullptr));
    SubmitLocked(lock, std::move(inputs));
  }
  for (std::vector<Submission>& inputs : held_back_) SubmitLocked(lock, std::move(inputs));
  held_back_.clear();
  return opened;
}

// Accepts no more inputs. All waiting requests are answered with an error.
void ServiceRuntime::FailWith(const Status& status) {
  std::unordered_set<BatchPtr> batches;
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    batches.swap(batches_);
    held_back_.clear();
  }
  Log(LogLevel::kError, "the service cannot go on: " +
                            (status ? std::string("it was stopped") : status.error().Text()));
  const Error error{
      ErrorCode::kUnavailable,
      {},
      "the service has stopped taking events; what was not answered may be sent again"};
  for (const BatchPtr& batch : batches) {
    for (SubmissionResult& answer : batch->answers) {
      if (answer.taken.empty() && !answer.duplicate) answer.input.error = error;
    }
    if (batch->done) batch->done(std::move(batch->answers));
  }
}

Status ServiceRuntime::Stop() {
  if (stopped_) return {};
  stopped_ = true;
  worker_.Stop();
  outbox_.reset();
  return pipeline_ == nullptr ? Status() : pipeline_->Close();
}

std::vector<DeliveryStatus> ServiceRuntime::DeliveriesOf(std::string_view merchant,
                                                         std::uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  if (outbox_ == nullptr) return {};
  return outbox_->DeliveriesOf(merchant, offset);
}
std::vector<EndpointState> ServiceRuntime::endpoints() const {
  const std::lock_guard lock(mutex_);
  return endpoints_;
}
std::shared_ptr<const Pack> ServiceRuntime::pack() const {
  const std::lock_guard lock(mutex_);
  return pack_;
}

}  // namespace holdfast
