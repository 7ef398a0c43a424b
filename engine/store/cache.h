// Cache: the records of one family that are in memory. See StateStore for how they get to disk.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/store/records.h"
#include "engine/store/state_disk.h"

namespace holdfast {

// What the caches of one store share.
struct CacheShared {
  const StateDisk* disk = nullptr;
  LoadEvent load;
  Status fault;
  std::size_t bytes = 0;              // in memory, about
  std::uint32_t epoch = 1;            // number of the batch that records changed now will be in
  std::uint32_t written = 0;          // the last batch that is on disk
  std::unique_ptr<StateBatch> batch;  // that is being collected
};

template <typename T>
class Cache {
 public:
  Cache(Family family, CacheShared& shared) : family_(family), shared_(shared) {}

  // The record, or null.
  const T* Find(std::string_view key) {
    Slot* slot = Seek(key);
    return slot == nullptr ? nullptr : &slot->value;
  }

  // The record, to be changed; made when it is not there.
  T& Change(std::string_view key) {
    Slot* slot = Seek(key);
    if (slot == nullptr) slot = Insert(key, T{});
    if (shared_.disk == nullptr || slot->changed == shared_.epoch) return slot->value;
    if (slot->changed != 0) Collect(*slot);
    slot->changed = shared_.epoch;
    changed_.push_back(slot);
    return slot->value;
  }

  // Everything that has changed so far goes into the batch to come.
  void Begin() {
    closing_.swap(changed_);
    changed_.clear();
  }

  // Collects up to `records` more; how many of them were there.
  std::size_t Collect(std::size_t records) {
    std::size_t done = 0;
    for (; done < records && !closing_.empty(); ++done) {
      Slot& slot = *closing_.back();
      closing_.pop_back();
      if (slot.changed != 0 && slot.changed != shared_.epoch) Collect(slot);
    }
    return done;
  }

  std::size_t changed() const { return changed_.size(); }

  // Looks at the records of a part of the table and drops those that nobody asked for since the
  // last look, and that are on disk.
  void Trim() {
    Map& map = maps_[hand_++ % kMaps];
    for (auto slot = map.begin(); slot != map.end();) {
      Slot& s = slot->second;
      if (s.changed == 0 && s.collected <= shared_.written && !std::exchange(s.used, false)) {
        shared_.bytes -= s.bytes;
        slot = map.erase(slot);
      } else {
        ++slot;
      }
    }
  }

 private:
  struct Slot {
    T value;
    const std::string* key = nullptr;
    std::size_t bytes = 0;
    std::uint32_t changed = 0;    // number of the batch that its change belongs to; 0: none
    std::uint32_t collected = 0;  // the last batch that holds it
    bool used = true;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Map = std::unordered_map<std::string, Slot, TextHash, std::equal_to<>>;
  // A table in parts: one that grows moves a small part of all records at a time.
  static constexpr std::size_t kMaps = 256;
  static constexpr std::size_t kSlotBytes = sizeof(Slot) + sizeof(std::string) + 32;

  Map& MapOf(std::string_view key) { return maps_[(TextHash{}(key) >> 32) % kMaps]; }

  Slot* Insert(std::string_view key, T&& value) {
    const auto [place, inserted] = MapOf(key).emplace(std::string(key), Slot{std::move(value)});
    Slot& slot = place->second;
    slot.key = &place->first;
    slot.bytes = kSlotBytes + key.size() + MemoryOf(slot.value);
    shared_.bytes += slot.bytes;
    absent_.assign(1, '\0');
    return &slot;
  }

  Slot* Seek(std::string_view key) {
    Map& map = MapOf(key);
    if (const auto found = map.find(key); found != map.end()) {
      found->second.used = true;
      return &found->second;
    }
    if (shared_.disk == nullptr || key == absent_) return nullptr;
    auto bytes = shared_.disk->Get(family_, key);
    if (!bytes) {
      shared_.fault = tl::unexpected(bytes.error());
      return nullptr;
    }
    if (!*bytes) {
      absent_ = key;
      return nullptr;
    }
    T value{};
    if (!Decode(**bytes, shared_.load, value)) {
      shared_.fault = Fail(ErrorCode::kCorrupt, std::string(NameOf(family_)),
                           "a record of the state is damaged");
      return nullptr;
    }
    return Insert(key, std::move(value));
  }

  void Collect(Slot& slot) {
    StateBatch& batch = *shared_.batch;
    bytes_.clear();
    const bool kept = Encode(slot.value, bytes_);
    batch.changes[static_cast<std::size_t>(family_)].push_back(
        {batch.memory.Copy(*slot.key), batch.memory.Copy(bytes_), !kept});
    const std::size_t bytes = kSlotBytes + slot.key->size() + MemoryOf(slot.value);
    shared_.bytes += bytes - slot.bytes;
    slot.bytes = bytes;
    slot.changed = 0;
    slot.collected = batch.number;
  }

  const Family family_;
  CacheShared& shared_;
  std::array<Map, kMaps> maps_;
  std::vector<Slot*> changed_, closing_;
  std::size_t hand_ = 0;
  std::string absent_ = std::string(1, '\0');  // the key that was last sought on disk in vain
  std::string bytes_;                          // scratch
};

}  // namespace holdfast
