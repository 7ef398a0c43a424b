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

// How bad a status is for the seller. Higher is worse.
int SeverityOf(PaymentStatus status);

// One report about a payment, and when it was true by the provider's clock.
struct PaymentReport {
  EventTime at;
  PaymentStatus status = PaymentStatus::kNone;
  std::string_view pending_reason, event_id;
};

// True when a report displaces the other: the later provider time wins, ties by how bad the status
// is for the seller, then by the greater event id. What is pending only because the money has not
// been asked for or captured yet goes before payment, so within one second it gives way to it; many
// providers count whole seconds. A strict total order on distinct reports.
bool Supersedes(const PaymentReport& report, const PaymentReport& other);

// Is money taken back from the seller by this fact? Not so where only an approval has lapsed.
bool TakesBack(const Payment& payment);
// Does it say that money came back to the seller that had been taken?
bool GivesBack(const Payment& payment);

}  // namespace holdfast
