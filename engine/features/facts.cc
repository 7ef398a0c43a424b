#include "engine/features/facts.h"

#include <algorithm>
#include <map>

#include "engine/base/enum_names.h"
#include "engine/base/hash.h"
#include "engine/base/ip.h"
#include "engine/base/text.h"
#include "engine/features/fact_tables.h"
#include "engine/features/fact_values.h"
#include "engine/features/functions.h"
#include "engine/features/item_facts.h"
#include "engine/features/links.h"
#include "engine/features/payment_facts.h"
#include "engine/model/names.h"
#include "engine/orders/answers.h"
#include "engine/signals/addresses.h"
#include "engine/signals/emails.h"
#include "engine/signals/names.h"
#include "engine/signals/phones.h"
#include "engine/signals/po_boxes.h"
#include "engine/signals/postal_codes.h"
#include "engine/signals/postal_places.h"

namespace holdfast {
namespace {

using namespace facts;

// Amounts of the funds. Missing when not all amounts are known.
Value FundsMoney(Context c, std::int64_t minor) {
  return c.state->funds.known ? MoneyOf(minor, c.order->currency) : Missing();
}
Value FundsBase(Context c, std::int64_t minor) {
  return c.state->funds.known ? BaseOf(c, minor, c.order->currency) : Missing();
}

// IPv6 addresses, and IPv4 addresses mapped into IPv6, can be written in many forms. This returns
// one form.
Value Ip(Context c) {
  if (c.order->ip.find(':') == std::string_view::npos) return TextOf(c.order->ip);
  const auto address = ParseIp(c.order->ip);
  return address ? Value::String(c.arena->Copy(FormatIp(*address))) : TextOf(c.order->ip);
}

Value ProductRiskOf(Context c) {
  const auto largest = LargestRiskOf(c.order->items, *c.products);
  return largest ? Value::String(NameOf(largest->risk)) : Missing();
}
Value RiskShare(Context c) {
  const auto largest = LargestRiskOf(c.order->items, *c.products);
  return largest && largest->share ? Value::Double(*largest->share) : Missing();
}

// A line without a price adds nothing; too much counts as the largest amount.
Value ItemsTotal(Context c) {
  __int128 minor = 0;
  bool priced = false;
  for (const Item& item : c.order->items) {
    if (!item.unit_price) continue;
    priced = true;
    minor += static_cast<__int128>(*item.unit_price) * item.quantity;
  }
  if (!priced || !c.order->currency) return Missing();
  const auto most = std::min<__int128>(minor, kMoneyMinorMax);
  return MoneyOf(static_cast<std::int64_t>(most), c.order->currency);
}

Value Quantity(Context c) {
  if (c.order->items.empty()) return Missing();
  std::int64_t quantity = 0;
  for (const Item& item : c.order->items) quantity += item.quantity;
  return Value::Int(quantity);
}

Value AttributeOf(const AttributeValue& attribute, Arena& arena);

Value AttributesOf(std::span<const Attribute> attributes, Arena& arena) {
  auto* entries = arena.AllocateArray<cel::MapEntry>(attributes.size());
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    new (entries + i)
        cel::MapEntry{Value::String(attributes[i].name), AttributeOf(attributes[i].value, arena)};
  }
  return Value::Map(entries, attributes.size());
}

Value AttributeOf(const AttributeValue& attribute, Arena& arena) {
  switch (attribute.kind) {
    case AttributeValue::Kind::kNull:
      return Value::Null();
    case AttributeValue::Kind::kBool:
      return Value::Bool(attribute.boolean);
    case AttributeValue::Kind::kInt:
      return Value::Int(attribute.integer);
    case AttributeValue::Kind::kDouble:
      return Value::Double(attribute.number);
    case AttributeValue::Kind::kText:
      return Value::String(attribute.text);
    case AttributeValue::Kind::kList: {
      auto* elements = arena.AllocateArray<Value>(attribute.list.size());
      for (std::size_t i = 0; i < attribute.list.size(); ++i) {
        new (elements + i) Value(AttributeOf(attribute.list[i], arena));
      }
      return Value::List(elements, attribute.list.size());
    }
    case AttributeValue::Kind::kMap:
      return AttributesOf(attribute.map, arena);
  }
  return Value::Null();
}

// ---- signals ------------------------------------------------------------------------------------

Value Grade(MatchGrade grade) {
  constexpr std::string_view kWords[] = {"unknown", "same", "plausible", "different"};
  return Value::String(NameIn(kWords, grade));
}
constexpr std::string_view kGrades[] = {"same", "plausible", "different", "unknown"};

// Two names or addresses of an order. The payment's side is empty when there is no payment.
struct Sides {
  static constexpr Address kNowhere{};

  std::string_view payer, holder;
  const Address* account = &kNowhere;

  explicit Sides(Context c) {
    const Payment* payment = PaymentOf(c);
    if (payment == nullptr) return;
    payer = payment->payer.name;
    holder = payment->payer.account_holder;
    account = &payment->payer.address;
  }
};

Match PayerToHolder(Context c) {
  const Sides sides(c);
  return CompareNames(sides.payer, sides.holder);
}
Match PayerToConsignee(Context c) { return CompareNames(Sides(c).payer, c.order->shipping.name); }
Match HolderToConsignee(Context c) { return CompareNames(Sides(c).holder, c.order->shipping.name); }
Match BuyerToPayer(Context c) { return CompareNames(c.order->buyer.name, Sides(c).payer); }
Match BillingToPayer(Context c) { return CompareNames(c.order->billing.name, Sides(c).payer); }
AddressMatch BillingToPayment(Context c) {
  return CompareAddresses(c.order->billing.address, *Sides(c).account);
}
AddressMatch ShippingToPayment(Context c) {
  return CompareAddresses(c.order->shipping.address, *Sides(c).account);
}
AddressMatch ShippingToBilling(Context c) {
  return CompareAddresses(c.order->shipping.address, c.order->billing.address);
}

// The grade of a comparison as a fact.
template <auto kCompare>
Value GradeOf(Context c) {
  return Grade(kCompare(c).grade);
}
template <auto kCompare>
Value SimilarityOf(Context c) {
  const Match match = kCompare(c);
  return match.grade == MatchGrade::kUnknown ? Missing() : Value::Double(match.similarity);
}
template <auto kCompare>
Value DifferencesOf(Context c) {
  const AddressMatch match = kCompare(c);
  if (match.grade == MatchGrade::kUnknown) return Missing();
  auto* elements = c.arena->AllocateArray<Value>(match.differ.size());
  for (std::size_t i = 0; i < match.differ.size(); ++i) {
    new (elements + i) Value(Value::String(NameOf(match.differ[i])));
  }
  return Value::List(elements, match.differ.size());
}

Value PoBox(Context c) {
  const Address& address = c.order->shipping.address;
  const bool lines = !Trim(address.line1).empty() || !Trim(address.line2).empty();
  return lines ? Value::Bool(IsPoBox(address)) : Missing();
}

Value PostalFitOf(const Address& address) {
  return Value::String(NameOf(CheckPostalCode(address)));
}
constexpr std::string_view kPostalFits[] = {"fits", "other_country", "other_region", "unknown"};
constexpr std::string_view kPhoneTypes[] = {
    "mobile", "fixed_line", "fixed_line_or_mobile", "voip", "toll_free", "premium", "other"};

Value PhoneValid(Context c) {
  const Phone phone = ContactPhone(*c.order);
  return phone.known ? Value::Bool(phone.valid) : Missing();
}
Value PhoneTypeOf(Context c) { return TextOf(NameOf(ContactPhone(*c.order).type)); }
Value PhoneE164(Context c) { return TextOf(c.arena->Copy(ContactPhone(*c.order).e164)); }
Value PhoneCountry(Context c) { return TextOf(c.arena->Copy(ContactPhone(*c.order).country)); }

template <typename Ask>
Value OfDomain(Context c, bool known, Ask ask) {
  const std::string domain = EmailDomain(c.order->buyer.email);
  return !known || domain.empty() ? Missing() : Value::Bool(ask(domain));
}
Value Disposable(Context c) {
  return OfDomain(c, c.domains->knows_disposable,
                  [c](const std::string& domain) { return c.domains->IsDisposable(domain); });
}
Value Free(Context c) {
  return OfDomain(c, c.domains->knows_free,
                  [c](const std::string& domain) { return c.domains->IsFree(domain); });
}
// Whole days; 0 when the table has a date after the order.
Value DomainAgeDays(Context c) {
  constexpr std::int64_t kDay = 24 * 3600 * kNanosPerSecond;
  const auto registered = c.domains->RegisteredAt(EmailDomain(c.order->buyer.email));
  if (!registered) return Missing();
  const std::int64_t age = c.order->placed_at->nanos - registered->nanos;
  return Value::Int(std::max<std::int64_t>(age, 0) / kDay);
}
Value Imitates(Context c) {
  // The domain as people see it, not in the ASCII form of the DNS.
  const std::string_view email = Trim(c.order->buyer.email);
  const std::size_t at = email.rfind('@');
  if (at == email.npos || at + 1 == email.size()) return Missing();
  return Value::String(ImitatedProvider(ToLowerAscii(email.substr(at + 1))));
}

template <NoteSense kSense>
Value NoteSays(Context c) {
  if (!c.notes->Knows(kSense)) return Missing();
  const auto says = c.notes->Says(kSense, c.order->note);
  return says ? Value::Bool(*says) : Missing();
}

Value Tier(Context c) {
  if (!c.order->total || !c.order->currency) return Missing();
  const auto base = c.amounts->ToBase(*c.order->total, *c.order->currency, *c.order->placed_at);
  return base ? Value::String(c.amounts->TierOf(*base)) : Missing();
}

// ---- history ------------------------------------------------------------------------------------

// Orders, and what speaks for a buyer, count as of the order's own place in time, whenever it is
// decided: a buyer does not gain by ordering again while an order waits. What speaks against the
// buyer counts until now.
Window BeforeOrder(Context c) { return Window::Ever(c.state->placed_at.value_or(c.now)); }
Window UntilNow(Context c) { return Window::Ever(c.now); }

// Counts entries of a buyer's series, this order's own left out.
template <BuyerSeries kSeries, Window (*kWindow)(Context)>
Value BuyerCount(Context c) {
  if (!c.has_buyer) return Missing();
  if (c.buyer == nullptr) return Value::Int(0);
  return Value::Int(c.buyer->series[kSeries].Count(kWindow(c), SourceOf(c.order->id)));
}

Value BuyerSpend(Context c) {
  if (!c.has_buyer) return Missing();
  if (c.buyer == nullptr) return Value::Double(0);
  const Series& orders = c.buyer->series[kBuyerOrders];
  const Window window = BeforeOrder(c);
  const std::uint64_t own = SourceOf(c.order->id);
  if (orders.HasUnknown(window, own)) return Missing();
  return Value::Double(orders.Sum(window, own));
}

// An amount over the totals of earlier orders in base currency; missing when there is none.
using OrderAmount = std::optional<double> (Series::*)(const Window&, std::uint64_t) const;
template <OrderAmount kAmount>
Value BuyerAmount(Context c) {
  if (c.buyer == nullptr) return Missing();
  const Series& orders = c.buyer->series[kBuyerOrders];
  const auto amount = (orders.*kAmount)(BeforeOrder(c), SourceOf(c.order->id));
  return amount ? Value::Double(*amount) : Missing();
}

Value BuyerAverage(Context c) {
  if (c.buyer == nullptr) return Missing();
  const Series& orders = c.buyer->series[kBuyerOrders];
  const Window window = BeforeOrder(c);
  const std::uint64_t own = SourceOf(c.order->id);
  const std::int64_t count = orders.Count(window, own);
  if (count == 0 || orders.HasUnknown(window, own)) return Missing();
  return Value::Double(orders.Sum(window, own) / static_cast<double>(count));
}

Value BuyerFirstSeen(Context c) {
  if (c.buyer == nullptr) return Missing();
  return TimeOf(c.buyer->series[kBuyerOrders].FirstAt(BeforeOrder(c), SourceOf(c.order->id)));
}

template <BuyerSeries kSeries>
Value BuyerDistinct(Context c) {
  if (!c.has_buyer) return Missing();
  if (c.buyer == nullptr) return Value::Int(0);
  return Value::Int(c.buyer->series[kSeries].Distinct(BeforeOrder(c), SourceOf(c.order->id)));
}

Value KnowsAddress(Context c) {
  if (!c.has_buyer || !c.order->shipping.address.Given()) return Missing();
  return Value::Bool(c.buyer != nullptr &&
                     c.buyer->series[kBuyerOrders].Has(BeforeOrder(c),
                                                       AddressDigest(c.order->shipping.address),
                                                       SourceOf(c.order->id)));
}

Value KnowsDevice(Context c) {
  if (!c.has_buyer || c.order->device_id.empty()) return Missing();
  return Value::Bool(c.buyer != nullptr &&
                     c.buyer->series[kBuyerDevices].Has(BeforeOrder(c), Hash64(c.order->device_id),
                                                        SourceOf(c.order->id)));
}

constexpr std::string_view kShipmentWords[] = {"packed", "dispatched", "delivered", "returned",
                                               "refused"};

// The last part of the type of a shipment.* event.
Value ShipmentEvent(Context c) {
  if (PayloadKeyOf(c.event->type) != "shipment") return Missing();
  const std::string_view name = NameOf(c.event->type);
  return Value::String(name.substr(name.find('.') + 1));
}

Value Confirmed(Context c) {
  auto* elements = c.arena->AllocateArray<Value>(c.state->answers.size());
  std::size_t count = 0;
  for (const auto& [request, answer] : c.state->answers) {
    if (!IsConfirmed(*c.state, request, *c.terms, *c.amounts)) continue;
    new (elements + count++) Value(Value::String(c.arena->Copy(request)));
  }
  return Value::List(elements, count);
}

// ---- the table ----------------------------------------------------------------------------------

constexpr std::string_view kNoAmount =
    "a payment does not say its amount, or is in a currency without a rate";

constexpr std::string_view kNoEarlier =
    "the buyer is not given or has no earlier order, or one is in a currency without a rate";

constexpr std::string_view kGeoWords[] = {"found", "no_country", "not_found", "private",
                                          "unreadable"};
constexpr const char* kNoGeo = "the order has no IP address, or the address was not looked up";

// The geo data of the order. Null: there is none.
const Geo* GeoOf(Context c) { return c.state->order == nullptr ? nullptr : c.state->order->geo; }

// A number or a text of the geo data; missing when it is not known.
template <std::optional<std::int64_t> Geo::*kNumber>
Value GeoNumber(Context c) {
  const Geo* geo = GeoOf(c);
  return geo == nullptr || !(geo->*kNumber) ? Missing() : Value::Int(*(geo->*kNumber));
}
template <std::string_view Geo::*kText>
Value GeoText(Context c) {
  const Geo* geo = GeoOf(c);
  return geo == nullptr ? Missing() : TextOf(geo->*kText);
}
constexpr std::string_view kNoCity = "there is no file with cities, or it does not have the value";
constexpr std::string_view kNoPlace = "there is no table of postal codes, or a place is not known";

constexpr std::string_view kRiskWords[] = {"low", "medium", "high"};

// `rows` and those of the other tables, each after the last row of the same group, such as
// "order.".
std::vector<Fact> WithFurther(std::vector<Fact> rows) {
  for (const std::span<const Fact> further : {OrderFacts(), LinkFacts()}) {
    for (const Fact& fact : further) {
      const std::string_view first = fact.name.substr(0, fact.name.find('.') + 1);
      const auto last = std::find_if(rows.rbegin(), rows.rend(), [first](const Fact& row) {
        return row.name.starts_with(first);
      });
      rows.insert(last == rows.rend() ? rows.end() : last.base(), fact);
    }
  }
  return rows;
}

const std::vector<Fact>& FactTable() {
#define HOLDFAST_ADDRESS(prefix, changes, missing, party)                                           \
  {prefix ".line1",      "string", Unit::kText, kAll, changes, {},                                  \
   "first address line", missing,  party(line1)},                                                   \
      {prefix ".line2",       "string", Unit::kText, kAll, changes, {},                             \
       "second address line", missing,  party(line2)},                                              \
      {prefix ".city", "string", Unit::kText, kAll, changes, {}, "city", missing, party(city)},     \
      {prefix ".region", "string",     Unit::kText, kAll, changes, {}, "state, province or region", \
       missing,          party(region)},                                                            \
      {prefix ".postal_code", "string", Unit::kText,       kAll, changes, {},                       \
       "postal code",         missing,  party(postal_code)},                                        \
  {                                                                                                 \
    prefix ".country", "string", Unit::kCountry, kAll, changes, {}, "ISO 3166 country code",        \
        missing, party(country)                                                                     \
  }
#define HOLDFAST_SHIP(part) HOLDFAST_GET(TextOf(c.order->shipping.address.part))
#define HOLDFAST_BILL(part) HOLDFAST_GET(TextOf(c.order->billing.address.part))
#define HOLDFAST_PAYER(part) HOLDFAST_PAYMENT(TextOf(p->payer.address.part))

  // clang-format off: one row a fact
  static const std::vector<Fact> table = WithFurther({
      {"order.id", "string", Unit::kId, kAll, kFixed, {}, "the shop's order number", "", HOLDFAST_GET(TextOf(c.order->id))},
      {"order.merchant", "string", Unit::kId, kAll, kFixed, {}, "the seller", "", HOLDFAST_GET(TextOf(c.order->merchant))},
      {"order.placed_at", "timestamp", Unit::kTime, kAll, kFixed, {}, "when the order was placed", "", HOLDFAST_GET(TimeOf(c.order->placed_at))},
      {"order.channel", "string", Unit::kText, kAll, kFixed, {}, "where it was placed: web, app, marketplace, ...", kNotGiven, HOLDFAST_GET(TextOf(c.order->channel))},
      {"order.currency", "string", Unit::kCurrency, kAll, kFixed, {}, "ISO 4217 code of the order", "", HOLDFAST_GET(TextOf(c.order->currency->code()))},
      {"order.total", "double", Unit::kMoney, kAll, kFixed, {}, "total in units of the order's currency", "", HOLDFAST_GET(MoneyOf(c.order->total, c.order->currency))},
      {"order.total_base", "double", Unit::kBaseMoney, kAll, kFixed, {}, "total in units of the pack's base currency", kNoRate, HOLDFAST_GET(BaseOf(c, c.order->total, c.order->currency))},
      {"order.shipping_fee", "double", Unit::kMoney, kAll, kFixed, {}, "shipping fee in units of the order's currency", kNotGiven, HOLDFAST_GET(MoneyOf(c.order->shipping_fee, c.order->currency))},
      {"order.shipping_fee_base", "double", Unit::kBaseMoney, kAll, kFixed, {}, "shipping fee in units of the base currency", kNotGiven, HOLDFAST_GET(BaseOf(c, c.order->shipping_fee, c.order->currency))},
      {"order.ip", "string", Unit::kIp, kAll, kFixed, {}, "the buyer's IP address, as short as it can be written", kNotGiven, &Ip},
      {"order.device_id", "string", Unit::kId, kAll, kFixed, {}, "fingerprint of the buyer's device", kNotGiven, HOLDFAST_GET(TextOf(c.order->device_id))},
      {"order.user_agent", "string", Unit::kText, kAll, kFixed, {}, "the browser's User-Agent header", kNotGiven, HOLDFAST_GET(TextOf(c.order->user_agent))},
      {"order.note", "string", Unit::kText, kAll, kFixed, {}, "what the buyer wrote to the seller", kNotGiven, HOLDFAST_GET(TextOf(c.order->note))},
      {"order.items_total", "double", Unit::kMoney, kAll, kFixed, {}, "prices of all lines together, in units of the order's currency; lines without a price add nothing", "no line has a price", &ItemsTotal},
      {"order.quantity", "int", Unit::kCount, kAll, kFixed, {}, "pieces of all lines together", "the order has no items", &Quantity},
      {"order.items", "items", Unit::kNone, kAll, kFixed, {}, "the lines: sku, title, category, colour, size, quantity, unit_price, unit_price_base, fragile, gift, risk, brand, hs_code, weight_grams, hazard", "", &ItemsOf},
      {"order.attributes", "map(string, dyn)", Unit::kNone, kAll, kFixed, {}, "free values from the shop, by name", "the order gives no value of that name", HOLDFAST_GET(AttributesOf(c.order->attributes, *c.arena))},
      {"order.buyer.id", "string", Unit::kId, kAll, kFixed, {}, "the buyer's account at the shop", kNotGiven, HOLDFAST_GET(TextOf(c.order->buyer.id))},
      {"order.buyer.email", "string", Unit::kEmail, kAll, kFixed, {}, "the buyer's e-mail address at the shop", kNotGiven, HOLDFAST_GET(TextOf(c.order->buyer.email))},
      {"order.buyer.name", "string", Unit::kName, kAll, kFixed, {}, "the buyer's name at the shop", kNotGiven, HOLDFAST_GET(TextOf(c.order->buyer.name))},
      {"order.buyer.phone", "string", Unit::kPhone, kAll, kFixed, {}, "the buyer's phone number", kNotGiven, HOLDFAST_GET(TextOf(c.order->buyer.phone))},
      {"order.buyer.registered_at", "timestamp", Unit::kTime, kAll, kFixed, {}, "when the buyer's account was made", kNotGiven, HOLDFAST_GET(TimeOf(c.order->buyer.registered_at))},
      {"order.buyer.country", "string", Unit::kCountry, kAll, kFixed, {}, "the buyer's country at the shop", kNotGiven, HOLDFAST_GET(TextOf(c.order->buyer.country))},
      {"order.shipping.name", "string", Unit::kName, kAll, kMayChange, {}, "the consignee", kNotGiven, HOLDFAST_GET(TextOf(c.order->shipping.name))},
      {"order.shipping.phone", "string", Unit::kPhone, kAll, kMayChange, {}, "the consignee's phone number", kNotGiven, HOLDFAST_GET(TextOf(c.order->shipping.phone))},
      HOLDFAST_ADDRESS("order.shipping.address", kMayChange, kNotGiven, HOLDFAST_SHIP),
      {"order.billing.name", "string", Unit::kName, kAll, kFixed, {}, "who is billed", kNotGiven, HOLDFAST_GET(TextOf(c.order->billing.name))},
      HOLDFAST_ADDRESS("order.billing.address", kFixed, kNotGiven, HOLDFAST_BILL),
      {"order.address_changed_after_payment", "bool", Unit::kTruth, kRuleOnly, kMayChange, {}, "the shipping address or the consignee was amended after a payment was made", "", HOLDFAST_GET(Value::Bool(c.state->address_changed_at && c.state->first_paid_at && *c.state->address_changed_at > *c.state->first_paid_at))},

      {"payment.certainty", "string", Unit::kWord, kRuleOnly, kMayChange, NamesOf<FundsCertainty>(), "how certain it is that the seller keeps the money", "", HOLDFAST_GET(Value::String(NameOf(CertaintyOf(*c.state))))},
      {"funds.due", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "the total as it now stands", "", HOLDFAST_GET(MoneyOf(c.state->funds.due, c.order->currency))},
      {"funds.due_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoRate, HOLDFAST_GET(BaseOf(c, c.state->funds.due, c.order->currency))},
      {"funds.paid", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "captured, less refunds, chargebacks and what an open dispute or review covers", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.paid))},
      {"funds.paid_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.paid))},
      {"funds.authorized", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "authorised and not captured", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.authorized))},
      {"funds.authorized_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.authorized))},
      {"funds.pending", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "captures that are under way", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.pending))},
      {"funds.pending_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.pending))},
      {"funds.refunded", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "refunded, refunds under way included", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.refunded))},
      {"funds.refunded_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.refunded))},
      {"funds.taken_back", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "taken back by chargebacks and lost disputes", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.taken_back))},
      {"funds.taken_back_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.taken_back))},
      {"funds.disputed", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "covered by open disputes, inquiries and warnings", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.disputed))},
      {"funds.disputed_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.disputed))},
      {"funds.in_review", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "covered by open reviews", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.in_review))},
      {"funds.in_review_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.in_review))},
      {"funds.overpaid", "double", Unit::kMoney, kRuleOnly, kMayChange, {}, "amount paid beyond the amount due; the buyer may have been charged twice", kNoAmount, HOLDFAST_GET(FundsMoney(c, c.state->funds.overpaid))},
      {"funds.overpaid_base", "double", Unit::kBaseMoney, kRuleOnly, kMayChange, {}, "the same in the base currency", kNoAmount, HOLDFAST_GET(FundsBase(c, c.state->funds.overpaid))},
      {"funds.enough", "bool", Unit::kTruth, kRuleOnly, kMayChange, {}, "true when the funds gate lets the order ship", "", HOLDFAST_GET(Value::Bool(c.state->funds.enough))},
      {"funds.count", "int", Unit::kCount, kRuleOnly, kMayChange, {}, "payments of the order, failed attempts included", "", HOLDFAST_GET(Value::Int(c.state->funds.count))},
      {"payments", "payments", Unit::kNone, kRuleOnly, kMayChange, {}, "each payment: provider, method, status, source, counts, transaction_id, currency, paid, authorized, pending, refunded, taken_back, disputed, in_review, payer_*, card_*, risk_*", "", &PaymentsOf},
      {"payment.since", "timestamp", Unit::kTime, kRuleOnly, kMayChange, {}, "when the payment entered its current state, by the provider's clock", kNoPayment, HOLDFAST_GET(c.state->payment == nullptr ? Missing() : TimeOf(c.state->payment->occurred_at))},
      {"payment.provider", "string", Unit::kText, kAll, kMayChange, {}, "paypal, stripe, ...", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->provider))},
      {"payment.method", "string", Unit::kText, kAll, kMayChange, {}, "wallet, card, echeck, ...", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->method))},
      {"payment.status", "string", Unit::kWord, kAll, kMayChange, GivenWords<PaymentStatus>(), "the payment's state, the same words for all providers", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->status))},
      {"payment.pending_reason", "string", Unit::kText, kAll, kMayChange, {}, "why a payment is pending: payment_review, echeck, ...", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->pending_reason))},
      {"payment.amount", "double", Unit::kMoney, kAll, kMayChange, {}, "amount in units of the payment's currency", kNoPayment, HOLDFAST_PAYMENT(MoneyOf(p->amount, p->currency))},
      {"payment.amount_base", "double", Unit::kBaseMoney, kAll, kMayChange, {}, "amount in units of the base currency", "no payment event gives it, or there is no rate", HOLDFAST_PAYMENT(BaseOf(c, p->amount, p->currency))},
      {"payment.currency", "string", Unit::kCurrency, kAll, kMayChange, {}, "ISO 4217 code of the payment", kNoPayment, HOLDFAST_PAYMENT(p->currency ? TextOf(p->currency->code()) : Missing())},
      {"payment.transaction_id", "string", Unit::kId, kAll, kMayChange, {}, "the provider's id of the payment", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->transaction_id))},
      {"payment.seller_protection", "string", Unit::kWord, kAll, kMayChange, GivenWords<SellerProtection>(), "whether the provider's seller protection covers the payment", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->seller_protection))},
      {"payment.payer.name", "string", Unit::kName, kAll, kMayChange, {}, "the payer's name", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->payer.name))},
      {"payment.payer.email", "string", Unit::kEmail, kAll, kMayChange, {}, "the mailbox registered with the payment account", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->payer.email))},
      {"payment.payer.account_id", "string", Unit::kId, kAll, kMayChange, {}, "the provider's id of the payer's account", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->payer.account_id))},
      {"payment.payer.account_status", "string", Unit::kWord, kAll, kMayChange, GivenWords<AccountStatus>(), "whether the provider has verified the account", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->payer.account_status))},
      {"payment.payer.account_holder", "string", Unit::kName, kAll, kMayChange, {}, "the name the account is registered under", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->payer.account_holder))},
      {"payment.payer.country", "string", Unit::kCountry, kAll, kMayChange, {}, "country of the payment account", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->payer.country))},
      {"payment.payer.address_status", "string", Unit::kWord, kAll, kMayChange, GivenWords<AddressStatus>(), "whether the provider has confirmed the payer's address", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->payer.address_status))},
      HOLDFAST_ADDRESS("payment.payer.address", kMayChange, kNoPayment, HOLDFAST_PAYER),
      {"payment.card.fingerprint", "string", Unit::kId, kAll, kMayChange, {}, "the provider's digest of the card number", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->card.fingerprint))},
      {"payment.card.bin", "string", Unit::kId, kAll, kMayChange, {}, "the first digits of the card number", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->card.bin))},
      {"payment.card.country", "string", Unit::kCountry, kAll, kMayChange, {}, "country of the card's issuer", kNoPayment, HOLDFAST_PAYMENT(TextOf(p->card.country))},
      {"payment.card.funding", "string", Unit::kWord, kAll, kMayChange, GivenWords<CardFunding>(), "kind of card", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->card.funding))},
      {"payment.card.avs", "string", Unit::kWord, kAll, kMayChange, GivenWords<CheckResult>(), "the issuer's check of the address", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->card.avs))},
      {"payment.card.cvc", "string", Unit::kWord, kAll, kMayChange, GivenWords<CheckResult>(), "the issuer's check of the security code", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->card.cvc))},
      {"payment.provider_risk.level", "string", Unit::kWord, kAll, kMayChange, GivenWords<RiskLevel>(), "the provider's own risk level", kNoPayment, HOLDFAST_PAYMENT(WordOf(p->provider_risk.level))},
      {"payment.provider_risk.score", "int", Unit::kScore, kAll, kMayChange, {}, "the provider's own risk score, on its own scale", kNoPayment, HOLDFAST_PAYMENT(p->provider_risk.score ? Value::Int(*p->provider_risk.score) : Missing())},

      {"buyer.orders", "int", Unit::kCount, kRuleOnly, kFixed, {}, "earlier orders of this buyer; 0 for a first order", kNoBuyer, &BuyerCount<kBuyerOrders, BeforeOrder>},
      {"buyer.delivered", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders delivered to this buyer before this order was placed", kNoBuyer, &BuyerCount<kBuyerDelivered, BeforeOrder>},
      {"buyer.cancelled", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders that this buyer cancelled, up to the decision", kNoBuyer, &BuyerCount<kBuyerCancelled, UntilNow>},
      {"buyer.refunds", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders of this buyer that were refunded, up to the decision", kNoBuyer, &BuyerCount<kBuyerRefunds, UntilNow>},
      {"buyer.disputes", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders that this buyer disputed, up to the decision", kNoBuyer, &BuyerCount<kBuyerDisputes, UntilNow>},
      {"buyer.chargebacks", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders of this buyer that were charged back, up to the decision", kNoBuyer, &BuyerCount<kBuyerChargebacks, UntilNow>},
      {"buyer.spend", "double", Unit::kBaseMoney, kRuleOnly, kFixed, {}, "total of earlier orders in units of the base currency", "the buyer is not given, or an earlier order is in a currency without a rate", &BuyerSpend},
      {"buyer.orders_returned", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders of which this buyer sent a parcel back (shipment.returned), up to the decision", kNoBuyer, &BuyerCount<kBuyerReturned, UntilNow>},
      {"buyer.orders_refused", "int", Unit::kCount, kRuleOnly, kFixed, {}, "orders of which this buyer did not take a parcel (shipment.refused), up to the decision", kNoBuyer, &BuyerCount<kBuyerRefused, UntilNow>},
      {"buyer.average_order", "double", Unit::kBaseMoney, kRuleOnly, kFixed, {}, "mean total of earlier orders in units of the base currency", kNoEarlier, &BuyerAverage},
      {"buyer.median_order", "double", Unit::kBaseMoney, kRuleOnly, kFixed, {}, "median total of earlier orders in units of the base currency; of the last 512 orders where there are more", kNoEarlier, &BuyerAmount<&Series::Median>},
      {"buyer.last_order", "double", Unit::kBaseMoney, kRuleOnly, kFixed, {}, "total of the last earlier order in units of the base currency", kNoEarlier, &BuyerAmount<&Series::Last>},
      {"buyer.first_seen", "timestamp", Unit::kTime, kRuleOnly, kFixed, {}, "when this buyer placed the first order", "this is the buyer's first order", &BuyerFirstSeen},
      {"buyer.addresses", "int", Unit::kCount, kRuleOnly, kFixed, {}, "different shipping addresses of earlier orders", kNoBuyer, &BuyerDistinct<kBuyerOrders>},
      {"buyer.devices", "int", Unit::kCount, kRuleOnly, kFixed, {}, "different devices of earlier orders", kNoBuyer, &BuyerDistinct<kBuyerDevices>},
      {"buyer.knows_address", "bool", Unit::kTruth, kRuleOnly, kMayChange, {}, "an earlier order went to this address", "buyer or shipping address is not given", &KnowsAddress},
      {"buyer.knows_device", "bool", Unit::kTruth, kRuleOnly, kFixed, {}, "an earlier order came from this device", "buyer or device is not given", &KnowsDevice},

      {"geo.country", "string", Unit::kCountry, kAll, kFixed, {}, "country of the order's IP address", "no database knows it: geo.status says why", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr ? Missing() : TextOf(g->country); }},
      {"geo.status", "string", Unit::kWord, kAll, kFixed, kGeoWords, "result of the IP address lookup", kNoGeo, [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr ? Missing() : TextOf(NameOf(g->status)); }},
      {"geo.asn", "int", Unit::kId, kAll, kFixed, {}, "number of the network that the IP address is in", "no AS database knows it", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr || !g->asn ? Missing() : Value::Int(*g->asn); }},
      {"geo.organisation", "string", Unit::kName, kAll, kFixed, {}, "organisation that runs that network", "no AS database knows it", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr ? Missing() : TextOf(g->organisation); }},
      {"geo.hosting", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the network is a hosting network", "no list of hosting networks, or no AS database, is there", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr || !g->hosting ? Missing() : Value::Bool(*g->hosting); }},
      {"geo.tor", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the IP address is a Tor exit", "no list of Tor exits is there", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr || !g->tor ? Missing() : Value::Bool(*g->tor); }},
      {"geo.vpn", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the IP address belongs to a VPN or proxy service", "no list of such networks is there", [](Context c) -> Value { const Geo* g = GeoOf(c); return g == nullptr || !g->vpn ? Missing() : Value::Bool(*g->vpn); }},
      {"geo.region", "string", Unit::kText, kAll, kFixed, {}, "region of the order's IP address: its ISO 3166-2 code without the country (CA), else its name", kNoCity, &GeoText<&Geo::region>},
      {"geo.city", "string", Unit::kText, kAll, kFixed, {}, "English name of the city of the order's IP address", kNoCity, &GeoText<&Geo::city>},
      {"geo.time_zone", "string", Unit::kText, kAll, kFixed, {}, "time zone of the order's IP address, such as Europe/Berlin", kNoCity, &GeoText<&Geo::time_zone>},
      {"geo.accuracy_km", "int", Unit::kCount, kAll, kFixed, {}, "radius in kilometres around its place within which the IP address probably is", kNoCity, &GeoNumber<&Geo::accuracy_km>},
      {"geo.ip_to_shipping_km", "int", Unit::kCount, kAll, kMayChange, {}, "whole kilometres from the place of the IP address to that of the shipping postal code", kNoPlace, &GeoNumber<&Geo::ip_to_shipping_km>},
      {"geo.ip_to_billing_km", "int", Unit::kCount, kAll, kFixed, {}, "the same to the billing postal code", kNoPlace, &GeoNumber<&Geo::ip_to_billing_km>},
      {"geo.shipping_to_billing_km", "int", Unit::kCount, kAll, kMayChange, {}, "whole kilometres between the shipping and the billing postal code", kNoPlace, &GeoNumber<&Geo::shipping_to_billing_km>},
      {"match.payer_to_holder", "string", Unit::kWord, kAll, kMayChange, kGrades, "payer's name against the account holder's", "", &GradeOf<&PayerToHolder>},
      {"match.payer_to_consignee", "string", Unit::kWord, kAll, kMayChange, kGrades, "payer's name against the consignee's", "", &GradeOf<&PayerToConsignee>},
      {"match.holder_to_consignee", "string", Unit::kWord, kAll, kMayChange, kGrades, "account holder's name against the consignee's", "", &GradeOf<&HolderToConsignee>},
      {"match.buyer_to_payer", "string", Unit::kWord, kAll, kMayChange, kGrades, "buyer's name against the payer's", "", &GradeOf<&BuyerToPayer>},
      {"match.billing_to_payer", "string", Unit::kWord, kAll, kMayChange, kGrades, "billing name against the payer's", "", &GradeOf<&BillingToPayer>},
      {"match.billing_to_payment", "string", Unit::kWord, kAll, kMayChange, kGrades, "billing address against the payment account's", "", &GradeOf<&BillingToPayment>},
      {"match.shipping_to_payment", "string", Unit::kWord, kAll, kMayChange, kGrades, "shipping address against the payment account's", "", &GradeOf<&ShippingToPayment>},
      {"match.shipping_to_billing", "string", Unit::kWord, kAll, kMayChange, kGrades, "shipping address against the billing address", "", &GradeOf<&ShippingToBilling>},
      {"similarity.payer_to_holder", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: payer's name against the account holder's", "match.payer_to_holder is unknown", &SimilarityOf<&PayerToHolder>},
      {"similarity.payer_to_consignee", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: payer's name against the consignee's", "match.payer_to_consignee is unknown", &SimilarityOf<&PayerToConsignee>},
      {"similarity.holder_to_consignee", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: account holder's name against the consignee's", "match.holder_to_consignee is unknown", &SimilarityOf<&HolderToConsignee>},
      {"similarity.buyer_to_payer", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: buyer's name against the payer's", "match.buyer_to_payer is unknown", &SimilarityOf<&BuyerToPayer>},
      {"similarity.billing_to_payer", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: billing name against the payer's", "match.billing_to_payer is unknown", &SimilarityOf<&BillingToPayer>},
      {"similarity.billing_to_payment", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: billing address against the payment account's", "match.billing_to_payment is unknown", &SimilarityOf<&BillingToPayment>},
      {"similarity.shipping_to_payment", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: shipping address against the payment account's", "match.shipping_to_payment is unknown", &SimilarityOf<&ShippingToPayment>},
      {"similarity.shipping_to_billing", "double", Unit::kShare, kAll, kMayChange, {}, "similarity: shipping address against the billing address", "match.shipping_to_billing is unknown", &SimilarityOf<&ShippingToBilling>},
      {"differs.shipping_to_payment", "list(string)", Unit::kWords, kAll, kMayChange, {}, "the parts that differ (country, postal_code, region, city, street, number, unit): shipping address against the payment account's", "match.shipping_to_payment is unknown", &DifferencesOf<&ShippingToPayment>},
      {"differs.billing_to_payment", "list(string)", Unit::kWords, kAll, kMayChange, {}, "the parts that differ (country, postal_code, region, city, street, number, unit): billing address against the payment account's", "match.billing_to_payment is unknown", &DifferencesOf<&BillingToPayment>},
      {"differs.shipping_to_billing", "list(string)", Unit::kWords, kAll, kMayChange, {}, "the parts that differ (country, postal_code, region, city, street, number, unit): shipping address against the billing address", "match.shipping_to_billing is unknown", &DifferencesOf<&ShippingToBilling>},
      {"postal.shipping", "string", Unit::kWord, kAll, kMayChange, kPostalFits, "postal code of the shipping address against its country and region", "", HOLDFAST_GET(PostalFitOf(c.order->shipping.address))},
      {"postal.billing", "string", Unit::kWord, kAll, kFixed, kPostalFits, "the same of the billing address", "", HOLDFAST_GET(PostalFitOf(c.order->billing.address))},
      {"postal.payment", "string", Unit::kWord, kAll, kMayChange, kPostalFits, "the same of the payment account's address", "", HOLDFAST_GET(PostalFitOf(*Sides(c).account))},
      {"postal.key", "string", Unit::kId, kAll, kMayChange, {}, "country and postal code of the shipping address in one form ('US 97230'), for lists of freight forwarders", kNotGiven, HOLDFAST_GET(TextOf(c.arena->Copy(PostalKey(c.order->shipping.address))))},
      {"address.po_box", "bool", Unit::kTruth, kAll, kMayChange, {}, "whether the lines of the shipping address name a PO box", "the order gives no line of it", &PoBox},
      {"address.key", "string", Unit::kId, kAll, kMayChange, {}, "the shipping address in normalised form, for use as a key", kNotGiven, HOLDFAST_GET(TextOf(c.arena->Copy(AddressKey(c.order->shipping.address))))},
      {"email.domain", "string", Unit::kDomain, kAll, kFixed, {}, "domain of the buyer's e-mail address, lower case", kNotGiven, HOLDFAST_GET(TextOf(c.arena->Copy(EmailDomain(c.order->buyer.email))))},
      {"email.canonical", "string", Unit::kEmail, kAll, kFixed, {}, "the mailbox of the buyer's e-mail address: lower case, without the provider's dots and tags", kNotGiven, HOLDFAST_GET(TextOf(c.arena->Copy(CanonicalEmail(c.order->buyer.email))))},
      {"email.valid", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the buyer's e-mail address is valid (RFC 5321)", kNotGiven, HOLDFAST_GET(Trim(c.order->buyer.email).empty() ? Missing() : Value::Bool(IsEmail(Trim(c.order->buyer.email))))},
      {"email.disposable", "bool", Unit::kTruth, kAll, kFixed, {}, "whether it is a disposable mailbox", "the order gives no address, or the pack no email_domains.disposable", &Disposable},
      {"email.free", "bool", Unit::kTruth, kAll, kFixed, {}, "whether it is a free mailbox that is not disposable", "the order gives no address, or the pack no email_domains.free", &Free},
      {"email.domain_age_days", "int", Unit::kCount, kAll, kFixed, {}, "whole days from the first registration of its domain to the order", "the order gives no address, or the pack's email_domains.registered has no row for its domain", &DomainAgeDays},
      {"email.imitates", "string", Unit::kText, kAll, kFixed, {}, "the large provider whose domain it imitates; '' for none", kNotGiven, &Imitates},
      {"phone.valid", "bool", Unit::kTruth, kAll, kMayChange, {}, "whether the phone number of the consignee (or else of the buyer) is valid", "the order gives no number, or no shipping country", &PhoneValid},
      {"phone.type", "string", Unit::kWord, kAll, kMayChange, kPhoneTypes, "its kind", "it is not valid, or not given", &PhoneTypeOf},
      {"phone.e164", "string", Unit::kPhone, kAll, kMayChange, {}, "the number in international form (E.164), for use as a key", "it is not valid, or not given", &PhoneE164},
      {"phone.country", "string", Unit::kCountry, kAll, kMayChange, {}, "country of the phone number", "it is not valid, or not given, or of no country", &PhoneCountry},
      {"product.risk", "string", Unit::kWord, kAll, kFixed, kRiskWords, "largest risk class of the items", "the order has no items", &ProductRiskOf},
      {"product.risk_share", "double", Unit::kShare, kAll, kFixed, {}, "share of the items' value in that class", "the order has no items, or one without a price", &RiskShare},
      {"amount.tier", "string", Unit::kWord, kAll, kFixed, {}, "tier of the total: small, then the pack's tiers", kNoRate, &Tier},
      {"note.urges", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the note asks to ship quickly", "the pack has no note_phrases for it, or the note is longer than 4,096 bytes", &NoteSays<NoteSense::kUrges>},
      {"note.other_address", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the note asks for another address", "the pack has no note_phrases for it, or the note is longer than 4,096 bytes", &NoteSays<NoteSense::kOtherAddress>},
      {"note.other_product", "bool", Unit::kTruth, kAll, kFixed, {}, "whether the note asks for another product", "the pack has no note_phrases for it, or the note is longer than 4,096 bytes", &NoteSays<NoteSense::kOtherProduct>},
      {"verification.confirmed", "list(string)", Unit::kWords, kRuleOnly, kMayChange, {}, "requests that the buyer has validly confirmed", "", &Confirmed},

      {"refund.amount", "double", Unit::kMoney, kFeatureOnly, kFixed, {}, "amount of the refund", kNotThisEvent, HOLDFAST_GET(c.event->refund == nullptr ? Missing() : MoneyOf(c.event->refund->amount, c.event->refund->currency))},
      {"refund.amount_base", "double", Unit::kBaseMoney, kFeatureOnly, kFixed, {}, "amount of the refund in base currency", kNotThisEvent, HOLDFAST_GET(c.event->refund == nullptr ? Missing() : BaseOf(c, c.event->refund->amount, c.event->refund->currency))},
      {"refund.reason", "string", Unit::kText, kFeatureOnly, kFixed, {}, "why it was refunded", kNotThisEvent, HOLDFAST_GET(c.event->refund == nullptr ? Missing() : TextOf(c.event->refund->reason))},
      {"dispute.kind", "string", Unit::kWord, kFeatureOnly, kFixed, GivenWords<DisputeKind>(), "kind of the dispute", kNotThisEvent, HOLDFAST_GET(c.event->dispute == nullptr ? Missing() : WordOf(c.event->dispute->kind))},
      {"dispute.outcome", "string", Unit::kWord, kFeatureOnly, kFixed, GivenWords<DisputeOutcome>(), "how the dispute ended", kNotThisEvent, HOLDFAST_GET(c.event->dispute == nullptr ? Missing() : WordOf(c.event->dispute->outcome))},
      {"dispute.reason", "string", Unit::kText, kFeatureOnly, kFixed, {}, "what the buyer claims", kNotThisEvent, HOLDFAST_GET(c.event->dispute == nullptr ? Missing() : TextOf(c.event->dispute->reason))},
      {"shipment.event", "string", Unit::kWord, kFeatureOnly, kFixed, kShipmentWords, "what happened to the parcel", kNotThisEvent, &ShipmentEvent},
      {"shipment.carrier", "string", Unit::kText, kFeatureOnly, kFixed, {}, "who carries the parcel", kNotThisEvent, HOLDFAST_GET(c.event->shipment == nullptr ? Missing() : TextOf(c.event->shipment->carrier))},
      {"shipment.tracking", "string", Unit::kId, kFeatureOnly, kFixed, {}, "the carrier's number of the parcel", kNotThisEvent, HOLDFAST_GET(c.event->shipment == nullptr ? Missing() : TextOf(c.event->shipment->tracking))},
      {"message.text", "string", Unit::kText, kFeatureOnly, kFixed, {}, "what the buyer wrote", kNotThisEvent, HOLDFAST_GET(c.event->message == nullptr ? Missing() : TextOf(c.event->message->text))},
      {"message.from", "string", Unit::kEmail, kFeatureOnly, kFixed, {}, "where the message came from", kNotThisEvent, HOLDFAST_GET(c.event->message == nullptr ? Missing() : TextOf(c.event->message->from))},
  });
  // clang-format on
#undef HOLDFAST_ADDRESS
#undef HOLDFAST_SHIP
#undef HOLDFAST_BILL
#undef HOLDFAST_PAYER
  return table;
}

}  // namespace

std::span<const Fact> Facts() { return FactTable(); }

void DeclareFacts(cel::Environment& environment, const std::vector<std::string>& tiers) {
  for (const Fact& fact : Facts()) {
    std::vector<std::string> words(fact.words.begin(), fact.words.end());
    if (fact.name == "amount.tier") words = tiers;
    cel::Type type = fact.type == "items"      ? cel::Type::List(cel::Type::Record(ItemRecord()))
                     : fact.type == "payments" ? cel::Type::List(cel::Type::Record(PaymentRecord()))
                                               : cel::ParseType(fact.type);
    environment.AddVariable(std::string(fact.name), std::move(type), std::move(words));
  }
  // Names that people may expect, from other systems or from the structure of the order.
  constexpr std::pair<const char*, const char*> kHints[] = {
      {"order.ip_country", "geo.country"},
      {"order.country", "order.shipping.address.country"},
      {"order.ship_country", "order.shipping.address.country"},
      {"order.shipping_country", "order.shipping.address.country"},
      {"order.billing_country", "order.billing.address.country"},
      {"order.account_country", "payment.payer.country"},
      {"order.amount", "order.total"},
      {"order.email", "order.buyer.email"},
      {"order.created_at", "order.placed_at"},
      {"order.risk", "product.risk"},
      {"order.payment.status", "payment.status"},
      {"payment.country", "payment.payer.country"},
      {"payment.state", "payment.status"},
      {"payment.account_holder", "payment.payer.account_holder"},
      {"buyer.email", "order.buyer.email"},
      {"buyer.name", "order.buyer.name"},
      {"buyer.id", "order.buyer.id"},
      {"buyer.registered_at", "order.buyer.registered_at"},
      {"ip.country", "geo.country"},
      {"device.id", "order.device_id"},
  };
  for (const auto& [wrong, meant] : kHints) environment.AddHint(wrong, meant);
  DeclareFunctions(environment);
  DeclareAdvice(environment);
}

std::string NameOfField(std::uint32_t fact) {
  if (fact >= kPaymentFactBase) {
    return "payments[]." + PaymentRecord()->fields[fact - kPaymentFactBase].name;
  }
  return "order.items[]." + ItemRecord()->fields[fact - kItemFactBase].name;
}

cel::Value MissingFact(std::uint32_t fact, Arena& arena) {
  auto* id = arena.AllocateArray<std::uint32_t>(1);
  *id = fact;
  return Value::Unknown(id, 1);
}

void OpenKeys(int slot, cel::Value& value) {
  if (value.Is(cel::Kind::kMap)) value.open_fact = static_cast<std::uint16_t>(slot + 1);
}

cel::Value GetFact(int slot, const FactContext& context) {
  const Fact& fact = FactTable()[static_cast<std::size_t>(slot)];
  Value value = context.order == nullptr ? Missing() : fact.get(context);
  OpenKeys(slot, value);
  if (!value.Is(cel::Kind::kUnknown)) return value;
  return MissingFact(static_cast<std::uint32_t>(slot), *context.arena);
}

}  // namespace holdfast
