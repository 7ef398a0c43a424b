#include "engine/server/service_runtime.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/file.h"
#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/pipeline/own_events.h"
#include "engine/pipeline/replay.h"
#include "engine/server/log.h"
#include "engine/server/served_pack.h"

namespace holdfast {

// Inputs that came together, and what has become of them.
struct ServiceRuntime::Batch {
  std::vector<SubmissionResult> answers;
  std::atomic<std::size_t> left = 0;
  std::size_t bytes = 0;
  InFlight* in_flight = nullptr;  // null: it does not count as in flight
  Done done;
};

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
    Diagnostics& diagnostics, const ReplayProgress& progress) {
  std::unique_ptr<ServiceRuntime> runtime(
      new ServiceRuntime(std::move(config), geo, std::move(hooks)));
  if (Status loaded = runtime->LoadPermits(*runtime->config()); !loaded) {
    return tl::unexpected(loaded.error());
  }
  const std::string path = ActivePackPath(*runtime->config());
  auto pack = LoadServedPack(path, *runtime->config(), *runtime->permits(), diagnostics);
  if (!pack) return tl::unexpected(pack.error());
  if (Status opened = runtime->Open(std::move(*pack), path, progress); !opened) {
    return tl::unexpected(opened.error());
  }
  // What was paid and not decided before the start is known again from the end of the log.
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

Status ServiceRuntime::LoadPermits(const ServeConfig& config) {
  if (config.permits.empty()) {
    permits_ = std::make_shared<const PermitKeys>();
    return {};
  }
  auto keys = PermitKeys::Load(config.permits);
  if (!keys) return tl::unexpected(keys.error());
  if ((*keys)->signer() == nullptr) {
    return Fail(ErrorCode::kCorrupt, config.permits,
                "has no key to sign with; give the file that `holdfast permit keygen` made, not "
                "its .pub");
  }
  permits_ = *keys;
  return {};
}

Status ServiceRuntime::Open(std::shared_ptr<const Pack> pack, const std::string& path,
                            const ReplayProgress& progress) {
  PipelineOptions options;
  options.folder = config()->data;
  options.state.shards = config()->shards;
  options.state.replay_max = config()->max_replay;
  options.state.cache_bytes = config()->cache_mb << 20;
  options.parsers = static_cast<unsigned>(config()->parsers);
  options.geo = geo_;
  // What is in flight is bounded here, so that Submit never has to wait.
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

// ---- in, and out again --------------------------------------------------------------------------

bool ServiceRuntime::Submit(std::string_view who, std::vector<Submission> inputs, Done done) {
  std::size_t bytes = 0;
  for (const Submission& input : inputs) bytes += input.text.size();
  const auto settings = config();
  const LimitConfig& limits = settings->limits;
  InFlight* in_flight = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_sender_.find(who);
    in_flight = known != by_sender_.end() ? &known->second : &by_sender_[std::string(who)];
  }
  const auto has_room = [&](const InFlight& of, std::size_t most, std::size_t most_bytes) {
    return of.events + inputs.size() <= most && of.bytes + bytes <= most_bytes;
  };
  if (!has_room(in_flight_, limits.in_flight, limits.in_flight_bytes)) return false;
  // What is larger than a share by itself could never be sent.
  if (in_flight->events > 0 && !has_room(*in_flight, LimitConfig::ShareOfOne(limits.in_flight),
                                         LimitConfig::ShareOfOne(limits.in_flight_bytes))) {
    return false;
  }
  return Enqueue(std::move(inputs), std::move(done), in_flight);
}

bool ServiceRuntime::Enqueue(std::vector<Submission> inputs, Done done, InFlight* in_flight) {
  if (failed_) return false;
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
  const std::lock_guard lock(mutex_);
  if (failed_) return false;
  Count(*batch, 1);
  batches_.insert(batch);
  if (changing_) {
    held_back_.push_back(std::move(inputs));
  } else {
    SubmitLocked(lock, std::move(inputs));
  }
  return true;
}

// `sign`: 1 when it comes, -1 when it is answered.
void ServiceRuntime::Count(const Batch& batch, int sign) {
  if (batch.in_flight == nullptr) return;
  const auto add = [&](InFlight& in_flight) {
    in_flight.events += static_cast<std::size_t>(sign) * batch.answers.size();
    in_flight.bytes += static_cast<std::size_t>(sign) * batch.bytes;
  };
  add(*batch.in_flight);
  if (batch.in_flight != &looks_) add(in_flight_);
}

void ServiceRuntime::SubmitLocked(const std::lock_guard<std::mutex>&,
                                  std::vector<Submission> inputs) {
  for (Submission& input : inputs) {
    if (!pipeline_->Submit(std::move(input))) return;  // Tick sees it
  }
  // A few at a time: while the first are folded the next are read.
  constexpr std::size_t kTogether = 16;
  unflushed_ += inputs.size();
  if (unflushed_ >= kTogether) {
    unflushed_ = 0;
    (void)pipeline_->Flush();
    return;
  }
  // What came at the same time goes together.
  if (flush_posted_.exchange(true)) return;
  hooks_.post([this] { Flush(); });
}

void ServiceRuntime::Flush() {
  flush_posted_ = false;
  const std::lock_guard lock(mutex_);
  unflushed_ = 0;
  if (!changing_ && pipeline_ != nullptr) (void)pipeline_->Flush();
}

// On the pipeline's last thread.
bool ServiceRuntime::Emit(std::span<SubmissionResult> answers) {
  std::vector<BatchPtr> finished;
  std::vector<Overdue> overdue;
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
        if (decision->review_by && *decision->review_by <= now) {
          overdue.push_back({decision->merchant, decision->order_id, *decision->review_by});
        }
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
    const bool wanted = [this] {
      const std::lock_guard lock(mutex_);
      return more_ != nullptr;
    }();
    if (wanted && !more_posted_.exchange(true)) {
      const bool posted = PostToWorker([this] {
        more_posted_ = false;
        std::function<void()> more;
        {
          const std::lock_guard lock(mutex_);
          more = more_;
        }
        if (more) more();
      });
      if (!posted) more_posted_ = false;
    }
  }
  if (finished.empty() && overdue.empty()) return true;
  {
    const std::lock_guard lock(mutex_);
    overdue_.insert(overdue_.end(), overdue.begin(), overdue.end());
    for (const BatchPtr& batch : finished) batches_.erase(batch);
  }
  hooks_.post([this, finished = std::move(finished)] {
    for (const BatchPtr& batch : finished) {
      Count(*batch, -1);
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
  constexpr std::size_t kLooks = 1'000;
  if (looks_.events >= kLooks) return false;
  std::vector<Submission> inputs;
  inputs.push_back(std::move(input));
  return Enqueue(
      std::move(inputs),
      [then = std::move(then)](std::vector<SubmissionResult>) {
        if (then) then();
      },
      &looks_);
}

bool ServiceRuntime::PostToWorker(std::function<void()> task) {
  return worker_.Do(std::move(task));
}

void ServiceRuntime::OnMore(std::function<void()> more) {
  const std::lock_guard lock(mutex_);
  more_ = std::move(more);
}

void ServiceRuntime::SubmitOwn(std::shared_ptr<Event> event) {
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

// ---- time ---------------------------------------------------------------------------------------

void ServiceRuntime::EndIfStopped() {
  bool failing = false;
  {
    // From here on nobody changes the pack: see Change.
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
  // One question about the time a shard at once: a fold that is behind must not be asked ever more.
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
  for (const AlertMonitor::Finding& found :
       monitor_.Look(now, alerts.paid_not_decided_seconds, alerts.silent_feed_seconds)) {
    Alert(found.merchant, found.order_id, found.name, found.about, found.text);
  }
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
  const auto settings = config();
  std::vector<EndpointState> states;
  {
    const std::lock_guard lock(mutex_);
    if (outbox_ == nullptr) return;
    states = outbox_->States();
    std::swap(states, endpoints_);
  }
  const std::vector<EndpointState>& before = states;
  constexpr std::int64_t kHour = 3600;
  for (const EndpointState& state : endpoints_) {
    metrics_.SetEndpoint(state.name, static_cast<double>(state.behind),
                         static_cast<double>(state.waiting), static_cast<double>(state.dead),
                         static_cast<double>(state.lag_seconds), state.open_circuit);
    const auto endpoint =
        std::find_if(settings->outbox.begin(), settings->outbox.end(),
                     [&](const EndpointConfig& one) { return one.name == state.name; });
    const std::string merchant = endpoint == settings->outbox.end() || endpoint->merchant.empty()
                                     ? std::string(kDefaultMerchant)
                                     : endpoint->merchant;
    if (state.lag_seconds > settings->alerts.outbox_lag_seconds) {
      const std::int64_t hour = hooks_.now().nanos / kNanosPerSecond / kHour;
      Alert(merchant, "", "outbox-lag", state.name + " " + std::to_string(hour),
            "Messages for " + state.name + " wait since " + std::to_string(state.lag_seconds) +
                " seconds; " + std::to_string(state.waiting) + " were tried" +
                (state.disabled ? "; the endpoint has answered 410 Gone" : ""));
    }
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const EndpointState& one) { return one.name == state.name; });
    if (old != before.end() && state.dead > old->dead) {
      Alert(merchant, "", "dead-letter", state.name + " " + std::to_string(state.dead),
            std::to_string(state.dead) + " messages for " + state.name +
                " could not be delivered in three days; `holdfast outbox` sends them again");
    }
  }
}

void ServiceRuntime::TellOverdue(const Overdue& overdue) {
  const std::string time = FormatRfc3339(overdue.review_by);
  Alert(overdue.merchant, overdue.order_id, "hold-overdue", overdue.order_id + " " + time,
        "Order " + overdue.order_id + " should have been reviewed by " + time);
}

// Holds past their time, from where the last look ended: each is told once.
void ServiceRuntime::WatchHeld() {
  if (looking_.exchange(true)) return;
  const EventTime now = hooks_.now();
  struct Seen {
    std::vector<Overdue> overdue;
    std::size_t held = 0;
  };
  const auto seen = std::make_shared<std::vector<Seen>>(config()->shards);
  std::vector<Submission> inputs(seen->size());
  std::map<std::string, EventTime> from;
  std::vector<Overdue> decided;
  {
    const std::lock_guard lock(mutex_);
    from = looked_until_;
    decided.swap(overdue_);
  }
  for (std::uint32_t shard = 0; shard < inputs.size(); ++shard) {
    inputs[shard].shard = shard;
    inputs[shard].look = [seen, shard, now, from, decided](const Engine& engine) {
      constexpr std::size_t kAtOnce = 1000;
      Seen& mine = (*seen)[shard];
      // What was late already when it was decided may lie before where the look begins.
      for (const Overdue& one : decided) {
        const auto held = engine.store().HeldOf(one.merchant, one.order_id);
        if (held && held->review_by == one.review_by) mine.overdue.push_back(one);
      }
      mine.held = engine.store().HeldCount();
      for (const std::string& merchant : engine.store().MerchantsWithHeld()) {
        const auto start = from.find(merchant);
        engine.store().ForHeld(merchant, start == from.end() ? EventTime{} : start->second,
                               [&](const std::string& order_id, const Held& one) {
                                 if (one.review_by > now) return false;
                                 mine.overdue.push_back({merchant, order_id, one.review_by});
                                 return mine.overdue.size() < kAtOnce;
                               });
      }
    };
  }
  const bool taken = Enqueue(
      std::move(inputs),
      [this, seen](std::vector<SubmissionResult>) {
        std::size_t held = 0;
        for (const Seen& part : *seen) {
          held += part.held;
          for (const Overdue& one : part.overdue) {
            TellOverdue(one);
            const std::lock_guard lock(mutex_);
            EventTime& until = looked_until_[one.merchant];
            until = std::max(until, EventTime{one.review_by.nanos + 1});
          }
        }
        metrics_.SetHeld(static_cast<double>(held));
        looking_ = false;
      },
      nullptr);
  if (!taken) looking_ = false;
}

// ---- another pack -------------------------------------------------------------------------------

Status ServiceRuntime::Activate(const std::string& path, const std::string& hash,
                                Diagnostics& diagnostics) {
  auto pack = LoadServedPack(path, *config_.load(), *permits_.load(), diagnostics);
  if (!pack) return tl::unexpected(pack.error());
  if (!hash.empty() && hash != (*pack)->hash) {
    return Fail(ErrorCode::kConflict, path,
                "is another pack than the one that was judged: " + (*pack)->hash);
  }
  if (Status changed = Change(std::move(*pack), path); !changed) return changed;
  // It is active all the same; the next start begins with the one before.
  if (Status kept = KeepActivePack(*this->config(), path); !kept) {
    Log(LogLevel::kError, kept.error().Text() + "; the pack is active until the next start");
  }
  return {};
}

Status ServiceRuntime::Reload(std::shared_ptr<const ServeConfig> config, Diagnostics& diagnostics) {
  // What only a start can change stays as it was.
  auto merged = std::make_shared<ServeConfig>(*config);
  const auto before = this->config();
  merged->data = before->data;
  merged->shards = before->shards;
  merged->parsers = before->parsers;
  merged->io_threads = before->io_threads;
  merged->cache_mb = before->cache_mb;
  merged->max_replay = before->max_replay;
  merged->outbox = before->outbox;
  merged->limits = before->limits;
  merged->limits.key_per_second = config->limits.key_per_second;
  merged->limits.key_burst = config->limits.key_burst;
  if (Status loaded = LoadPermits(*merged); !loaded) return loaded;
  config_ = std::move(merged);
  const auto settings = this->config();
  for (const WebhookConfig& webhook : settings->webhooks) {
    monitor_.AddFeed(webhook.provider, webhook.settings.merchant, hooks_.now());
  }
  const std::string path = ActivePackPath(*config_.load());
  auto pack = LoadServedPack(path, *config_.load(), *permits_.load(), diagnostics);
  if (!pack) return tl::unexpected(pack.error());
  return Change(std::move(*pack), path);
}

// Ends the pipeline and begins it again with `pack`. What comes meanwhile waits.
Status ServiceRuntime::Change(std::shared_ptr<const Pack> pack, const std::string& path) {
  try {
    return ChangeTo(std::move(pack), path);
  } catch (const std::exception& fault) {
    // Half changed it cannot go on.
    const auto failed = Fail(ErrorCode::kInternal, "pack", fault.what());
    FailWith(failed);
    return failed;
  }
}

Status ServiceRuntime::ChangeTo(std::shared_ptr<const Pack> pack, const std::string& path) {
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
    // The old pack's state may have been taken away; it is made again.
    if (!opened && !Open(old, old_path, {})) closed = opened;
  }
  if (!closed) {
    FailWith(closed);
    return closed;
  }
  const std::lock_guard lock(mutex_);
  changing_ = false;
  for (std::vector<Submission>& inputs : held_back_) SubmitLocked(lock, std::move(inputs));
  held_back_.clear();
  return opened;
}

// Nothing more will be taken: all requests that wait are answered with an error.
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

std::vector<EndpointState> ServiceRuntime::endpoints() const {
  const std::lock_guard lock(mutex_);
  return endpoints_;
}
std::shared_ptr<const Pack> ServiceRuntime::pack() const {
  const std::lock_guard lock(mutex_);
  return pack_;
}
std::string ServiceRuntime::pack_path() const {
  const std::lock_guard lock(mutex_);
  return pack_path_;
}

}  // namespace holdfast
