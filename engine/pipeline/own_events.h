// Own events: those that nobody sends, because Holdfast makes them of others. Each has an id that
// follows from what it was made of, so that the same one is never made twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/funds/terms.h"
#include "engine/model/event.h"

namespace holdfast {

// Several copies may be made of one event: the first, those for further orders, and those that tell
// an order that its payment is claimed by another.
enum class Joining : std::uint8_t { kFirst, kFurther, kClaim };

// `waited`, an event that did not know its order, as one of the order that has been found since.
// `claimed_by`: see Event.
std::shared_ptr<Event> JoinedTo(const Event& waited, std::string_view order_id,
                                Joining how = Joining::kFirst, std::string_view claimed_by = {});
// Is it kept for such ids?
bool IsJoinedId(std::string_view event_id);

// An alert about an order, or about none. `about` tells it from others of the same name: only one
// is ever raised for it.
std::shared_ptr<Event> MakeAlert(std::string_view merchant, std::string_view order_id,
                                 std::string_view name, std::string_view about, EventTime at,
                                 std::string_view text);

// The reference of a payment by its provider's one name and id ("paypal:3C679366HH908993F"): blanks
// around the id, and letter case where a person has typed it, do not count.
std::string NameOfPayment(std::string_view provider, std::string_view id);

// The reference that follows from an event's payment ("paypal:3C679366HH908993F"), or nothing: a
// part of the event or of `room`.
std::string_view PaymentName(const Event& event, const FundsTerms& terms, std::string& room);
// Keeps it in the event, so that it is made once.
void SetPaymentName(Event& event, const FundsTerms& terms);

}  // namespace holdfast
