// Questions about an order and its state that several rooms ask. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/model/order.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// Who the buyer is: the id, else the e-mail address; empty when the order says neither.
std::string BuyerIdentity(const Order& order);

// A digest that is equal for the same shipping address, however it was written: of AddressKey.
std::uint64_t AddressDigest(const Address& address);

// A digest of whom the parcel goes to and where, equal when nothing but case, blanks and signs was
// changed. All of the text counts: what comparisons do not look at may be where a parcel is
// redirected to.
std::uint64_t ShippingDigest(const Order& order);

// The payment that an event reports, by itself or within its order; null for none.
const Payment* PaymentIn(const Event* event);

// The source under which an order's entries are kept in series.
std::uint64_t SourceOf(std::string_view order_id);

// Has the buyer validly answered `request`? The last answer counts, if it came from the mailbox
// that the payment account is registered under, and after the order's last amendment.
bool IsConfirmed(const OrderState& state, std::string_view request);

// The funds certainty of an order: of its payment facts, disputes and refunds together.
FundsCertainty CertaintyOf(const OrderState& state);

}  // namespace holdfast
