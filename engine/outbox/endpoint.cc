#include "engine/outbox/endpoint.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/background.h"
#include "engine/base/wall_time.h"
#include "engine/outbox/file_delivery.h"
#include "engine/outbox/http_delivery.h"

namespace holdfast {

Endpoint::Endpoint(const EventLog& log, const std::string& folder, EndpointConfig config,
                   FinishDecision finish)
    : config_(std::move(config)),
      source_(log, config_, std::move(finish)),
      resends_(folder + "/" + config_.name + ".replay"),
      progress_(folder + "/" + config_.name),
      moved_at_(WallSeconds()) {
  if (config_.url.empty()) {
    delivery_ = std::make_unique<FileDelivery>(config_, source_, resends_, progress_);
  } else {
    delivery_ = std::make_unique<HttpDelivery>(config_, source_, resends_, progress_);
  }
}

Endpoint::~Endpoint() { Stop(); }

Status Endpoint::Load() {
  if (Status loaded = progress_.Load(source_.end()); !loaded) return loaded;
  delivery_->Begin();
  return {};
}

void Endpoint::Run() {
  thread_ = std::thread([this] {
    WorkInBackground();
    while (!stop_) {
      const bool busy = delivery_->DeliverSome();
      ShowState();
      if (!busy) std::this_thread::sleep_for(std::chrono::milliseconds(kPollMilliseconds));
    }
    (void)progress_.Keep();
  });
}

void Endpoint::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

EndpointState Endpoint::State() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

DeliveryStatus Endpoint::StatusOf(std::uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  DeliveryStatus status;
  status.endpoint = config_.name;
  status.any_dead = state_.dead > 0;
  const auto unsent = unsent_.find(offset);
  if (unsent != unsent_.end()) {
    status.attempts = unsent->second.attempts;
    status.why = unsent->second.why;
    if (status.attempts > 0) status.state = DeliveryStatus::State::kFailing;
  } else if (offset <= unsent_cursor_) {
    const bool before = offset <= progress_.begin();
    status.state = before ? DeliveryStatus::State::kNotSent : DeliveryStatus::State::kDelivered;
  }
  return status;
}

void Endpoint::ShowState() {
  const std::uint64_t cursor = progress_.cursor, behind = source_.end() - cursor;
  const std::int64_t now = WallSeconds();
  if (behind == 0 || cursor != moved_to_) moved_at_ = now;
  moved_to_ = cursor;
  std::int64_t since = moved_at_;
  for (const auto& [offset, message] : progress_.waiting) since = std::min(since, message.first);
  const std::lock_guard lock(mutex_);
  state_ = {config_.name,
            cursor,
            behind,
            progress_.waiting.size(),
            progress_.dead(),
            delivery_->open_circuit(),
            delivery_->disabled(),
            now - since,
            since,
            delivery_->sent()};
  if (unsent_at_ == now) return;
  unsent_at_ = now;
  unsent_cursor_ = cursor;
  unsent_.clear();
  for (const auto& [offset, message] : progress_.waiting) {
    unsent_[offset] = {message.attempts, message.why};
  }
}

}  // namespace holdfast
