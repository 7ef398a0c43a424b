// Funds certainty: is the money of an order really the seller's?
//
// A function of the *set* of facts that providers reported, never of their order of arrival: facts
// are joined by a rule that commutes, so duplicates and re-orderings end in the same state.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/model/payment.h"

namespace holdfast {

enum class FundsCertainty : std::uint8_t {
  kNone,       // no payment known
  kReserved,   // authorised: promised, not taken
  kUncertain,  // pending: under review, eCheck not cleared, ...
  kCertain,    // completed or cleared
  kContested,  // a dispute is open
  kLost,       // denied, voided, refunded in full, reversed, charged back
};

// The certainty that a status alone means.
FundsCertainty CertaintyOf(PaymentStatus status);

// How bad a status is for the seller; decides between two facts of one provider time. Higher wins.
int SeverityOf(PaymentStatus status);

// True when the fact (at, status, event id) displaces the other: the later provider time wins, ties
// by severity, then by the greater event id. A strict total order on distinct facts.
bool Supersedes(EventTime at, PaymentStatus status, std::string_view event_id, EventTime other_at,
                PaymentStatus other_status, std::string_view other_event_id);

}  // namespace holdfast
