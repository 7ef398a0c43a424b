// OverdueMonitor: finds held orders whose review is overdue, each once.
// Threads: any; one check at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/model/decision.h"
#include "engine/pipeline/engine.h"

namespace holdfast {

class OverdueMonitor {
 public:
  struct Overdue {
    std::string merchant, order_id;
    EventTime review_by;
  };

  // One check of all shards. Each shard's part is read with its engine, on its thread.
  class Check {
   public:
    // Reads shard `shard`.
    void Read(std::uint32_t shard, const Engine& engine);

   private:
    friend class OverdueMonitor;
    struct Part {
      std::vector<Overdue> overdue;
      std::size_t held = 0;
    };
    EventTime now_;
    std::map<std::string, EventTime> from_;  // by merchant
    std::vector<Overdue> decided_;
    std::vector<Part> parts_;
  };

  // Records a decision whose review was overdue at once: it may lie before the point up to which
  // its merchant's orders have been checked.
  void AddDecided(const Decision& decision, EventTime now);

  // Begins a check at `now`; null while another one runs. End or Abandon ends it.
  std::shared_ptr<Check> Begin(EventTime now, std::uint32_t shards);
  // Returns what the check has found, and sets `held` to the number of held orders.
  std::vector<Overdue> End(const Check& check, std::size_t& held);
  void Abandon();

 private:
  std::mutex mutex_;
  bool checking_ = false;
  std::vector<Overdue> decided_;
  std::map<std::string, EventTime> checked_until_;  // by merchant
};

}  // namespace holdfast
