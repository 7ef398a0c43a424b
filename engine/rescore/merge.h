// Merge: the results of parts of a log, put together as if it had been rescored in one piece.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

// What a rescoring leaves in its folder.
inline constexpr char kSummaryFile[] = "summary.json";
inline constexpr char kFlipsJson[] = "flips.ndjson";
inline constexpr char kFlipsCsv[] = "flips.csv";
inline constexpr char kReportFile[] = "report.html";

inline constexpr std::size_t kSummaryBytes = 256 << 20;  // of a summary, at most

// Writes the flips of all `parts` to `out` in the order that one rescoring has, and returns its
// summary. Errors: kNotFound and kCorrupt for what is no result; kInvalidInput for results of
// different packs, baselines, times, labels or bounds, and for parts that have a merchant in
// common; kIo.
Result<std::string> MergeResults(const std::vector<std::string>& parts, const std::string& out);

}  // namespace holdfast
