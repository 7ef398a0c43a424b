// Reads reports from events: what payment.updated, refund.issued, dispute.* and the payment within
// an order.placed say of the money of an order.
#pragma once

#include <list>
#include <string>

#include "engine/funds/report.h"
#include "engine/funds/terms.h"
#include "engine/model/event.h"

namespace holdfast {

// Reports with the texts that no event has. Not to be copied: views point into it.
struct ReadReports {
  FundsReports reports;
  std::list<std::string> texts;
};

// Adds what the event says; nothing for an event that says nothing of money. The event outlives the
// reports.
void AddReports(const Event& event, const FundsTerms& terms, ReadReports& all);

// Does the payment say that its money was taken?
bool SaysPaid(const Payment& payment);

// Does it say that money has not come, has gone or is in doubt?
bool SpeaksAgainst(const Payment& payment);

// Does the event say something of money?
bool SaysOfMoney(const Event& event);

}  // namespace holdfast
