// Real orders, read from the shared folder: exact counts that were computed independently.
#include <doctest/doctest.h>

#include "engine/base/file.h"
#include "engine/ingest/mapping.h"
#include "tests/cli/process.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

using testing::Sh;
using testing::TempFolder;

// Goal: the three signs of fraud in 30,189 real orders, to the order, and how many were fraud.
TEST_CASE("ingest: real orders, exact counts") {
  const auto data = testing::Shared("data/fraud_orders/orders.csv.gz");
  if (!data) return;
  const TempFolder folder;
  Sh("zcat " + *data + " | tr -d '\\r' | awk -F, 'NR > 1 && $NF == 1 { print $2 }' | sort > " +
     (folder / "fraud"));
  struct Row {
    const char* pack;
    const char* held;
    const char* fraud;
  };
  for (const Row& row :
       {Row{"device-shared", "1240", "944"}, Row{"device-shared-24h", "889", "886"},
        Row{"quick-purchase", "1531", "1531"}, Row{"ip-shared", "1033", "894"},
        Row{"any-of-three", "1885", "1589"}}) {
    const auto ran = Sh(
        "zcat " + *data +
        " | holdfast score --mapping config/mappings/fraud-orders.yaml --pack rules/fraud-orders/" +
        row.pack +
        ".yaml - | grep '\"outcome\":\"hold\"' | sed 's/.*\"order_id\":\"\\([0-9]*\\)\".*/\\1/' | "
        "sort > " +
        (folder / "held") + "; wc -l < " + (folder / "held") + "; comm -12 " + (folder / "held") +
        " " + (folder / "fraud") + " | wc -l");
    CAPTURE(row.pack);
    CHECK(ran.out == std::string(row.held) + "\n" + row.fraud + "\n");
  }
}

// Goal:   the same counts, byte for byte the same answers, when the run keeps a log, is killed
//         half way, and the same input is given again.
TEST_CASE("ingest: real orders, killed half way with a log") {
  const auto data = testing::Shared("data/fraud_orders/orders.csv.gz");
  if (!data) return;
  const TempFolder folder;
  const std::string score =
      " score --mapping config/mappings/fraud-orders.yaml --pack "
      "rules/fraud-orders/any-of-three.yaml --json - ";
  const std::string keep = score + "--data " + (folder / "data");
  const auto orders = "zcat " + *data + " 2>/dev/null | ";
  Sh(orders + "holdfast" + score + " > " + (folder / "plain"));
  Sh(orders + "timeout -s KILL 0.25 " HOLDFAST_BINARY + keep + " > " + (folder / "cut"));
  Sh(orders + "holdfast" + keep + " > " + (folder / "again"));
  CHECK(Sh("cmp " + (folder / "plain") + " " + (folder / "again")).status == 0);
  CHECK(Sh("grep -c '\"outcome\":\"hold\"' " + (folder / "again")).out == "1885\n");
  // What came out before the kill is what comes out without one.
  CHECK(Sh("head -c $(stat -c %s " + (folder / "cut") + ") " + (folder / "plain") + " | cmp - " +
           (folder / "cut"))
            .status == 0);
  CHECK(
      Sh("holdfast verify --pack rules/fraud-orders/any-of-three.yaml --data " + (folder / "data"))
          .out.starts_with("30,189 events and 30,189 decisions, 30,189 with their facts, are "));
}

// Goal:   half a million invoice lines make 25,900 invoices; the buyer's history is right.
// Method: buyer 12347 counted by hand from the lines: five invoices before 573511, of 711.79,
//         475.39, 636.25, 382.52 and 584.91 pounds, none cancelled.
TEST_CASE("ingest: invoice lines, grouped, with the buyer's history") {
  const auto data = testing::Shared("data/online_retail/lines.csv.gz");
  if (!data) return;
  const TempFolder folder;
  const auto ran =
      Sh("zcat " + *data +
         " | holdfast score --mapping config/mappings/online-retail.yaml --pack "
         "rules/online-retail --rejects " +
         (folder / "rejects") + " - > " + (folder / "out") + "; wc -l < " + (folder / "out"));
  CHECK(ran.status == 0);
  CHECK(ran.err.find("24,562 events") != std::string::npos);
  const auto history = Sh("grep '\"order_id\":\"573511\"' " + (folder / "out"));
  CHECK(history.out.find(
            "5 earlier orders, 2,790.86 spent, 0 cancelled, first on 2010-12-07T14:57:00Z") !=
        std::string::npos);
  // What is left out: adjustments with a negative quantity or price, and one invoice whose lines
  // stand in two places, 35 of them in the second.
  const auto causes = Sh("sed 1d " + (folder / "rejects") +
                         " | grep -c 'got -'; grep -c 'used before' " + (folder / "rejects"));
  CHECK(causes.out == "1338\n35\n");
}

TEST_CASE("ingest: decimals are rounded as text, halves to even") {
  CHECK(RoundDecimal("2.55", 2) == "2.55");
  CHECK(RoundDecimal("1.005", 2) == "1.00");
  CHECK(RoundDecimal("1.015", 2) == "1.02");
  CHECK(RoundDecimal("0.001", 2) == "0.00");
  CHECK(RoundDecimal("-0.001", 2) == "0.00");
  CHECK(RoundDecimal("9.9951", 2) == "10.00");
  CHECK(RoundDecimal("99.5", 0) == "100");
  CHECK(RoundDecimal("98.5", 0) == "98");
  CHECK(RoundDecimal("7", 2) == "7.00");
  CHECK(RoundDecimal("-3.456", 1) == "-3.5");
  for (const char* wrong : {"", "-", ".5", "1e5", "1,5", "x"}) CHECK_FALSE(RoundDecimal(wrong, 2));
}

}  // namespace
}  // namespace holdfast
