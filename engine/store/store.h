// Store: the state that a fold of the log keeps. One implementation in memory, one on disk.
//
// Threads: one owner, the fold of a shard.
// Pointers that a store returned are good until the next call that takes the same key.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/network_table.h"
#include "engine/store/order_state.h"
#include "engine/store/series.h"

namespace holdfast {

// What happened under one key of one kind (a buyer, an address, a device): all features with the
// same key expression share it. `series` by the number of the pack's series of that kind.
struct EntityRecord {
  std::vector<Series> series;
};

// What a merchant's events have added to and removed from a list of a pack: texts as the list
// writes them, or the networks of an IP list.
struct ListEdits {
  std::set<std::string, std::less<>> added, removed;
  NetworkEdits networks;
};

// Tells an event that comes again from an id that is used twice.
struct RememberedEvent {
  std::uint64_t digest = 0;  // see Event::digest
  std::uint64_t offset = 0;  // in the log
};

class Store {
 public:
  virtual ~Store() = default;

  // The record, or null when nothing is known of the key.
  virtual const EntityRecord* FindEntity(int kind, std::string_view key) const = 0;
  // The record, made with `series` empty series when it is new.
  virtual EntityRecord& Entity(int kind, std::string_view key, std::size_t series) = 0;

  virtual OrderState* FindOrder(std::string_view merchant, std::string_view order_id) = 0;
  virtual OrderState& GetOrder(std::string_view merchant, std::string_view order_id) = 0;

  // What is remembered of the event with an id of a merchant, or null.
  virtual const RememberedEvent* FindEvent(std::string_view merchant,
                                           std::string_view id) const = 0;
  virtual void RememberEvent(std::string_view merchant, std::string_view id,
                             const RememberedEvent& event) = 0;

  // The edits of a list by a merchant's events.
  virtual ListEdits& Edits(std::string_view merchant, std::string_view list) = 0;

  // Offset of the next event of the log, from 1.
  virtual std::uint64_t NextOffset() = 0;
};

// All in memory, gone with the process.
std::unique_ptr<Store> MakeMemoryStore();

}  // namespace holdfast
