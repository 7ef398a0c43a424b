// StateDisk: where a store's records lie on disk. Behind the log: what is here is a fold of the
// log's records up to applied(), and can be made again from it.
//
// A StateBatch goes in whole or not at all, and is on disk when Write returns.
//
// Threads: Get, Write and Walk may be called by different threads at once; one Write at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/result.h"

namespace holdfast {

// The column families of the state; docs/formats.md describes their keys and records.
enum class Family : std::uint8_t {
  kOrders,
  kEntities,
  kEvents,
  kLists,
  kDeadlines,
  kHeld,
  kReferences,
};
inline constexpr std::array kFamilies = {Family::kOrders,    Family::kEntities,  Family::kEvents,
                                         Family::kLists,     Family::kDeadlines, Family::kHeld,
                                         Family::kReferences};
std::string_view NameOf(Family family);

// Records that have changed, as they stood when the record `offset` of the log had been applied.
struct StateBatch {
  struct Change {
    std::string_view key, value;  // in `memory`
    bool erased = false;
  };
  std::uint64_t offset = 0;
  std::uint32_t number = 0;
  Arena memory;
  std::array<std::vector<Change>, kFamilies.size()> changes;
};

// What the records of a folder are a fold with, and for whom.
struct StateHead {
  std::string log;           // EventLog::name
  std::string fold;          // what of the pack shapes records: Pack::fold
  std::uint32_t shards = 1;  // of how many
  std::uint32_t shard = 0;   // which
};

// Goes through the records of a family in the order of their keys.
class StateCursor {
 public:
  virtual ~StateCursor() = default;
  // False at the end, and after an error.
  virtual bool valid() const = 0;
  virtual void Next() = 0;
  // REQUIRES: valid(). Good until Next.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;
};

class StateDisk {
 public:
  virtual ~StateDisk() = default;

  // The offset of the last record of the log that the state holds; 0: none.
  virtual std::uint64_t applied() const = 0;

  // Errors: kIo, kCorrupt.
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;

  // Sorts the batch's changes. Errors: kIo, after which what is on disk is as it was before.
  virtual Status Write(StateBatch& batch) = 0;

  // Stands at the first record.
  virtual std::unique_ptr<StateCursor> Walk(Family family) const = 0;
};

enum class StateMode : std::uint8_t { kWrite, kRead };

// The offset that the state in `folder` is of, whatever pack or shard it is for; 0 where there is
// none. Errors: kIo, kCorrupt, kBusy.
Result<std::uint64_t> AppliedIn(const std::string& folder);

// Opens the state in `folder`. What lies there for another head, or in an older format, is taken
// away first: it will be folded again. With kRead nothing is changed, and state that is not for
// `head` is kNotFound.
// Errors: kNotFound, kIo, kCorrupt, kBusy.
Result<std::unique_ptr<StateDisk>> OpenStateDisk(const std::string& folder, const StateHead& head,
                                                 StateMode mode = StateMode::kWrite);

}  // namespace holdfast
