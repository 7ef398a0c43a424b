// StatsPage: statistics as one HTML file with charts, which needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// What a card scheme allows a merchant: a share of the orders shipped.
struct RateLimit {
  std::string name;
  double percent = 0;
};

// Disputes and chargebacks in percent of the orders shipped; 0 where none was.
double BadShare(const JsonValue& stats);

std::string StatsPage(const JsonValue& stats, const std::vector<RateLimit>& limits);

}  // namespace holdfast::cli
