// Faults: whatever the disk does, nothing is answered that could be lost, what was answered stays,
// and the run goes on once the cause is gone.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "engine/pipeline/pipeline.h"
#include "engine/upkeep/verify.h"
#include "tests/cli/process.h"
#include "tests/pipeline/harness.h"
#include "tests/pipeline/traffic.h"
#include "tests/rounds.h"
#include "tests/store/faulty_disk.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::FaultyDisk;
using testing::TempFolder;

struct Outcome {
  Status opened, closed;
  std::string answers;  // of what was taken now, and the first answers of what had been before
  std::size_t count = 0;
};

// Runs `lines` on `folder`; `each` is called with the number of answers before they are added.
Outcome RunOn(const std::string& folder, const std::shared_ptr<const Pack>& pack,
              const std::vector<std::string>& lines, std::uint64_t replay_max,
              const std::function<void(const Outcome&)>& each = {}) {
  PipelineOptions options;
  options.folder = folder;
  options.state = {2, 1 << 10, replay_max};
  Outcome outcome;
  auto pipeline = Pipeline::Open(pack, options, [&](std::span<SubmissionResult> answers, bool) {
    for (const SubmissionResult& answer : answers) {
      ++outcome.count;
      for (const AppliedEvent& taken : answer.taken) {
        outcome.answers += taken.json.empty() ? "" : taken.json + "\n";
      }
      for (const std::string& decision : answer.again) outcome.answers += decision + "\n";
    }
    if (each) each(outcome);
    return true;
  });
  if (!pipeline) {
    outcome.opened = tl::unexpected(pipeline.error());
    return outcome;
  }
  for (const std::string& line : lines) {
    Submission input;
    input.text = line;
    if (!(*pipeline)->Submit(std::move(input)) || !(*pipeline)->Flush()) break;
  }
  outcome.closed = (*pipeline)->Close();
  return outcome;
}

void CheckWhole(const std::string& folder, const std::shared_ptr<const Pack>& pack) {
  const auto verified = VerifyFolder(folder, pack);
  REQUIRE_MESSAGE(verified.has_value(), verified.error().Text());
  CHECK(verified->ok());
}

// Every line once: an event that comes again would be answered again.
std::vector<std::string> Lines(std::uint64_t seed, std::uint64_t orders) {
  Simulator simulator({.seed = seed, .orders = orders, .orders_per_day = 200});
  std::vector<std::string> lines;
  while (const auto event = simulator.Next()) WriteEvent(*event, lines.emplace_back());
  return lines;
}

// Goal:   each write, sync, rename, link and removal that fails in turn, and all after it, as on a
//         full disk: the error says so, no answer is lost or invented, and afterwards the same
//         input leads to where it would have led.
// Method: a disk that fails at the nth operation; HOLDFAST_FAULTS sets how many of them are tried,
//         0 all.
TEST_CASE("pipeline: every operation of the disk fails in turn" * doctest::timeout(3600)) {
  const auto pack = testing::MakePack(testing::kTrafficPack);
  const auto lines = Lines(5, 40);
  constexpr std::uint64_t kReplayMax = 40;
  std::string plain;
  std::int64_t operations = 0;
  {
    const TempFolder folder;
    const FaultyDisk disk;
    plain = RunOn(folder / "data", pack, lines, kReplayMax).answers;
    operations = disk.done();
  }
  CHECK(operations > 200);
  const std::int64_t tries = testing::Rounds("HOLDFAST_FAULTS", 15);
  Random random(testing::Seed("failing operations"));
  int told = 0;
  for (std::int64_t i = 0; i < (tries == 0 ? operations : tries); ++i) {
    const std::int64_t at =
        tries == 0
            ? i + 1
            : 1 + static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(operations)));
    CAPTURE(at);
    const TempFolder folder;
    const std::string data = folder / "data";
    FaultyDisk disk;
    disk.FailAfter(at, random.Chance(500) ? rocksdb::IOStatus::NoSpace("no room")
                                          : rocksdb::IOStatus::IOError("it broke"));
    const Outcome failed = RunOn(data, pack, lines, kReplayMax);
    CHECK(plain.starts_with(failed.answers));
    for (const Status& status : {failed.opened, failed.closed}) {
      if (status) continue;
      ++told;
      CHECK(status.error().code == ErrorCode::kIo);
      CHECK((status.error().detail.find("disk is full") != std::string::npos ||
             status.error().detail.find("it broke") != std::string::npos ||
             status.error().detail.find("no room") != std::string::npos));
    }
    disk.Heal();
    const Outcome again = RunOn(data, pack, lines, kReplayMax);
    REQUIRE_MESSAGE(again.opened.has_value(), again.opened.error().Text());
    REQUIRE_MESSAGE(again.closed.has_value(), again.closed.error().Text());
    CHECK(again.answers == plain);
    CheckWhole(data, pack);
  }
  CHECK(told > 0);
}

// Goal:   after a loss of power at any moment, all that was answered is there, and nothing twice.
// Method: copies of the folder with what had been synced when an answer left, at random answers.
TEST_CASE("pipeline: what was answered survives the loss of power" * doctest::timeout(900)) {
  const auto pack = testing::MakePack(testing::kTrafficPack);
  const auto lines = Lines(7, 300);
  Random random(testing::Seed("losses of power"));
  const auto most = static_cast<std::size_t>(testing::Rounds("HOLDFAST_CRASHES", 8));
  const TempFolder folder;
  const std::string data = folder / "data";
  std::vector<std::pair<std::string, std::string>> copies;  // folder, what was answered
  std::string plain;
  {
    FaultyDisk disk;
    plain = RunOn(data, pack, lines, 200, [&](const Outcome& outcome) {
              if (copies.size() >= most || !random.Chance(most < 25 ? 15 : 60)) return;
              const std::string copy = folder / ("copy" + std::to_string(copies.size()));
              disk.CopySynced(data, copy);
              copies.emplace_back(copy, outcome.answers);
            }).answers;
  }
  REQUIRE(!copies.empty());
  for (const auto& [copy, answered] : copies) {
    CAPTURE(copy);
    auto log = OpenEventLog(copy, LogMode::kRead);
    REQUIRE_MESSAGE(log.has_value(), log.error().Text());
    std::string kept;
    CHECK((*log)->Read(1, [&](const LogRecord& record) -> Status {
      if (!record.decision.empty()) kept += std::string(record.decision) + "\n";
      return {};
    }));
    CHECK(kept.starts_with(answered));
    CHECK(plain.starts_with(kept));
    log->reset();
    CheckWhole(copy, pack);
    CHECK((RunOn(copy, pack, lines, 200).answers == plain));
    CheckWhole(copy, pack);
  }
}

// Goal:   a byte that changes anywhere in a folder is told or does no harm; a state that is damaged
//         can be taken away and is made again.
TEST_CASE("pipeline: a folder with a changed byte is refused or right" * doctest::timeout(900)) {
  const auto pack = testing::MakePack(testing::kTrafficPack);
  const auto lines = Lines(9, 200);
  const TempFolder folder;
  const std::string data = folder / "data";
  const std::string plain = RunOn(data, pack, lines, 100).answers;
  Random random(testing::Seed("changed bytes"));
  int told = 0;
  const int rounds = testing::Rounds("HOLDFAST_CRASHES", 30);
  for (int round = 0; round < rounds; ++round) {
    const std::string bent = folder / "bent";
    fs::remove_all(bent);
    fs::copy(data, bent, fs::copy_options::recursive);
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(bent)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && entry.file_size() > 0 && !name.starts_with("LOG")) {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin(), files.end());
    const fs::path file = files[random.Below(files.size())];
    const bool state = file.string().find("/state/") != std::string::npos;
    CAPTURE(file.string());
    {
      std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
      const auto at = static_cast<std::streamoff>(random.Below(fs::file_size(file)));
      stream.seekg(at);
      const char byte = static_cast<char>(stream.get() ^ (1 << random.Below(8)));
      stream.seekp(at);
      stream.put(byte);
    }
    const Outcome outcome = RunOn(bent, pack, lines, 100);
    if (outcome.opened && outcome.closed) {
      CHECK((outcome.answers == plain));
      continue;
    }
    ++told;
    CHECK(plain.starts_with(outcome.answers));
    if (!state) continue;
    fs::remove_all(fs::path(bent) / "state");
    CHECK((RunOn(bent, pack, lines, 100).answers == plain));
    CheckWhole(bent, pack);
  }
  CHECK(told > 0);
}

}  // namespace
}  // namespace holdfast
