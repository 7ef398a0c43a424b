#include "engine/rescore/labels.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "engine/base/csv.h"

namespace holdfast {

Status ReadLabels(const std::string& path, const std::string& merchant,
                  const RescoreOptions::TakeLabel& take) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, path, "cannot be read");
  std::string line;
  std::optional<std::size_t> order_at, label_at, merchant_at;
  const auto fault = [&path](std::int64_t number, const std::string& what) {
    return Fail(ErrorCode::kInvalidInput, path + ":" + std::to_string(number), what);
  };
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const auto rows = ParseCsv(line);
    if (!rows || rows->size() != 1) return fault(number, "is no row of CSV");
    const std::vector<std::string>& row = rows->front();
    if (!order_at) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == "order_id") order_at = i;
        if (row[i] == "label") label_at = i;
        if (row[i] == "merchant") merchant_at = i;
      }
      if (!order_at || !label_at) {
        return fault(number, "the head must name the columns order_id and label");
      }
      continue;
    }
    if (row.size() <= std::max({*order_at, *label_at, merchant_at.value_or(0)})) {
      return fault(number, "has too few columns");
    }
    const std::string& label = row[*label_at];
    if (label != "fraud" && label != "good") {
      return fault(number, "the label must be fraud or good, not '" + label + "'");
    }
    const bool has_merchant = merchant_at && !row[*merchant_at].empty();
    take(has_merchant ? row[*merchant_at] : merchant, row[*order_at], label == "fraud");
  }
  if (in.bad()) return Fail(ErrorCode::kIo, path, "cannot be read to its end");
  return {};
}

}  // namespace holdfast
