// Own events: events that Holdfast creates from other events. The id of an own event is derived
// from its source, so that the same event is never created twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/funds/terms.h"
#include "engine/model/event.h"

namespace holdfast {

// The kind of a joined event, a copy of an event for an order. kFirst: the first copy. kFurther: a
// copy for a further order. kClaim: a copy that reports to an order that another order names its
// payment.
enum class Joining : std::uint8_t { kFirst, kFurther, kClaim };

// Returns a copy of `waited` that belongs to the order `order_id`. `claimed_by`: see Event.
std::shared_ptr<Event> JoinedTo(const Event& waited, std::string_view order_id,
                                Joining how = Joining::kFirst, std::string_view claimed_by = {});
// True for ids that are reserved for joined events.
bool IsJoinedId(std::string_view event_id);

// Makes an alert; `order_id` may be empty. At most one alert is raised for each `name` and `about`.
std::shared_ptr<Event> MakeAlert(std::string_view merchant, std::string_view order_id,
                                 std::string_view name, std::string_view about, EventTime at,
                                 std::string_view text);

// The reference of a payment ("paypal:3C679366HH908993F"), from the canonical name of its provider
// and its id. Blanks around the id are removed. Ids of provider "offline", which people type, are
// in lower case.
std::string NameOfPayment(std::string_view provider, std::string_view id);

// The reference of the event's payment ("paypal:3C679366HH908993F"), or empty. A view of the event
// or of `room`.
std::string_view PaymentName(const Event& event, const FundsTerms& terms, std::string& room);
// Stores that reference in the event, so that it is computed once.
void SetPaymentName(Event& event, const FundsTerms& terms);

}  // namespace holdfast
