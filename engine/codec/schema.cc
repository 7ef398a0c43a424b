#include "engine/codec/schema.h"

#include <new>
#include <vector>

#include "engine/base/check.h"
#include "engine/model/names.h"

// By the letter of the standard the model's structs are not standard-layout (std::optional and
// std::span members), but GCC and clang define offsetof for them.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace holdfast::codec {
namespace {

using enum FieldKind;

template <typename T>
void Construct(void* place) {
  new (place) T();
}

template <typename T, std::size_t N>
ObjectSpec Spec(std::string_view name, const Field (&fields)[N]) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  return ObjectSpec(name, fields, sizeof(T), &Construct<T>);
}

template <typename Enum>
Field Words(std::string_view name, std::size_t offset) {
  return {name, kEnum, offset, nullptr, NamesOf<Enum>()};
}

const ObjectSpec& AddressSpec() {
  static const Field kFields[] = {
      {"line1", kText, offsetof(Address, line1)},
      {"line2", kText, offsetof(Address, line2)},
      {"city", kText, offsetof(Address, city)},
      {"region", kText, offsetof(Address, region)},
      {"postal_code", kId, offsetof(Address, postal_code)},
      {"country", kCountry, offsetof(Address, country)},
  };
  static const ObjectSpec spec = Spec<Address>("address", kFields);
  return spec;
}

const ObjectSpec& BuyerSpec() {
  static const Field kFields[] = {
      {"id", kId, offsetof(Buyer, id)},
      {"email", kText, offsetof(Buyer, email)},
      {"name", kText, offsetof(Buyer, name)},
      {"phone", kText, offsetof(Buyer, phone)},
      {"registered_at", kTime, offsetof(Buyer, registered_at)},
      {"country", kCountry, offsetof(Buyer, country)},
      {"language", kId, offsetof(Buyer, language)},
  };
  static const ObjectSpec spec = Spec<Buyer>("buyer", kFields);
  return spec;
}

const ObjectSpec& BillingSpec() {
  static const Field kFields[] = {
      {"name", kText, offsetof(Party, name)},
      {"phone", kText, offsetof(Party, phone)},
      {"company", kText, offsetof(Party, company)},
      {"tax_id", kId, offsetof(Party, tax_id)},
      {"address", kObject, offsetof(Party, address), &AddressSpec()},
  };
  static const ObjectSpec spec = Spec<Party>("party", kFields);
  return spec;
}

const ObjectSpec& ShippingSpec() {
  static const std::vector<Field> fields = [] {
    const auto party = BillingSpec().fields();
    std::vector<Field> all(party.begin(), party.end());
    all.push_back({"method", kText, offsetof(Party, method)});
    return all;
  }();
  static const ObjectSpec spec("party", fields, sizeof(Party), &Construct<Party>);
  return spec;
}

const ObjectSpec& ItemVariantSpec() {
  // The variant's members are members of Item, so the offsets are those of Item.
  static const Field kFields[] = {
      {"colour", kText, offsetof(Item, colour)},
      {"size", kText, offsetof(Item, size)},
  };
  static const ObjectSpec spec = Spec<Item>("variant", kFields);
  return spec;
}

const ObjectSpec& ItemSpec() {
  static const Field kFields[] = {
      {"sku", kId, offsetof(Item, sku)},
      {"title", kText, offsetof(Item, title)},
      {"category", kText, offsetof(Item, category)},
      {"variant", kObject, 0, &ItemVariantSpec()},
      {"quantity", kQuantity, offsetof(Item, quantity)},
      {"unit_price", kMoney, offsetof(Item, unit_price)},
      {"fragile", kBool, offsetof(Item, fragile)},
      {"gift", kBool, offsetof(Item, gift)},
      {"parcel", kId, offsetof(Item, parcel)},
      {"brand", kText, offsetof(Item, brand)},
      {"hs_code", kId, offsetof(Item, hs_code)},
      {"weight_grams", kCount, offsetof(Item, weight_grams)},
      Words<Hazard>("hazard", offsetof(Item, hazard)),
  };
  static const ObjectSpec spec = Spec<Item>("item", kFields);
  return spec;
}

const ObjectSpec& PayerSpec() {
  static const Field kFields[] = {
      {"name", kText, offsetof(Payer, name)},
      {"email", kText, offsetof(Payer, email)},
      {"account_id", kId, offsetof(Payer, account_id)},
      Words<AccountStatus>("account_status", offsetof(Payer, account_status)),
      {"account_holder", kText, offsetof(Payer, account_holder)},
      {"country", kCountry, offsetof(Payer, country)},
      {"address", kObject, offsetof(Payer, address), &AddressSpec()},
      Words<AddressStatus>("address_status", offsetof(Payer, address_status)),
  };
  static const ObjectSpec spec = Spec<Payer>("payer", kFields);
  return spec;
}

const ObjectSpec& CardSpec() {
  static const Field kFields[] = {
      {"fingerprint", kId, offsetof(Card, fingerprint)},
      {"bin", kId, offsetof(Card, bin)},
      {"country", kCountry, offsetof(Card, country)},
      Words<CardFunding>("funding", offsetof(Card, funding)),
      Words<CheckResult>("avs", offsetof(Card, avs)),
      Words<CheckResult>("cvc", offsetof(Card, cvc)),
      Words<ThreeDSecure>("three_d_secure", offsetof(Card, three_d_secure)),
      {"liability_shift", kBool, offsetof(Card, liability_shift)},
  };
  static const ObjectSpec spec = Spec<Card>("card", kFields);
  return spec;
}

const ObjectSpec& ProviderRiskSpec() {
  static const Field kFields[] = {
      Words<RiskLevel>("level", offsetof(ProviderRisk, level)),
      {"score", kInteger, offsetof(ProviderRisk, score)},
  };
  static const ObjectSpec spec = Spec<ProviderRisk>("provider_risk", kFields);
  return spec;
}

const ObjectSpec& MovementSpec() {
  static const Field kFields[] = {
      Words<MovementKind>("kind", offsetof(PaymentMovement, kind)),
      {"reference", kId, offsetof(PaymentMovement, reference)},
      Words<MovementState>("state", offsetof(PaymentMovement, state)),
      {"amount", kMoney, offsetof(PaymentMovement, amount)},
      {"currency", kCurrency, offsetof(PaymentMovement, currency)},
  };
  static const ObjectSpec spec = Spec<PaymentMovement>("movement", kFields);
  return spec;
}

const ObjectSpec& PaymentSpec() {
  static const Field kFields[] = {
      {"provider", kId, offsetof(Payment, provider)},
      {"method", kId, offsetof(Payment, method)},
      Words<PaymentStatus>("status", offsetof(Payment, status)),
      {"reinstated", kBool, offsetof(Payment, reinstated)},
      {"pending_reason", kId, offsetof(Payment, pending_reason)},
      {"amount", kMoney, offsetof(Payment, amount)},
      {"currency", kCurrency, offsetof(Payment, currency)},
      {"transaction_id", kId, offsetof(Payment, transaction_id)},
      Words<ReportSource>("source", offsetof(Payment, source)),
      {"connected", kTexts, offsetof(Payment, connected)},
      {"movement", kObject, offsetof(Payment, movement), &MovementSpec()},
      Words<SellerProtection>("seller_protection", offsetof(Payment, seller_protection)),
      {"payer", kObject, offsetof(Payment, payer), &PayerSpec()},
      {"card", kObject, offsetof(Payment, card), &CardSpec()},
      {"provider_risk", kObject, offsetof(Payment, provider_risk), &ProviderRiskSpec()},
      {"instalments", kCount, offsetof(Payment, instalments)},
      {"attempts", kCount, offsetof(Payment, attempts)},
  };
  static const ObjectSpec spec = Spec<Payment>("payment", kFields);
  return spec;
}

const ObjectSpec& RefundSpec() {
  static const Field kFields[] = {
      {"id", kId, offsetof(Refund, id)},
      {"reason", kText, offsetof(Refund, reason)},
      {"amount", kMoney, offsetof(Refund, amount)},
      {"currency", kCurrency, offsetof(Refund, currency)},
  };
  static const ObjectSpec spec = Spec<Refund>("refund", kFields);
  return spec;
}

const ObjectSpec& DisputeSpec() {
  static const Field kFields[] = {
      {"id", kId, offsetof(Dispute, id)},
      {"reason", kText, offsetof(Dispute, reason)},
      Words<DisputeKind>("kind", offsetof(Dispute, kind)),
      Words<DisputeOutcome>("outcome", offsetof(Dispute, outcome)),
      {"amount", kMoney, offsetof(Dispute, amount)},
      {"currency", kCurrency, offsetof(Dispute, currency)},
  };
  static const ObjectSpec spec = Spec<Dispute>("dispute", kFields);
  return spec;
}

const ObjectSpec& MessageSpec() {
  static const Field kFields[] = {
      {"from", kText, offsetof(Message, from)},
      {"channel", kId, offsetof(Message, channel)},
      {"text", kLongText, offsetof(Message, text)},
  };
  static const ObjectSpec spec = Spec<Message>("message", kFields);
  return spec;
}

const ObjectSpec& ConfirmationSpec() {
  static const Field kFields[] = {
      {"request", kId, offsetof(Confirmation, request)},
      {"from", kText, offsetof(Confirmation, from)},
      {"text", kLongText, offsetof(Confirmation, text)},
      {"by", kId, offsetof(Confirmation, by)},
      Words<ReviewRole>("role", offsetof(Confirmation, role)),
      {"confirmed", kBool, offsetof(Confirmation, confirmed)},
      {"agreed", kBool, offsetof(Confirmation, agreed)},
  };
  static const ObjectSpec spec = Spec<Confirmation>("confirmation", kFields);
  return spec;
}

const ObjectSpec& PackedVariantSpec() {
  static const Field kFields[] = {
      {"colour", kText, offsetof(PackedLine, colour)},
      {"size", kText, offsetof(PackedLine, size)},
  };
  static const ObjectSpec spec = Spec<PackedLine>("variant", kFields);
  return spec;
}

const ObjectSpec& PackedLineSpec() {
  static const Field kFields[] = {
      {"sku", kId, offsetof(PackedLine, sku)},
      {"variant", kObject, 0, &PackedVariantSpec()},
      {"quantity", kQuantity, offsetof(PackedLine, quantity)},
      {"gift", kBool, offsetof(PackedLine, gift)},
  };
  static const ObjectSpec spec = Spec<PackedLine>("item", kFields);
  return spec;
}

const ObjectSpec& ShipmentSpec() {
  static const Field kFields[] = {
      {"carrier", kText, offsetof(Shipment, carrier)},
      {"tracking", kId, offsetof(Shipment, tracking)},
      {"permit", kLongText, offsetof(Shipment, permit)},
      {"evidence", kText, offsetof(Shipment, evidence)},
      {"parcel", kId, offsetof(Shipment, parcel)},
      {"by", kId, offsetof(Shipment, by)},
      {"permit_refused", kBool, offsetof(Shipment, permit_refused)},
      {"items", kList, offsetof(Shipment, items), &PackedLineSpec()},
  };
  static const ObjectSpec spec = Spec<Shipment>("shipment", kFields);
  return spec;
}

const ObjectSpec& ReviewSpec() {
  static const Field kFields[] = {
      {"by", kId, offsetof(Review, by)},
      {"person", kId, offsetof(Review, person)},
      Words<ReviewRole>("role", offsetof(Review, role)),
      {"reason", kText, offsetof(Review, reason)},
      {"note", kLongText, offsetof(Review, note)},
      {"until", kTime, offsetof(Review, until)},
      {"rules", kTexts, offsetof(Review, rules)},
      {"score", kInteger, offsetof(Review, score)},
      {"funds", kId, offsetof(Review, funds)},
      {"request", kId, offsetof(Review, request)},
      {"to", kText, offsetof(Review, to)},
      {"tags", kTexts, offsetof(Review, tags)},
      {"untag", kTexts, offsetof(Review, untag)},
      {"reference", kId, offsetof(Review, reference)},
      {"amount", kMoney, offsetof(Review, amount)},
      {"currency", kCurrency, offsetof(Review, currency)},
  };
  static const ObjectSpec spec = Spec<Review>("review", kFields);
  return spec;
}

const ObjectSpec& ListSpec() {
  static const Field kFields[] = {
      {"name", kId, offsetof(ListChange, name)},  {"reason", kText, offsetof(ListChange, reason)},
      {"by", kId, offsetof(ListChange, by)},      {"until", kTime, offsetof(ListChange, until)},
      {"add", kTexts, offsetof(ListChange, add)}, {"remove", kTexts, offsetof(ListChange, remove)},
  };
  static const ObjectSpec spec = Spec<ListChange>("list", kFields);
  return spec;
}

const ObjectSpec& PackSpec() {
  static const Field kFields[] = {
      {"name", kId, offsetof(PackChange, name)},
      {"version", kInteger, offsetof(PackChange, version)},
      {"hash", kId, offsetof(PackChange, hash)},
      {"reason", kText, offsetof(PackChange, reason)},
      {"by", kId, offsetof(PackChange, by)},
      {"gate", kText, offsetof(PackChange, gate)},
  };
  static const ObjectSpec spec = Spec<PackChange>("pack", kFields);
  return spec;
}

const ObjectSpec& TimerSpec() {
  static const Field kFields[] = {
      {"name", kId, offsetof(Timer, name)},
      {"due_at", kTime, offsetof(Timer, due_at)},
  };
  static const ObjectSpec spec = Spec<Timer>("timer", kFields);
  return spec;
}

const ObjectSpec& AlertSpec() {
  static const Field kFields[] = {
      {"name", kId, offsetof(Alert, name)},       {"text", kText, offsetof(Alert, text)},
      {"of", kId, offsetof(Alert, of)},           {"by", kId, offsetof(Alert, by)},
      {"note", kLongText, offsetof(Alert, note)},
  };
  static const ObjectSpec spec = Spec<Alert>("alert", kFields);
  return spec;
}

const ObjectSpec& ReceiptSpec() {
  static const Field kFields[] = {
      {"provider", kId, offsetof(Receipt, provider)},
      {"kind", kId, offsetof(Receipt, kind)},
      {"transmission", kId, offsetof(Receipt, transmission)},
      {"body", kId, offsetof(Receipt, body)},
  };
  static const ObjectSpec spec = Spec<Receipt>("receipt", kFields);
  return spec;
}

// The names of EventType, with an empty one first for "none".
std::span<const std::string_view> TypeWords() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> all = {""};
    for (const auto name : NamesOf<EventType>()) all.push_back(name);
    return all;
  }();
  return words;
}

}  // namespace

const ObjectSpec& DeliverySpec() {
  static const Field kFields[] = {
      {"body", kId, offsetof(DeliveryProof, body)},
      {"transmission", kId, offsetof(DeliveryProof, transmission)},
  };
  static const ObjectSpec spec = Spec<DeliveryProof>("delivery", kFields);
  return spec;
}

ObjectSpec::ObjectSpec(std::string_view name, std::span<const Field> fields, std::size_t size,
                       void (*construct)(void* place))
    : name_(name), fields_(fields), size_(size), construct_(construct) {
  HOLDFAST_CHECK(fields_.size() <= 64);
  for (const Field& field : fields_) {
    if (field.kind == FieldKind::kCurrency) currency_field_ = &field;
    HOLDFAST_CHECK(!field.name.empty() && field.name.size() <= kNameMax);
    packed_.push_back(Pack(field.name));
  }
  // Searches for the first multipliers without a collision. The sequence is fixed, so every run
  // finds the same ones.
  std::uint64_t state = 1;
  do {
    for (auto& mix : mix_) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      mix = state | 1;
    }
  } while (!FillTable());
}

bool ObjectSpec::FillTable() {
  table_.fill(0);
  std::array<bool, kSlots> taken{};
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    const std::size_t slot = Slot(packed_[i]);
    if (taken[slot]) return false;
    taken[slot] = true;
    table_[slot] = static_cast<std::uint8_t>(i);
  }
  return true;
}

const ObjectSpec& GeoSpec() {
  static const Field kFields[] = {
      {"status", kEnum, offsetof(Geo, status), nullptr, NamesOf<GeoStatus>()},
      {"country", kCountry, offsetof(Geo, country)},
      {"asn", kInteger, offsetof(Geo, asn)},
      {"organisation", kText, offsetof(Geo, organisation)},
      {"hosting", kBool, offsetof(Geo, hosting)},
      {"tor", kBool, offsetof(Geo, tor)},
      {"vpn", kBool, offsetof(Geo, vpn)},
      {"region", kText, offsetof(Geo, region)},
      {"city", kText, offsetof(Geo, city)},
      {"time_zone", kText, offsetof(Geo, time_zone)},
      {"accuracy_km", kCount, offsetof(Geo, accuracy_km)},
      {"ip_to_shipping_km", kCount, offsetof(Geo, ip_to_shipping_km)},
      {"ip_to_billing_km", kCount, offsetof(Geo, ip_to_billing_km)},
      {"shipping_to_billing_km", kCount, offsetof(Geo, shipping_to_billing_km)},
  };
  static const ObjectSpec spec = Spec<Geo>("geo", kFields);
  return spec;
}

const ObjectSpec& OrderSpec() {
  static const Field kFields[] = {
      {"id", kId, offsetof(Order, id)},
      {"merchant", kId, offsetof(Order, merchant)},
      {"placed_at", kTime, offsetof(Order, placed_at)},
      {"channel", kId, offsetof(Order, channel)},
      {"currency", kCurrency, offsetof(Order, currency)},
      {"total", kMoney, offsetof(Order, total)},
      {"shipping_fee", kMoney, offsetof(Order, shipping_fee)},
      {"ip", kIp, offsetof(Order, ip)},
      {"device_id", kId, offsetof(Order, device_id)},
      {"user_agent", kText, offsetof(Order, user_agent)},
      {"note", kLongText, offsetof(Order, note)},
      {"buyer", kObject, offsetof(Order, buyer), &BuyerSpec()},
      {"shipping", kObject, offsetof(Order, shipping), &ShippingSpec()},
      {"billing", kObject, offsetof(Order, billing), &BillingSpec()},
      {"items", kList, offsetof(Order, items), &ItemSpec()},
      {"payment", kOwnObject, offsetof(Order, payment), &PaymentSpec()},
      {"attributes", kAttributes, offsetof(Order, attributes)},
  };
  static const ObjectSpec spec = Spec<Order>("order", kFields);
  return spec;
}

const ObjectSpec& EnvelopeSpec() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> all = {
        {"type", kEnum, offsetof(Envelope, type), nullptr, TypeWords(), Side::kEvent},
        {"occurred_at", kTime, offsetof(Envelope, occurred_at), nullptr, {}, Side::kEvent},
        {"order_id", kId, offsetof(Envelope, order_id), nullptr, {}, Side::kEvent},
        {"references", kTexts, offsetof(Envelope, references)},
        {"delivery", kOwnObject, offsetof(Envelope, delivery), &DeliverySpec(), {}, Side::kEvent},
        {"joined", kId, offsetof(Envelope, joined), nullptr, {}, Side::kEvent},
        {"claimed_by", kId, offsetof(Envelope, claimed_by), nullptr, {}, Side::kEvent},
        {"geo", kOwnObject, offsetof(Envelope, geo), &GeoSpec()},
    };
    for (const PayloadRow& row : PayloadRows()) {
      if (row.key == "payment") continue;
      all.push_back({row.key,
                     kOwnObject,
                     offsetof(Envelope, payloads) + row.offset,
                     row.spec,
                     {},
                     Side::kEvent});
    }
    for (Field field : OrderSpec().fields()) {
      field.offset += offsetof(Envelope, bare);
      const bool shared = field.name == "id" || field.name == "merchant" || field.name == "payment";
      field.side = shared ? Side::kBoth : Side::kOrder;
      all.push_back(field);
    }
    return all;
  }();
  static const ObjectSpec spec("order", fields, sizeof(Envelope), &Construct<Envelope>);
  return spec;
}

std::span<const PayloadRow> PayloadRows() {
  static const PayloadRow rows[] = {
      {"order", offsetof(Payloads, order), &OrderSpec()},
      {"payment", offsetof(Payloads, payment), &PaymentSpec()},
      {"refund", offsetof(Payloads, refund), &RefundSpec()},
      {"dispute", offsetof(Payloads, dispute), &DisputeSpec()},
      {"message", offsetof(Payloads, message), &MessageSpec()},
      {"confirmation", offsetof(Payloads, confirmation), &ConfirmationSpec()},
      {"shipment", offsetof(Payloads, shipment), &ShipmentSpec()},
      {"review", offsetof(Payloads, review), &ReviewSpec()},
      {"list", offsetof(Payloads, list), &ListSpec()},
      {"pack", offsetof(Payloads, pack), &PackSpec()},
      {"timer", offsetof(Payloads, timer), &TimerSpec()},
      {"alert", offsetof(Payloads, alert), &AlertSpec()},
      {"receipt", offsetof(Payloads, receipt), &ReceiptSpec()},
  };
  return rows;
}

}  // namespace holdfast::codec
