// Arena: memory handed out in a row and given back all at once.
//
// Ownership: whatever Allocate or Copy returned lives until Reset or the arena's end.
// Threads:   thread-compatible; one owner at a time.
// Cost:      Allocate is a few instructions; Reset keeps the largest block, so a steady load
//            allocates nothing from the system.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` of uninitialised memory, aligned for any object.
  void* Allocate(std::size_t bytes) {
    const std::size_t rounded = (bytes + 15) & ~std::size_t{15};
    if (rounded > left_) NewBlock(rounded);
    void* place = next_;
    next_ += rounded;
    left_ -= rounded;
    return place;
  }

  // Uninitialised room for `count` objects without destructors.
  template <typename T>
  T* AllocateArray(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }

  // A copy of `text` that lives as long as the arena.
  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* place = static_cast<char*>(Allocate(text.size()));
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  // Makes the next allocations of together at most `bytes` come from one block.
  void Reserve(std::size_t bytes) {
    if (bytes > left_) NewBlock((bytes + 15) & ~std::size_t{15});
  }

  // What it holds, in use or not.
  std::size_t bytes() const {
    std::size_t all = 0;
    for (const Block& block : blocks_) all += block.size;
    return all;
  }

  // Gives everything back, keeps the largest block for the next round.
  void Reset() {
    if (blocks_.empty()) return;
    if (blocks_.size() > 1) {
      std::swap(blocks_.front(), blocks_.back());
      blocks_.resize(1);
    }
    next_ = blocks_.front().bytes.get();
    left_ = blocks_.front().size;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  void NewBlock(std::size_t at_least) {
    // A new block is as large as all before it, so a large total takes few blocks.
    std::size_t size = kFirstBlockBytes;
    if (blocks_.size() > 1) {
      for (const Block& block : blocks_) size += block.size;
    }
    if (size < at_least) size = at_least;
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    next_ = blocks_.back().bytes.get();
    left_ = size;
  }

  static constexpr std::size_t kFirstBlockBytes = 1024;
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace holdfast
