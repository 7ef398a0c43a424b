// CaseView: an order on one screen: the hold and its reasons, the facts side by side, what would
// release it, and the actions of people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/cli/ui/screen.h"
#include "engine/codec/json_value.h"

namespace holdfast::cli {

// `order` is the answer to GET /v1/orders/{id}. Ages are as of `now`.
void ShowCase(const JsonValue& order, EventTime now, Screen& screen);
// The two parts of ShowCase. The head: what the order is, its decision and cause, when its review
// is due, who may release it, who has claimed it. The body: the reasons, what would release it, and
// all facts.
void ShowCaseHead(const JsonValue& order, EventTime now, Screen& screen);
void ShowCaseBody(const JsonValue& order, Screen& screen);

// The main payment in an order's answer: from an event of its own, or from the order as placed.
const JsonValue& PaymentOf(const JsonValue& order);

// An event of an order: its summary, and the outcome and cause of the decision that it led to.
struct TimelineEntry {
  std::string offset, at, type, summary, outcome, cause;  // `at` as RFC 3339
};
// What happened to an order, the oldest first: its `events`.
std::vector<TimelineEntry> TimelineOf(const JsonValue& order);
// The same on the screen. Times are UTC.
void ShowTimeline(const JsonValue& order, Screen& screen);

// "3 d 4 h", "12 min": how long from one time to the other; "-" when a text is no time.
std::string AgeOf(std::string_view since, EventTime now);

// "2026-11-20 08:15", in UTC. A view states the zone once.
std::string ShortTime(std::string_view rfc3339);

}  // namespace holdfast::cli
