// OrderCase: an order as two packs saw it, and what became of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/decide/ruling.h"

namespace holdfast {

// Known of an order afterwards.
enum class Label : std::uint8_t { kFraud, kGood, kUnknown };
inline constexpr std::size_t kLabels = 3;
std::string_view NameOf(Label label);

// What two packs said of an order.
struct Rulings {
  Ruling before, after;
};

// The ruling of a pack is the last before a person decided, the parcel left, the order was
// cancelled or its money was disputed or taken back: what the rules said by themselves while
// something could be done.
struct OrderCase {
  std::string merchant, order_id;
  EventTime placed_at;
  // Minor units of the pack's base currency; nothing: there is no rate.
  std::optional<std::int64_t> amount;
  std::uint64_t offset = 0;                // of the event that was ruled on
  std::shared_ptr<const Rulings> rulings;  // not null; of many orders that were ruled on alike
  Label label = Label::kUnknown;
  bool immature = false;  // too young for its silence to say anything
  bool sent = false;      // the parcel has left

  const Ruling& before() const { return rulings->before; }
  const Ruling& after() const { return rulings->after; }
  // Would it end otherwise? What was never decided has nothing to be compared with.
  bool Flipped() const { return before().given && before().outcome != after().outcome; }
};

// A rule that makes a difference: it speaks in one of the rulings, or otherwise in the other.
struct Difference {
  std::string rule;
  const RuleHit* before = nullptr;  // null: it did not speak
  const RuleHit* after = nullptr;
};
// Into `rulings`. The threshold is none: it is reached because of rules, unless it was moved.
std::vector<Difference> DifferencesIn(const Rulings& rulings);

// The same for people: "+bulk", "-bulk", "bulk 35>60".
std::vector<std::string> Why(const Rulings& rulings);

// The rules without which a ruling would not stop its order, each by itself.
std::vector<std::string> Needed(const Ruling& ruling, int threshold);

}  // namespace holdfast
