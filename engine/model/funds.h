// Funds: how certain it is that the money of an order is the seller's, and how much of it has come.
// `engine/funds` makes these values.
#pragma once

#include <cstdint>

namespace holdfast {

enum class FundsCertainty : std::uint8_t {
  kNone,       // nothing has come, and nothing is promised or under way
  kReserved,   // authorised: promised, not taken
  kUncertain,  // pending, or in review
  kCertain,    // the seller has what is due
  kContested,  // an open dispute is what makes it short
  kLost,       // it had come, and has gone: refunded, charged back
};

// Minor units of the order's currency. All the payments of an order together.
struct Funds {
  FundsCertainty certainty = FundsCertainty::kNone;
  // The pack lets an order with such funds ship: by their certainty, or by_method.
  bool enough = false;
  // The money is enough to ship by by the terms of the methods that it comes by.
  bool by_method = false;
  // All amounts are known, and in the order's currency or with a rate. Where not, the certainty is
  // that of the payments' states alone.
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
