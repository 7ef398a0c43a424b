// Chargebacks and disputes: what they have taken of a payment's money, each sum once, though both
// may tell of it.
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

// `there` is what a chargeback of unknown size takes.
TakenBack TakenBackOf(std::span<const Movement> movements, std::span<const PaymentCase> cases,
                      std::int64_t there);

// What an open dispute is about: no less than the chargebacks of its id have taken. Nothing: all.
std::optional<std::int64_t> AmountAbout(const PaymentCase& open,
                                        std::span<const Movement> movements);

}  // namespace holdfast
