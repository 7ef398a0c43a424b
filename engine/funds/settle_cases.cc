#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "engine/funds/settle_reports.h"

namespace holdfast {
namespace {

// True when both may be about the same capture. Names are ascending.
bool ShareName(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  return a.empty() || b.empty() || std::any_of(a.begin(), a.end(), [&b](std::string_view name) {
           return std::binary_search(b.begin(), b.end(), name);
         });
}

bool IsNamed(const CaseReport& report, const std::vector<std::string_view>& names) {
  return !report.reference.empty() &&
         !std::binary_search(names.begin(), names.end(), report.reference);
}

class CaseSettling {
 public:
  explicit CaseSettling(const LedgerPayment& payment) : payment_(payment) {}

  std::vector<PaymentCase> Run(const std::vector<const CaseReport*>& all) {
    // The key: whether it is a review, and the case's id or else the capture that it is about.
    using Key = std::pair<bool, std::string_view>;
    std::map<Key, std::vector<const CaseReport*>> named, unnamed;
    for (const CaseReport* report : all) {
      const bool has_id = IsNamed(*report, payment_.names);
      auto& by = has_id ? named : unnamed;
      by[{IsReview(report->kind), has_id ? report->reference : report->about}].push_back(report);
    }
    for (const auto& [key, reports] : named) {
      cases_.push_back(SettleCase(reports));
      cases_.back().reference = key.second;
    }
    for (const auto& [key, reports] : unnamed) {
      AddUnnamed(reports);
      cases_.back().about = key.second;
    }
    // A warning is over when the dispute that it announced is opened.
    for (PaymentCase& warning : cases_) {
      if (warning.kind != CaseKind::kWarning || warning.state != CaseState::kOpen) continue;
      const bool came = std::any_of(cases_.begin(), cases_.end(), [&](const PaymentCase& c) {
        return c.kind == CaseKind::kDispute && !c.reference.empty() && c.opened >= warning.opened &&
               ShareName(c.names, warning.names);
      });
      if (came) warning.state = CaseState::kCleared;
    }
    std::sort(cases_.begin(), cases_.end(), [](const PaymentCase& a, const PaymentCase& b) {
      return std::tuple(a.kind, a.reference, a.at, a.about) <
             std::tuple(b.kind, b.reference, b.at, b.about);
    });
    return std::move(cases_);
  }

 private:
  // A case without an id is over when a case with an id, at least as severe, is open or was
  // reported since, or when the capture succeeded or failed since. If the reports have only the
  // payment's name as an id, any dispute with an id ends it, whenever it was reported.
  void AddUnnamed(const std::vector<const CaseReport*>& reports) {
    PaymentCase settled = SettleCase(reports);
    settled.reference = {};
    if (settled.state == CaseState::kOpen) {
      EventTime first = settled.at;
      bool ended = true, mentioned = true;
      for (const CaseReport* report : reports) {
        first = std::min(first, report->head.at);
        mentioned = mentioned && !report->reference.empty();
        ended = ended && report->ends_with_success &&
                (SucceededAfter(settled.at, report->about) || FailedAfter(*report));
      }
      const bool told = std::any_of(cases_.begin(), cases_.end(), [&](const PaymentCase& named) {
        if (IsReview(named.kind) != IsReview(settled.kind)) return false;
        if (mentioned) return named.kind != CaseKind::kWarning;
        return named.kind >= settled.kind && (named.state == CaseState::kOpen || named.at >= first);
      });
      if (told || ended) settled.state = CaseState::kCleared;
    }
    cases_.push_back(settled);
  }

  bool FailedAfter(const CaseReport& report) const {
    return std::any_of(
        payment_.movements.begin(), payment_.movements.end(), [&](const Movement& m) {
          const bool failed =
              m.state == MovementState::kFailed || m.state == MovementState::kExpired;
          return m.kind == MovementKind::kCapture && m.reference == report.about && failed &&
                 m.at > report.head.at;
        });
  }

  // If `about` is not empty, only captures of that reference count.
  bool SucceededAfter(EventTime time, std::string_view about) const {
    return std::any_of(
        payment_.movements.begin(), payment_.movements.end(), [&](const Movement& m) {
          const bool other = !about.empty() && !m.reference.empty() && m.reference != about;
          const bool paid =
              m.kind == MovementKind::kCapture && m.state == MovementState::kSucceeded && !other;
          const bool back =
              m.kind == MovementKind::kChargeback && m.state == MovementState::kUndone;
          return (paid || back) && m.at > time;
        });
  }

  // An ended case stays ended, unless a more severe one with its id was opened later. Of two ends
  // the later counts; at the same time, the loss.
  PaymentCase SettleCase(const std::vector<const CaseReport*>& reports) const {
    const auto end_rank = [](const CaseReport& r) {
      return std::tuple(r.head.at, r.state == CaseState::kLost, r.head.event_id);
    };
    const CaseReport* end = nullptr;
    for (const CaseReport* report : reports) {
      if (report->state == CaseState::kOpen) continue;
      if (end == nullptr || end_rank(*report) > end_rank(*end)) end = report;
    }
    CaseKind before = CaseKind::kReview;
    if (end != nullptr) {
      for (const CaseReport* report : reports) {
        if (report->head.at <= end->head.at) before = std::max(before, report->kind);
      }
    }
    const auto open_rank = [](const CaseReport& r) {
      return std::tuple(r.head.at, r.kind, r.amount.value_or(INT64_MAX), r.head.event_id);
    };
    const CaseReport* open = nullptr;
    for (const CaseReport* report : reports) {
      if (report->state != CaseState::kOpen) continue;
      const bool counts =
          end == nullptr || (report->head.at > end->head.at && report->kind > before);
      if (counts && (open == nullptr || open_rank(*report) > open_rank(*open))) open = report;
    }
    const CaseReport& last = open != nullptr ? *open : *end;
    PaymentCase settled;
    settled.kind = last.kind;
    settled.state = last.state;
    settled.amount = AmountOf(last, payment_.currency);
    settled.at = settled.opened = last.head.at;
    for (const CaseReport* report : reports) {
      settled.opened = std::min(settled.opened, report->head.at);
    }
    settled.names = NamesIn(reports);
    return settled;
  }

  const LedgerPayment& payment_;
  std::vector<PaymentCase> cases_;
};

}  // namespace

std::vector<PaymentCase> SettleCases(const std::vector<const CaseReport*>& reports,
                                     const LedgerPayment& payment) {
  if (reports.empty()) return {};
  return CaseSettling(payment).Run(reports);
}

}  // namespace holdfast
