// Principal: the sender of an event, and what the sender may send. The pipeline knows only its
// interface Admission.
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/pipeline/pipeline.h"
#include "engine/server/security/api_keys.h"

namespace holdfast {

constexpr std::uint64_t BitOf(EventType type) {
  return std::uint64_t{1} << static_cast<unsigned>(type);
}

// The types of events that a key of the role may send: a bit each.
std::uint64_t TypesOf(Role role);

struct Principal final : Admission {
  // Events of other merchants are refused; an event without a merchant becomes one of this one.
  // Empty: events of all merchants are accepted.
  std::string merchant;
  std::uint64_t types = ~std::uint64_t{0};  // the accepted types: a bit by EventType
  // Keep `geo` as sent; otherwise it is removed and looked up here. `delivery`, which only Holdfast
  // can know, is always removed.
  bool geo = false;
  std::optional<EventTime> latest;  // events after this time are refused
  // The person and role of reviews, whatever the event says. Reviews happen at `now`, and a
  // decision names the one that was seen (If-Match).
  std::string person;
  ReviewRole role = ReviewRole::kUnset;
  EventTime now;
  // A reviewer, not a shop or provider: an amendment may change the address and the parcels only,
  // and names the decision that was seen; other references are removed.
  bool is_reviewer = false;
  // Returns true for a person to whom an order may be assigned. Null: any.
  std::function<bool(std::string_view person)> is_person;
  // Returns true for a permit signed by us. Null: permits are not checked.
  std::function<bool(std::string_view token)> is_our_permit;

  // Errors: kForbidden for another merchant's event or a type that is not allowed; kInvalidInput
  // for an id that is reserved for Holdfast, a time in the future, or a decision without the one
  // that was seen.
  Result<Change> Admit(Event& event, const std::optional<std::uint64_t>& seen) const override;

 private:
  Status RequireSeen(const Event& event, const std::optional<std::uint64_t>& seen) const;
  Status Check(const Event& event) const;
  bool SetWhatIsOurs(Event& event) const;
  Result<bool> SetMerchant(Event& event) const;
};

}  // namespace holdfast
