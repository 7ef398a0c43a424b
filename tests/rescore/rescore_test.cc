// Rescoring through the command, on folders, exports and parts.
#include <doctest/doctest.h>

#include <csignal>
#include <thread>

#include "engine/codec/json_value.h"
#include "tests/cli/process.h"
#include "tests/rounds.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Sh;
using testing::Slurp;
using testing::TempFolder;

// A data folder of several merchants, decided by the starter pack; and the starter pack with one
// rule changed.
class Shop {
 public:
  explicit Shop(int orders = 600) {
    std::string all;
    for (const char* merchant : {"acme", "bolt", "cozy"}) {
      all += Sh("holdfast simulate --seed " + std::string(1, merchant[0] - 'a' + '1') +
                " --orders " + std::to_string(orders / 3) + " | sed 's/\"merchant\":\"acme\"/" +
                "\"merchant\":\"" + merchant + "\"/g; s/\"id\":\"/\"id\":\"" + merchant + "-/g; " +
                "s/\"order_id\":\"/\"order_id\":\"" + merchant + "-/g'")
                 .out;
    }
    folder_.Write("in.ndjson", all);
    const Ran scored =
        Sh("holdfast score --pack rules/starter --data " + data() + " " + (folder_ / "in.ndjson"));
    REQUIRE_MESSAGE(scored.status == 0, scored.err);
    Sh("cp -r rules/starter " + other() + " && sed -i 's/points: 35/points: 60/' " + other() +
       "/pack.yaml");
  }
  std::string data() const { return folder_ / "data"; }
  std::string other() const { return folder_ / "other"; }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  TempFolder folder_;
};

TEST_SUITE_BEGIN("rescore");

// Goal:   the pack that was live gives every decision again, byte for byte.
TEST_CASE("rescore: the live pack reproduces what was decided") {
  const Shop shop;
  const Ran ran = Sh("holdfast rescore --pack rules/starter --data " + shop.data() + " --json");
  CHECK(ran.status == 0);
  const auto summary = JsonDocument::Parse(ran.out);
  REQUIRE(summary.has_value());
  const JsonValue& root = summary->root();
  CHECK(root["orders"].text() == "600");
  CHECK(root["flipped"].text() == "0");
  CHECK(root["decisions"].text() == root["same_decisions"].text());
  CHECK(std::stoi(std::string(root["decisions"].text())) > 1000);
  // Nothing was changed.
  CHECK(Sh("holdfast verify --pack rules/starter --data " + shop.data()).status == 0);
}

// Goal:   whatever the jobs, the parts and the stops, the result is the same, byte for byte.
TEST_CASE("rescore: jobs, exports, parts and kills change nothing") {
  const Shop shop;
  const std::string what = " --pack " + shop.other() + " --as-of 2026-06-01T00:00:00Z ";
  const auto rescore = [&](const std::string& more, const std::string& out) {
    return Sh("holdfast rescore " + what + more + " --out " + (shop / out));
  };
  const Ran one = rescore("--data " + shop.data(), "one");
  REQUIRE(one.status == 1);
  CHECK(one.err.find("rescored from recorded facts") != std::string::npos);
  const std::string files[] = {"summary.json", "flips.ndjson", "flips.csv", "report.html"};
  const auto same = [&](const std::string& out) {
    for (const std::string& file : files) {
      CAPTURE(out);
      CAPTURE(file);
      CHECK(Slurp(shop / (out + "/" + file)) == Slurp(shop / ("one/" + file)));
    }
  };
  CHECK(Slurp(shop / "one/flips.ndjson").find("new-buyer-risky-product 35>60") !=
        std::string::npos);
  CHECK(Slurp(shop / "one/report.html").find("<svg") != std::string::npos);
  CHECK(Slurp(shop / "one/report.html").find("http") == std::string::npos);
  CHECK(Sh("ls " + (shop / "one")).out.find("work") == std::string::npos);

  REQUIRE(rescore("--fold --jobs 3 --data " + shop.data(), "jobs").status == 1);
  same("jobs");
  REQUIRE(Sh("holdfast backup --data " + shop.data() + " --to " + (shop / "backup")).status == 0);
  REQUIRE(rescore("--data " + (shop / "backup"), "backup-out").status == 1);
  same("backup-out");
  REQUIRE(Sh("holdfast log export --full --zstd --data " + shop.data() + " > " + (shop / "log.zst"))
              .status == 0);
  REQUIRE(rescore("--log " + (shop / "log.zst"), "export").status == 1);
  same("export");

  // Four parts, each by itself, and put together.
  REQUIRE(
      Sh("holdfast log export --full --parts 4 --out " + (shop / "part") + " --data " + shop.data())
          .status == 0);
  std::string parts;
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    const Ran ran = rescore("--log " + (shop / ("part-" + n + "-of-4.ndjson.zst")), "part" + n);
    CHECK_MESSAGE(ran.status <= 1, ran.err);
    parts += " " + (shop / ("part" + n));
  }
  CHECK(Sh("holdfast rescore merge" + parts + " --out " + (shop / "merged")).status == 1);
  same("merged");
  // Parts that are not there are missed.
  const auto half = [&](const std::string& a, const std::string& b) {
    return Sh("holdfast rescore merge " + (shop / a) + " " + (shop / b) + " --out " +
              (shop / "half"))
        .out;
  };
  CHECK((half("part0", "part1") + half("part2", "part3")).find("in parts that are not here") !=
        std::string::npos);
  const Ran mixed = Sh("holdfast rescore merge " + (shop / "one") + " " + (shop / "jobs") +
                       " --out " + (shop / "x"));
  CHECK(mixed.status == 3);
  CHECK(mixed.err.find("parts overlap") != std::string::npos);
  CHECK(Sh("holdfast rescore merge" + parts + " --out " + (shop / "part1"))
            .err.find("is one of the parts") != std::string::npos);
  Sh("for i in 0 1 2 3; do : > " + (shop / "part") + "$i/flips.ndjson; done");
  CHECK(Sh("holdfast rescore merge" + parts + " --out " + (shop / "z"))
            .err.find("flips that can be read") != std::string::npos);
  // What was merged before stays whole.
  CHECK(Sh("holdfast rescore merge" + parts + " --out " + (shop / "merged")).status == 3);
  same("merged");
  REQUIRE(Sh("holdfast rescore --pack rules/starter --data " + shop.data() + " --out " +
             (shop / "live"))
              .status == 0);
  CHECK(Sh("holdfast rescore merge " + (shop / "one") + " " + (shop / "live") + " --out " +
           (shop / "y"))
            .err.find("is not of the same pack") != std::string::npos);
}

// Goal:   a run that was killed goes on, and ends as one that was not.
// Method: killed after a longer time each, until it comes to its end; HOLDFAST_CRASHES: in smaller
//         steps.
TEST_CASE("rescore: a run that was killed goes on where it was" * doctest::timeout(900)) {
  const bool all = testing::Rounds("HOLDFAST_CRASHES", 12) > 50;
  const Shop shop(all ? 6000 : 2500);
  const int step = all ? 1 : 7;
  const std::string run =
      "rescore --fold --pack " + shop.other() + " --data " + shop.data() + " --out ";
  REQUIRE(Sh("holdfast " + run + (shop / "one")).status == 1);
  // Killed before anything but the first file's beginning was there.
  REQUIRE(
      Sh("mkdir -p " + (shop / "two/work") + " && touch " + (shop / "two/work/kind.new")).status ==
      0);
  int kills = 0;
  for (int i = 1; i < 100; i += step) {
    const Ran ran = Sh("timeout -s KILL 0." + std::string(i < 10 ? "0" : "") + std::to_string(i) +
                       " " HOLDFAST_BINARY " " + run + (shop / "two"));
    if (ran.status == 1) break;
    REQUIRE_MESSAGE(ran.status == 137, ran.err);
    ++kills;
  }
  CHECK(kills > 0);
  REQUIRE(Sh("holdfast " + run + (shop / "two")).status == 1);
  for (const char* file : {"summary.json", "flips.ndjson", "flips.csv"}) {
    CHECK(Slurp(shop / (std::string("two/") + file)) == Slurp(shop / (std::string("one/") + file)));
  }
}

TEST_CASE("rescore: bounds, baselines and faults") {
  const Shop shop;
  const std::string data = " --data " + shop.data();
  const auto orders = [](const Ran& ran) {
    const auto summary = JsonDocument::Parse(ran.out);
    REQUIRE_MESSAGE(summary.has_value(), ran.err);
    return std::stoi(std::string(summary->root()["orders"].text()));
  };
  const std::string pack = "holdfast rescore --json --pack " + shop.other() + data;
  CHECK(orders(Sh(pack + " --merchant bolt")) == 200);
  const int early = orders(Sh(pack + " --to 2026-01-01T01:00:00Z"));
  const int late = orders(Sh(pack + " --from 2026-01-01T01:00:00Z"));
  CHECK(early > 0);
  CHECK(late > 0);
  CHECK(early + late == 600);
  // Against the pack itself nothing differs, whatever was decided.
  CHECK(Sh(pack + " --baseline " + shop.other()).status == 0);
  CHECK(Sh("holdfast rescore" + data).status == 2);
  CHECK(Sh("holdfast rescore --pack rules/starter").err.find("give a data folder") !=
        std::string::npos);
  CHECK(Sh("holdfast rescore --pack rules/starter --data " + (shop / "none")).status == 3);
  const std::string labels = shop / "labels.csv";
  CHECK(Sh("echo 'order_id,label\n1,maybe' > " + labels + "; " + pack + " --labels " + labels)
            .err.find(":2: the label must be fraud or good, not 'maybe'") != std::string::npos);
  const std::string first = Sh("head -n 1 " + (shop / "data/../in.ndjson") +
                               " | sed 's/.*\"order_id\":\"\\([^\"]*\\).*/\\1/'")
                                .out;
  const std::string id = first.substr(0, first.find('\n'));
  CHECK(Sh("printf 'order_id,merchant,label\\n" + id + ",acme,good\\n" + id + ",acme,fraud\\n' > " +
           labels + "; " + pack + " --labels " + labels)
            .err.find("say both fraud and good of order '" + id + "'") != std::string::npos);
  CHECK(Sh("cat " + labels + " | " + pack + " --labels /dev/stdin")
            .err.find("a file that can be read twice") != std::string::npos);
  CHECK(Sh(pack + " --from 2026-02-01T00:00:00Z --to 2026-01-01T00:00:00Z").status == 2);
  CHECK(Sh("holdfast rescore --apply x --max-changes -1").status == 2);
  for (const char* option : {"--false-hold nan", "--loss inf", "--later nan"}) {
    CHECK(Sh("holdfast tune --pack rules/starter" + data + " " + option).status == 2);
  }
  CHECK(Sh(pack + " --merchant nosuch").err.find("'nosuch' has no orders") != std::string::npos);
  CHECK(Sh("holdfast tune --pack /dev/null" + data).status == 3);
  // Others keep out, and who writes a result removes nothing but what was made for it.
  const std::string mine = shop / "mine";
  Sh("mkdir -p " + mine + "/work " + mine + "/work-log " + mine + "/work-facts; touch " + mine +
     "/work/a " + mine + "/work-log/b");
  const std::string into =
      HOLDFAST_BINARY " rescore --pack " + shop.other() + data + " --out " + mine;
  CHECK(Sh("flock " + mine + " " + into).err.find("another rescoring is using it") !=
        std::string::npos);
  CHECK(Sh(into).status == 1);
  CHECK(Sh("ls " + mine + "/work " + mine + "/work-log | wc -l").out == "5\n");
  CHECK(Sh("test -e " + mine + "/work-facts").status != 0);
  CHECK(Sh(into + " --fold").status == 3);
  CHECK(Sh("test -e " + mine + "/work/a").status == 0);
  const std::string scratch = shop / "full/work", precious = scratch + "/precious";
  CHECK(Sh("mkdir -p " + scratch + "; touch " + precious +
           "; holdfast rescore --pack rules/starter" + data + " --out " + (shop / "full"))
            .err.find("has files that no rescoring has made") != std::string::npos);
  CHECK(Sh("test -e " + precious).status == 0);
  // A user's file with one of our names proves nothing; nor does what a link leads
  // to.
  CHECK(Sh("echo x > " + scratch + "/kind; holdfast rescore --pack " + shop.other() + data +
           " --out " + (shop / "full"))
            .status == 1);
  CHECK(Sh("test -e " + precious).status == 0);
  CHECK(Sh("rm -r " + scratch + "; mkdir " + (shop / "far") + "; ln -s ../far " + scratch +
           "; ln -sf ../far/x " + (shop / "full/flips.ndjson") +
           "; " HOLDFAST_BINARY " rescore --fold --pack " + shop.other() + data + " --out " +
           (shop / "full"))
            .err.find("is a link") != std::string::npos);
  CHECK(Sh("rm " + scratch + "; " HOLDFAST_BINARY " rescore --fold --pack " + shop.other() + data +
           " --out " + (shop / "full"))
            .status == 1);
  CHECK(Sh("ls " + (shop / "far")).out.empty());
}

// Goal:   what was taken over as history is judged, and compared with nothing.
TEST_CASE("rescore: history that nobody decided is no difference") {
  const TempFolder folder;
  const std::string data = folder / "data";
  Sh("holdfast simulate --seed 2 --orders 200 > " + (folder / "all") + "; head -n 400 " +
     (folder / "all") + " > " + (folder / "old") + "; tail -n +401 " + (folder / "all") + " > " +
     (folder / "new"));
  REQUIRE(Sh("holdfast log import --pack rules/starter --data " + data + " " + (folder / "old"))
              .status == 0);
  REQUIRE(
      Sh("holdfast score --pack rules/starter --data " + data + " " + (folder / "new")).status ==
      0);
  const Ran ran = Sh("holdfast rescore --json --pack rules/starter --data " + data);
  CHECK(ran.status == 0);
  const auto summary = JsonDocument::Parse(ran.out);
  REQUIRE(summary.has_value());
  const JsonValue& root = summary->root();
  CHECK(root["flipped"].text() == "0");
  CHECK(root["decisions"].text() == root["same_decisions"].text());
  CHECK(ran.out.find("orders were never decided") != std::string::npos);
  // A log without decisions likewise.
  const Ran plain = Sh("holdfast log export --data " + data +
                       " | holdfast rescore --json --pack rules/starter --log -");
  CHECK(plain.status == 0);
  CHECK(plain.out.find("200 orders were never decided") != std::string::npos);
}

// Goal:   a run that finds what an earlier one left damaged starts from the beginning.
TEST_CASE("rescore: damaged scratch is made again") {
  const Shop shop;
  const std::string run = "holdfast rescore --fold --pack " + shop.other() + " --data " +
                          shop.data() + " --out " + (shop / "o");
  const std::string bad = shop / "bad.csv";
  Sh("echo nonsense > " + bad);
  CHECK(Sh(run + " --labels " + bad).status == 3);  // stops behind the fold; the scratch stays
  CHECK(Sh("test -d " + (shop / "o/work")).status == 0);
  Sh("for f in " + (shop / "o/work") + "/mark-*; do echo '{\"offset\":\"x\"}' > $f; done; rm -f " +
     (shop / "o/work") + "/rows-0-1*");
  REQUIRE(Sh(run).status == 1);
  REQUIRE(Sh("rm -r " + (shop / "o") + "; " + run + " --labels " + bad).status == 3);
  Sh("cd " + (shop / "o/work") + " && for f in rows-0-*; do truncate -s 7 $f; done");
  REQUIRE(Sh(run).status == 1);
  REQUIRE(Sh("holdfast rescore --pack " + shop.other() + " --data " + shop.data() + " --out " +
             (shop / "p"))
              .status == 1);
  CHECK(Slurp(shop / "o/summary.json") == Slurp(shop / "p/summary.json"));
  // Another merchant's run does not take this one's rows for its own.
  CHECK(Sh(run + " --merchant acme --labels " + bad).status == 3);
  CHECK(Sh(run + " --merchant bolt --json").out.find("\"merchants\":[{\"merchant\":\"bolt\"") !=
        std::string::npos);
}

TEST_CASE("tune: the diff has every change, however the pack is written") {
  const Shop shop;
  Sh("holdfast simulate --seed 4 --orders 6000 --labels " + (shop / "l.csv") + " > " +
     (shop / "in") + "; holdfast score --pack rules/starter --data " + (shop / "d") + " " +
     (shop / "in") + " > /dev/null");
  Sh("sed -i 's/points: 15/points:  15  # some/; s/- id: good-history/- id: good-history   # "
     "mild/' " +
     shop.other() + "/pack.yaml");
  const std::string tune = "holdfast tune --false-hold 30 --pack " + shop.other() + " --data " +
                           (shop / "d") + " --labels " + (shop / "l.csv");
  const Ran ran = Sh(tune + " --json");
  REQUIRE_MESSAGE(ran.status == 1, ran.out);
  const auto result = JsonDocument::Parse(ran.out);
  REQUIRE(result.has_value());
  int changes = 0, hunks = 0;
  for (const JsonValue& rule : result->root()["rules"].list()) {
    changes += rule["points"].text() != rule["suggested"].text() ? 1 : 0;
  }
  const std::string diff(result->root()["diff"].text());
  for (std::size_t at = diff.find("@@ -"); at != diff.npos; at = diff.find("@@ -", at + 1)) ++hunks;
  CHECK(changes > 3);
  CHECK(hunks == changes);
  CHECK(Sh(tune + " | sed -n '/^---/,$p' | (cd / && patch -p0)").status == 0);
  CHECK(Sh("holdfast rules check " + shop.other()).status == 0);
}

// Goal:   the real orders give the differences that their exact counts imply.
// Method: decided under one pack of the export and rescored under another, with the export's own
//         labels. tests/ingest has the counts of each: 1,240 and 889 held, of which 944 and 886
//         were fraud; a device that was shared within a day was shared at all.
TEST_CASE("rescore: real orders differ by what their counts say") {
  const auto data = testing::Shared("data/fraud_orders/orders.csv.gz");
  if (!data) return;
  const TempFolder folder;
  const std::string log = folder / "log", labels = folder / "labels.csv";
  Sh("zcat " + *data +
     " | tr -d '\\r' | awk -F, 'NR == 1 { print \"order_id,label\" } "
     "NR > 1 { print $2 \",\" ($NF == 1 ? \"fraud\" : \"good\") }' > " +
     labels);
  REQUIRE(Sh("zcat " + *data +
             " | holdfast score --mapping config/mappings/fraud-orders.yaml "
             "--pack rules/fraud-orders/device-shared.yaml --data " +
             log + " - > /dev/null")
              .status == 0);
  const Ran ran =
      Sh("holdfast rescore --json --pack rules/fraud-orders/device-shared-24h.yaml "
         "--data " +
         log + " --labels " + labels);
  const auto summary = JsonDocument::Parse(ran.out);
  REQUIRE_MESSAGE(summary.has_value(), ran.err);
  const JsonValue& root = summary->root();
  CHECK(root["orders"].text() == "30189");
  CHECK(root["flipped"].text() == "351");
  CHECK(root["before"]["stopped"].text() == "1240");
  CHECK(root["before"]["fraud_stopped"].text() == "944");
  CHECK(root["after"]["stopped"].text() == "889");
  CHECK(root["after"]["fraud_stopped"].text() == "886");
  CHECK(root["before"]["good_stopped"].text() == "296");
  CHECK(root["after"]["good_stopped"].text() == "3");
  int moves = 0;
  for (const JsonValue& move : root["moves"].list()) {
    if (move["before"].text() == move["after"].text()) continue;
    ++moves;
    CHECK(move["before"].text() == "hold");
    CHECK(move["after"].text() == "ship");
    CHECK(move["fraud"].text() == "58");
    CHECK(move["good"].text() == "293");
  }
  CHECK(moves == 1);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
