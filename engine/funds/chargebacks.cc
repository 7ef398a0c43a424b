#include "engine/funds/chargebacks.h"

#include <algorithm>
#include <vector>

namespace holdfast {
namespace {

// A pending chargeback counts as done.
bool IsTaken(const Movement& m) {
  return m.kind == MovementKind::kChargeback &&
         (m.state == MovementState::kSucceeded || m.state == MovementState::kPending);
}

bool IsOf(const Movement& chargeback, const PaymentCase& c) {
  return c.kind != CaseKind::kReview && !c.reference.empty() && c.reference == chargeback.reference;
}

// True when both may be about the same capture. A payment can have several captures.
bool MayBeOne(const Movement& chargeback, const PaymentCase& c) {
  if (chargeback.names.empty() || c.names.empty()) return true;
  return std::any_of(c.names.begin(), c.names.end(), [&](std::string_view name) {
    return std::binary_search(chargeback.names.begin(), chargeback.names.end(), name);
  });
}

class Matching {
 public:
  Matching(std::span<const Movement> movements, std::span<const PaymentCase> cases,
           std::int64_t there)
      : movements_(movements), cases_(cases), there_(there), used_(cases.size(), false) {}

  TakenBack Run() {
    // Returned amounts. `given`: of chargebacks without a number. `given_unnamed`: of chargebacks
    // that were never reported as taken, each of which may be one without a number.
    std::int64_t given = 0, given_unnamed = 0;
    for (const Movement& m : movements_) {
      const bool undone = m.kind == MovementKind::kChargeback &&
                          m.state == MovementState::kUndone && m.amount && !m.was_done;
      if (!undone) continue;
      (m.reference.empty() ? given : given_unnamed) += *m.amount;
      if (m.reference.empty()) given_at_ = m.at;
    }
    std::vector<const Movement*> loose;  // their disputes are not known
    for (const Movement& m : movements_) {
      if (!IsTaken(m)) continue;
      const std::int64_t before = taken_.amount;
      if (!TakeOfOwnCase(m)) loose.push_back(&m);
      CountBefore(m.asked_at, before);
    }
    std::int64_t unnamed = 0;
    for (const Movement* m : loose) {
      const std::int64_t before = taken_.amount;
      if (!IsGivenBack(*m) && !IsOfLost(*m)) Take(m->amount, m->undone);
      if (m->reference.empty()) unnamed += taken_.amount - before;
      CountBefore(m->asked_at, before);
    }
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const std::int64_t before = taken_.amount;
      if (cases_[i].state == CaseState::kLost && !used_[i]) Take(cases_[i].amount, 0);
      CountBefore(cases_[i].opened, before);
    }
    given = std::min(given, taken_before_) + std::min(given_unnamed, unnamed);
    taken_.amount = std::max<std::int64_t>(0, taken_.amount - given);
    return taken_;
  }

 private:
  // Adds what was taken since `before` to taken_before_, if it was reported by the time of the
  // return.
  void CountBefore(EventTime at, std::int64_t before) {
    if (at <= given_at_) taken_before_ += taken_.amount - before;
  }

  void Take(std::optional<std::int64_t> amount, std::int64_t undone) {
    taken_.amount += amount.value_or(there_) - undone;
    taken_.all = taken_.all || !amount;
  }

  // Counts the chargeback by the dispute with its id. False: there is no such dispute.
  bool TakeOfOwnCase(const Movement& m) {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const PaymentCase& c = cases_[i];
      if (!IsOf(m, c)) continue;
      used_[i] = true;
      if (c.state == CaseState::kOpen) return true;  // the open dispute counts
      if (c.state == CaseState::kLost) {
        const bool known = c.amount && m.amount;
        Take(known ? std::optional(std::max(*c.amount, *m.amount)) : std::nullopt, m.undone);
        return true;
      }
      const bool enough = !m.amount || !c.amount || *c.amount >= *m.amount;
      const bool won = c.kind == CaseKind::kDispute && c.at >= m.at && enough;
      if (!won) Take(m.amount, m.undone);
      return true;
    }
    return false;
  }

  // True when disputes won since then returned the money: one for each report of the chargeback.
  bool IsGivenBack(const Movement& m) {
    std::vector<std::size_t> won;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const PaymentCase& c = cases_[i];
      const bool enough =
          m.amount ? c.amount && *c.amount >= *m.amount : !c.amount || *c.amount >= there_;
      const bool wins = c.state == CaseState::kCleared && c.kind == CaseKind::kDispute;
      if (wins && !used_[i] && enough && c.at > m.at && MayBeOne(m, c)) won.push_back(i);
    }
    const auto times = static_cast<std::size_t>(m.times);
    if (won.size() < times) return false;
    for (std::size_t i = 0; i < times; ++i) used_[won[i]] = true;
    return true;
  }

  // True when a lost dispute reports the same money a second time.
  bool IsOfLost(const Movement& m) {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const PaymentCase& c = cases_[i];
      const bool same = !m.amount || !c.amount || *m.amount == *c.amount;
      if (c.state != CaseState::kLost || used_[i] || !same || !MayBeOne(m, c)) continue;
      used_[i] = true;
      Take(m.amount && c.amount ? m.amount : std::nullopt, m.undone);
      return true;
    }
    return false;
  }

  const std::span<const Movement> movements_;
  const std::span<const PaymentCase> cases_;
  const std::int64_t there_;
  std::vector<bool> used_;         // by case
  EventTime given_at_;             // time of the return; what was taken later is not part of it
  std::int64_t taken_before_ = 0;  // what was taken up to that time
  TakenBack taken_;
};

}  // namespace

TakenBack TakenBackOf(std::span<const Movement> movements, std::span<const PaymentCase> cases,
                      std::int64_t there) {
  return Matching(movements, cases, there).Run();
}

std::optional<std::int64_t> AmountAbout(const PaymentCase& open,
                                        std::span<const Movement> movements) {
  std::optional<std::int64_t> amount = open.amount;
  for (const Movement& m : movements) {
    if (!IsTaken(m) || !IsOf(m, open)) continue;
    amount = amount && m.amount ? std::optional(std::max(*amount, *m.amount)) : std::nullopt;
  }
  return amount;
}

}  // namespace holdfast
