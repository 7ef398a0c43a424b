// Packs by content, and the index of their activations.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/base/file.h"
#include "engine/pipeline/pack_store.h"
#include "engine/upkeep/backup.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

using testing::TempFolder;

constexpr const char* kPack =
    "pack: mine\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
    "lists: { blocked: { type: email, file: lists/blocked.txt } }\n"
    "rules:\n  - { id: listed, when: email.canonical in lists.blocked, reject: true }\n";

std::shared_ptr<const Pack> Load(const std::string& path) {
  Diagnostics diagnostics;
  auto pack = LoadPack(path, diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  return pack;
}

int ModeOf(const std::string& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return static_cast<int>(found.st_mode & 07777);
}

// An event pack.activated as a record.
void Append(EventLog& log, const std::string& hash, LogRecord::Origin origin) {
  const std::string event =
      R"({"id":"e)" + std::to_string(log.last()) +
      R"(","type":"pack.activated","merchant":"default","occurred_at":"2026-11-20T08:00:00Z",)"
      R"("pack":{"name":"mine","version":1,"hash":")" +
      hash + R"(","reason":"why","by":"eva"}})";
  LogRecord record;
  record.offset = log.last() + 1;
  record.event = event;
  record.origin = origin;
  REQUIRE(log.Append(std::span(&record, 1), true));
}

std::string Hash(char digit) { return "sha256:" + std::string(64, digit); }

TEST_CASE("pipeline: a pack is stored by content, whole, and only for its owner") {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "mine/lists");
  std::filesystem::create_directories(folder / "data");
  folder.Write("mine/pack.yaml", kPack);
  folder.Write("mine/lists/blocked.txt", "a@b.example\n");
  folder.Write("mine/a.cases.yaml", "cases: []\n");
  const auto pack = Load(folder / "mine");
  const std::string data = folder / "data", stored = StoredPackPath(data, pack->hash);
  CHECK_FALSE(IsPackStored(data, pack->hash));
  REQUIRE(StorePack(*pack, folder / "mine", data));
  CHECK(IsPackStored(data, pack->hash));
  CHECK(Load(stored)->hash == pack->hash);
  CHECK(std::filesystem::exists(stored + "/a.cases.yaml"));
  CHECK(ModeOf(data + "/packs") == 0700);
  CHECK(ModeOf(stored) == 0700);
  CHECK(ModeOf(stored + "/lists") == 0700);
  CHECK(ModeOf(stored + "/pack.yaml") == 0600);
  CHECK(ModeOf(stored + "/lists/blocked.txt") == 0600);
  // What is stored stays as it is.
  folder.Write("mine/lists/blocked.txt", "c@d.example\n");
  CHECK(StorePack(*pack, folder / "mine", data));
  CHECK(Load(stored)->hash == pack->hash);
  // A pack that was changed since it was loaded is not stored under the hash of the old one.
  const auto changed = Load(folder / "mine");
  folder.Write("mine/lists/blocked.txt", "e@f.example\n");
  const Status other = StorePack(*changed, folder / "mine", data);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::kConflict);
  CHECK_FALSE(IsPackStored(data, changed->hash));
  // Rests of an interrupted attempt do not matter.
  folder.Write("mine/lists/blocked.txt", "c@d.example\n");
  CHECK(StorePack(*changed, folder / "mine", data));
  CHECK(Load(StoredPackPath(data, changed->hash))->hash == changed->hash);
  REQUIRE(CopyStoredPacks(data, folder / "."));
  CHECK(Load(StoredPackPath(folder / ".", pack->hash))->hash == pack->hash);
  // Damaged files are replaced.
  const std::string whole = StoredPackPath(data, changed->hash);
  for (const char* name : {"/pack.yaml", "/lists/blocked.txt"}) {
    CAPTURE(name);
    std::filesystem::remove(whole + name);
    CHECK(StorePack(*changed, folder / "mine", data));
    CHECK(Load(whole)->hash == changed->hash);
  }
}

TEST_CASE("pipeline: without the index another pack than the active one is refused too") {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "mine/lists");
  std::filesystem::create_directories(folder / "data");
  folder.Write("mine/pack.yaml", kPack);
  folder.Write("mine/lists/blocked.txt", "a@b.example\n");
  const auto pack = Load(folder / "mine");
  const std::string data = folder / "data";
  {
    const auto log = OpenEventLog(data);
    REQUIRE(log);
    Append(**log, Hash('a'), LogRecord::Origin::kSent);
  }
  // Nothing here says that a pack was activated.
  CHECK(CheckActivePack(*pack, folder / "mine", data));
  REQUIRE(StorePack(*pack, folder / "mine", data));
  const Status other = CheckActivePack(*pack, folder / "mine", data);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::kOtherPack);
}

TEST_CASE("pipeline: the log says which pack is active, whatever became of the index") {
  const TempFolder folder;
  const std::string data = folder / "data";
  CHECK(OpenPackIndex(data)->active().empty());
  {
    const auto log = OpenEventLog(data);
    REQUIRE(log);
    Append(**log, Hash('a'), LogRecord::Origin::kSent);
    Append(**log, Hash('c'), LogRecord::Origin::kImported);
    Append(**log, Hash('b'), LogRecord::Origin::kSent);
    Append(**log, "no hash", LogRecord::Origin::kSent);
    auto index = ReadPackIndex(**log, data);
    REQUIRE(index);
    CHECK(index->active() == Hash('b'));
    CHECK(PackBefore(*index) == Hash('a'));
    REQUIRE(index->activations.size() == 2);
    CHECK(index->activations[1].offset == 3);
    index->configured = "rules/x";
    index->configured_hash = Hash('d');
    // An activation begins, and its process ends before the index has it.
    index->begun = (*log)->last() + 1;
    REQUIRE(WritePackIndex(*index, data));
    CHECK(ReadPackIndex(**log, data)->active() == Hash('b'));
    Append(**log, Hash('a'), LogRecord::Origin::kSent);
    const auto again = ReadPackIndex(**log, data);
    REQUIRE(again);
    CHECK(again->active() == Hash('a'));
    CHECK(again->activations.size() == 3);
    CHECK(again->configured == "rules/x");
    CHECK(again->configured_hash == Hash('d'));
    CHECK(PackBefore(*again) == Hash('b'));
    const auto told = ReadActivations(**log, *again, 2);
    REQUIRE(told);
    REQUIRE(told->size() == 2);
    CHECK((*told)[0].offset == 5);
    CHECK((*told)[0].by == "eva");
    CHECK((*told)[1].hash == Hash('b'));
  }
  // The index of another log, one that cannot be read, one of an earlier version, and none.
  for (const char* text : {R"({"log":"00","activations":[{"offset":1,"hash":"x"}]})", "not JSON",
                           R"({"configured":"rules/x","active":"rules/y"})", ""}) {
    CAPTURE(text);
    REQUIRE(ReplaceFile(data + "/active-pack.json", text));
    const auto index = OpenPackIndex(data);
    REQUIRE(index);
    CHECK(index->active() == Hash('a'));
    CHECK(index->activations.size() == 3);
  }
}

TEST_CASE("pipeline: a backup has the packs that were active") {
  const TempFolder folder;
  folder.Write("p.yaml",
               "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
               "rules: [ { id: r, when: 'order.total > 5.0', hold: review } ]\n");
  const auto pack = Load(folder / "p.yaml");
  const std::string data = folder / "data", backup = folder / "backup", back = folder / "back";
  {
    const auto log = OpenEventLog(data);
    REQUIRE(log);
    Append(**log, pack->hash, LogRecord::Origin::kSent);
  }
  REQUIRE(StorePack(*pack, folder / "p.yaml", data));
  REQUIRE(BackUp(data, backup));
  REQUIRE(Restore(backup, back, 0));
  CHECK(Load(StoredPackPath(back, pack->hash))->hash == pack->hash);
  CHECK(OpenPackIndex(back)->active() == pack->hash);
}

}  // namespace
}  // namespace holdfast
