#include "engine/server/deliveries.h"

#include <algorithm>

#include "engine/codec/json_object.h"
#include "engine/outbox/dead_letters.h"

namespace holdfast {
namespace {

std::string_view NameOf(DeliveryStatus::State state) {
  switch (state) {
    case DeliveryStatus::State::kWaiting:
      return "waiting";
    case DeliveryStatus::State::kFailing:
      return "failing";
    case DeliveryStatus::State::kDelivered:
      return "delivered";
    case DeliveryStatus::State::kNotSent:
      return "not_sent";
  }
  return "waiting";
}

}  // namespace

std::string DeliveriesJson(const ServiceRuntime& runtime, const std::string& merchant,
                           std::uint64_t offset) {
  JsonList list;
  for (const DeliveryStatus& status : runtime.DeliveriesOf(merchant, offset)) {
    JsonObject one;
    one.Text("endpoint", status.endpoint);
    if (status.state == DeliveryStatus::State::kDelivered && status.any_dead) {
      const auto letters = ReadDeadLetters(runtime.config()->data + "/outbox", status.endpoint);
      const auto dead =
          letters ? std::find_if(letters->begin(), letters->end(),
                                 [&](const DeadLetter& letter) { return letter.offset == offset; })
                  : std::vector<DeadLetter>::const_iterator();
      if (letters && dead != letters->end()) {
        list.Add(one.Text("state", "given_up").Text("why", dead->why).Done());
        continue;
      }
    }
    one.Text("state", NameOf(status.state));
    if (status.attempts > 0) one.Number("attempts", status.attempts);
    one.GivenText("why", status.why);
    list.Add(one.Done());
  }
  return list.Done();
}

}  // namespace holdfast
