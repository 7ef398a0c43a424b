// Queries on an order and its state, used by several modules. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/model/order.h"
#include "engine/orders/order_state.h"
#include "engine/signals/phones.h"

namespace holdfast {

// The identity of the buyer: the buyer id, else the canonical e-mail address; empty when the order
// has neither.
std::string BuyerIdentity(const Order& order);

// A digest of AddressKey: equal for the same address in different spellings.
std::uint64_t AddressDigest(const Address& address);

// A digest of the recipient's name and company and the shipping address. Changes of case, blanks
// and signs do not change it. All other text counts, because a part that address comparison ignores
// could still redirect a parcel.
std::uint64_t ShippingDigest(const Order& order);

// The phone number of the consignee, else of the buyer, read as one of the shipping country, else
// of the buyer's. Costs a parse by libphonenumber.
Phone ContactPhone(const Order& order);

// The payment that an event reports, by itself or within its order; null for none.
const Payment* PaymentIn(const Event* event);

// The source (Series::Entry::source) of the entries of the order or event with this id. Never 0.
std::uint64_t SourceOf(std::string_view order_id);

// The funds certainty of an order: of its payment facts, disputes and refunds together.
FundsCertainty CertaintyOf(const OrderState& state);

}  // namespace holdfast
