// Reads reports on payments from events: payment.updated, refund.issued, dispute.*, and the payment
// within an order.placed.
#pragma once

#include <list>
#include <string>

#include "engine/funds/report.h"
#include "engine/funds/terms.h"
#include "engine/model/event.h"

namespace holdfast {

// Reports, and the texts they view that no event owns. Do not copy: views point into it.
struct ReadReports {
  FundsReports reports;
  std::list<std::string> texts;
};

// Adds the reports in the event, if there are any. The event must outlive the reports.
void AddReports(const Event& event, const FundsTerms& terms, ReadReports& all);

// True when the payment says that its money was captured.
bool SaysPaid(const Payment& payment);

// True when the payment says that money has not come, was taken back or is in doubt.
bool SpeaksAgainst(const Payment& payment);

// True when the event reports on payments of an order.
bool SaysOfMoney(const Event& event);

}  // namespace holdfast
