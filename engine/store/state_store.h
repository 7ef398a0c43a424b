// StateStore: a Store that keeps in memory what is in use, and writes the rest to disk behind the
// log.
//
// Records that change are collected into a StateBatch a few at a time, between events, as they
// stood at one offset of the log: nothing stops while a batch comes together. A record that is
// changed again before it was collected is collected first. A batch is written by another thread;
// what it holds stays in memory until that is done.
//
// Without a disk everything stays in memory and is gone with the process.
#pragma once

#include <memory>

#include "engine/store/records.h"
#include "engine/store/state_disk.h"
#include "engine/store/store.h"

namespace holdfast {

class StateStore : public Store {
 public:
  // Begins a batch: the state as it is now, which is the log up to `offset`.
  // REQUIRES: the last batch is Written.
  virtual void Begin(std::uint64_t offset) = 0;
  // Collects up to `records` more of them; the batch when that was all, else null.
  virtual std::unique_ptr<StateBatch> Collect(std::size_t records) = 0;
  // The batch is on disk.
  virtual void Written(std::unique_ptr<StateBatch> batch) = 0;
  // Records that have changed since the last Begin.
  virtual std::size_t changed() const = 0;
  // Drops some records that are on disk where memory holds more than it should.
  virtual void Trim() = 0;
};

using ReadEvent = std::function<Result<EventPtr>(std::uint64_t offset)>;

// Keeps about `cache_bytes` of records in memory, and whatever is not on disk yet. `disk` may be
// null, and outlives the store. `read` reads an event of the log
// again; its error is a fault.
// Errors: as StateCursor::status.
Result<std::unique_ptr<StateStore>> MakeStateStore(const StateDisk* disk, ReadEvent read,
                                                   std::size_t cache_bytes);

}  // namespace holdfast
