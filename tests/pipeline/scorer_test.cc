#include "holdfast/scorer.h"

#include <doctest/doctest.h>

namespace holdfast {
namespace {

TEST_CASE("pipeline: another program scores through one header") {
  std::string findings;
  CHECK(Scorer::Open("/nowhere", findings) == nullptr);
  CHECK(findings.find("error[unreadable-file]") != std::string::npos);
  const auto scorer = Scorer::Open(std::string(HOLDFAST_SOURCE) + "/rules/starter", findings);
  REQUIRE(scorer != nullptr);
  const std::string order =
      R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":12.50})";
  const ScoreResult first = scorer->Score(order);
  CHECK(first.accepted);
  REQUIRE(first.decision);
  CHECK(first.decision->starts_with(
      R"({"order_id":"1","merchant":"acme","outcome":"hold","cause":"funds")"));
  const ScoreResult again = scorer->Score(order);
  CHECK(again.duplicate);
  CHECK_FALSE(again.decision);
  const ScoreResult wrong = scorer->Score(R"({"id":"2"})");
  CHECK_FALSE(wrong.accepted);
  CHECK(wrong.problem == "order.placed_at: is missing");
}

}  // namespace
}  // namespace holdfast
