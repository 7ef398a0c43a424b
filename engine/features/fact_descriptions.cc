// What facts are for authors: units, bounds, examples.
#include "engine/features/facts.h"

namespace holdfast {

std::string_view NameOf(Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return "";
    case Unit::kText:
      return "text";
    case Unit::kWord:
      return "word";
    case Unit::kWords:
      return "words";
    case Unit::kId:
      return "id";
    case Unit::kName:
      return "name";
    case Unit::kCountry:
      return "country";
    case Unit::kCurrency:
      return "currency";
    case Unit::kEmail:
      return "e-mail address";
    case Unit::kDomain:
      return "domain";
    case Unit::kIp:
      return "IP address";
    case Unit::kPhone:
      return "phone number";
    case Unit::kMoney:
      return "amount";
    case Unit::kBaseMoney:
      return "amount in base currency";
    case Unit::kCount:
      return "count";
    case Unit::kScore:
      return "score";
    case Unit::kShare:
      return "0 to 1";
    case Unit::kTime:
      return "time";
    case Unit::kTruth:
      return "true or false";
  }
  return "";
}

std::optional<double> LeastOf(const Fact& fact) {
  if (fact.unit == Unit::kCount) return 0;
  // Orders with negative amounts are refused. A provider may report any amount.
  const bool money = fact.unit == Unit::kMoney || fact.unit == Unit::kBaseMoney;
  if (money && (fact.name.starts_with("order.") || fact.name.starts_with("buyer."))) return 0;
  return std::nullopt;
}

std::string ExampleOf(const Fact& fact) {
  const std::string name(fact.name);
  switch (fact.unit) {
    case Unit::kNone:
      if (fact.type == "items") return name + ".exists(i, i.risk == 'high')";
      if (fact.type == "payments") return name + ".exists(p, p.card_country == 'NG')";
      return name + "['coupon'] == 'VIP'";
    case Unit::kWord:
      return name + " == '" + std::string(fact.words.empty() ? "small" : fact.words.front()) + "'";
    case Unit::kWords:
      return (name.starts_with("differs.") ? "'country' in "
              : name.starts_with("order.") ? "'vip' in "
                                           : "'confirm_from_account_email' in ") +
             name;
    case Unit::kId:
      return name + (fact.type == "int" ? " == 64496" : " == 'A-1042'");
    case Unit::kText:
    case Unit::kName:
      return name + ".contains('test')";
    case Unit::kCountry:
      return name + " in ['NG', 'GH']";
    case Unit::kCurrency:
      return name + " != 'USD'";
    case Unit::kEmail:
      return name + ".endsWith('@example.com')";
    case Unit::kDomain:
      return name + " == 'example.com'";
    case Unit::kIp:
      return "cidr('192.0.2.0/24').containsIP(" + name + ")";
    case Unit::kPhone:
      return name + ".startsWith('+234')";
    case Unit::kMoney:
    case Unit::kBaseMoney:
      return name + " > 200.0";
    case Unit::kCount:
      return name + " > 3";
    case Unit::kScore:
      return name + " >= 75";
    case Unit::kShare:
      return name + " >= 0.5";
    case Unit::kTime:
      return name + " > timestamp('2026-01-01T00:00:00Z')";
    case Unit::kTruth:
      return name;
  }
  return name;
}

}  // namespace holdfast
