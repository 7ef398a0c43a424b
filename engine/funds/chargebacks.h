// Chargebacks and disputes: the amount that they have taken from a payment. A sum that both a
// chargeback and a dispute report is counted once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/funds/ledger.h"

namespace holdfast {

struct TakenBack {
  std::int64_t amount = 0;  // minor units of the payment's currency, >= 0
  bool all = false;         // at least one of them took all there was
};

// The amount taken back. A chargeback or lost dispute of unknown amount takes `there`.
TakenBack TakenBackOf(std::span<const Movement> movements, std::span<const PaymentCase> cases,
                      std::int64_t there);

// The amount of an open dispute, at least what the chargebacks with its id have taken. Empty: all
// of the payment.
std::optional<std::int64_t> AmountAbout(const PaymentCase& open,
                                        std::span<const Movement> movements);

}  // namespace holdfast
