#include "engine/store/event_log.h"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <vector>

#include "tests/cli/process.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

std::unique_ptr<EventLog> Open(const std::string& folder) {
  auto log = OpenEventLog(folder);
  REQUIRE_MESSAGE(log.has_value(), log.error().Text());
  return std::move(*log);
}

std::vector<std::string> Texts(const EventLog& log, std::uint64_t from = 1) {
  std::vector<std::string> texts;
  const Status read = log.Read(from, [&](const LogRecord& record) -> Status {
    texts.push_back(std::to_string(record.offset) + ":" + std::to_string(record.digest) + ":" +
                    std::string(record.event) + ":" + std::string(record.decision) +
                    (record.facts.empty() ? "" : ":" + std::string(record.facts)));
    return {};
  });
  CHECK(read.has_value());
  return texts;
}

TEST_CASE("store: the log gives back what was appended, also when it is opened again") {
  const TempFolder folder;
  const std::string path = folder / "data";
  {
    const auto log = Open(path);
    CHECK(log->last() == 0);
    const LogRecord records[] = {{1, 11, "a", "x"},
                                 {2, ~std::uint64_t{0}, std::string_view("b\0c", 3), ""}};
    CHECK(log->Append(records, true));
    const LogRecord third[] = {{3, 0, "", "z", LogRecord::Origin::kOwnEvent, "facts"}};
    CHECK(log->KeepSchema("one"));
    CHECK(log->KeepSchema("two"));
    CHECK(log->KeepSchema("one"));
    CHECK(log->Append(third, false));
    std::string memory;
    CHECK(log->At(1, memory)->decision == "x");
    CHECK(log->At(2, memory)->event == std::string_view("b\0c", 3));
    CHECK(log->At(4, memory).error().code == ErrorCode::kCorrupt);
  }
  const auto log = Open(path);
  CHECK(log->last() == 3);
  const std::vector<std::string> all = {"1:11:a:x", std::string("2:18446744073709551615:b\0c:", 27),
                                        "3:0::z:facts"};
  std::vector<std::string> schemas = log->Schemas().value();
  std::sort(schemas.begin(), schemas.end());
  CHECK(schemas == std::vector<std::string>{"one", "two"});
  CHECK(Texts(*log) == all);
  CHECK(Texts(*log, 3) == std::vector<std::string>{all[2]});
  const LogRecord gap[] = {{5, 0, "e", ""}};
  CHECK(log->Append(gap, true).error().code == ErrorCode::kInternal);
  CHECK(log->last() == 3);
}

TEST_CASE("store: a folder is opened by one at a time, and only by a version that can read it") {
  const TempFolder folder;
  const std::string path = folder / "data";
  {
    const auto log = Open(path);
    CHECK(OpenEventLog(path).error().code == ErrorCode::kBusy);
  }
  CHECK(OpenEventLog(folder / "none", LogMode::kRead).error().code == ErrorCode::kNotFound);
  CHECK_FALSE(fs::exists(folder / "none"));
  {
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    REQUIRE(rocksdb::DB::Open({}, path, {{rocksdb::kDefaultColumnFamilyName, {}}, {"log", {}}},
                              &handles, &raw)
                .ok());
    REQUIRE(raw->Put({}, "format", std::string(7, '\0') + '\3').ok());
    for (auto* handle : handles) delete handle;
    delete raw;
  }
  CHECK(OpenEventLog(path).error().code == ErrorCode::kNewerFormat);
}

TEST_CASE("store: damage is told, not passed over") {
  const TempFolder folder;
  const std::string path = folder / "data";
  for (int round = 0; round < 2; ++round) {
    const auto log = Open(path);  // opening writes what was in the write-ahead log to a file
    const std::string text(4000, static_cast<char>('a' + round));
    const std::uint64_t next = log->last() + 1;
    const LogRecord records[] = {{next, 1, text, ""}, {next + 1, 2, text, ""}};
    REQUIRE(log->Append(records, true));
  }
  Open(path);
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(10));
    file.write("damage", 6);
    ++damaged;
  }
  REQUIRE(damaged > 0);
  const auto log = OpenEventLog(path);
  if (!log) {
    CHECK(log.error().code == ErrorCode::kCorrupt);
    return;
  }
  const Status read = (*log)->Read(1, [](const LogRecord&) -> Status { return {}; });
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace holdfast
