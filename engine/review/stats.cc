#include "engine/review/stats.h"

#include <algorithm>
#include <limits>

#include "engine/codec/decision_reader.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

// The quantile `q` of sorted numbers, by the nearest rank.
std::int64_t Quantile(std::vector<std::int64_t> numbers, double q) {
  if (numbers.empty()) return 0;
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(numbers.size() - 1) + 0.5);
  std::nth_element(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(rank),
                   numbers.end());
  return numbers[rank];
}

// An age bracket of held orders, by its upper bound.
struct Age {
  const char* name;
  std::int64_t below;  // seconds
  std::uint64_t count = 0;
};

constexpr std::int64_t kHour = 3600;

std::int64_t SecondsBetween(EventTime from, EventTime to) {
  return (to.nanos - from.nanos) / kNanosPerSecond;
}

// The rules for which a decision holds its order.
std::vector<std::string> HoldingRules(std::string_view decision) {
  std::vector<std::string> rules;
  const auto document = JsonDocument::Parse(decision);
  if (!document) return rules;
  for (const JsonValue& reason : document->root()["reasons"].list()) {
    const std::string_view effect = reason["effect"].text();
    if (IsHolding(ValueOf<Effect>(effect))) {
      rules.emplace_back(reason["rule"].text());
    }
  }
  return rules;
}

bool IsByPerson(EventType type) {
  return type == EventType::kReviewReleased || type == EventType::kReviewApproved ||
         type == EventType::kReviewRejected;
}

}  // namespace

bool Stats::IsIn(EventTime time) const {
  return (!asked_.from || time >= *asked_.from) && (!asked_.to || time < *asked_.to);
}

void Stats::Add(const Event& event, std::string_view decision) {
  if (event.merchant != asked_.merchant) return;
  if (event.order != nullptr && event.order->total) {
    const auto units = amounts_.ToBase(*event.order->total, *event.order->currency,
                                       event.order->placed_at.value_or(event.occurred_at));
    const auto minor = units ? FromUnits(*units, amounts_.base()) : std::nullopt;
    totals_[std::string(event.order_id)] = minor.value_or(0);
  }
  if (!decision.empty()) Decide(event, decision);
  AddOutcome(event);
  if (event.review == nullptr || !IsIn(event.occurred_at)) return;
  Person& person = people_[std::string(event.review->by)];
  switch (event.type) {
    case EventType::kReviewClaimed:
      ++person.claims;
      break;
    case EventType::kReviewReleased:
      ++person.releases;
      break;
    case EventType::kReviewRejected:
      ++person.rejections;
      break;
    case EventType::kReviewHeld:
      ++person.holds;
      break;
    case EventType::kReviewApproved:
      ++person.approvals;
      break;
    case EventType::kReviewAsked:
      ++person.asked;
      break;
    default:
      break;
  }
  const bool decides =
      event.type == EventType::kReviewReleased || event.type == EventType::kReviewRejected;
  const auto at = cases_.find(event.order_id);
  if (decides && at != cases_.end() && at->second.held) {
    person.seconds.push_back(SecondsBetween(at->second.held_at, event.occurred_at));
  }
}

void Stats::Decide(const Event& event, std::string_view decision) {
  const auto head = ReadDecisionHead(decision);
  if (!head) return;
  const std::string order(event.order_id);
  if (decided_.insert(order).second && IsIn(head->decided_at)) ++orders_;
  if (head->outcome == Outcome::kShip && shipped_.insert(order).second && IsIn(head->decided_at)) {
    ++shipped_count_;
  }
  const auto found = cases_.find(order);
  // Packing problems are counted separately from the reasons of the order.
  if (head->cause == Cause::kPacking) {
    const bool counts = event.type == EventType::kShipmentPacked && IsIn(event.occurred_at);
    packed_wrongly_ += counts ? 1 : 0;
    return;
  }
  if (head->outcome == Outcome::kHold) {
    Case& mine = found == cases_.end() ? cases_[order] : found->second;
    if (mine.amount == 0) mine.amount = totals_[order];
    Hold(mine, head->cause, head->decided_at, decision);
    return;
  }
  if (head->outcome == Outcome::kReject && found == cases_.end() && IsIn(head->decided_at)) {
    ++rejected_count_;
  }
  if (found != cases_.end()) EndHold(found->second, event, head->outcome, head->decided_at);
}

void Stats::EndWaiting(Case& mine, WaitEnd end, EventTime at) {
  if (!mine.waited || mine.wait_end != WaitEnd::kOpen) return;
  mine.wait_end = end;
  mine.wait_ended_at = at;
}

void Stats::Hold(Case& mine, Cause cause, EventTime at, std::string_view decision) {
  if (cause == Cause::kFunds && !mine.held) {
    // An order that waits again, because its money was taken back, counts once: by the last time.
    if (!mine.waited || mine.wait_end != WaitEnd::kOpen) mine.waited_at = at;
    mine.waited = true;
    mine.wait_end = WaitEnd::kOpen;
    mine.rules = HoldingRules(decision);
    return;
  }
  EndWaiting(mine, WaitEnd::kHeld, at);
  mine.end = End::kOpen;
  if (mine.held) return;
  mine.held = true;
  mine.held_at = at;
  mine.cause = NameOf(cause);
  mine.rules = HoldingRules(decision);
}

void Stats::EndHold(Case& mine, const Event& event, Outcome outcome, EventTime at) {
  const bool ships = outcome == Outcome::kShip;
  const bool cancelled = event.type == EventType::kOrderCancelled;
  const bool by_person = IsByPerson(event.type);
  // A person decided although the money was missing: that was a review, of this cause.
  if (by_person && !mine.held && mine.waited && mine.wait_end == WaitEnd::kOpen) {
    mine.held = true;
    mine.held_at = mine.waited_at;
    mine.cause = NameOf(Cause::kFunds);
  }
  EndWaiting(mine,
             cancelled ? WaitEnd::kCancelled
             : ships   ? WaitEnd::kToShip
                       : WaitEnd::kRejected,
             at);
  if (!mine.held || mine.end != End::kOpen) return;
  mine.ended_at = at;
  if (by_person && event.review != nullptr) mine.person = event.review->by;
  mine.end = cancelled            ? End::kCancelled
             : by_person && ships ? End::kReleased
             : by_person          ? End::kRejected
             : ships              ? End::kByItself
                                  : End::kByRules;
}

void Stats::AddOutcome(const Event& event) {
  const std::string order(event.order_id);
  if (event.type == EventType::kAlertRaised && event.alert->name == "shipped-while-held" &&
      IsIn(event.occurred_at)) {
    ++shipped_while_held_;
  }
  const bool back = event.type == EventType::kPaymentUpdated &&
                    (event.payment->status == PaymentStatus::kChargedBack ||
                     event.payment->status == PaymentStatus::kReversed);
  const bool dispute =
      event.type == EventType::kDisputeOpened || event.type == EventType::kDisputeUpdated;
  if (order.empty() || (!back && !dispute)) return;
  const bool chargeback = back || event.dispute->kind == DisputeKind::kChargeback;
  if (!chargeback && event.dispute->kind != DisputeKind::kDispute) return;
  Case& mine = cases_[order];
  if (mine.amount == 0) mine.amount = totals_[order];
  bool& told = chargeback ? mine.charged_back : mine.disputed;
  if (told) return;
  told = true;
  if (IsIn(event.occurred_at)) ++(chargeback ? chargebacks_ : disputes_);
}

void Stats::AppendSums(const Sums& sums, std::string& json) {
  json += JsonObject()
              .Number("held", sums.held)
              .Number("released", sums.released)
              .Number("rejected", sums.rejected)
              .Number("by_itself", sums.by_itself)
              .Number("cancelled", sums.cancelled)
              .Number("open", sums.open)
              .Number("lost_after_release", sums.lost)
              .Number("lost_amount_minor", sums.lost_amount)
              .Number("median_seconds", Quantile(sums.seconds, 0.5))
              .Number("p90_seconds", Quantile(sums.seconds, 0.9))
              .Done();
}

struct Stats::Holds {
  Sums all;
  std::map<std::string, Sums> by_cause, by_rule;
  Age ages[5] = {{"1h", kHour},
                 {"4h", 4 * kHour},
                 {"24h", 24 * kHour},
                 {"3d", 72 * kHour},
                 {"more", std::numeric_limits<std::int64_t>::max()}};
  std::uint64_t by_rules = 0;
  std::map<std::string, std::uint64_t> lost_by_person;
};

Stats::Holds Stats::CountHolds() const {
  Holds counted;
  for (const auto& [order, mine] : cases_) {
    if (!mine.held || !IsIn(mine.held_at)) continue;
    const auto add = [&mine](Sums& sums) {
      ++sums.held;
      sums.released += mine.end == End::kReleased ? 1 : 0;
      sums.rejected += mine.end == End::kRejected || mine.end == End::kByRules ? 1 : 0;
      sums.by_itself += mine.end == End::kByItself ? 1 : 0;
      sums.cancelled += mine.end == End::kCancelled ? 1 : 0;
      sums.open += mine.end == End::kOpen ? 1 : 0;
      if (mine.end != End::kOpen) {
        sums.seconds.push_back(SecondsBetween(mine.held_at, mine.ended_at));
      }
      const bool lost = mine.end == End::kReleased && (mine.disputed || mine.charged_back);
      sums.lost += lost ? 1 : 0;
      sums.lost_amount += lost ? mine.amount : 0;
    };
    add(counted.all);
    add(counted.by_cause[mine.cause]);
    for (const std::string& rule : mine.rules) add(counted.by_rule[rule]);
    if (mine.end == End::kReleased && (mine.disputed || mine.charged_back)) {
      ++counted.lost_by_person[mine.person];
    }
    counted.by_rules += mine.end == End::kByRules ? 1 : 0;
    if (mine.end != End::kOpen) continue;
    const std::int64_t seconds = SecondsBetween(mine.held_at, asked_.now);
    for (Age& age : counted.ages) {
      if (seconds >= age.below) continue;
      ++age.count;
      break;
    }
  }
  return counted;
}

std::string Stats::WaitingJson() const {
  std::uint64_t counts[1 + static_cast<std::size_t>(WaitEnd::kCancelled)] = {};
  std::uint64_t orders = 0;
  std::vector<std::int64_t> seconds;
  for (const auto& [order, mine] : cases_) {
    if (!mine.waited || !IsIn(mine.waited_at)) continue;
    ++orders;
    ++counts[static_cast<std::size_t>(mine.wait_end)];
    if (mine.wait_end != WaitEnd::kOpen) {
      seconds.push_back(SecondsBetween(mine.waited_at, mine.wait_ended_at));
    }
  }
  const auto count = [&counts](WaitEnd end) { return counts[static_cast<std::size_t>(end)]; };
  return JsonObject()
      .Number("orders", orders)
      .Number("to_be_shipped", count(WaitEnd::kToShip))
      .Number("held", count(WaitEnd::kHeld))
      .Number("rejected", count(WaitEnd::kRejected))
      .Number("cancelled", count(WaitEnd::kCancelled))
      .Number("open", count(WaitEnd::kOpen))
      .Number("median_seconds", Quantile(seconds, 0.5))
      .Number("p90_seconds", Quantile(seconds, 0.9))
      .Done();
}

std::string Stats::MapOf(const std::map<std::string, Sums>& sums) {
  std::string json = "{";
  for (const auto& [name, one] : sums) {
    if (json.size() > 1) json += ',';
    WriteJsonText(name, json);
    json += ':';
    AppendSums(one, json);
  }
  return json + "}";
}

std::string Stats::PeopleJson(const Holds& counted) const {
  std::string people = "{";
  for (const auto& [name, person] : people_) {
    if (people.size() > 1) people += ',';
    WriteJsonText(name, people);
    people += ':';
    const auto lost = counted.lost_by_person.find(name);
    people +=
        JsonObject()
            .Number("claims", person.claims)
            .Number("releases", person.releases)
            .Number("rejections", person.rejections)
            .Number("holds", person.holds)
            .Number("approvals", person.approvals)
            .Number("asked", person.asked)
            .Number("lost_after_release", lost == counted.lost_by_person.end() ? 0 : lost->second)
            .Number("median_seconds", Quantile(person.seconds, 0.5))
            .Done();
  }
  return people + "}";
}

std::string Stats::Json() const {
  const Holds counted = CountHolds();
  JsonObject open_ages;
  for (const Age& age : counted.ages) open_ages.Number(age.name, age.count);
  std::string holds;
  AppendSums(counted.all, holds);
  JsonObject json;
  json.Text("merchant", asked_.merchant);
  if (asked_.from) json.Text("from", FormatRfc3339(*asked_.from));
  if (asked_.to) json.Text("to", FormatRfc3339(*asked_.to));
  return json.Text("base_currency", amounts_.base().code())
      .Number("orders", orders_)
      .Number("to_be_shipped", shipped_count_)
      .Number("rejected_at_once", rejected_count_)
      .Raw("holds", holds)
      .Raw("waiting_for_payment", WaitingJson())
      .Number("cancelled_while_held", counted.all.cancelled)
      .Number("rejected_by_rules", counted.by_rules)
      .Raw("open_by_age", open_ages.Done())
      .Raw("by_cause", MapOf(counted.by_cause))
      .Raw("by_rule", MapOf(counted.by_rule))
      .Raw("by_person", PeopleJson(counted))
      .Number("disputes", disputes_)
      .Number("chargebacks", chargebacks_)
      .Number("packed_wrongly", packed_wrongly_)
      .Number("shipped_while_held", shipped_while_held_)
      .Done();
}

}  // namespace holdfast
