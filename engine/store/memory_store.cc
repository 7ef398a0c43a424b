#include <unordered_map>

#include "engine/store/store.h"

namespace holdfast {
namespace {

// Looks a text key up by view, without making a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

class MemoryStore final : public Store {
 public:
  const EntityRecord* FindEntity(int kind, std::string_view key) const override {
    const auto index = static_cast<std::size_t>(kind);
    if (index >= entities_.size()) return nullptr;
    const auto found = entities_[index].find(key);
    return found == entities_[index].end() ? nullptr : &found->second;
  }

  EntityRecord& Entity(int kind, std::string_view key, std::size_t series) override {
    const auto index = static_cast<std::size_t>(kind);
    if (index >= entities_.size()) entities_.resize(index + 1);
    EntityRecord& record = Get(entities_[index], key);
    if (record.series.size() < series) record.series.resize(series);
    return record;
  }

  OrderState* FindOrder(std::string_view merchant, std::string_view order_id) override {
    const auto found = orders_.find(Key(merchant, order_id));
    return found == orders_.end() ? nullptr : &found->second;
  }

  OrderState& GetOrder(std::string_view merchant, std::string_view order_id) override {
    return Get(orders_, Key(merchant, order_id));
  }

  const RememberedEvent* FindEvent(std::string_view merchant, std::string_view id) const override {
    const auto found = events_.find(Key(merchant, id));
    return found == events_.end() ? nullptr : &found->second;
  }

  void RememberEvent(std::string_view merchant, std::string_view id,
                     const RememberedEvent& event) override {
    events_.emplace(Key(merchant, id), event);
  }

  ListEdits& Edits(std::string_view merchant, std::string_view list) override {
    return Get(edits_, Key(merchant, list));
  }

  std::uint64_t NextOffset() override { return next_offset_++; }

 private:
  // Ids are texts without a zero byte, so the pair is unambiguous.
  std::string_view Key(std::string_view merchant, std::string_view id) const {
    key_.assign(merchant);
    key_ += '\0';
    key_ += id;
    return key_;
  }

  template <typename T>
  static T& Get(TextMap<T>& map, std::string_view key) {
    const auto found = map.find(key);
    return found != map.end() ? found->second : map.emplace(std::string(key), T{}).first->second;
  }

  std::vector<TextMap<EntityRecord>> entities_;
  TextMap<OrderState> orders_;
  TextMap<RememberedEvent> events_;
  TextMap<ListEdits> edits_;
  std::uint64_t next_offset_ = 1;
  mutable std::string key_;
};

}  // namespace

std::unique_ptr<Store> MakeMemoryStore() { return std::make_unique<MemoryStore>(); }

}  // namespace holdfast
