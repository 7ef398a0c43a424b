// StateStore: a Store that keeps used records in memory and writes changed ones to disk, later than
// the log.
//
// Changed records are collected into a StateBatch a few at a time, between events, as they were at
// one offset of the log, so events are not held up. A record that changes again before it was
// collected is collected first. Another thread writes the batch; its records stay in memory until
// that is done.
//
// Without a disk everything stays in memory and is lost with the process.
#pragma once

#include <memory>

#include "engine/store/records.h"
#include "engine/store/state_disk.h"
#include "engine/store/store.h"

namespace holdfast {

class StateStore : public Store {
 public:
  // Begins a batch of the current state, which is that of the log up to `offset`. REQUIRES: Written
  // was called for the last batch.
  virtual void Begin(std::uint64_t offset) = 0;
  // Collects up to `records` more changed records. Returns the batch when it is complete, else
  // null.
  virtual std::unique_ptr<StateBatch> Collect(std::size_t records) = 0;
  // To be called when the batch is on disk.
  virtual void Written(std::unique_ptr<StateBatch> batch) = 0;
  // The number of records that have changed since the last Begin.
  virtual std::size_t changed() const = 0;
  // Drops some records that are on disk, if memory holds more than `cache_bytes`.
  virtual void Trim() = 0;
};

using ReadEvent = std::function<Result<EventPtr>(std::uint64_t offset)>;

// Keeps about `cache_bytes` of records in memory, and all that are not on disk yet. `disk` may be
// null; it must outlive the store. `read` reads an event from the log; its error becomes the
// store's fault.
// Errors: as StateCursor::status.
Result<std::unique_ptr<StateStore>> MakeStateStore(const StateDisk* disk, ReadEvent read,
                                                   std::size_t cache_bytes,
                                                   Postings postings = Postings::kKept);

}  // namespace holdfast
