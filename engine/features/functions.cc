#include "engine/features/functions.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/model/address.h"
#include "engine/signals/addresses.h"
#include "engine/signals/check_digits.h"
#include "engine/signals/names.h"
#include "engine/signals/tax_id.h"

namespace holdfast {
namespace {

using cel::Kind;
using cel::NoOverload;
using cel::Value;
using Args = std::span<const Value>;

// Of two names, or of a name and the most similar entry of a list.
Value Similarity(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  if (args[1].Is(Kind::kSet)) return Value::Double(args[1].set->Similarity(args[0].AsText()));
  if (!args[1].Is(Kind::kString)) return NoOverload();
  return Value::Double(CompareNames(args[0].AsText(), args[1].AsText()).similarity);
}

Value AddressSimilarity(Args args, Arena&) {
  if (!args[0].Is(Kind::kString) || !args[1].Is(Kind::kString)) return NoOverload();
  Address a, b;
  a.line1 = args[0].AsText();
  b.line1 = args[1].AsText();
  return Value::Double(CompareAddresses(a, b).similarity);
}

template <bool (*kTest)(std::string_view)>
Value Test(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  return Value::Bool(kTest(args[0].AsText()));
}

Value IsTaxId(Args args, Arena&) {
  if (!args[0].Is(Kind::kString) || !args[1].Is(Kind::kString)) return NoOverload();
  return Value::Bool(CheckTaxId(args[0].AsText(), args[1].AsText()) == TaxIdCheck::kRight);
}

}  // namespace

void DeclareFunctions(cel::Environment& e) {
  e.AddFunction(kSimilarity, {"(string, string) double", "(string, set) double"}, &Similarity);
  e.Describe(kSimilarity,
             "similarity of two names, from 0 to 1; with a list of names, that of its most similar "
             "entry, or 0 below 0.7",
             "similarity(order.shipping.name, order.buyer.name) < 0.5");
  e.AddFunction("address_similarity", {"(string, string) double"}, &AddressSimilarity);
  e.Describe("address_similarity",
             "how alike two lines with street and number are, from 0 to 1; 0 if they cannot be "
             "compared",
             "address_similarity(order.shipping.address.line1, order.billing.address.line1) < 0.5");
  // Microseconds, where a comparison is nanoseconds.
  constexpr int kCost = 1'000;
  e.SetCost(kSimilarity, kCost);
  e.SetCost("address_similarity", kCost);
  e.AddFunction("iban_valid", {"(string) bool"}, &Test<&IsIban>);
  e.Describe("iban_valid", "whether the length and the check digits of an IBAN are right",
             "!iban_valid(order.attributes['iban'])");
  e.AddFunction("luhn_valid", {"(string) bool"}, &Test<&IsLuhn>);
  e.Describe("luhn_valid", "whether the last digit of a number is its check digit (Luhn)",
             "!luhn_valid(order.attributes['member'])");
  e.AddFunction("tax_id_valid", {"(string, string) bool"}, &IsTaxId);
  e.Describe("tax_id_valid",
             "whether a tax number has a form of the country, and the right check digits",
             "!tax_id_valid(order.billing.address.country, order.attributes['tax_id'])");
}

void DeclareAdvice(cel::Environment& e) {
  constexpr std::string_view kPostalCode =
      "read order.shipping.address.postal_code or order.billing.address.postal_code";
  constexpr std::string_view kClock =
      "rules read no clock: compare with order.placed_at, or count with a feature that has 'over'";
  constexpr std::string_view kLower = "write TEXT.lowerAscii()";
  constexpr std::string_view kUpper = "write TEXT.upperAscii()";
  constexpr std::string_view kSize = "write VALUE.size()";
  constexpr std::string_view kAlike =
      "write similarity(NAME, NAME) > 0.9, or similarity(NAME, lists.LIST) > 0.9";
  constexpr std::string_view kListed = "write VALUE in lists.LIST";
  constexpr std::pair<const char*, std::string_view> kAdvice[] = {
      {"zip", kPostalCode},
      {"zipcode", kPostalCode},
      {"zip_code", kPostalCode},
      {"postcode", kPostalCode},
      {"now", kClock},
      {"today", kClock},
      {"lower", kLower},
      {"toLower", kLower},
      {"lowercase", kLower},
      {"upper", kUpper},
      {"toUpper", kUpper},
      {"uppercase", kUpper},
      {"len", kSize},
      {"length", kSize},
      {"similarity", kAlike},
      {"similar", kAlike},
      {"fuzzy", kAlike},
      {"levenshtein", kAlike},
      {"on_list_like", kAlike},
      {"on_list", kListed},
      {"in_list", kListed},
  };
  for (const auto& [word, advice] : kAdvice) {
    if (e.FindVariable("order." + std::string(word)) == nullptr) {
      e.AddAdvice(word, std::string(advice));
    }
  }
}

}  // namespace holdfast
