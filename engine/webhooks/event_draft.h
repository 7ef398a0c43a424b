// EventDraft: builds an event from a provider's or shop's message.
//
// A value that an event cannot hold (a name of a megabyte, an unknown country) is left out; rules
// then report the fact as missing. A missing required value is an error of the sender, reported
// when the event is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/model/event.h"
#include "engine/webhooks/webhook.h"

namespace holdfast {

class JsonValue;

// The prefix of references that are further names of an order: "order:1042".
inline constexpr std::string_view kOrderNames = "order";
// The prefix of references that are transmissions of a provider's.
inline constexpr std::string_view kDeliveryNames = "delivery";

class EventDraft {
 public:
  EventDraft(std::string_view provider, std::string_view id, EventType type, EventTime at,
             const WebhookSettings& settings);

  Event& event() { return event_; }
  // The payload of the type, made when it is first asked for.
  Order& order() { return Made(event_.order); }
  Payment& payment();
  Refund& refund() { return Made(event_.refund); }
  Dispute& dispute() { return Made(event_.dispute); }
  // Sets the movement of the payment that the event reports.
  void SetMovement(MovementKind kind, MovementState state, std::string_view reference,
                   std::optional<std::int64_t> amount, std::optional<Currency> currency);
  // The payment within an order.
  Payment& order_payment();

  std::string_view Text(std::string_view text);
  std::string_view LongText(std::string_view text);
  std::string_view Id(std::string_view id);
  std::string_view Country(std::string_view code);
  std::string_view Ip(std::string_view address);
  // "first last", or what is there of it.
  std::string_view Name(std::string_view first, std::string_view last);

  // An amount as decimal text; its sign is left out. Nothing where it is no amount of the currency.
  std::optional<std::int64_t> Amount(std::string_view decimal, std::optional<Currency> currency);

  void SetOrderId(std::string_view id) { event_.order_id = Id(id); }
  // Another name of the event's order: "paypal:5O190127TN364715T".
  void Refer(std::string_view provider, std::string_view id);
  void Attribute(std::string_view name, std::string_view text);
  // Which delivery it was made of; `transmission`: see DeliveryProof.
  void SetProof(const Delivery& delivery, std::string_view transmission = {});
  Receipt& receipt() { return Made(event_.receipt); }

  template <typename T>
  std::span<T> List(std::size_t count) {
    T* first = event_.memory.AllocateArray<T>(count);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

  // The event as JSON.
  std::string Json();

 private:
  template <typename T>
  T& Made(const T*& place) {
    if (place == nullptr) place = new (event_.memory.Allocate(sizeof(T))) T();
    return const_cast<T&>(*place);
  }

  Event event_;
  std::vector<std::string_view> references_;
  std::vector<holdfast::Attribute> attributes_;
};

// The first of `times` that is a valid RFC 3339 time and at most a day after `received`, because a
// report cannot precede what it reports; else `received`. A time without a zone is UTC.
EventTime FirstTime(std::initializer_list<std::string_view> times, EventTime received);

// The quantity of a line as the shop writes it; 1 for a text that is not a number from 1 to the
// limit, because the line itself is known.
std::int64_t QuantityIn(std::string_view number);

// Seconds since 1970 as written; nothing for anything else.
std::optional<EventTime> UnixTime(std::string_view seconds);

// "1000" with two digits after the point is "10.00"; empty for what is no whole number. Providers
// do not always count as ISO 4217 does, so the digits are theirs.
std::string MinorAsDecimal(std::string_view minor, int digits);

std::optional<Currency> CurrencyOf(std::string_view code);

}  // namespace holdfast
