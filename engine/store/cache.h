// Cache: the records of one family that are in memory. See StateStore for how they are written.
//
// A table of slots with an index of eight bytes a slot. A lookup costs one CPU cache miss in the
// index and one in the slot, which also holds the key. Warm overlaps the misses of several keys.
// The table is in parts, so that only a small part is rehashed at a time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/store/records.h"
#include "engine/store/state_disk.h"

namespace holdfast {

// The state that the caches of one store share.
struct CacheShared {
  const StateDisk* disk = nullptr;
  LoadEvent load;
  Status fault;
  std::size_t bytes = 0;              // in memory, about
  std::uint32_t epoch = 1;            // number of the batch that records changed now will be in
  std::uint32_t written = 0;          // the last batch that is on disk
  std::unique_ptr<StateBatch> batch;  // the batch that is being collected
};

// A key. A short key is stored in place, a longer one on the heap.
class SlotKey {
 public:
  SlotKey() = default;
  ~SlotKey() { Clear(); }
  SlotKey(const SlotKey&) = delete;
  SlotKey& operator=(const SlotKey&) = delete;

  void Set(std::string_view text) {
    Clear();
    size_ = static_cast<std::uint32_t>(text.size());
    char* place = here_;
    if (text.size() > sizeof here_) {
      place = new char[text.size()];
      std::memcpy(here_, &place, sizeof place);
    }
    text.copy(place, text.size());
  }
  std::string_view text() const { return {size_ > sizeof here_ ? There() : here_, size_}; }

 private:
  char* There() const {
    char* place;
    std::memcpy(&place, here_, sizeof place);
    return place;
  }
  void Clear() {
    if (size_ > sizeof here_) delete[] There();
    size_ = 0;
  }

  std::uint32_t size_ = 0;
  char here_[44];
};

template <typename T>
class Cache {
 public:
  Cache(Family family, CacheShared& shared) : family_(family), shared_(shared) {}

  // To be called first. From now on records that are not in memory are read from disk.
  void Start() {
    if (shared_.disk == nullptr) return;
    const auto first = shared_.disk->Walk(family_);
    whole_ = !first->valid();
    if (Status status = first->status(); !status) shared_.fault = std::move(status);
  }

  // The record, or null.
  const T* Find(std::string_view key) {
    Slot* slot = Seek(key, Hash64(key));
    return slot == nullptr ? nullptr : &slot->value;
  }

  // The record, for writing. It is made if it does not exist.
  T& Change(std::string_view key) {
    const std::uint64_t hash = Hash64(key);
    Slot* slot = Seek(key, hash);
    if (slot == nullptr) slot = Insert(key, hash, T{});
    if (shared_.disk == nullptr || slot->changed == shared_.epoch) return slot->value;
    if (slot->changed != 0) Collect(*slot);
    slot->changed = shared_.epoch;
    changed_.push_back(slot);
    return slot->value;
  }

  // Prefetches the records of these keys. `reach` prefetches what a record refers to.
  template <typename Keys, typename Reach>
  void Warm(const Keys& keys, Reach reach) {
    constexpr std::size_t kAtOnce = 16;
    std::uint64_t hashes[kAtOnce];
    const Slot* slots[kAtOnce];
    const std::size_t count = std::min(keys.size(), kAtOnce);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = Hash64(keys[i]);
      const Part& part = PartOf(hashes[i]);
      if (!part.index.empty()) __builtin_prefetch(&part.index[part.Home(hashes[i])]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      slots[i] = PartOf(hashes[i]).Likely(hashes[i]);
      if (slots[i] == nullptr) continue;
      for (std::size_t line = 0; line < sizeof(Slot); line += 64) {
        __builtin_prefetch(reinterpret_cast<const char*>(slots[i]) + line);
      }
    }
    for (int depth = 0; depth < 2; ++depth) {
      for (std::size_t i = 0; i < count; ++i) {
        if (slots[i] != nullptr) reach(slots[i]->value, depth);
      }
    }
  }

  // Starts a batch: it will hold all records that have changed so far.
  void Begin() {
    closing_.swap(changed_);
    changed_.clear();
  }

  // Collects up to `records` changed records into the batch. Returns how many it took; fewer than
  // `records` when none are left.
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

  // Drops records of one part of the table: those that are on disk and were not used since the last
  // call for that part.
  void Trim() {
    Part& part = parts_[hand_++ % kParts];
    for (Slot& slot : part.slots) {
      if (slot.hash == 0 || slot.changed != 0 || slot.collected > shared_.written) continue;
      if (std::exchange(slot.used, false)) continue;
      shared_.bytes -= slot.bytes;
      part.Remove(slot);
      whole_ = false;
    }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;       // of the key; 0: free
    std::uint32_t changed = 0;    // number of the batch that its change belongs to; 0: none
    std::uint32_t collected = 0;  // the last batch that holds it
    SlotKey key;
    T value{};
    std::uint32_t bytes = 0;
    std::uint32_t number = 0;  // in its part
    bool used = true;
  };

  // One part of the table, with its own index.
  struct Part {
    // The upper half of an entry is the upper half of the hash; the lower half is the number of the
    // slot, from 1. 0 is a free entry. Linear probing, never more than three quarters full.
    std::vector<std::uint64_t> index;
    std::deque<Slot> slots;
    std::vector<Slot*> free;
    std::size_t used = 0;

    std::size_t Home(std::uint64_t hash) const { return (hash >> 32) & (index.size() - 1); }
    std::size_t Next(std::size_t place) const { return (place + 1) & (index.size() - 1); }
    Slot& At(std::uint64_t entry) { return slots[(entry & 0xffffffff) - 1]; }

    Slot* Find(std::string_view key, std::uint64_t hash) {
      if (index.empty()) return nullptr;
      for (std::size_t place = Home(hash); index[place] != 0; place = Next(place)) {
        if (index[place] >> 32 != hash >> 32) continue;
        Slot& slot = At(index[place]);
        if (slot.hash == hash && slot.key.text() == key) return &slot;
      }
      return nullptr;
    }

    // The slot of the first entry with the same upper half of the hash. Does not read the slot.
    const Slot* Likely(std::uint64_t hash) {
      if (index.empty()) return nullptr;
      for (std::size_t place = Home(hash); index[place] != 0; place = Next(place)) {
        if (index[place] >> 32 == hash >> 32) return &At(index[place]);
      }
      return nullptr;
    }

    Slot& Insert(std::uint64_t hash) {
      constexpr std::size_t kLeast = 16;
      if (4 * (used + 1) > 3 * index.size()) Grow(std::max(kLeast, 2 * index.size()));
      Slot* slot;
      if (free.empty()) {
        slot = &slots.emplace_back();
        slot->number = static_cast<std::uint32_t>(slots.size());
      } else {
        slot = free.back();
        free.pop_back();
      }
      slot->hash = hash;
      ++used;
      Enter(hash, slot->number);
      return *slot;
    }

    void Enter(std::uint64_t hash, std::uint32_t number) {
      std::size_t place = Home(hash);
      while (index[place] != 0) place = Next(place);
      index[place] = hash >> 32 << 32 | number;
    }

    void Grow(std::size_t size) {
      index.assign(size, 0);
      for (const Slot& slot : slots) {
        if (slot.hash != 0) Enter(slot.hash, slot.number);
      }
    }

    void Remove(Slot& slot) {
      std::size_t hole = Home(slot.hash);
      while ((index[hole] & 0xffffffff) != slot.number) hole = Next(hole);
      // Moves up later entries that a search would not find past the empty entry.
      for (std::size_t place = Next(hole); index[place] != 0; place = Next(place)) {
        const std::size_t home = Home(index[place]);
        const bool stays =
            hole <= place ? hole < home && home <= place : hole < home || home <= place;
        if (stays) continue;
        index[hole] = index[place];
        hole = place;
      }
      index[hole] = 0;
      --used;
      slot.hash = 0;
      slot.key.Set({});
      slot.value = T{};
      free.push_back(&slot);
    }
  };
  static constexpr std::size_t kParts = 256;

  Part& PartOf(std::uint64_t hash) { return parts_[hash % kParts]; }

  Slot* Insert(std::string_view key, std::uint64_t hash, T&& value) {
    Slot& slot = PartOf(hash).Insert(hash);
    slot.key.Set(key);
    slot.value = std::move(value);
    slot.changed = slot.collected = 0;
    slot.used = true;
    slot.bytes = BytesOf(slot);
    shared_.bytes += slot.bytes;
    absent_.assign(1, '\0');
    return &slot;
  }

  static std::uint32_t BytesOf(const Slot& slot) {
    return static_cast<std::uint32_t>(sizeof(Slot) + 16 + slot.key.text().size() +
                                      MemoryOf(slot.value));
  }

  Slot* Seek(std::string_view key, std::uint64_t hash) {
    if (Slot* slot = PartOf(hash).Find(key, hash); slot != nullptr) {
      slot->used = true;
      return slot;
    }
    if (whole_ || key == absent_) return nullptr;
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
      // Keeps the fault of an event that could not be read from the log.
      if (shared_.fault) {
        shared_.fault = Fail(ErrorCode::kCorrupt, std::string(NameOf(family_)),
                             "a record of the state is damaged");
      }
      return nullptr;
    }
    return Insert(key, hash, std::move(value));
  }

  void Collect(Slot& slot) {
    StateBatch& batch = *shared_.batch;
    bytes_.clear();
    const bool kept = Encode(slot.value, bytes_);
    batch.changes[static_cast<std::size_t>(family_)].push_back(
        {batch.memory.Copy(slot.key.text()), batch.memory.Copy(bytes_), !kept});
    const std::uint32_t bytes = BytesOf(slot);
    shared_.bytes += bytes;
    shared_.bytes -= slot.bytes;
    slot.bytes = bytes;
    slot.changed = 0;
    slot.collected = batch.number;
  }

  const Family family_;
  CacheShared& shared_;
  std::array<Part, kParts> parts_;
  std::vector<Slot*> changed_, closing_;
  std::size_t hand_ = 0;
  bool whole_ = true;                          // all records are in memory
  std::string absent_ = std::string(1, '\0');  // the last key that was not found on disk
  std::string bytes_;                          // scratch
};

}  // namespace holdfast
