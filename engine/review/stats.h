// Stats: statistics on the orders of one merchant in a period, computed from the log.
//
// An order counts in the period in which it was first held for a cause or, if it never was, first
// decided. Waiting for payment is counted separately, in the period in which it began. The rates of
// disputes and chargebacks are those of card schemes: disputes that came in the period, over orders
// first shipped in the period.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/signals/amounts.h"

namespace holdfast {

struct StatsAsked {
  std::string merchant;
  std::optional<EventTime> from, to;  // [from, to)
  EventTime now;                      // ages are as of it
};

class Stats {
 public:
  // `amounts` says what orders are worth; it outlives this.
  Stats(StatsAsked asked, const AmountScale& amounts)
      : asked_(std::move(asked)), amounts_(amounts) {}

  // To be called with every event of the log, in order, and with the decision it led to.
  void Add(const Event& event, std::string_view decision);

  // All of it as one JSON object; docs/ops.md says what each number is.
  std::string Json() const;

 private:
  enum class End : std::uint8_t { kOpen, kByItself, kReleased, kRejected, kByRules, kCancelled };
  // What happened to an order that waited for payment.
  enum class WaitEnd : std::uint8_t { kOpen, kToShip, kHeld, kRejected, kCancelled };
  // An order that waited for payment or was held at some time, or has a dispute or chargeback.
  struct Case {
    EventTime waited_at, wait_ended_at;
    WaitEnd wait_end = WaitEnd::kOpen;
    bool waited = false;
    EventTime held_at, ended_at;
    std::string cause, person;
    std::vector<std::string> rules;  // that held it; before `held`, of its waiting
    std::int64_t amount = 0;         // minor units of the base currency
    End end = End::kOpen;
    bool held = false, disputed = false, charged_back = false;
  };
  struct Person {
    std::uint64_t claims = 0, releases = 0, rejections = 0, holds = 0, approvals = 0, asked = 0;
    std::vector<std::int64_t> seconds;  // from the hold to the decision
  };
  struct Sums {
    std::uint64_t held = 0, released = 0, rejected = 0, by_itself = 0, cancelled = 0, open = 0,
                  lost = 0;
    std::int64_t lost_amount = 0;
    std::vector<std::int64_t> seconds;
  };

  bool IsIn(EventTime time) const;
  void Decide(const Event& event, std::string_view decision);
  void Hold(Case& mine, Cause cause, EventTime at, std::string_view decision);
  void EndHold(Case& mine, const Event& event, Outcome outcome, EventTime at);
  // Ends the waiting for payment, if it has not ended.
  static void EndWaiting(Case& mine, WaitEnd end, EventTime at);
  void AddOutcome(const Event& event);
  static void AppendSums(const Sums& sums, std::string& json);
  static std::string MapOf(const std::map<std::string, Sums>& sums);
  struct Holds;  // what became of held orders, added up
  Holds CountHolds() const;
  std::string WaitingJson() const;
  std::string PeopleJson(const Holds& counted) const;

  const StatsAsked asked_;
  const AmountScale& amounts_;
  std::map<std::string, Case, std::less<>> cases_;
  std::set<std::string, std::less<>> decided_, shipped_;
  std::map<std::string, std::int64_t, std::less<>> totals_;  // of orders that may yet be held
  std::map<std::string, Person, std::less<>> people_;
  std::uint64_t orders_ = 0, shipped_count_ = 0, rejected_count_ = 0, disputes_ = 0,
                chargebacks_ = 0, packed_wrongly_ = 0, shipped_while_held_ = 0;
};

}  // namespace holdfast
