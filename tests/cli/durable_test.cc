// `--data`: what was answered is there afterwards, whatever becomes of the process.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "engine/simulate/random.h"
#include "tests/cli/process.h"
#include "tests/rounds.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Sh;
using testing::Slurp;
using testing::TempFolder;

std::string Score(const std::string& data, const std::string& input) {
  return "score --pack rules/starter --json --data " + data + " " + input;
}

TEST_CASE("cli: with --data a run goes on where the last one ended") {
  const TempFolder folder;
  const Ran events = Sh("holdfast simulate --seed 8 --orders 120");
  const std::string all = folder.Write("all.ndjson", events.out);
  const std::size_t half = events.out.find('\n', events.out.size() / 2) + 1;
  const std::string first = folder.Write("first.ndjson", events.out.substr(0, half));
  const std::string second = folder.Write("second.ndjson", events.out.substr(half));
  const Ran plain = Sh("holdfast score --pack rules/starter --json " + all);
  const std::string data = folder / "data";
  const Ran a = Sh("holdfast " + Score(data, first)), b = Sh("holdfast " + Score(data, second));
  CHECK(a.status == 0);
  CHECK(a.out + b.out == plain.out);
  // The same input again gets the same answers, and changes nothing.
  CHECK(Sh("holdfast " + Score(data, all)).out == plain.out);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
  for (const char* sync : {"interval", "never"}) {
    const std::string other = folder / sync;
    CHECK(Sh("holdfast " + Score(other, all) + " --sync " + sync).out == plain.out);
    CHECK(Sh("holdfast verify --pack rules/starter --data " + other).status == 0);
  }
  CHECK(Sh("holdfast " + Score(data, all) + " --sync sometimes").status == 2);
  // Exported and scored again, the log decides alike.
  const std::string exported =
      folder.Write("log.ndjson", Sh("holdfast log export --data " + data).out);
  CHECK(Sh("holdfast score --pack rules/starter --json " + exported).out == plain.out);
  const std::string text = Slurp(exported);
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  CHECK(Sh("holdfast log tail -n 1 --data " + data).out == text.substr(last));
}

TEST_CASE("cli: a folder goes on under another pack, which may lack a list that events changed") {
  const TempFolder folder;
  const auto pack = [&](const std::string& name, const std::string& body) {
    return folder.Write(
        name,
        "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain, none] }\n" + body);
  };
  const std::string with = pack("with.yaml",
                                "lists: { bad: { type: text, dynamic: true } }\n"
                                "rules: [{ id: r, when: order.id in lists.bad, reject: true }]\n");
  const std::string without =
      pack("without.yaml", "rules: [{ id: r, when: order.total > 900.0, hold: review }]\n");
  const std::string input = folder.Write(
      "in.ndjson",
      R"({"id":"l1","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T07:00:00Z","list":{"name":"bad","add":["7"]}})"
      "\n"
      R"({"id":"7","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":12.50})"
      "\n");
  const std::string more = folder.Write(
      "more.ndjson",
      R"({"id":"8","merchant":"acme","placed_at":"2026-11-20T09:00:00Z","currency":"USD","total":950.00})"
      "\n");
  const std::string data = " --json --data " + (folder / "data") + " ";
  CHECK(Sh("holdfast score --pack " + with + data + input).out.find("\"reject\"") !=
        std::string::npos);
  const Ran ran = Sh("holdfast score --pack " + without + data + more);
  CHECK(ran.out.find("\"outcome\":\"hold\"") != std::string::npos);
  CHECK(ran.out.find("\"offset\":3") != std::string::npos);
  const Ran verified = Sh("holdfast verify --pack " + without + " --data " + (folder / "data"));
  CHECK(verified.status == 0);
  CHECK(verified.out.starts_with(
      "3 events and 1 decisions, 1 with their facts, are as the log leads to\n1 decisions"));
}

TEST_CASE("cli: verify compares nothing with decisions of another pack, and says so") {
  const TempFolder folder;
  const std::string input =
      folder.Write("in.ndjson", Sh("holdfast simulate --seed 8 --orders 60").out);
  const std::string data = folder / "data";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string pack =
      folder.Write("p.yaml",
                   "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
                   "rules: [{ id: r, when: order.total > 1.0, hold: review }]\n");
  const Ran ran = Sh("holdfast verify --pack " + pack + " --data " + data);
  CHECK(ran.status == 1);
  CHECK(ran.out.find("decisions of other packs were not compared") != std::string::npos);
  CHECK(ran.out.find("has decided nothing in this log: give --pack the one that did") !=
        std::string::npos);
  // Nor is a data folder an input.
  const Ran explained = Sh("holdfast rules explain rules/starter " + data + " 2>&1");
  CHECK(explained.status == 2);
  CHECK(explained.out.find("is a folder, not a file of events") != std::string::npos);
  CHECK(Sh("holdfast verify --pack rules/starter --data /nowhere/data").status == 3);
  CHECK(Sh("holdfast log export --data /nowhere/data").status == 3);
}

// Goal:   when the system refuses to write, nothing unwritten is answered, the error says so, and
// the
//         run goes on once the cause is gone.
// Method: a limit on the size of files, which stops the log as a full disk does.
TEST_CASE("cli: a log that cannot be written stops the answers") {
  const TempFolder folder;
  const std::string input =
      folder.Write("in.ndjson", Sh("holdfast simulate --seed 4 --orders 400").out);
  const std::string plain = Sh("holdfast score --pack rules/starter --json " + input).out;
  for (const int blocks : {40, 200, 700}) {
    const std::string data = folder / ("data" + std::to_string(blocks));
    const Ran ran = Sh("trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; holdfast " +
                       Score(data, input) + " | cat");
    CAPTURE(blocks);
    CHECK(ran.err.find("error[io]: " + data + ": IO error") != std::string::npos);
    CHECK(ran.out.size() < plain.size());
    CHECK(plain.starts_with(ran.out));
    CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
    CHECK(Sh("holdfast " + Score(data, input)).out == plain);
  }
#ifndef __SANITIZE_ADDRESS__  // whose checks need a file themselves
  for (int files = 5; files < 16; ++files) {
    const Ran ran =
        Sh("ulimit -n " + std::to_string(files) + "; holdfast " + Score(folder / "none", input));
    CHECK(ran.status == 3);
    CHECK((ran.err.find("the process may open no more files") != std::string::npos ||
           ran.err.find("Too many open files") != std::string::npos));
  }
#endif
  CHECK(Sh("holdfast " + Score(input, input)).status == 3);
}

TEST_CASE("cli: what is accepted can be read again, however deep it came") {
  const TempFolder folder;
  std::string deep = "1";
  for (int i = 0; i < 14; ++i) deep = "[" + deep + "]";
  const std::string input = folder.Write(
      "in.ndjson",
      R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":12.50,"x":)" +
          deep + "}\n");
  const std::string data = folder / "data";
  CHECK(Sh("holdfast " + Score(data, input)).status == 0);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
  CHECK(Sh("holdfast " + Score(data, input)).status == 0);
}

TEST_CASE("cli: a folder that is damaged or not ours is refused and left as it is") {
  const TempFolder folder;
  const std::string input =
      folder.Write("in.ndjson", Sh("holdfast simulate --seed 4 --orders 300").out);
  const std::string data = folder / "data";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  // Not made over what is left of a log.
  const std::string torn = folder / "torn";
  Sh("cp -r " + data + " " + torn + "; rm " + torn + "/CURRENT");
  const std::string before = Sh("cd " + torn + " && md5sum *").out;
  for (int round = 0; round < 2; ++round) CHECK(Sh("holdfast " + Score(torn, input)).status == 3);
  CHECK(Sh("cd " + torn + " && md5sum *").out == before);
  // A byte in the middle of what was acknowledged.
  const std::string bent = folder / "bent";
  Sh("cp -r " + data + " " + bent + "; f=$(ls -S " + bent +
     "/*.log | head -1); printf 'x' | dd of=$f bs=1 " +
     "seek=$(( $(stat -c %s $f) / 3 )) conv=notrunc");
  CHECK(Sh("holdfast verify --pack rules/starter --data " + bent).status == 3);
  CHECK(Sh("holdfast " + Score(bent, input)).status == 3);
  // Reading changes nothing, also beside a writer.
  const std::string all = Sh("cd " + data + " && md5sum *").out;
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
  CHECK(Sh("holdfast log tail --data " + data).status == 0);
  CHECK(Sh("cd " + data + " && md5sum *").out == all);
}

TEST_CASE("cli: a backup grows with its folder and is one itself; restore goes to any record") {
  const TempFolder folder;
  const Ran events = Sh("holdfast simulate --seed 12 --orders 200");
  const std::size_t half = events.out.find('\n', events.out.size() / 2) + 1;
  const std::string first = folder.Write("first.ndjson", events.out.substr(0, half));
  const std::string all = folder.Write("all.ndjson", events.out);
  const std::string data = folder / "data", backup = folder / "backup", back = folder / "back";
  REQUIRE(Sh("holdfast " + Score(data, first)).status == 0);
  CHECK(Sh("holdfast backup --data " + data + " --to " + backup).status == 0);
  CHECK(Sh("holdfast backup --data " + data + " --to " + backup).out.starts_with("0 records"));
  const std::string plain = Sh("holdfast " + Score(data, all)).out;
  // While the folder is in use.
  const std::string pipe = folder / "pipe";
  const Ran live =
      Sh("mkfifo " + pipe + "; holdfast " + Score(data, pipe) + " > /dev/null & exec 3> " + pipe +
         "; sleep 0.3; holdfast backup --json --data " + data + " --to " + backup +
         "; echo $?; exec 3>&-; wait");
  CHECK(live.out.find("\"copied\":") != std::string::npos);
  CHECK(live.out.ends_with("}\n0\n"));
  CHECK(Sh("holdfast verify --pack rules/starter --data " + backup).status == 0);
  const auto exported = [](const std::string& from) {
    return Sh("holdfast log export --full --data " + from).out;
  };
  CHECK(exported(backup) == exported(data));
  CHECK(Sh("holdfast restore --from " + backup + " --data " + back).status == 0);
  CHECK(Sh("holdfast " + Score(back, all)).out == plain);
  const std::string early = folder / "early";
  CHECK(Sh("holdfast restore --from " + backup + " --data " + early + " --at 100").status == 0);
  CHECK(Sh("holdfast log tail -n 1000 --full --data " + early).out ==
        Sh("holdfast log export --full --to 100 --data " + data).out);
  CHECK(Sh("holdfast " + Score(early, all)).out == plain);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + early).status == 0);
  // Not over something else.
  CHECK(Sh("holdfast restore --from " + backup + " --data " + early).status == 1);
  CHECK(Sh("holdfast restore --from " + backup + " --data " + (folder / "x") + " --at 100000")
            .status == 1);
  const std::string other = folder / "other";
  REQUIRE(Sh("holdfast simulate --seed 13 --orders 5 | holdfast " + Score(other, "-")).status == 0);
  const Ran refused = Sh("holdfast backup --data " + other + " --to " + backup);
  CHECK(refused.status == 1);
  CHECK(refused.err.find("are not the first of what is to be copied") != std::string::npos);
  CHECK(Sh("holdfast backup --data /nowhere/data --to " + (folder / "y")).status == 3);
}

TEST_CASE("cli: history is taken over without being decided, and counts") {
  const TempFolder folder;
  // Parcels that leave or arrive unbidden raise alerts; imported events, which are not decided,
  // cannot.
  const Ran events = Sh("holdfast simulate --seed 12 --orders 200 | grep -v shipment.d");
  const std::size_t half = events.out.find('\n', events.out.size() / 2) + 1;
  const std::string first = folder.Write("first.ndjson", events.out.substr(0, half));
  const std::string second = folder.Write("second.ndjson", events.out.substr(half));
  const std::string data = folder / "data";
  const std::string decided = Sh("holdfast " + Score(folder / "one", first) +
                                 " >/dev/null; holdfast " + Score(folder / "one", second))
                                  .out;
  const std::string packed = folder / "first.zst";
  CHECK(Sh("holdfast log export --zstd --data " + (folder / "one") + " --to " +
           std::to_string(
               std::count(events.out.begin(), events.out.begin() + static_cast<long>(half), '\n')) +
           " > " + packed)
            .status == 0);
  CHECK(std::filesystem::file_size(packed) * 3 < half);
  const std::string import = "holdfast log import --pack rules/starter --data " + data + " ";
  CHECK(Sh(import + packed).status == 0);
  CHECK(Sh(import + packed).out.find("0 events imported") == 0);
  // Imported orders were given no permit, so none is void; and no hold from which a review is due.
  const std::string voids = R"re( | sed 's/"voids":{[^}]*},//; s/"review_by":"[^"]*",//')re";
  CHECK(Sh("holdfast " + Score(data, second) + voids).out ==
        Sh("cat <<'END'" + voids + "\n" + decided + "END").out);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
  // A packed input that ends early is told, and what came before the end is taken.
  const Ran cut = Sh("head -c 3000 " + packed + " | " + import + "-");
  CHECK(cut.status == 1);
  CHECK(cut.err.find("ends within Zstandard data") != std::string::npos);
  CHECK(Sh(import + "/nowhere/file").status == 3);
  const std::string bad = folder.Write("bad.ndjson", "{\"id\":1}\n");
  CHECK(Sh(import + bad).status == 1);
}

// Goal:   what is old goes, orders that live stay whole, and all that is left is a fold of what is
//         left: decisions from then on are those of a log that never had the rest.
TEST_CASE("cli: a trimmed log") {
  const TempFolder folder;
  const std::string input =
      folder.Write("in.ndjson", Sh("holdfast simulate --seed 31 --orders 4000").out);
  const std::string data = folder / "data", backup = folder / "backup";
  REQUIRE(Sh("holdfast " + Score(data, input)).status == 0);
  const std::string log = Sh("holdfast log export --data " + data).out;
  const std::size_t middle = log.find("\"occurred_at\":\"", log.size() * 19 / 20);
  const std::string time = log.substr(middle + 15, log.find('"', middle + 15) - middle - 15);
  const std::string trim = "holdfast log trim --data " + data + " --before " + time;
  const Ran rehearsed = Sh(trim + " --rehearse");
  CHECK(rehearsed.out.find("would be removed") != std::string::npos);
  CHECK(Sh("holdfast log export --data " + data).out == log);
  const Ran ran = Sh(trim);
  CHECK(ran.status == 0);
  const std::string left =
      folder.Write("left.ndjson", Sh("holdfast log export --data " + data).out);
  CHECK(std::filesystem::file_size(left) < log.size() * 4 / 5);
  CHECK(Sh(trim).out.starts_with("0 records were"));
  const Ran verified = Sh("holdfast verify --pack rules/starter --data " + data);
  CHECK(verified.status == 0);
  CHECK(verified.out.find("before the log was trimmed") != std::string::npos);
  // Of a pack that has decided nothing here there is nothing to say.
  CHECK(Sh("holdfast verify --pack rules/cross-border --data " + data).status == 1);
  // It goes on as a log that never had what is gone, but for its offsets, and for dues, which run
  // from the first hold: that may rest on what is gone.
  const std::string more =
      folder.Write("more.ndjson", Sh("holdfast simulate --seed 31 --orders 4300")
                                      .out.substr(std::filesystem::file_size(input)));
  const std::string sed = " | sed -E 's/\"offset\":[0-9]*//; s/\"review_by\":\"[^\"]*\"//'";
  const std::string here = Sh("holdfast " + Score(data, more) + sed).out;
  const std::string fresh =
      Sh("cat " + left + " " + more + " > " + (folder / "both") +
         "; holdfast score --pack rules/starter --json " + (folder / "both") + sed)
          .out;
  CHECK(here.size() > 10'000);
  CHECK(fresh.ends_with(here));
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
  CHECK(Sh("holdfast backup --data " + data + " --to " + backup).status == 0);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + backup).status == 0);
  CHECK(Sh("holdfast restore --from " + backup + " --data " + (folder / "back")).status == 0);
  CHECK(Sh("holdfast log export --full --data " + (folder / "back")).out ==
        Sh("holdfast log export --full --data " + data).out);
  CHECK(Sh("holdfast restore --at 5 --from " + backup + " --data " + (folder / "x")).status == 1);
  CHECK(Sh("holdfast log trim --before yesterday --data " + data).status == 2);
}

// A hold that ends by itself after two days.
constexpr const char* kDeadlinePack =
    "pack: d\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain, none] }\n"
    "rules: [{ id: big, when: order.total > 10.0, hold: review, deadline: 48h, on_deadline: ship "
    "}]\n";

std::string Order(const std::string& id, const std::string& day) {
  return R"({"id":")" + id + R"(","merchant":"acme","placed_at":")" + day +
         R"(T00:00:00Z","currency":"USD","total":50})" + "\n";
}

// Goal:   events of deadlines are events like any other: an exported log gives the same again, no
//         id from outside takes theirs, no order number is too long for them, history that is taken
//         over leaves them as they are, and no clock that is wrong ends a hold.
TEST_CASE("cli: deadlines and the log") {
  const TempFolder folder;
  const std::string pack = folder.Write("p.yaml", kDeadlinePack);
  const auto score = [&](const std::string& data, const std::string& text) {
    return Sh("holdfast score --json --pack " + pack + " --data " + (folder / data) + " " +
              folder.Write(data + ".ndjson", text));
  };
  const auto verified = [&](const std::string& data) {
    return Sh("holdfast verify --pack " + pack + " --data " + (folder / data)).status == 0;
  };
  const auto exported = [&](const std::string& data) {
    return Sh("holdfast log export --data " + (folder / data)).out;
  };
  const std::string longest(128, 'x');
  const std::string text =
      Order("1", "2026-01-01") + Order(longest, "2026-01-02") + Order("3", "2026-01-09");
  const Ran first = score("first", text);
  CHECK(std::count(first.out.begin(), first.out.end(), '\n') == 5);
  CHECK(verified("first"));
  const Ran second = score("second", exported("first"));
  CHECK(second.out == first.out);
  CHECK(exported("second") == exported("first"));
  CHECK(verified("second"));
  // All of it once more: nothing new, and the same answers.
  CHECK(score("first", exported("first")).status == 0);
  CHECK(score("first", text).out == first.out);
  // Ids of deadlines are not to be had.
  const Ran taken = score(
      "taken",
      Order("1", "2026-01-01") +
          R"({"id":"deadline 2026-01-03T00:00:00Z 1","type":"buyer.message","merchant":"acme","occurred_at":"2026-01-02T00:00:00Z","order_id":"1","message":{"text":"x"}})" +
          "\n" + Order("2", "2026-01-04"));
  CHECK(taken.status == 1);
  CHECK(taken.err.find("ids that begin with 'deadline '") != std::string::npos);
  CHECK(verified("taken"));
  // A clock that is wrong by years ends no hold.
  const Ran wrong = score("wrong", Order("1", "2026-01-01") + Order("2", "2126-01-01"));
  CHECK(wrong.out.find("\"outcome\":\"ship\"") == std::string::npos);
  const Ran named = score(
      "named",
      Order("1", "2026-01-01") +
          R"({"id":"m1","type":"buyer.message","merchant":"acme","occurred_at":"2126-01-01T00:00:00Z","order_id":"1","message":{"text":"x"}})"
          "\n"
          R"({"id":"m2","type":"timer.fired","merchant":"acme","occurred_at":"2126-01-01T00:00:00Z","order_id":"1","timer":{"name":"x"}})"
          "\n" +
          Order("2", "2026-01-09"));
  CHECK(named.out.find("\"outcome\":\"ship\"") < named.out.find("\"order_id\":\"2\""));
  CHECK(std::count(named.out.begin(), named.out.end(), '\n') == 5);
  CHECK(named.out.substr(0, named.out.find("\"offset\":3")).find("\"outcome\":\"ship\"") ==
        std::string::npos);
  CHECK(verified("named"));
  // Nor does it keep other holds from theirs.
  const Ran silent = score(
      "silent", Order("1", "2026-01-01") + Order("2", "2026-03-01") + Order("3", "2026-03-09"));
  CHECK(silent.out.find("\"order_id\":\"2\",\"merchant\":\"acme\",\"outcome\":\"ship\"") !=
        std::string::npos);
  CHECK(silent.out.find("\"order_id\":\"1\",\"merchant\":\"acme\",\"outcome\":\"ship\"") ==
        std::string::npos);
  // An event of a deadline before its time, or of a deadline that the order has not.
  const auto timer = [](const std::string& at, const std::string& due) {
    return R"({"id":"deadline )" + due +
           R"( 1","type":"timer.fired","merchant":"acme","occurred_at":")" + at +
           R"(","order_id":"1","timer":{"name":"deadline","due_at":")" + due + "\"}}\n";
  };
  for (const auto& [at, due] : {std::pair("2026-01-01T00:00:01Z", "2026-01-03T00:00:00Z"),
                                {"2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"}}) {
    const Ran early = score("early", Order("1", "2026-01-01") + timer(at, due));
    CHECK(early.status == 1);
    CHECK(early.out.find("\"outcome\":\"ship\"") == std::string::npos);
  }
  CHECK(score("early", Order("2", "2026-01-09")).out.find("\"outcome\":\"ship\"") !=
        std::string::npos);
  CHECK(verified("early"));
  // Taken over while it is still to come here, it would come twice.
  score("twice", Order("1", "2026-01-01"));
  const std::string other = folder.Write("other.ndjson", exported("early"));
  const Ran import =
      Sh("holdfast log import --pack " + pack + " --data " + (folder / "twice") + " " + other);
  CHECK(import.status == 1);
  CHECK(import.err.find("waits here for this deadline") != std::string::npos);
  CHECK(score("twice", Order("3", "2026-01-10")).out.find("\"outcome\":\"ship\"") !=
        std::string::npos);
  CHECK(verified("twice"));
  Sh("rm -r " + (folder / "twice") + "/state");
  CHECK(score("twice", Order("4", "2026-01-11")).status == 0);
  // History of an order that is not there.
  const std::string alone =
      folder.Write("alone.ndjson", timer("2026-01-03T00:00:00Z", "2026-01-03T00:00:00Z"));
  CHECK(Sh("holdfast log import --pack " + pack + " --data " + (folder / "alone") + " " + alone)
            .status == 1);
  CHECK(score("alone", Order("1", "2026-01-01")).out.find("\"outcome\":\"ship\"") ==
        std::string::npos);
  // Sent again, each is answered with its own, and an event also with those that it had reached.
  const Ran again = score("first", exported("first"));
  CHECK(std::count(again.out.begin(), again.out.end(), '\n') == 7);
  // History changes no deadline.
  score("history", Order("1", "2026-01-01"));
  const std::string more = folder.Write(
      "more.ndjson",
      R"({"id":"m","type":"buyer.message","merchant":"acme","occurred_at":"2026-01-01T05:00:00Z","order_id":"1","message":{"text":"x"}})"
      "\n");
  CHECK(Sh("holdfast log import --pack " + pack + " --data " + (folder / "history") + " " + more)
            .status == 0);
  CHECK(verified("history"));
  Sh("rm -r " + (folder / "history") + "/state");
  const Ran after = score("history", Order("2", "2026-01-09"));
  CHECK(after.out.starts_with("{\"order_id\":\"1\",\"merchant\":\"acme\",\"outcome\":\"ship\""));
  CHECK(verified("history"));
}

TEST_CASE("cli: a log of which nothing is left goes on where it was") {
  const TempFolder folder;
  const std::string pack = folder.Write("p.yaml", kDeadlinePack);
  const std::string data = " --data " + (folder / "data") + " ";
  const std::string score = "holdfast score --json --pack " + pack + data;
  const std::string old =
      folder.Write("old.ndjson", Order("1", "2026-01-01") + Order("2", "2026-01-01"));
  const std::string next = folder.Write("next.ndjson", Order("3", "2026-03-01"));
  REQUIRE(Sh(score + old).status == 0);
  CHECK(Sh("holdfast log trim --before 2026-02-01T00:00:00Z" + data).out.starts_with("2 records"));
  CHECK(Sh(score + next).out.find("\"offset\":3") != std::string::npos);
  // What is left is answered as before, though what stood before it is gone.
  CHECK(Sh(score + next).out.find("\"offset\":3") != std::string::npos);
  CHECK(Sh("holdfast verify --pack " + pack + data).status == 0);
  for (int round = 0; round < 2; ++round) {
    CHECK(Sh("holdfast backup --to " + (folder / "backup") + data).status == 0);
  }
  CHECK(Sh("holdfast verify --pack " + pack + " --data " + (folder / "backup")).status == 0);
  // What is gone is new.
  CHECK(Sh(score + old).out.find("\"offset\":4") != std::string::npos);
}

TEST_CASE("cli: state of another log is not taken for this one's") {
  const TempFolder folder;
  const std::string one = folder / "one", two = folder / "two";
  REQUIRE(Sh("holdfast simulate --seed 1 --orders 50 | holdfast " + Score(one, "-")).status == 0);
  const std::string events =
      folder.Write("e.ndjson", Sh("holdfast simulate --seed 2 --orders 60").out);
  const std::string plain = Sh("holdfast " + Score(two, events)).out;
  Sh("rm -r " + two + "/state; cp -r " + one + "/state " + two);
  CHECK(Sh("holdfast " + Score(two, events)).out == plain);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + two).status == 0);
  // Nor what is left of one.
  Sh("rm " + two + "/state/*/CURRENT");
  CHECK(Sh("holdfast " + Score(two, events)).out == plain);
  CHECK(Sh("TMPDIR=/nowhere holdfast verify --pack rules/starter --data " + two).status == 3);
  CHECK(Sh("holdfast score --pack rules/starter --data '' " + events).status == 2);
}

// Goal:   a folder that the first version wrote is read, and goes on.
TEST_CASE("cli: a folder of the first version") {
  const TempFolder folder;
  const std::string data = folder / "data";
  REQUIRE(Sh("cp -r tests/store/folder-v1 " + data).status == 0);
  const std::string log = Sh("holdfast log export --full --data " + data).out;
  CHECK(std::count(log.begin(), log.end(), '\n') == 55);
  // Sent again, its events get the answers that they had, whatever the pack says today.
  std::string answers;
  for (std::size_t at = 0; (at = log.find(",\"decision\":{", at)) != log.npos; ++at) {
    const std::size_t begin = at + 12;
    answers += log.substr(begin, log.find('\n', begin) - 1 - begin) + "\n";
  }
  CHECK(std::count(answers.begin(), answers.end(), '\n') == 31);
  const std::string events = folder / "events.ndjson";
  REQUIRE(Sh("holdfast log export --data " + data + " > " + events).status == 0);
  CHECK(Sh("holdfast " + Score(data, events)).out == answers);
  const std::string more = folder.Write(
      "more.ndjson",
      R"({"id":"n1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":12.50})"
      "\n");
  CHECK(Sh("holdfast " + Score(data, more)).out.find("\"offset\":56") != std::string::npos);
}

// Goal:   what was answered before a kill is in the log, none of it twice, and the run that goes on
//         gives what an undisturbed run gives, byte for byte; the state is what the log leads to.
// Method: SIGKILL once a random number of bytes have been answered, twice over, with shards and
//         batches of state of random sizes; HOLDFAST_CRASHES sets how many rounds, HOLDFAST_SEED
//         which.
TEST_CASE("cli: killed at any moment, nothing that was answered is lost" * doctest::timeout(1800)) {
  const int rounds = testing::Rounds("HOLDFAST_CRASHES", 12);
  const TempFolder folder;
  const std::string input =
      folder.Write("in.ndjson", Sh("holdfast simulate --seed 9 --orders 800").out);
  const std::string plain = Sh("holdfast score --pack rules/starter --json " + input).out;
  REQUIRE(plain.size() > 1'000'000);
  Random random(testing::Seed("kills"));
  for (int round = 0; round < rounds; ++round) {
    const std::string data = folder / ("data" + std::to_string(round));
    const std::string pipe = folder / ("pipe" + std::to_string(round));
    const auto how = [&] {
      return " --shards " + std::to_string(1 + random.Below(3)) + " --max-replay " +
             std::to_string(1000 + random.Below(2000)) + " --cache-mb 1 ";
    };
    std::string answered;
    for (int kill = 0; kill < 2; ++kill) {
      const std::string bytes = std::to_string(1 + random.Below(plain.size() - 1));
      const Ran ran = Sh("rm -f " + pipe + "; mkfifo " + pipe + "; " HOLDFAST_BINARY " " +
                         Score(data, input) + how() + " > " + pipe + " & p=$!; head -c " + bytes +
                         " " + pipe + "; kill -9 $p; wait $p");
      CHECK(plain.starts_with(ran.out));
      // Whole lines were answered.
      answered = std::max(answered, ran.out.substr(0, ran.out.rfind('\n') + 1));
    }
    // What was answered is in the log before anything is sent again.
    if (!answered.empty()) {
      const Ran kept = Sh("holdfast log export --data " + data + " > " + (folder / "kept"));
      CHECK(kept.status == 0);
      CHECK(Sh("holdfast score --pack rules/starter --json " + (folder / "kept"))
                .out.starts_with(answered));
    }
    CHECK((Sh("holdfast " + Score(data, input) + how()).out == plain));
    CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
    std::filesystem::remove_all(data);
  }
}

}  // namespace
}  // namespace holdfast
