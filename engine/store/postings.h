// Postings: the index by which orders are found. A posting says that a token, such as a word of a
// name, belongs to an order of a merchant. docs/formats.md describes the keys.
//
// A token begins with the letter of its kind. Kinds in upper case can also be searched by the
// beginning of a token, of at least kPrefixBytes; all others only by the whole token. Tokens have
// at most kTokenBytes bytes and no zero byte.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

inline constexpr std::size_t kTokenBytes = 129;
inline constexpr std::size_t kPrefixBytes = 4;  // with the letter of the kind

// Tokens in one block of memory, which Clear keeps.
class Tokens {
 public:
  void Clear() {
    text_.clear();
    ends_.clear();
  }
  // Adds a token of `kind` and of the text that `append` appends to a string. Adds none when it
  // appends nothing. Of a longer text than fits, only whole UTF-8 characters are kept.
  template <typename Append>
  void Add(char kind, const Append& append) {
    const std::size_t begin = text_.size();
    text_ += kind;
    append(text_);
    if (text_.size() > begin + kTokenBytes) Cut(begin);
    if (text_.size() == begin + 1) return text_.resize(begin);
    ends_.push_back(text_.size());
  }

  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }

 private:
  void Cut(std::size_t begin);

  std::string text_;
  std::vector<std::size_t> ends_;
};

// The place of an order among the postings of a token: the order placed last comes first.
struct PostingPlace {
  std::uint64_t newest = 0;  // see NewestFirst
  std::string order_id;
  auto operator<=>(const PostingPlace&) const = default;
};

// A number that is smaller for a later time.
inline std::uint64_t NewestFirst(EventTime placed_at) {
  return ~(static_cast<std::uint64_t>(placed_at.nanos) ^ std::uint64_t{1} << 63);
}

// Iterates over postings of one merchant, by token, then by place. Valid until the next write to
// its store.
class PostingCursor {
 public:
  virtual ~PostingCursor() = default;
  // False at the end, and after an error.
  virtual bool valid() const = 0;
  virtual void Next() = 0;
  // Moves to the first posting of `token` that is not before `place`, or to the next token.
  virtual void Seek(std::string_view token, const PostingPlace& place) = 0;
  // Good until Next or Seek. REQUIRES: valid().
  virtual std::string_view token() const = 0;
  virtual std::uint64_t newest() const = 0;
  virtual std::string_view order_id() const = 0;
  // Errors: as StateCursor::status.
  virtual Status status() const = 0;
};

// Postings in memory, which are not yet on disk. Adding one costs little; they are sorted when they
// are written, or searched.
// Threads: one owner; meanwhile another may call ForSorted, while nobody adds.
class PostingBuffer {
 public:
  void Add(std::string_view merchant, std::string_view order_id, EventTime placed_at,
           const Tokens& tokens);

  // Numbers of postings, ascending by key, each key once. Valid until Add or Clear.
  using Numbers = std::shared_ptr<const std::vector<std::uint32_t>>;
  // The merchant's postings whose token is `token`, or with `whole` false begins with it. Sorts
  // only what was added since the last search for the same token, if that is among the last 64.
  Numbers Find(std::string_view merchant, std::string_view token, bool whole);
  // The key of the posting with this number.
  void MakeKey(std::uint32_t number, std::string& key) const { MakeKey(entries_[number], key); }
  // True when the posting's token and place are before `token` and `place`.
  bool IsBefore(std::uint32_t number, std::string_view token, const PostingPlace& place) const;

  // Calls `visit` with each key once, in ascending order, until it returns false.
  void ForSorted(const std::function<bool(std::string_view key)>& visit) const;

  bool empty() const { return entries_.empty(); }
  // Removes all postings; keeps the memory.
  void Clear();

 private:
  struct Order {
    std::uint64_t newest, text;  // `text`: where its id is in text_
    std::uint32_t merchant, size;
  };
  struct Entry {
    std::uint64_t text;  // where the token is in text_
    std::uint32_t order, before;
    std::uint8_t size;
  };
  // A search, to be made again.
  struct Search {
    std::uint32_t merchant = 0;
    std::string token;
    bool whole = false;
    std::size_t seen = 0;  // entries that were looked at
    std::uint64_t used = 0;
    Numbers found;
  };
  static constexpr std::size_t kSearches = 64;
  // Entries are found by chains, each of the tokens with one hash. An entry names the one before
  // it; 0: none.
  static constexpr std::size_t kChains = 1 << 16;

  std::string_view TokenOf(const Entry& entry) const {
    return std::string_view(text_).substr(entry.text, entry.size);
  }
  std::string_view IdOf(const Order& order) const {
    return std::string_view(text_).substr(order.text, order.size);
  }
  std::uint32_t MerchantNumber(std::string_view merchant);
  static std::size_t ChainOf(std::uint32_t merchant, std::string_view token);
  void MakeKey(const Entry& entry, std::string& key) const;
  Search& SearchFor(std::uint32_t merchant, std::string_view token, bool whole);
  // Compares two entries of one merchant by token and place.
  int Compare(const Entry& a, const Entry& b) const;

  std::map<std::string, std::uint32_t, std::less<>> numbers_;  // of merchants
  std::vector<std::string_view> merchants_;                    // their names, in numbers_
  std::vector<Order> orders_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> last_;  // the last entry of each chain, from 1
  std::string text_;
  std::vector<Search> searches_;
  std::uint64_t uses_ = 0;
};

class StateCursor;

// The postings of a merchant whose token is `token`, or with `whole` false begins with it: those in
// `buffers`, which must outlive the result, and those on disk. `disk` may be null.
std::unique_ptr<PostingCursor> MergePostings(std::string_view merchant, std::string_view token,
                                             bool whole, std::span<PostingBuffer* const> buffers,
                                             std::unique_ptr<StateCursor> disk);

}  // namespace holdfast
