#include "engine/funds/grouping.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace holdfast {
namespace {

// Sets of reports about one payment: indices joined by shared names.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t Of(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void Join(std::size_t a, std::size_t b) { parent_[Of(a)] = Of(b); }

 private:
  std::vector<std::size_t> parent_;
};

// True when all reports are about one payment, which is the usual case.
bool AreOne(const FundsReports& reports) {
  const ReportHead* first = nullptr;
  const auto same = [&first](const auto& report) {
    const ReportHead& head = report.head;
    if (first == nullptr) first = &head;
    return !head.names.empty() && head.names.front() == first->names.front() &&
           head.provider == first->provider;
  };
  return std::all_of(reports.movements.begin(), reports.movements.end(), same) &&
         std::all_of(reports.cases.begin(), reports.cases.end(), same) && first != nullptr;
}

// The names of payments that others than the shop report, with their providers.
using KnownNames = std::vector<std::pair<std::string_view, std::string_view>>;

KnownNames KnownNamesOf(const std::vector<const ReportHead*>& heads) {
  KnownNames known;
  for (const ReportHead* head : heads) {
    if (head->source == ReportSource::kShop || head->provider.empty()) continue;
    for (const std::string_view name : head->names) known.emplace_back(name, head->provider);
  }
  std::sort(known.begin(), known.end());
  return known;
}

// The provider of a report. A shop may use any name for a gateway, so its copy of a known payment
// gets that payment's provider.
std::string_view ProviderOf(const ReportHead& head, const KnownNames& known) {
  if (head.source != ReportSource::kShop) return head.provider;
  for (const std::string_view name : head.names) {
    const auto at =
        std::lower_bound(known.begin(), known.end(), std::pair(name, std::string_view()));
    if (at != known.end() && at->first == name) return at->second;
  }
  return head.provider;
}

// Joins refunds and cases that name no payment to another report with the same refund or case
// number.
void JoinByReference(const FundsReports& reports, const std::vector<const ReportHead*>& heads,
                     std::vector<bool>& joined, Groups& groups) {
  std::map<std::pair<bool, std::string_view>, std::size_t> known;
  const std::size_t movements = reports.movements.size();
  const auto key = [&](std::size_t i) {
    if (i >= movements) return std::pair(true, reports.cases[i - movements].reference);
    const MovementReport& report = reports.movements[i];
    const bool refund = report.kind == MovementKind::kRefund;
    return std::pair(false, refund ? report.reference : std::string_view());
  };
  const auto is_bare = [&](std::size_t i) {
    return heads[i]->provider.empty() && heads[i]->names.empty();
  };
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (!is_bare(i) && !key(i).second.empty()) known.emplace(key(i), i);
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto other = is_bare(i) ? known.find(key(i)) : known.end();
    if (other == known.end()) continue;
    groups.Join(i, other->second);
    joined[i] = true;
  }
}

Groups GroupsOf(const FundsReports& reports, const std::vector<const ReportHead*>& heads) {
  Groups groups(heads.size());
  std::vector<bool> joined(heads.size(), false);
  JoinByReference(reports, heads, joined, groups);
  const KnownNames known = KnownNamesOf(heads);
  // Each name with the reports that use it, sorted by name.
  std::vector<std::tuple<std::string_view, std::string_view, std::size_t>> names;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (joined[i]) continue;
    const std::string_view provider = ProviderOf(*heads[i], known);
    if (heads[i]->names.empty()) names.emplace_back(provider, std::string_view(), i);
    for (const std::string_view name : heads[i]->names) names.emplace_back(provider, name, i);
  }
  std::sort(names.begin(), names.end());
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto& [provider, name, at] = names[i];
    const auto& [provider_before, name_before, before] = names[i - 1];
    if (provider == provider_before && name == name_before) groups.Join(at, before);
  }
  return groups;
}

}  // namespace

std::vector<PaymentReports> GroupByPayment(const FundsReports& reports) {
  std::vector<PaymentReports> payments;
  if (AreOne(reports)) {
    PaymentReports& all = payments.emplace_back();
    all.movements.reserve(reports.movements.size());
    for (const MovementReport& report : reports.movements) all.movements.push_back(&report);
    for (const CaseReport& report : reports.cases) all.cases.push_back(&report);
    return payments;
  }
  std::vector<const ReportHead*> heads;
  heads.reserve(reports.movements.size() + reports.cases.size());
  for (const MovementReport& report : reports.movements) heads.push_back(&report.head);
  for (const CaseReport& report : reports.cases) heads.push_back(&report.head);
  Groups groups = GroupsOf(reports, heads);
  std::vector<std::size_t> found(heads.size(), heads.size());
  const auto payment = [&](std::size_t index) -> PaymentReports& {
    std::size_t& at = found[groups.Of(index)];
    if (at == heads.size()) {
      at = payments.size();
      payments.emplace_back();
    }
    return payments[at];
  };
  std::size_t index = 0;
  for (const MovementReport& report : reports.movements) {
    payment(index++).movements.push_back(&report);
  }
  for (const CaseReport& report : reports.cases) payment(index++).cases.push_back(&report);
  return payments;
}

}  // namespace holdfast
