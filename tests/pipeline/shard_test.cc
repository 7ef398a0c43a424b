// Shard: what is on disk is a fold of the log, or nothing is.
#include "engine/pipeline/shard.h"

#include <doctest/doctest.h>

#include "engine/codec/json.h"
#include "tests/cli/process.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

// A log of one order, whose record cannot be read once it is `broken`.
class OneOrderLog final : public EventLog {
 public:
  bool broken = false;
  std::string text =
      R"({"id":"1","merchant":"acme","placed_at":"2026-01-01T00:00:00Z","currency":"USD","total":50})";

  Status Append(std::span<const LogRecord>, bool) override { return {}; }
  Status Sync() override { return {}; }
  std::uint64_t last() const override { return 1; }
  const std::string& name() const override { return text; }
  LogTrim trim() const override { return {}; }
  Status Trim(const LogTrim&, std::span<const std::uint64_t>) override { return {}; }
  Status SetTrim(const LogTrim&) override { return {}; }
  Status KeepSchema(std::string_view) override { return {}; }
  Result<std::vector<std::string>> Schemas() const override { return std::vector<std::string>(); }
  Result<LogRecord> At(std::uint64_t offset, std::string& memory) const override {
    if (broken) return Fail(ErrorCode::kCorrupt, "the log", "record 1 is damaged");
    memory = text;
    return LogRecord{offset, 0, memory, {}};
  }
  Status Read(std::uint64_t, const Visit&) const override { return {}; }
};

// Goal:   what was folded without a record that could not be read never gets to disk, where the
//         next run would take it for the truth.
TEST_CASE("pipeline: after a fault nothing is put on disk") {
  const testing::TempFolder folder;
  const auto pack = testing::MakePack("rules: [{ id: r, when: order.total > 1.0, hold: review }]");
  OneOrderLog log;
  const StateHead head{"log", pack->fold, 1, 0};
  const auto event = [](const std::string& text) {
    auto parsed = std::make_shared<Event>();
    REQUIRE(JsonEventParser().Parse(text, *parsed).has_value());
    return parsed;
  };
  {
    auto shard = Shard::Open(pack, folder / "state", head, &log, 1 << 20);
    REQUIRE(shard.has_value());
    REQUIRE((*shard)->engine().Apply(event(log.text)).has_value());
    REQUIRE((*shard)->CheckpointNow(1).has_value());
  }
  log.broken = true;
  {
    auto shard = Shard::Open(pack, folder / "state", head, &log, 1 << 20);
    REQUIRE(shard.has_value());
    (*shard)->engine().SetLast(1);
    static_cast<void>((*shard)->engine().Apply(event(
        R"({"id":"p","type":"payment.updated","merchant":"acme","occurred_at":"2026-01-01T01:00:00Z","order_id":"1","payment":{"status":"completed"}})")));
    REQUIRE(!(*shard)->fault().has_value());
    CHECK((*shard)->fault().error().where == "the log");
    int handed = 0;
    for (int i = 0; i < 3; ++i) {
      (*shard)->CheckpointIfDue(2, 1000, 1, [&](std::unique_ptr<StateBatch>) { ++handed; });
    }
    CHECK(handed == 0);
    CHECK(!(*shard)->CheckpointNow(2).has_value());
  }
  log.broken = false;
  auto shard = Shard::Open(pack, folder / "state", head, &log, 1 << 20);
  REQUIRE(shard.has_value());
  CHECK((*shard)->on_disk() == 1);
  CHECK((*shard)->engine().store().FindOrder("acme", "1")->order != nullptr);
}

}  // namespace
}  // namespace holdfast
