// What was stopped half way, lost or damaged is told, and can be mended as the message says.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/pipeline/data_folder.h"
#include "tests/cli/process.h"
#include "tests/report.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Sh;
using testing::TempFolder;

std::string Score(const std::string& data, const std::string& input) {
  return "score --pack rules/starter --json --data " + data + " " + input;
}

std::string Verify(const std::string& data) {
  return "holdfast verify --pack rules/starter --data " + data;
}

// Stops what writes more than some blocks of 1,024 bytes into one file, as a full disk would.
std::string Within(int blocks, const std::string& command) {
  return "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; " + command;
}

std::string Simulated(const TempFolder& folder, int orders) {
  return folder.Write("in" + std::to_string(orders) + ".ndjson",
                      Sh("holdfast simulate --seed 7 --orders " + std::to_string(orders)).out);
}

// Goal: a copy that was stopped is no folder to decide from, and running it again ends it.
TEST_CASE("cli: a restore that was stopped goes on, and is used by nothing before its end") {
  const TempFolder folder;
  const std::string input = Simulated(folder, 1500);
  const std::string data = folder / "data", to = folder / "to";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string restore = "holdfast restore --from " + data + " --data " + to;
  const auto exported = [](const std::string& from) {
    return Sh("holdfast log export --full --data " + from).out;
  };
  const Ran stopped = Sh(Within(3000, restore));
  CHECK(stopped.status == 3);
  CHECK(stopped.err.find("error[io]") != std::string::npos);
  for (const std::string& command :
       {"holdfast " + Score(to, input), Verify(to), "holdfast log export --data " + to,
        "holdfast backup --to " + (folder / "x") + " --data " + to,
        "holdfast log trim --before 2020-01-01T00:00:00Z --data " + to}) {
    const Ran ran = Sh(command);
    CAPTURE(command);
    CHECK(ran.status == 3);
    CHECK(ran.err.find("stopped before its end; run it again") != std::string::npos);
  }
  CHECK(Sh(restore).status == 0);
  CHECK(exported(to) == exported(data));
  CHECK(Sh(Verify(to)).status == 0);

  // A backup of a log without gaps is whole at any moment; one with gaps at its end.
  const std::string backup = folder / "backup";
  const std::string back_up = "holdfast backup --data " + data + " --to " + backup;
  CHECK(Sh(Within(3000, back_up)).status == 3);
  CHECK(Sh(Verify(backup)).status == 0);
  CHECK(Sh(back_up).status == 0);
  CHECK(exported(backup) == exported(data));
  const std::string middle = Sh("holdfast log export --data " + data).out;
  const std::size_t at = middle.find("\"occurred_at\":\"", middle.size() / 4) + 15;
  const std::string time = middle.substr(at, middle.find('"', at) - at);
  const std::string trim = "holdfast log trim --data " + data + " --before ";
  REQUIRE(Sh(trim + time).status == 0);
  CHECK(Sh(back_up).err.find("was trimmed since") != std::string::npos);
  const std::string second = "holdfast backup --data " + data + " --to " + (folder / "second");
  CHECK(Sh(Within(3000, second)).status == 3);
  CHECK(Sh(Verify(folder / "second")).status == 3);
  // What is trimmed between is not mixed with what was copied before.
  const std::size_t later = middle.find("\"occurred_at\":\"", middle.size() * 3 / 4) + 15;
  REQUIRE(Sh(trim + middle.substr(later, middle.find('"', later) - later)).status == 0);
  CHECK(Sh(second).status == 1);
  CHECK(Sh("holdfast backup --data " + data + " --to " + (folder / "third")).status == 0);
  CHECK(exported(folder / "third") == exported(data));
  CHECK(Sh(Verify(folder / "third")).status == 0);
  CHECK(Sh("holdfast backup --data " + data + " --to " + data + "/.").status == 1);
  // Counted in records, not in offsets.
  const std::string left = exported(data);
  const auto lines = std::count(left.begin(), left.end(), '\n');
  const Ran copied = Sh("holdfast backup --json --data " + data + " --to " + (folder / "fourth"));
  CHECK(copied.out.starts_with("{\"copied\":" + std::to_string(lines) + ","));
  const Ran tail = Sh("holdfast log tail -n 50 --data " + data);
  CHECK(std::count(tail.out.begin(), tail.out.end(), '\n') == 50);
  CHECK(Sh("holdfast log tail -n 1000000 --data " + data).out ==
        Sh("holdfast log export --data " + data).out);
}

// Method: the mark of a trim that was begun, set as a process leaves it that is killed.
TEST_CASE("cli: a trim that was stopped is ended by the same trim alone") {
  const TempFolder folder;
  const std::string input = Simulated(folder, 300);
  const std::string data = folder / "data", plain = folder / "plain";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string log = Sh("holdfast log export --data " + data).out;
  const std::size_t at = log.find("\"occurred_at\":\"", log.size() / 2) + 15;
  const std::string time = log.substr(at, log.find('"', at) - at);
  Sh("cp -r " + data + " " + plain);
  REQUIRE(Sh("holdfast log trim --before " + time + " --data " + plain).status == 0);
  {
    const auto opened = OpenEventLog(data);
    REQUIRE(opened.has_value());
    REQUIRE((*opened)
                ->SetTrim({(*opened)->last(), 5, LogTrim::Begun::kTrim, *ParseEventTime(time)})
                .has_value());
  }
  const std::string trim = "holdfast log trim --data " + data + " --before ";
  for (const std::string& command :
       {trim + "2025-01-01T00:00:00Z", trim + "2025-01-01T00:00:00Z --rehearse",
        "holdfast " + Score(data, input), Verify(data), "holdfast log export --data " + data,
        "holdfast backup --to " + (folder / "x") + " --data " + data}) {
    const Ran ran = Sh(command);
    CAPTURE(command);
    CHECK(ran.status == 3);
    CHECK(ran.err.find("run it again with --before " + time) != std::string::npos);
  }
  CHECK(Sh(trim + time).status == 0);
  CHECK(Sh("holdfast log export --data " + data).out ==
        Sh("holdfast log export --data " + plain).out);
  CHECK(Sh(Verify(data)).status == 0);
  // Nothing is made where there is nothing to trim.
  CHECK(Sh("holdfast log trim --before 2025-01-01T00:00:00Z --data " + (folder / "typo")).status ==
        3);
  CHECK(!std::filesystem::exists(folder / "typo"));
}

// Goal:   a log whose end is lost is known by the state that is ahead of it, whatever is asked of
//         the folder: by another pack, with other shards, to trim it or to copy it.
TEST_CASE("cli: a log whose end is lost is not gone on with") {
  const TempFolder folder;
  const std::string input = Simulated(folder, 300);
  const std::string data = folder / "data";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string pack =
      folder.Write("p.yaml",
                   "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
                   "features: { n: { count: order.id, by: order.ip, over: 1d } }\n"
                   "rules: [{ id: r, when: n > 1, hold: review }]\n");
  for (const char* loss : {"truncate -s -1 ", "rm "}) {
    const std::string lost = folder / "lost";
    for (const std::string& command :
         {"holdfast " + Score(lost, input), "holdfast " + Score(lost, input) + " --shards 2",
          "holdfast score --pack " + pack + " --data " + lost + " " + input,
          "holdfast log import --pack " + pack + " --data " + lost + " /dev/null",
          "holdfast log trim --before 2030-01-01T00:00:00Z --data " + lost,
          "holdfast log export --data " + lost, Verify(lost),
          "holdfast backup --to " + (folder / "to") + " --data " + lost}) {
      Sh("rm -rf " + lost + "; cp -r " + data + " " + lost + "; " + loss + lost + "/*.log");
      const Ran ran = Sh(command);
      CAPTURE(command);
      CHECK(ran.status == 3);
      CHECK(ran.err.find("the end of the log is lost; restore the folder from a backup") !=
            std::string::npos);
      CHECK(Sh("ls " + lost + "/state/0-of-1/CURRENT").status == 0);
    }
  }
}

// Method: killed at the nth file that is removed or renamed.
TEST_CASE("cli: killed while it makes or removes folders, a run goes on") {
  if (Sh("strace -o /dev/null true").status != 0) {
    return testing::Skip("strace is not there");
  }
  const TempFolder folder;
  const std::string input = Simulated(folder, 30);
  const std::string data = folder / "data", to = folder / "to";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string plain = Sh("holdfast " + Score(data, input)).out;
  const auto kill = [&](const std::string& call, int when, const std::string& command) {
    return Sh("strace -f -o /dev/null -e trace=" + call + " -e inject=" + call +
              ":signal=KILL:when=" + std::to_string(when) + " " + HOLDFAST_BINARY + " " + command);
  };
  for (const int when : {1, 2, 4, 6, 9}) {
    CAPTURE(when);
    kill("unlinkat", when, Score(data, input) + " --shards " + std::to_string(2 + when));
    CHECK(Sh("holdfast " + Score(data, input) + " --shards " + std::to_string(2 + when)).out ==
          plain);
    kill("unlinkat", when, "log trim --before 2020-01-01T00:00:00Z --data " + data);
    CHECK(Sh("holdfast log trim --before 2020-01-01T00:00:00Z --data " + data).status == 0);
    CHECK(Sh(Verify(data)).status == 0);
    const std::string restore = "restore --from " + data + " --data " + to;
    Sh("rm -rf " + to);
    kill("rename", when, restore);
    const bool begun = Sh("ls " + to + "/RESTORING").status == 0;
    if (begun) CHECK(Sh("holdfast " + Score(to, input)).status == 3);
    if (begun) CHECK(Sh("holdfast " + restore).status == 0);
    const std::string fresh = folder / ("fresh" + std::to_string(when));
    kill("rename", when, Score(fresh, input));
    const Ran verified = Sh(Verify(fresh));
    CHECK((verified.status == 0 || verified.status == 3));
    CHECK(verified.err.find("Column family") == std::string::npos);
    CHECK(Sh("holdfast " + Score(fresh, input)).out == plain);
  }
}

TEST_CASE("cli: a missing file is no other process") {
  const TempFolder folder;
  const std::string input = Simulated(folder, 300);
  const std::string data = folder / "data";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string plain = Sh("holdfast " + Score(data, input)).out;
  for (const char* file : {"MANIFEST-*", "*.sst"}) {
    const std::string lost = folder / "lost";
    for (const std::string& command : {"holdfast " + Score(lost, input), Verify(lost)}) {
      Sh("rm -rf " + lost + "; cp -r " + data + " " + lost + "; rm $(ls " + lost +
         "/state/0-of-1/" + file + " | head -1)");
      const Ran ran = Sh(command);
      CAPTURE(command);
      CHECK(ran.status == 3);
      CHECK(ran.err.find("remove this folder, and it is made again from the log") !=
            std::string::npos);
    }
    Sh("rm -r " + lost + "/state/0-of-1");
    CHECK(Sh("holdfast " + Score(lost, input)).out == plain);
    Sh("rm " + lost + "/MANIFEST-*");
    const Ran ran = Sh(Verify(lost));
    CHECK(ran.status == 3);
    CHECK(ran.err.find("restore the folder from a backup") != std::string::npos);
  }
}

TEST_CASE("cli: a full disk is told by every command") {
  if (Sh("unshare -rm mount -t tmpfs tmpfs /mnt").status != 0) {
    return testing::Skip("a small file system cannot be mounted here");
  }
  const TempFolder folder;
  const std::string input = Simulated(folder, 2000);
  const std::string data = folder / "data", small = folder / "small";
  const std::string plain = Sh("mkdir " + small + "; holdfast " + Score(data, input)).out;
  const auto on = [&](const std::string& command) {
    return Sh("export -f holdfast; unshare -rm bash -c 'mount -t tmpfs -o size=3m tmpfs " + small +
              "; " + command + "; s=$?; mount -o remount,size=200m " + small + "; exec " +
              HOLDFAST_BINARY + " " + Score(small + "/d", input) + "; exit $s'");
  };
  for (const std::string& command :
       {"holdfast " + Score(small + "/d", input) + " --max-replay 2000 >/dev/null",
        "holdfast log import --pack rules/starter --data " + small + "/e " + input,
        "holdfast backup --data " + data + " --to " + small + "/e",
        "holdfast restore --from " + data + " --data " + small + "/e"}) {
    const Ran ran = on(command + "; echo $? >&2");
    CAPTURE(command);
    CHECK(ran.err.find("the disk is full; free space and start again") != std::string::npos);
    CHECK(ran.err.find("\n3\n") != std::string::npos);
    CHECK(ran.out.ends_with(plain));
  }
}

TEST_CASE("cli: orders of a CSV file and of the log that they are in are the same") {
  const TempFolder folder;
  std::string rows =
      "user_id,signup_time,purchase_time,purchase_value,device_id,source,browser,sex,"
      "age,ip_address,class,ip\n";
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(10 + i);
    rows += n + ",2015-02-24T22:55:49,2015-03-01T02:47:" + n + ",34,D" + n +
            ",SEO,Chrome,M,39,1,0,10.0.0." + n + "\n";
  }
  const std::string mapping = folder.Write("m.yaml", R"(mapping: m
order:
  id: row.user_id
  placed_at: row.purchase_time + 'Z'
  currency: "'USD'"
  total: row.purchase_value
  ip: row.ip
)");
  const std::string csv = folder.Write("in.csv", rows);
  const std::string one = folder / "one", two = folder / "two";
  const Ran first = Sh("holdfast " + Score(one, csv) + " --mapping " + mapping);
  CHECK(first.status == 0);
  CHECK(std::count(first.out.begin(), first.out.end(), '\n') == 20);
  const std::string log = folder.Write("log", Sh("holdfast log export --data " + one).out);
  CHECK(Sh("holdfast " + Score(one, log)).out == first.out);
  CHECK(Sh("holdfast " + Score(two, log)).out == first.out);
  CHECK(Sh("holdfast " + Score(two, csv) + " --mapping " + mapping).out == first.out);
}

TEST_CASE("cli: a changed byte in a packed export is noticed") {
  const TempFolder folder;
  const std::string data = folder / "data", packed = folder / "log.zst";
  REQUIRE(Sh("holdfast " + Score(data, Simulated(folder, 100))).status == 0);
  REQUIRE(Sh("holdfast log export --zstd --data " + data + " > " + packed).status == 0);
  const std::string whole = testing::Slurp(packed);
  for (std::size_t at = 10; at < whole.size(); at += whole.size() / 9) {
    std::string bent = whole;
    bent[at] = static_cast<char>(bent[at] ^ 4);
    CAPTURE(at);
    CHECK(Sh("holdfast score --pack rules/starter " + folder.Write("bent.zst", bent)).status != 0);
  }
}

TEST_CASE("cli: with --data answers that nobody reads are no success") {
  const TempFolder folder;
  const std::string input = Simulated(folder, 3000);
  const Ran ran =
      Sh("holdfast " + Score(folder / "data", input) + " | head -1; echo " + "${PIPESTATUS[*]}");
  CHECK(ran.out.ends_with("\n3 0\n"));
  CHECK(ran.err.find("<stdout>: was closed before the end of the input") != std::string::npos);
}

}  // namespace
}  // namespace holdfast
