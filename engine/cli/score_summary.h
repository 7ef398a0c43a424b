// ScoreSummary: the totals of a run over many orders.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "engine/model/decision.h"

namespace holdfast::cli {

class ScoreSummary {
 public:
  void Add(const Decision& decision);
  void AddReject() { ++rejects_; }
  void AddDuplicate() { ++duplicates_; }
  void AddEvent() { ++events_; }

  std::uint64_t rejects() const { return rejects_; }
  std::uint64_t orders() const { return last_.size(); }
  std::uint64_t events() const { return events_; }

  // For people. Orders are counted by their last decision, rules by decisions.
  std::string Text(double seconds) const;

 private:
  struct Last {
    Outcome outcome = Outcome::kShip;
    Cause cause = Cause::kNone;
  };
  std::uint64_t events_ = 0, decisions_ = 0, rejects_ = 0, duplicates_ = 0;
  std::unordered_map<std::string, Last> last_;
  std::map<std::string, std::uint64_t> rules_;
};

}  // namespace holdfast::cli
