#include <algorithm>
#include <vector>

#include "engine/base/text.h"
#include "engine/features/fact_tables.h"
#include "engine/features/fact_values.h"
#include "engine/signals/tax_id.h"

namespace holdfast {

using namespace facts;

namespace {

// ---- attributes with facts of their own ---------------------------------------------------------

// The attribute `name` of the order, or null. It stays an attribute, because rules also read it in
// order.attributes.
const AttributeValue* AttributeIn(Context c, std::string_view name) {
  const auto all = c.order->attributes;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Attribute& one) { return one.name == name; });
  return found == all.end() ? nullptr : &found->value;
}

// The text of an attribute, or a number as it was written; empty for anything else.
std::string_view TextIn(Context c, std::string_view name) {
  const AttributeValue* value = AttributeIn(c, name);
  return value == nullptr ? std::string_view() : Trim(value->text);
}

std::optional<std::int64_t> Discount(Context c) {
  const std::string_view text = TextIn(c, "discount");
  if (text.empty() || !c.order->currency) return std::nullopt;
  const auto minor = ParseMinor(text, *c.order->currency);
  return minor && *minor >= 0 ? std::optional(*minor) : std::nullopt;
}

// A list of texts, or one text with commas between the tags.
Value Tags(Context c) {
  const AttributeValue* value = AttributeIn(c, "tags");
  if (value == nullptr) return Missing();
  std::vector<std::string_view> tags;
  const auto add = [&tags](std::string_view tag) {
    if (tag = Trim(tag); !tag.empty()) tags.push_back(tag);
  };
  if (value->kind == AttributeValue::Kind::kList) {
    for (const AttributeValue& one : value->list) add(one.text);
  } else if (value->kind == AttributeValue::Kind::kText) {
    for (std::string_view rest = value->text; !rest.empty();) {
      const std::string_view tag = rest.substr(0, rest.find(','));
      add(tag);
      rest.remove_prefix(std::min(rest.size(), tag.size() + 1));
    }
  } else {
    return Missing();
  }
  auto* elements = c.arena->AllocateArray<Value>(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) new (elements + i) Value(Value::String(tags[i]));
  return Value::List(elements, tags.size());
}

// ---- the order and its payment ------------------------------------------------------------------

constexpr std::string_view kTaxIdWords[] = {"unknown_format", "wrong", "right"};

Value TaxIdCheckOf(const Party& party) {
  if (Trim(party.tax_id).empty()) return Missing();
  return Value::String(NameOf(CheckTaxId(party.address.country, party.tax_id)));
}

Value WeightGrams(Context c) {
  std::int64_t grams = 0;
  for (const Item& item : c.order->items) {
    if (!item.weight_grams) return Missing();
    grams += *item.weight_grams * item.quantity;
  }
  return c.order->items.empty() ? Missing() : Value::Int(grams);
}

// A count of the payment, else of the payment that the order came with.
template <std::optional<std::int64_t> Payment::*kCount>
Value PaymentCount(Context c) {
  for (const Payment* payment : {PaymentOf(c), c.order->payment}) {
    if (payment != nullptr && payment->*kCount) return Value::Int(*(payment->*kCount));
  }
  return Missing();
}

}  // namespace

std::span<const Fact> OrderFacts() {
  constexpr std::string_view kNeither = "neither a payment event nor the order gives it";
  // clang-format off: one row a fact
  static const Fact rows[] = {
      {"order.shipping.method",
       "string",
       Unit::kText,
       kAll,
       kMayChange,
       {},
       "the shipping method, as the shop calls it",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->shipping.method))},
      {"order.shipping.company",
       "string",
       Unit::kName,
       kAll,
       kMayChange,
       {},
       "the consignee's company",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->shipping.company))},
      {"order.shipping.tax_id",
       "string",
       Unit::kId,
       kAll,
       kMayChange,
       {},
       "the consignee's tax number: CPF, CNPJ, VAT number, ...",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->shipping.tax_id))},
      {"order.shipping.tax_id_check", "string", Unit::kWord, kAll, kMayChange, kTaxIdWords,
       "the form and check digits of that number (Brazil, European Union)", kNotGiven,
       HOLDFAST_GET(TaxIdCheckOf(c.order->shipping))},
      {"order.billing.company",
       "string",
       Unit::kName,
       kAll,
       kFixed,
       {},
       "the company that is billed",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->billing.company))},
      {"order.billing.tax_id",
       "string",
       Unit::kId,
       kAll,
       kFixed,
       {},
       "the tax number of the billed person or company",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->billing.tax_id))},
      {"order.billing.tax_id_check", "string", Unit::kWord, kAll, kFixed, kTaxIdWords,
       "the form and check digits of that number", kNotGiven,
       HOLDFAST_GET(TaxIdCheckOf(c.order->billing))},
      {"order.buyer.language",
       "string",
       Unit::kText,
       kAll,
       kFixed,
       {},
       "the language of the order, as a BCP 47 tag such as pt-BR",
       kNotGiven,
       HOLDFAST_GET(TextOf(c.order->buyer.language))},
      {"order.discount",
       "double",
       Unit::kMoney,
       kAll,
       kFixed,
       {},
       "what was taken off, in units of the order's currency: the attribute 'discount'",
       "the order gives none, or no amount of its currency",
       HOLDFAST_GET(MoneyOf(Discount(c), c.order->currency))},
      {"order.discount_base",
       "double",
       Unit::kBaseMoney,
       kAll,
       kFixed,
       {},
       "the same in units of the base currency",
       "the order gives none, or there is no rate",
       HOLDFAST_GET(BaseOf(c, Discount(c), c.order->currency))},
      {"order.coupon",
       "string",
       Unit::kId,
       kAll,
       kFixed,
       {},
       "the coupon code: the attribute 'coupon'",
       kNotGiven,
       HOLDFAST_GET(TextOf(TextIn(c, "coupon")))},
      {"order.tags",
       "list(string)",
       Unit::kWords,
       kAll,
       kFixed,
       {},
       "the shop's tags of the order: the attribute 'tags', a list, or a text with commas",
       kNotGiven,
       &Tags},
      {"order.weight_grams",
       "int",
       Unit::kCount,
       kAll,
       kFixed,
       {},
       "weight of all lines together in grams",
       "the order has no items, or one without a weight",
       &WeightGrams},
      {"payment.card.three_d_secure", "string", Unit::kWord, kAll, kMayChange,
       GivenWords<ThreeDSecure>(), "result of 3-D Secure", kNoPayment,
       HOLDFAST_PAYMENT(WordOf(p->card.three_d_secure))},
      {"payment.card.liability_shift",
       "bool",
       Unit::kTruth,
       kAll,
       kMayChange,
       {},
       "whether the card's issuer bears the loss of a fraud chargeback",
       kNoPayment,
       HOLDFAST_PAYMENT(TruthOf(p->card.liability_shift))},
      {"payment.instalments",
       "int",
       Unit::kCount,
       kAll,
       kMayChange,
       {},
       "number of instalments in which the buyer pays",
       kNeither,
       &PaymentCount<&Payment::instalments>},
      {"payment.attempts",
       "int",
       Unit::kCount,
       kAll,
       kMayChange,
       {},
       "how often the buyer tried to pay, as the shop or provider counts",
       kNeither,
       &PaymentCount<&Payment::attempts>},
  };
  // clang-format on
  return rows;
}

}  // namespace holdfast
