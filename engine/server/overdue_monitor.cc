#include "engine/server/overdue_monitor.h"

#include <algorithm>

namespace holdfast {

void OverdueMonitor::Check::Read(std::uint32_t shard, const Engine& engine) {
  constexpr std::size_t kAtOnce = 1000;
  Part& part = parts_[shard];
  const Store& store = engine.store();
  for (const Overdue& one : decided_) {
    const auto held = store.HeldOf(one.merchant, one.order_id);
    if (held && held->review_by == one.review_by) part.overdue.push_back(one);
  }
  part.held = store.HeldCount();
  for (const std::string& merchant : store.MerchantsWithHeld()) {
    const auto start = from_.find(merchant);
    store.ForHeld(merchant, start == from_.end() ? EventTime{} : start->second,
                  [&](const std::string& order_id, const Held& one) {
                    if (one.review_by > now_) return false;
                    part.overdue.push_back({merchant, order_id, one.review_by});
                    return part.overdue.size() < kAtOnce;
                  });
  }
}

void OverdueMonitor::AddDecided(const Decision& decision, EventTime now) {
  if (!decision.review_by || *decision.review_by > now) return;
  const std::lock_guard lock(mutex_);
  decided_.push_back({decision.merchant, decision.order_id, *decision.review_by});
}

std::shared_ptr<OverdueMonitor::Check> OverdueMonitor::Begin(EventTime now, std::uint32_t shards) {
  const std::lock_guard lock(mutex_);
  if (checking_) return nullptr;
  checking_ = true;
  auto check = std::make_shared<Check>();
  check->now_ = now;
  check->from_ = checked_until_;
  check->decided_.swap(decided_);
  check->parts_.resize(shards);
  return check;
}

std::vector<OverdueMonitor::Overdue> OverdueMonitor::End(const Check& check, std::size_t& held) {
  std::vector<Overdue> found;
  held = 0;
  const std::lock_guard lock(mutex_);
  for (const Check::Part& part : check.parts_) {
    held += part.held;
    for (const Overdue& one : part.overdue) {
      EventTime& until = checked_until_[one.merchant];
      until = std::max(until, EventTime{one.review_by.nanos + 1});
      found.push_back(one);
    }
  }
  checking_ = false;
  return found;
}

void OverdueMonitor::Abandon() {
  const std::lock_guard lock(mutex_);
  checking_ = false;
}

}  // namespace holdfast
