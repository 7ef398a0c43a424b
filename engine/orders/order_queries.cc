#include "engine/orders/order_queries.h"

#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/signals/addresses.h"
#include "engine/signals/emails.h"

namespace holdfast {

std::string BuyerIdentity(const Order& order) {
  const std::string_view id = Trim(order.buyer.id);
  return id.empty() ? CanonicalEmail(order.buyer.email) : std::string(id);
}

std::uint64_t AddressDigest(const Address& address) {
  // The address of an order is hashed several times in a row, so the last result is kept.
  struct Last {
    std::string written, next;
    std::uint64_t digest = Hash64({});
  };
  thread_local Last last;
  last.next.clear();
  for (const std::string_view part : {address.line1, address.line2, address.city, address.region,
                                      address.postal_code, address.country}) {
    last.next += part;
    last.next += '\0';
  }
  if (last.next != last.written) {
    last.digest = Hash64(AddressKey(address));
    last.written.swap(last.next);
  }
  return last.digest;
}

std::uint64_t ShippingDigest(const Order& order) {
  const Address& address = order.shipping.address;
  std::string text;
  for (const auto part : {order.shipping.name, address.line1, address.line2, address.city,
                          address.region, address.postal_code, address.country}) {
    text += EvenedAscii(part);
    text += '\0';
  }
  if (!order.shipping.company.empty()) text += EvenedAscii(order.shipping.company);
  return Hash64(text);
}

Phone ContactPhone(const Order& order) {
  const std::string_view text =
      order.shipping.phone.empty() ? order.buyer.phone : order.shipping.phone;
  const std::string_view country =
      order.shipping.address.country.empty() ? order.buyer.country : order.shipping.address.country;
  return ReadPhone(text, country);
}

const Payment* PaymentIn(const Event* event) {
  if (event == nullptr) return nullptr;
  if (event->payment != nullptr) return event->payment;
  return event->order == nullptr ? nullptr : event->order->payment;
}

std::uint64_t SourceOf(std::string_view order_id) {
  const std::uint64_t digest = Hash64(order_id);
  return digest == 0 ? 1 : digest;  // 0 means "no source"
}

FundsCertainty CertaintyOf(const OrderState& state) { return state.funds.certainty; }

}  // namespace holdfast
