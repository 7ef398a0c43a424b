#include "engine/store/state_store.h"

#include <map>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/enum_names.h"
#include "engine/store/cache.h"

namespace holdfast {
namespace {

// Ids contain no zero byte, so the pair is unambiguous.
std::string_view PairKey(std::string_view merchant, std::string_view id, std::string& key) {
  key.assign(merchant);
  key += '\0';
  key += id;
  return key;
}

class CachedStore final : public StateStore {
 public:
  CachedStore(const StateDisk* disk, ReadEvent read, std::size_t cache_bytes, Postings postings)
      : cache_bytes_(cache_bytes) {
    if (postings == Postings::kKept) postings_ = std::make_shared<PostingBuffer>();
    shared_.disk = disk;
    shared_.load = [this, read = std::move(read)](std::uint64_t offset) -> EventPtr {
      auto event = read(offset);
      if (event) return std::move(*event);
      if (shared_.fault) shared_.fault = tl::unexpected(std::move(event.error()));
      return nullptr;
    };
    ForCaches([](auto& cache) { cache.Start(); });
  }

  // Deadlines and held orders are few and are looked up by time, so all their times are in memory.
  Status LoadTimes() {
    if (shared_.disk == nullptr || !shared_.fault) return shared_.fault;
    const Status deadlines = Load<std::optional<EventTime>>(
        Family::kDeadlines, [this](const std::string& merchant, std::string_view id,
                                   const auto& due) { by_time_[merchant].emplace(*due, id); });
    if (!deadlines) return deadlines;
    return Load<std::optional<Held>>(
        Family::kHeld, [this](const std::string& merchant, std::string_view id, const auto& held) {
          queues_[merchant].Add(std::string(id), *held);
        });
  }

  // ---- entities, orders, events, lists ---------------------------------------------------------

  void WarmEntities(std::span<const std::string> keys) const override {
    entities_.Warm(keys, [](const EntityRecord& record, int depth) {
      if (depth == 0) {
        __builtin_prefetch(record.series.data());
        __builtin_prefetch(reinterpret_cast<const char*>(record.series.data()) + 64);
        return;
      }
      for (const Series& series : record.series) series.Prefetch();
    });
  }

  void WarmEvent(std::string_view merchant, std::string_view id,
                 std::string_view order_id) const override {
    const auto none = [](const auto&, int) {};
    events_.Warm(std::array{PairKey(merchant, id, key_)}, none);
    orders_.Warm(std::array{PairKey(merchant, order_id, key_)}, none);
  }

  const EntityRecord* FindEntity(std::string_view key) const override {
    return entities_.Find(key);
  }

  EntityRecord& Entity(std::string_view key, std::size_t series) override {
    EntityRecord& record = entities_.Change(key);
    if (record.series.size() < series) record.series.resize(series);
    return record;
  }

  const OrderState* FindOrder(std::string_view merchant, std::string_view order_id) const override {
    return orders_.Find(PairKey(merchant, order_id, key_));
  }

  OrderState& Order(std::string_view merchant, std::string_view order_id) override {
    return orders_.Change(PairKey(merchant, order_id, key_));
  }

  const SeenEvent* FindEvent(std::string_view merchant, std::string_view id) const override {
    return events_.Find(PairKey(merchant, id, key_));
  }

  void RememberEvent(std::string_view merchant, std::string_view id,
                     const SeenEvent& event) override {
    events_.Change(PairKey(merchant, id, key_)) = event;
  }

  const ListEdits& Edits(std::string_view merchant, std::string_view list) const override {
    static const ListEdits kNone;
    const ListEdits* edits = lists_.Find(PairKey(merchant, list, key_));
    return edits == nullptr ? kNone : *edits;
  }

  ListEdits& ChangeEdits(std::string_view merchant, std::string_view list) override {
    return lists_.Change(PairKey(merchant, list, key_));
  }

  // ---- deadlines -------------------------------------------------------------------------------

  void SetDeadline(std::string_view merchant, std::string_view order_id,
                   std::optional<EventTime> due) override {
    const std::string_view key = PairKey(merchant, order_id, key_);
    static const std::optional<EventTime> kNone;
    const std::optional<EventTime>* found = deadlines_.Find(key);
    const std::optional<EventTime>& before = found == nullptr ? kNone : *found;
    if (before == due) return;
    auto& times = by_time_[std::string(merchant)];
    if (before.has_value()) times.erase({before.value(), std::string(order_id)});
    if (due.has_value()) times.emplace(due.value(), order_id);
    deadlines_.Change(key) = due;
  }

  std::optional<EventTime> DeadlineOf(std::string_view merchant,
                                      std::string_view order_id) const override {
    const std::optional<EventTime>* due = deadlines_.Find(PairKey(merchant, order_id, key_));
    return due == nullptr ? std::nullopt : *due;
  }

  std::optional<Deadline> NextDeadline(std::string_view merchant, EventTime from) const override {
    const auto times = by_time_.find(merchant);
    if (times == by_time_.end()) return std::nullopt;
    const auto next = times->second.lower_bound({from, std::string()});
    if (next == times->second.end()) return std::nullopt;
    return Deadline{next->first, next->second};
  }

  std::vector<std::pair<std::string, Deadline>> DeadlinesUntil(EventTime until,
                                                               std::size_t most) const override {
    std::vector<std::pair<std::string, Deadline>> found;
    for (const auto& [merchant, times] : by_time_) {
      for (const auto& [due, order_id] : times) {
        if (due > until || found.size() == most) break;
        found.push_back({merchant, {due, order_id}});
      }
    }
    return found;
  }

  // ---- held orders, and waiting events ---------------------------------------------------------

  void SetHeld(std::string_view merchant, std::string_view order_id,
               const std::optional<Held>& held) override {
    const std::string_view key = PairKey(merchant, order_id, key_);
    const std::optional<Held>* found = held_.Find(key);
    const bool was_held = found != nullptr && found->has_value();
    if (!was_held && !held) return;
    Queue& queue = queues_[std::string(merchant)];
    const std::string id(order_id);
    if (was_held) queue.Remove(id, **found);
    if (held) queue.Add(id, *held);
    held_.Change(key) = held;
  }

  std::optional<Held> HeldOf(std::string_view merchant, std::string_view order_id) const override {
    const std::optional<Held>* held = held_.Find(PairKey(merchant, order_id, key_));
    return held == nullptr ? std::nullopt : *held;
  }

  void ForHeld(std::string_view merchant, EventTime from, const VisitHeld& visit) const override {
    const auto queue = queues_.find(merchant);
    if (queue == queues_.end()) return;
    const auto& all = queue->second.by_review;
    for (auto at = all.lower_bound({from, std::string()}); at != all.end(); ++at) {
      const auto held = HeldOf(merchant, at->second);
      if (held && !visit(at->second, *held)) return;
    }
  }

  void ForQueue(std::string_view merchant, bool taken, const std::optional<QueuePlace>& after,
                const VisitHeld& visit) const override {
    const auto queue = queues_.find(merchant);
    if (queue == queues_.end()) return;
    if (taken) {
      const auto& some = queue->second.taken;
      for (auto at = after ? some.upper_bound(*after) : some.begin(); at != some.end(); ++at) {
        if (!visit(at->order_id, queue->second.by_place.at(*at))) return;
      }
      return;
    }
    const auto& all = queue->second.by_place;
    for (auto at = after ? all.upper_bound(*after) : all.begin(); at != all.end(); ++at) {
      if (!visit(at->first.order_id, at->second)) return;
    }
  }

  HeldCounts CountHeld(std::string_view merchant) const override {
    const auto queue = queues_.find(merchant);
    return queue == queues_.end() ? HeldCounts{} : queue->second.counts;
  }

  std::size_t HeldCount() const override {
    std::size_t count = 0;
    for (const auto& [merchant, queue] : queues_) count += queue.by_place.size();
    return count;
  }

  std::vector<std::string> MerchantsWithHeld() const override {
    std::vector<std::string> merchants;
    for (const auto& [merchant, queue] : queues_) {
      if (!queue.by_place.empty()) merchants.push_back(merchant);
    }
    return merchants;
  }

  const Reference* FindReference(std::string_view merchant, std::string_view name) const override {
    return references_.Find(PairKey(merchant, name, key_));
  }

  Reference& ChangeReference(std::string_view merchant, std::string_view name) override {
    return references_.Change(PairKey(merchant, name, key_));
  }

  // ---- postings --------------------------------------------------------------------------------

  bool HasPostings() const override { return postings_ != nullptr; }

  void EnterPostings(std::string_view merchant, std::string_view order_id, EventTime placed_at,
                     const Tokens& tokens) override {
    HOLDFAST_CHECK(postings_ != nullptr);
    postings_->Add(merchant, order_id, placed_at, tokens);
  }

  std::unique_ptr<PostingCursor> FindPostings(std::string_view merchant, std::string_view token,
                                              bool whole) const override {
    std::vector<PostingBuffer*> buffers;
    for (PostingBuffer* buffer : {postings_.get(), closing_.get()}) {
      if (buffer != nullptr) buffers.push_back(buffer);
    }
    return MergePostings(
        merchant, token, whole, buffers,
        shared_.disk == nullptr ? nullptr : shared_.disk->Search(Family::kPostings));
  }

  const Status& fault() const override { return shared_.fault; }

  // ---- batches ---------------------------------------------------------------------------------

  void Begin(std::uint64_t offset) override {
    HOLDFAST_CHECK(shared_.batch == nullptr);
    if (spare_ == nullptr) spare_ = std::make_unique<StateBatch>();
    shared_.batch = std::move(spare_);
    shared_.batch->offset = offset;
    shared_.batch->number = shared_.epoch++;
    ForCaches([](auto& cache) { cache.Begin(); });
    if (postings_ == nullptr) return;
    closing_ = std::exchange(postings_, std::move(spare_postings_));
    if (postings_ == nullptr) postings_ = std::make_shared<PostingBuffer>();
    shared_.batch->postings = closing_;
  }

  std::unique_ptr<StateBatch> Collect(std::size_t records) override {
    ForCaches([&records](auto& cache) { records -= cache.Collect(records); });
    return records > 0 ? std::move(shared_.batch) : nullptr;
  }

  void Written(std::unique_ptr<StateBatch> batch) override {
    shared_.written = batch->number;
    // The next batch uses its memory again.
    batch->memory.Reset();
    for (auto& changes : batch->changes) changes.clear();
    batch->postings = nullptr;
    spare_ = std::move(batch);
    if (closing_ == nullptr) return;
    closing_->Clear();
    spare_postings_ = std::move(closing_);
  }

  std::size_t changed() const override {
    return entities_.changed() + orders_.changed() + events_.changed() + lists_.changed() +
           deadlines_.changed() + held_.changed() + references_.changed();
  }

  void Trim() override {
    if (shared_.bytes <= cache_bytes_) return;
    ForCaches([](auto& cache) { cache.Trim(); });
  }

 private:
  // Times and ids of a merchant's orders, ascending.
  using Times = std::set<std::pair<EventTime, std::string>>;

  // The held orders of one merchant.
  struct Queue {
    Times by_review;
    std::map<QueuePlace, Held> by_place;
    std::set<QueuePlace> taken;  // the places of claimed and assigned orders, by any person
    HeldCounts counts{};

    void Add(const std::string& order_id, const Held& held) {
      by_review.emplace(held.review_by, order_id);
      by_place.emplace(PlaceOf(order_id, held), held);
      const bool is_taken = !held.claimed_by.empty() || !held.assigned_to.empty();
      if (is_taken) taken.insert(PlaceOf(order_id, held));
      ++counts[static_cast<std::size_t>(held.cause)];
    }
    void Remove(const std::string& order_id, const Held& held) {
      by_review.erase({held.review_by, order_id});
      by_place.erase(PlaceOf(order_id, held));
      taken.erase(PlaceOf(order_id, held));
      --counts[static_cast<std::size_t>(held.cause)];
    }
  };

  template <typename Record, typename Add>
  Status Load(Family family, const Add& add) {
    const auto at = shared_.disk->Walk(family);
    for (; at->valid(); at->Next()) {
      Record record;
      const std::size_t split = at->key().find('\0');
      if (!Decode(at->value(), shared_.load, record) || split == std::string_view::npos) {
        return Fail(ErrorCode::kCorrupt, std::string(NameOf(family)),
                    "a record of the state is damaged");
      }
      add(std::string(at->key().substr(0, split)), at->key().substr(split + 1), record);
    }
    return at->status();
  }

  template <typename Visit>
  void ForCaches(Visit visit) {
    visit(entities_);
    visit(orders_);
    visit(events_);
    visit(lists_);
    visit(deadlines_);
    visit(held_);
    visit(references_);
  }

  const std::size_t cache_bytes_;
  CacheShared shared_;
  std::unique_ptr<StateBatch> spare_;
  // The postings since the last Begin, and those of the batch that is not on disk yet, which its
  // writer reads at the same time. Null: none.
  std::shared_ptr<PostingBuffer> postings_, closing_, spare_postings_;
  // A read may load a record into memory.
  mutable Cache<EntityRecord> entities_{Family::kEntities, shared_};
  mutable Cache<OrderState> orders_{Family::kOrders, shared_};
  mutable Cache<SeenEvent> events_{Family::kEvents, shared_};
  mutable Cache<ListEdits> lists_{Family::kLists, shared_};
  mutable Cache<std::optional<EventTime>> deadlines_{Family::kDeadlines, shared_};
  mutable Cache<std::optional<Held>> held_{Family::kHeld, shared_};
  mutable Cache<Reference> references_{Family::kReferences, shared_};
  std::map<std::string, Times, std::less<>> by_time_;  // deadlines, by merchant
  std::map<std::string, Queue, std::less<>> queues_;
  mutable std::string key_;
};

}  // namespace

void MakeEntityKey(int kind, std::string_view merchant, std::string_view text, std::string& key) {
  key.clear();
  key += static_cast<char>(kind >> 8);
  key += static_cast<char>(kind);
  key += merchant;
  key += '\0';
  key += text;
}

std::string SeenId(const Event& event) {
  const bool bare = event.type == EventType::kOrderPlaced && event.id == event.order_id;
  return bare ? "order " + std::string(event.id) : SeenIdOf(event.id);
}

std::string SeenIdOf(std::string_view event_id) { return "event " + std::string(event_id); }

std::string_view NameOf(Family family) {
  constexpr std::string_view kNames[] = {"orders",    "entities", "events",     "lists",
                                         "deadlines", "held",     "references", "postings"};
  return NameIn(kNames, family);
}

Result<std::unique_ptr<StateStore>> MakeStateStore(const StateDisk* disk, ReadEvent read,
                                                   std::size_t cache_bytes, Postings postings) {
  auto store = std::make_unique<CachedStore>(disk, std::move(read), cache_bytes, postings);
  if (Status loaded = store->LoadTimes(); !loaded) return tl::unexpected(loaded.error());
  return store;
}

std::unique_ptr<Store> MakeMemoryStore(Postings postings) {
  return std::make_unique<CachedStore>(nullptr, nullptr, 0, postings);
}

}  // namespace holdfast
