#include "engine/cli/desk/queue_list.h"

#include <algorithm>
#include <limits>

#include "engine/base/enum_names.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/url.h"

namespace holdfast::cli {
namespace {

QueueRow ReadRow(const JsonValue& order) {
  const JsonValue& held = order["held"];
  const auto text = [](const JsonValue& value) { return std::string(value.text()); };
  QueueRow row;
  row.order = text(order["order_id"]);
  row.cause = text(held["cause"]);
  row.amount = text(order["total"]) + " " + text(order["currency"]);
  row.amount_base = ParseNumber<double>(order["amount_base"].text())
                        .value_or(std::numeric_limits<double>::infinity());
  row.score = text(held["score"]);
  row.buyer = text(order["buyer"]);
  row.country = text(order["country"]);
  for (const JsonValue& tag : order["tags"].list()) {
    row.tags += (row.tags.empty() ? "" : " ") + text(tag);
  }
  row.since = ParseEventTime(held["since"].text());
  row.due = ParseEventTime(held["review_by"].text());
  if (const auto until = ParseEventTime(held["claimed_until"].text())) {
    row.claimed_by = text(held["claimed_by"]);
    row.claimed_until = *until;
  }
  return row;
}

bool Contains(const QueueRow& row, const std::string& lower) {
  for (const std::string* text : {&row.order, &row.cause, &row.amount, &row.buyer, &row.country,
                                  &row.tags, &row.claimed_by}) {
    if (ToLowerAscii(*text).find(lower) != std::string::npos) return true;
  }
  return false;
}

bool IsBefore(const QueueRow& a, const QueueRow& b, QueueSort sort) {
  switch (sort) {
    case QueueSort::kRank:
      return false;
    case QueueSort::kAmount:
      return a.amount_base > b.amount_base;
    case QueueSort::kAge:
      return a.since.value_or(EventTime{}).nanos < b.since.value_or(EventTime{}).nanos;
    case QueueSort::kDue:
      return a.due.value_or(EventTime{}).nanos < b.due.value_or(EventTime{}).nanos;
  }
  return false;
}

}  // namespace

std::string QueueFilter::Query() const {
  std::string query;
  if (!cause.empty()) {
    query += "&cause=" + EncodeUrl(cause);
  } else if (waiting == Waiting::kFunds) {
    query += "&cause=funds";
  } else if (waiting == Waiting::kWorkable) {
    query += "&workable=true";
  }
  if (mine) query += "&mine=true";
  if (unclaimed) query += "&unclaimed=true";
  if (approval) query += "&approval=true";
  return query;
}

std::string QueueFilter::Words() const {
  constexpr const char* kWaiting[] = {"workable", "waiting for payment", "all"};
  std::string words = cause.empty() ? NameIn(kWaiting, waiting) : "cause " + cause;
  if (mine) words += ", mine";
  if (unclaimed) words += ", unclaimed";
  if (approval) words += ", waiting for approval";
  return words;
}

std::string_view NameOf(QueueSort sort) {
  constexpr std::string_view kNames[] = {"rank", "amount", "age", "due"};
  return NameIn(kNames, sort);
}

void QueueList::Load(const JsonValue& answer) {
  all_.clear();
  for (const JsonValue& order : answer["orders"].list()) all_.push_back(ReadRow(order));
  held_.clear();
  for (const auto& [cause, count] : answer["held"].members())
    held_.emplace_back(cause, count.text());
  more_ = answer["more"].truth();
  Arrange();
}

void QueueList::Sort(QueueSort sort) {
  sort_ = sort;
  Arrange();
}

void QueueList::Search(const std::string& text) {
  search_ = text;
  Arrange();
}

void QueueList::Move(int by) {
  if (shown_.empty()) return;
  const auto last = static_cast<std::int64_t>(shown_.size()) - 1;
  at_ = static_cast<std::size_t>(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(at_) + by, 0, last));
}

std::string QueueList::Selected() const { return shown_.empty() ? "" : shown_[at_].order; }

void QueueList::Select(const std::string& order) {
  const auto found = std::find_if(shown_.begin(), shown_.end(),
                                  [&](const QueueRow& row) { return row.order == order; });
  if (found != shown_.end()) at_ = static_cast<std::size_t>(found - shown_.begin());
}

void QueueList::Arrange() {
  const std::string selected = Selected();
  const std::string lower = ToLowerAscii(search_);
  shown_.clear();
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(shown_),
               [&](const QueueRow& row) { return lower.empty() || Contains(row, lower); });
  std::stable_sort(shown_.begin(), shown_.end(),
                   [this](const QueueRow& a, const QueueRow& b) { return IsBefore(a, b, sort_); });
  at_ = shown_.empty() ? 0 : std::min(at_, shown_.size() - 1);
  Select(selected);
}

}  // namespace holdfast::cli
