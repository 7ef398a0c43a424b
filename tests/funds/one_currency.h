// An exchange without rates, for tests in one currency.
#pragma once

#include "engine/funds/funds.h"

namespace holdfast::testing {

class OneCurrency final : public Exchange {
 public:
  std::optional<std::int64_t> Convert(std::int64_t, Currency, Currency) const override {
    return std::nullopt;
  }
};

}  // namespace holdfast::testing
