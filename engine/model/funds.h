// Funds: how certain it is that the seller has the money of an order, and how much of it has come.
// `engine/funds` computes these values.
#pragma once

#include <cstdint>

namespace holdfast {

enum class FundsCertainty : std::uint8_t {
  kNone,       // nothing has come, is promised or is pending
  kReserved,   // authorised: promised, not taken
  kUncertain,  // pending, or in review
  kCertain,    // the seller has what is due
  kContested,  // too little is left because of an open dispute
  kLost,       // it had come and is gone: refunded, charged back
};

// All payments of an order together. Amounts are in minor units of the order's currency.
struct Funds {
  FundsCertainty certainty = FundsCertainty::kNone;
  // True when the pack lets an order with these funds ship, by their certainty or `by_method`.
  bool enough = false;
  // True when the money is enough by the pack's terms for the payment methods used.
  bool by_method = false;
  // True when all amounts are known and are in the order's currency or have a rate. If false, the
  // certainty follows from the states of the payments alone.
  bool known = true;
  std::int64_t due = 0;         // the order's total as it now stands
  std::int64_t paid = 0;        // captured and kept, less what an open dispute or review covers
  std::int64_t authorized = 0;  // and not captured
  std::int64_t pending = 0;     // captures that are under way
  std::int64_t refunded = 0;    // refunds that are under way included
  std::int64_t taken_back = 0;
  std::int64_t disputed = 0;
  std::int64_t in_review = 0;
  std::int64_t overpaid = 0;  // kept beyond what is due
  std::uint32_t count = 0;    // payments, failed attempts included
  bool operator==(const Funds&) const = default;
};

}  // namespace holdfast
