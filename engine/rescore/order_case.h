// OrderCase: an order with the rulings of two packs, and what was later known about it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/decide/ruling.h"

namespace holdfast {

// What became known about an order later.
enum class Label : std::uint8_t { kFraud, kGood, kUnknown };
inline constexpr std::size_t kLabels = 3;
std::string_view NameOf(Label label);

// The rulings of two packs on an order.
struct Rulings {
  Ruling before, after;
};

// The ruling of a pack is its last one before a person decided, the parcel left, the order was
// cancelled, or its money was disputed or taken back: what the rules alone decided while it still
// mattered.
struct OrderCase {
  std::string merchant, order_id;
  EventTime placed_at;
  // Minor units of the pack's base currency; nothing: there is no rate.
  std::optional<std::int64_t> amount;
  std::uint64_t offset = 0;                // of the event that was ruled on
  std::shared_ptr<const Rulings> rulings;  // not null; shared by orders with the same rulings
  Label label = Label::kUnknown;
  bool immature = false;  // too recent for the lack of a complaint to mean anything
  bool sent = false;      // the parcel has left

  const Ruling& before() const { return rulings->before; }
  const Ruling& after() const { return rulings->after; }
  // True when the outcomes differ. False for an order without an earlier decision.
  bool Flipped() const { return before().given && before().outcome != after().outcome; }
};

// A rule that makes a difference: it matched in only one of the rulings, or with another effect.
struct Difference {
  std::string rule;
  const RuleHit* before = nullptr;  // null: it did not match
  const RuleHit* after = nullptr;
};
// The differences, as pointers into `rulings`. The threshold is not one of them, because it is
// reached by rules, unless it was changed.
std::vector<Difference> DifferencesIn(const Rulings& rulings);

// The same for people: "+bulk", "-bulk", "bulk 35>60".
std::vector<std::string> Why(const Rulings& rulings);

// The rules that are needed to hold or reject the order: without any one of them it would pass.
std::vector<std::string> Needed(const Ruling& ruling, int threshold);

}  // namespace holdfast
