#include "tests/funds/lives/life.h"

#include <algorithm>

namespace holdfast::testing {

Truth TruthOf(std::int64_t due, const std::deque<TrueMoney>& payments) {
  std::int64_t paid = 0, under_way = 0, authorized = 0, disputed = 0, gone = 0;
  for (const TrueMoney& one : payments) {
    std::int64_t kept = std::max<std::int64_t>(0, one.kept());
    std::int64_t about = 0;
    for (const auto& [id, amount] : one.disputes) about += amount;
    about = std::min(about, kept);
    kept -= about;
    disputed += about;
    gone += one.refunded + one.taken_back;
    if (one.in_review) {
      under_way += kept + one.pending + one.authorized;
    } else {
      paid += kept;
      under_way += one.pending;
      authorized += one.authorized;
    }
  }
  Truth truth;
  truth.paid = paid;
  using enum FundsCertainty;
  truth.certainty = paid >= due                                              ? kCertain
                    : paid + under_way >= due                                ? kUncertain
                    : authorized > 0 && paid + under_way + authorized >= due ? kReserved
                    : disputed > 0 && paid + under_way + authorized + disputed + gone >= due
                        ? kContested
                    : gone > 0 && paid + under_way + authorized + gone >= due ? kLost
                                                                              : kNone;
  return truth;
}

void Life::Pass() {
  const std::int64_t seconds =
      random.Chance(500) ? random.Between(1, 60) : random.Between(60, 2 * 86'400);
  now.nanos += seconds * kNanosPerSecond;
}

void Life::Send(std::string provider, std::string body,
                std::vector<std::pair<std::string, std::string>> headers) {
  messages.push_back({std::move(provider), std::move(headers), std::move(body), now, {}, false});
}

void Life::Settle() {
  for (; settled_ < messages.size(); ++settled_) {
    messages[settled_].after = TruthOf(due, payments);
    messages[settled_].last = settled_ + 1 == messages.size();
  }
}

std::string Life::Seconds() const { return std::to_string(now.nanos / kNanosPerSecond); }
std::string Life::Time() const { return FormatRfc3339(now); }

std::string Fill(std::string_view form, const std::vector<std::string>& parts) {
  std::string text;
  std::size_t next = 0;
  for (const char c : form) {
    if (c == '@') {
      text += parts.at(next++);
    } else {
      text += c;
    }
  }
  return text;
}

std::string Decimal(std::int64_t minor) {
  const std::string cents = std::to_string(minor % 100);
  return std::to_string(minor / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

}  // namespace holdfast::testing
