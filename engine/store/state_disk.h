// StateDisk: a store's records on disk. They are derived from the log's records up to applied(),
// and can be rebuilt from them.
//
// Write stores a StateBatch completely or not at all; it is on disk when Write returns.
//
// Threads: Get, Write, Walk and Search may be called by different threads at once; one Write at a
// time.
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
#include "engine/store/postings.h"

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
  kPostings,
};
inline constexpr std::array kFamilies = {Family::kOrders,     Family::kEntities,  Family::kEvents,
                                         Family::kLists,      Family::kDeadlines, Family::kHeld,
                                         Family::kReferences, Family::kPostings};
std::string_view NameOf(Family family);

// The records that have changed, as of the log's record `offset`.
struct StateBatch {
  struct Change {
    std::string_view key, value;  // in `memory`
    bool erased = false;
  };
  std::uint64_t offset = 0;
  std::uint32_t number = 0;
  Arena memory;
  std::array<std::vector<Change>, kFamilies.size()> changes;
  std::shared_ptr<const PostingBuffer> postings;  // null: none
};

// Identifies from what the state in a folder was derived. State is used only with the same head.
struct StateHead {
  std::string log;           // EventLog::name
  std::string fold;          // Pack::fold: the parts of the pack that records depend on
  std::uint32_t shards = 1;  // number of shards
  std::uint32_t shard = 0;   // number of this shard, from 0
};

// Iterates over the records of a family in the order of their keys.
class StateCursor {
 public:
  virtual ~StateCursor() = default;
  // Moves to the first record whose key is not before `key`.
  virtual void Seek(std::string_view key) = 0;
  // False at the end, and after an error.
  virtual bool valid() const = 0;
  virtual void Next() = 0;
  // Good until Next or Seek. REQUIRES: valid().
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;
};

class StateDisk {
 public:
  virtual ~StateDisk() = default;

  // The offset of the last log record that the state includes; 0: none.
  virtual std::uint64_t applied() const = 0;

  // Errors: kIo, kCorrupt.
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;

  // Writes a batch; sorts its changes. Errors: kIo; the records on disk are then unchanged.
  virtual Status Write(StateBatch& batch) = 0;

  // Returns a cursor at the first record, to read all of them.
  virtual std::unique_ptr<StateCursor> Walk(Family family) const = 0;
  // Returns a cursor at no record, to Seek a few.
  virtual std::unique_ptr<StateCursor> Search(Family family) const = 0;
};

enum class StateMode : std::uint8_t { kWrite, kRead };

// The log offset up to which the state in `folder` was derived, for any pack or shard; 0: there is
// no state. Errors: kIo, kCorrupt, kBusy.
Result<std::uint64_t> AppliedIn(const std::string& folder);

// Opens the state in `folder`. State with another head, or in an older format, is deleted first; it
// must be rebuilt from the log. With kRead nothing is changed, and state that is not for `head` is
// kNotFound.
// Errors: kNotFound, kIo, kCorrupt, kBusy.
Result<std::unique_ptr<StateDisk>> OpenStateDisk(const std::string& folder, const StateHead& head,
                                                 StateMode mode = StateMode::kWrite);

}  // namespace holdfast
