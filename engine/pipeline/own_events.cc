#include "engine/pipeline/own_events.h"
#include "engine/base/check.h"
#include "engine/funds/terms.h"

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/codec/json.h"

namespace holdfast {
namespace {

constexpr std::string_view kJoined = "joined ";

// `begin` followed by `part`. A part that is too long or begins with '#' is replaced by '#' and its
// digest.
std::string IdOf(std::string_view begin, std::string_view part) {
  if (begin.size() + part.size() <= limits::kIdBytes && !part.starts_with('#')) {
    return std::string(begin) + std::string(part);
  }
  Sha256 digest;
  digest.Add(part);
  return std::string(begin) + "#" + digest.Hex();
}

// The event, written and parsed again. It owns its memory and has its own digest.
std::shared_ptr<Event> ReadAgain(const Event& event) {
  std::string text;
  WriteEvent(event, text);
  auto made = std::make_shared<Event>();
  JsonEventParser parser(UnknownFields::kKeep, kLogLimits);
  const Status read = parser.Parse(text, *made);
  HOLDFAST_SLOW_CHECK(read.has_value());  // what was written of an event can be read
  return read ? made : nullptr;
}

}  // namespace

std::shared_ptr<Event> JoinedTo(const Event& waited, std::string_view order_id, Joining how,
                                std::string_view claimed_by) {
  std::string id = IdOf(kJoined, waited.id);
  if (how != Joining::kFirst) {
    Sha256 digest;
    digest.Add(how == Joining::kFurther ? "further" : "claim");
    for (const std::string_view part : {order_id, waited.id}) {
      digest.Add(std::to_string(part.size()) + ":");
      digest.Add(part);
    }
    id = std::string(kJoined) + "#" + digest.Hex();
  }
  Event joined;
  joined.id = id;
  // The payment within an order is a report of a payment to the other order.
  const bool placed = waited.type == EventType::kOrderPlaced;
  joined.type = placed ? EventType::kPaymentUpdated : waited.type;
  joined.merchant = waited.merchant;
  joined.occurred_at = waited.occurred_at;
  joined.order_id = order_id;
  joined.joined = true;
  joined.claimed_by = claimed_by;
  joined.payment = placed ? waited.order->payment : waited.payment;
  joined.refund = waited.refund;
  joined.dispute = waited.dispute;
  joined.references = waited.references;
  joined.delivery = waited.delivery;
  return ReadAgain(joined);
}

bool IsJoinedId(std::string_view event_id) { return event_id.starts_with(kJoined); }

std::shared_ptr<Event> MakeAlert(std::string_view merchant, std::string_view order_id,
                                 std::string_view name, std::string_view about, EventTime at,
                                 std::string_view text) {
  const std::string id = IdOf("alert " + std::string(name) + " ", about);
  Alert alert;
  alert.name = name;
  alert.text = IsValidUtf8(text) ? CutUtf8(text, limits::kTextBytes)
                                 : std::string_view("(a text that is not UTF-8)");
  Event event;
  event.id = id;
  event.type = EventType::kAlertRaised;
  event.merchant = merchant;
  event.occurred_at = at;
  event.order_id = order_id;
  event.alert = &alert;
  return ReadAgain(event);
}

std::string NameOfPayment(std::string_view provider, std::string_view id) {
  const std::string begin = std::string(provider) + ":";
  id = Trim(id);
  // People type these ids, so case is ignored.
  return provider == "offline" ? IdOf(begin, ToLowerAscii(id)) : IdOf(begin, id);
}

std::string_view PaymentName(const Event& event, const FundsTerms& terms, std::string& room) {
  if (!event.payment_name.empty()) return event.payment_name;
  if (event.type == EventType::kReviewPaid && event.review != nullptr) {
    if (Trim(event.review->reference).empty()) return {};
    return room = NameOfPayment("offline", event.review->reference);
  }
  // The payment in an amendment is ignored.
  const bool placed = event.type == EventType::kOrderPlaced && event.order != nullptr;
  const Payment* payment = placed ? event.order->payment : event.payment;
  if (payment == nullptr || Trim(payment->transaction_id).empty()) return {};
  // Shops use many names for a provider; references use the canonical one.
  std::string name;
  return room = NameOfPayment(terms.NameOf(payment->provider, name), payment->transaction_id);
}

void SetPaymentName(Event& event, const FundsTerms& terms) {
  std::string room;
  const std::string_view name = PaymentName(event, terms, room);
  if (event.payment_name.empty() && !name.empty()) event.payment_name = event.memory.Copy(name);
}

}  // namespace holdfast
