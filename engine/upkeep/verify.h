// Verify: checks that the logged decisions and the state on disk are what the log leads to. The log
// is replayed from its beginning in scratch space; every decision and every record of the state is
// compared.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/packs/pack.h"
#include "engine/store/state_disk.h"

namespace holdfast {

struct Verification {
  std::uint64_t events = 0;
  std::uint64_t decisions = 0;      // compared
  std::uint64_t trimmed = 0;        // its decisions from before the log was trimmed: not compared
  std::uint64_t other_packs = 0;    // decisions of another pack, or another version: not compared
  std::uint64_t other_engines = 0;  // decisions of the pack by another version of the engine
  // The first record whose decision differs, with what was kept and what the log leads to.
  struct Decided {
    std::uint64_t offset = 0;
    std::string kept, now;
  };
  std::optional<Decided> decided;
  std::uint64_t facts = 0;                    // recorded facts that were compared
  std::optional<std::uint64_t> facts_differ;  // the first record whose facts differ

  // Of a family of the state, all shards together.
  struct Records {
    std::uint64_t count = 0;
    std::uint64_t digest = 0;  // over all keys and records on disk
  };
  std::array<Records, kFamilies.size()> records{};
  bool has_state = false;   // there is state for this pack; else only decisions are compared
  std::uint64_t state = 0;  // its offset, the smallest of all shards
  // The first record of the state that differs.
  struct Kept {
    Family family = Family::kOrders;
    std::string key;                        // as bytes
    bool on_disk = false, in_fold = false;  // both: their content differs
  };
  std::optional<Kept> kept;

  bool ok() const { return !decided && !facts_differ && !kept; }
};

// Folds the log in `folder` with `pack`, and changes nothing there.
// Errors: as OpenEventLog and ReplayLog; kIo when there is no scratch space.
Result<Verification> VerifyFolder(
    const std::string& folder, const std::shared_ptr<const Pack>& pack,
    const std::function<bool(std::uint64_t done, std::uint64_t all)>& progress = {});

// A key of the state, for people: what is not a letter, digit or mark is shown in its place.
std::string KeyText(Family family, std::string_view key);

}  // namespace holdfast
