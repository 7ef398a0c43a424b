#include "engine/store/postings.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/hash.h"
#include "engine/store/state_disk.h"

namespace holdfast {
namespace {

constexpr std::size_t kTimeBytes = 8;

bool HasPrefixSearch(std::string_view token) { return token[0] >= 'A' && token[0] <= 'Z'; }

// The first eight bytes of a token as a number that sorts as they do.
std::uint64_t HeadOf(std::string_view token) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    head = head << 8 | (i < token.size() ? static_cast<unsigned char>(token[i]) : 0);
  }
  return head;
}

class MergedPostings final : public PostingCursor {
 public:
  // The postings of one buffer that fit.
  struct InMemory {
    const PostingBuffer* buffer;
    PostingBuffer::Numbers found;
    std::size_t at = 0;
    std::string key;  // of the posting at `at`; empty: none is left
  };

  MergedPostings(std::string merchant, std::string prefix, std::vector<InMemory> memory,
                 std::unique_ptr<StateCursor> disk)
      : merchant_(std::move(merchant)),
        prefix_(std::move(prefix)),
        memory_(std::move(memory)),
        disk_(std::move(disk)) {
    for (InMemory& one : memory_) ReadKey(one);
    if (disk_ != nullptr) disk_->Seek(merchant_ + prefix_);
    Read();
  }

  bool valid() const override { return !key_.empty(); }

  void Next() override {
    HOLDFAST_CHECK(valid());
    const bool on_disk = OnDisk() && disk_->key() == key_;
    for (InMemory& one : memory_) {
      if (one.key != key_) continue;
      ++one.at;
      ReadKey(one);
    }
    if (on_disk) disk_->Next();
    Read();
  }

  void Seek(std::string_view token, const PostingPlace& place) override {
    std::string key = merchant_;
    key += token;
    key += '\0';
    PutBig64(place.newest, key);
    key += place.order_id;
    for (InMemory& one : memory_) {
      const auto begin = one.found->begin();
      one.at = static_cast<std::size_t>(
          std::partition_point(
              begin, one.found->end(),
              [&](std::uint32_t number) { return one.buffer->IsBefore(number, token, place); }) -
          begin);
      ReadKey(one);
    }
    if (disk_ != nullptr) disk_->Seek(key);
    Read();
  }

  std::string_view token() const override {
    return std::string_view(key_).substr(merchant_.size(), time_ - 1 - merchant_.size());
  }
  std::uint64_t newest() const override {
    return ByteReader(std::string_view(key_).substr(time_)).Big64();
  }
  std::string_view order_id() const override {
    return std::string_view(key_).substr(time_ + kTimeBytes);
  }
  Status status() const override { return disk_ == nullptr ? Status() : disk_->status(); }

 private:
  bool OnDisk() const {
    if (disk_ == nullptr || !disk_->valid()) return false;
    const std::string_view key = disk_->key();
    return key.starts_with(merchant_) && key.substr(merchant_.size()).starts_with(prefix_);
  }

  static void ReadKey(InMemory& one) {
    one.key.clear();
    if (one.at < one.found->size()) one.buffer->MakeKey((*one.found)[one.at], one.key);
  }

  // Takes the smallest of the keys.
  void Read() {
    key_.clear();
    for (const InMemory& one : memory_) {
      if (!one.key.empty() && (key_.empty() || one.key < key_)) key_ = one.key;
    }
    if (OnDisk() && (key_.empty() || disk_->key() < key_)) key_ = disk_->key();
    if (key_.empty()) return;
    time_ = key_.find('\0', merchant_.size());
    // A key without all its parts is no posting, and ends the walk.
    if (time_ == key_.npos || key_.size() < ++time_ + kTimeBytes) key_.clear();
  }

  const std::string merchant_;  // with its zero byte
  const std::string prefix_;
  std::vector<InMemory> memory_;
  std::unique_ptr<StateCursor> disk_;
  std::string key_;       // empty: at the end
  std::size_t time_ = 0;  // where in the key the time is
};

}  // namespace

void Tokens::Cut(std::size_t begin) {
  const auto continues = [](char c) { return static_cast<unsigned char>(c) >> 6 == 2; };
  std::size_t end = begin + kTokenBytes;
  while (end > begin + 1 && continues(text_[end])) --end;
  text_.resize(end);
}

std::uint32_t PostingBuffer::MerchantNumber(std::string_view merchant) {
  if (!orders_.empty() && merchants_[orders_.back().merchant] == merchant) {
    return orders_.back().merchant;
  }
  auto found = numbers_.find(merchant);
  if (found == numbers_.end()) {
    found = numbers_.emplace(merchant, static_cast<std::uint32_t>(merchants_.size())).first;
    merchants_.push_back(found->first);
  }
  return found->second;
}

std::size_t PostingBuffer::ChainOf(std::uint32_t merchant, std::string_view token) {
  if (HasPrefixSearch(token)) token = token.substr(0, kPrefixBytes);
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;
  return (Hash64(token) + merchant * kSpread) % kChains;
}

void PostingBuffer::Add(std::string_view merchant, std::string_view order_id, EventTime placed_at,
                        const Tokens& tokens) {
  if (tokens.size() == 0) return;
  if (last_.empty()) last_.resize(kChains);
  const std::uint32_t number = MerchantNumber(merchant);
  const auto order = static_cast<std::uint32_t>(orders_.size());
  orders_.push_back(
      {NewestFirst(placed_at), text_.size(), number, static_cast<std::uint32_t>(order_id.size())});
  text_ += order_id;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view token = tokens[i];
    std::uint32_t& last = last_[ChainOf(number, token)];
    // The same token of the same order, such as of a name that ships and pays.
    bool again = false;
    for (std::uint32_t at = last; at != 0 && !again; at = entries_[at - 1].before) {
      if (entries_[at - 1].order != order) break;
      again = TokenOf(entries_[at - 1]) == token;
    }
    if (again) continue;
    entries_.push_back({text_.size(), order, last, static_cast<std::uint8_t>(token.size())});
    text_ += token;
    last = static_cast<std::uint32_t>(entries_.size());
  }
}

void PostingBuffer::MakeKey(const Entry& entry, std::string& key) const {
  const Order& order = orders_[entry.order];
  key.assign(merchants_[order.merchant]);
  key += '\0';
  key += TokenOf(entry);
  key += '\0';
  PutBig64(order.newest, key);
  key += IdOf(order);
}

int PostingBuffer::Compare(const Entry& a, const Entry& b) const {
  const int tokens = TokenOf(a).compare(TokenOf(b));
  if (tokens != 0) return tokens;
  const Order &one = orders_[a.order], &two = orders_[b.order];
  if (one.newest != two.newest) return one.newest < two.newest ? -1 : 1;
  return IdOf(one).compare(IdOf(two));
}

bool PostingBuffer::IsBefore(std::uint32_t number, std::string_view token,
                             const PostingPlace& place) const {
  const Entry& entry = entries_[number];
  const int tokens = TokenOf(entry).compare(token);
  if (tokens != 0) return tokens < 0;
  const Order& order = orders_[entry.order];
  return std::tuple(order.newest, IdOf(order)) <
         std::tuple(place.newest, std::string_view(place.order_id));
}

PostingBuffer::Search& PostingBuffer::SearchFor(std::uint32_t merchant, std::string_view token,
                                                bool whole) {
  for (Search& search : searches_) {
    if (search.merchant == merchant && search.whole == whole && search.token == token) {
      search.used = ++uses_;
      return search;
    }
  }
  if (searches_.size() < kSearches) searches_.emplace_back();
  // A new one, or the one that was not used for longest.
  Search& search =
      *std::min_element(searches_.begin(), searches_.end(),
                        [](const Search& a, const Search& b) { return a.used < b.used; });
  search = {merchant, std::string(token),
            whole,    0,
            ++uses_,  std::make_shared<const std::vector<std::uint32_t>>()};
  return search;
}

PostingBuffer::Numbers PostingBuffer::Find(std::string_view merchant, std::string_view token,
                                           bool whole) {
  HOLDFAST_CHECK(whole || (HasPrefixSearch(token) && token.size() >= kPrefixBytes));
  const auto number = numbers_.find(merchant);
  if (number == numbers_.end() || last_.empty()) {
    return std::make_shared<const std::vector<std::uint32_t>>();
  }
  Search& search = SearchFor(number->second, token, whole);
  std::vector<std::uint32_t> fresh;
  for (std::uint32_t at = last_[ChainOf(number->second, token)]; at > search.seen;
       at = entries_[at - 1].before) {
    const Entry& entry = entries_[at - 1];
    const std::string_view mine = TokenOf(entry);
    if (orders_[entry.order].merchant != number->second) continue;
    if (whole ? mine == token : mine.starts_with(token)) fresh.push_back(at - 1);
  }
  search.seen = entries_.size();
  if (fresh.empty()) return search.found;
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    return Compare(entries_[a], entries_[b]) < 0;
  };
  std::sort(fresh.begin(), fresh.end(), before);
  auto all = std::make_shared<std::vector<std::uint32_t>>();
  all->reserve(search.found->size() + fresh.size());
  std::merge(search.found->begin(), search.found->end(), fresh.begin(), fresh.end(),
             std::back_inserter(*all), before);
  const auto same = [this](std::uint32_t a, std::uint32_t b) {
    return Compare(entries_[a], entries_[b]) == 0;
  };
  all->erase(std::unique(all->begin(), all->end(), same), all->end());
  search.found = std::move(all);
  return search.found;
}

void PostingBuffer::ForSorted(const std::function<bool(std::string_view key)>& visit) const {
  std::vector<std::uint32_t> ranks(merchants_.size());
  std::uint32_t rank = 0;
  for (const auto& [name, number] : numbers_) ranks[number] = rank++;
  // Most comparisons are decided by these numbers, which are adjacent in memory.
  struct Place {
    std::uint64_t head;
    std::uint32_t merchant, entry;
  };
  std::vector<Place> places;
  places.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    places.push_back({HeadOf(TokenOf(entries_[i])), ranks[orders_[entries_[i].order].merchant],
                      static_cast<std::uint32_t>(i)});
  }
  std::sort(places.begin(), places.end(), [this](const Place& a, const Place& b) {
    if (a.merchant != b.merchant) return a.merchant < b.merchant;
    if (a.head != b.head) return a.head < b.head;
    const Entry &left = entries_[a.entry], &right = entries_[b.entry];
    const std::string_view mine = TokenOf(left), other = TokenOf(right);
    if (mine != other) return mine < other;
    const Order &one = orders_[left.order], &two = orders_[right.order];
    return std::tuple(one.newest, IdOf(one)) < std::tuple(two.newest, IdOf(two));
  });
  std::string key, last;
  for (const Place& place : places) {
    MakeKey(entries_[place.entry], key);
    if (key == last) continue;
    if (!visit(key)) return;
    last.swap(key);
  }
}

void PostingBuffer::Clear() {
  numbers_.clear();
  merchants_.clear();
  orders_.clear();
  entries_.clear();
  text_.clear();
  searches_.clear();
  std::fill(last_.begin(), last_.end(), 0);
}

std::unique_ptr<PostingCursor> MergePostings(std::string_view merchant, std::string_view token,
                                             bool whole, std::span<PostingBuffer* const> buffers,
                                             std::unique_ptr<StateCursor> disk) {
  std::string mine(merchant), prefix(token);
  mine += '\0';
  if (whole) prefix += '\0';
  std::vector<MergedPostings::InMemory> memory;
  for (PostingBuffer* buffer : buffers) {
    memory.push_back({buffer, buffer->Find(merchant, token, whole), 0, {}});
  }
  return std::make_unique<MergedPostings>(std::move(mine), std::move(prefix), std::move(memory),
                                          std::move(disk));
}

}  // namespace holdfast
