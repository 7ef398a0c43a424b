#include "engine/funds/terms.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast {
namespace {

// The names that shops and their plugins use for providers and methods, in normal form.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"adyen_cc", "adyen"},
    {"afterpay_clearpay", "afterpay"},
    {"cash_on_delivery", "cod"},
    {"cash_on_delivery_cod", "cod"},
    {"cashondelivery", "cod"},
    {"klarna_checkout", "klarna"},
    {"klarna_payments", "klarna"},
    {"paypal_checkout", "paypal"},
    {"paypal_express", "paypal"},
    {"paypal_express_checkout", "paypal"},
    {"paypal_standard", "paypal"},
    {"ppcp", "paypal"},
    {"ppcp_credit_card_gateway", "paypal"},
    {"ppcp_gateway", "paypal"},
    {"ppec_paypal", "paypal"},
    {"stripe_cc", "stripe"},
    {"stripe_payments", "stripe"},
    {"stripe_sepa", "stripe"},
    {"woocommerce_gateway_stripe", "stripe"},
    {"woocommerce_payments", "stripe"},
};

// Prefixes of a provider's gateway names, used when no alias matches. A shop's plugin has one
// gateway for each method, such as stripe_klarna and ppcp_googlepay.
constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
    {"adyen_", "adyen"},
    {"braintree_", "braintree"},
    {"klarna_", "klarna"},
    {"mollie_", "mollie"},
    {"paypal_", "paypal"},
    {"ppcp_", "paypal"},
    {"ppec_", "paypal"},
    {"razorpay_", "razorpay"},
    {"square_", "square"},
    {"stripe_", "stripe"},
    {"woocommerce_payments_", "stripe"},
};

// Gateways that report "paid" only when they have taken the money.
constexpr std::string_view kAtOnce[] = {
    "adyen",           "affirm",     "afterpay",      "alipay",           "amazon_pay",
    "amazon_payments", "apple_pay",  "authorize_net", "braintree",        "checkout_com",
    "gift_card",       "google_pay", "klarna",        "mollie",           "paypal",
    "razorpay",        "shop_pay",   "shopify",       "shopify_payments", "square",
    "store_credit",    "stripe",     "woocommerce",   "worldpay",
};

// Parts of the names of gateways and methods whose money arrives later, whatever the shop reports.
// kLaterWords are whole words.
constexpr std::string_view kLater[] = {
    "bank",           "cheque",    "deposit",   "direct_debit", "invoice",     "manual",
    "money_order",    "nachnahme", "net_terms", "ondelivery",   "on_delivery", "prepayment",
    "purchase_order", "rechnung",  "transfer",  "vorkasse"};
constexpr std::string_view kLaterWords[] = {"bacs",   "cash", "check", "checkmo",
                                            "checks", "cod",  "eft",   "wire"};

// A bit for each length of an alias. Names of other lengths need no search.
constexpr std::uint64_t kAliasLengths = [] {
  std::uint64_t lengths = 0;
  for (const auto& [alias, meant] : kAliases) lengths |= std::uint64_t{1} << alias.size();
  return lengths;
}();

std::string_view FamilyOf(std::string_view name) {
  for (const auto& [begin, provider] : kFamilies) {
    if (name.starts_with(begin)) return provider;
  }
  return name;
}

// What a name in normal form means, without a pack's own aliases.
std::string_view KnownName(std::string_view normal) {
  if (normal.size() >= 64 || (kAliasLengths >> normal.size() & 1) == 0) return FamilyOf(normal);
  static_assert(std::is_sorted(std::begin(kAliases), std::end(kAliases)));
  const auto* at =
      std::lower_bound(std::begin(kAliases), std::end(kAliases), normal,
                       [](const auto& alias, std::string_view name) { return alias.first < name; });
  return at != std::end(kAliases) && at->first == normal ? at->second : FamilyOf(normal);
}

bool IsAtOnce(std::string_view provider) {
  return std::find(std::begin(kAtOnce), std::end(kAtOnce), provider) != std::end(kAtOnce);
}

constexpr std::string_view kShopSystems[] = {"bigcommerce", "ebay", "etsy",       "magento",
                                             "shopify",     "shop", "woocommerce"};

// True when `name` is in the form that NormalName writes.
bool IsNormal(std::string_view name) {
  bool apart = true;  // the character before was '_', or there was none
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (!plain && (c != '_' || apart)) return false;
    apart = !plain;
  }
  return name.empty() || !apart;
}

}  // namespace

std::string NormalName(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (plain) {
      normal += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!normal.empty() && normal.back() != '_') {
      normal += '_';
    }
  }
  if (!normal.empty() && normal.back() == '_') normal.pop_back();
  return normal;
}

std::string_view FundsTerms::NameOf(std::string_view given, std::string& room) const {
  std::string_view normal = given;
  if (!IsNormal(given)) normal = room = NormalName(given);
  if (!aliases.empty()) {
    if (const auto own = aliases.find(normal); own != aliases.end()) return own->second;
  }
  return KnownName(normal);
}

std::string FundsTerms::NameOf(std::string_view given) const {
  std::string room;
  return std::string(NameOf(given, room));
}

std::string_view KnownNameOf(std::string_view given, std::string& room) {
  if (IsNormal(given)) return KnownName(given);
  return KnownName(room = NormalName(given));
}

bool PaysLater(std::string_view given) {
  std::string normal = "_" + NormalName(given) + "_";
  // Cash App pays at once.
  for (std::size_t at; (at = normal.find("_cash_app_")) != normal.npos;) normal.erase(at, 9);
  const auto has = [&normal](std::string_view part) { return normal.find(part) != normal.npos; };
  return std::any_of(std::begin(kLater), std::end(kLater), has) ||
         std::any_of(std::begin(kLaterWords), std::end(kLaterWords),
                     [&](std::string_view word) { return has("_" + std::string(word) + "_"); });
}

bool FundsTerms::TrustsShop(std::string_view provider, std::string_view method, bool later,
                            bool has_transaction) const {
  if (!trust_shop.empty()) {
    return trust_shop.contains(method) ||
           (trust_shop.contains(provider) && !(later && IsShopSystem(provider)));
  }
  return !later && (IsAtOnce(provider) || has_transaction);
}

bool SaysPaysLater(std::string_view provider, std::string_view given, std::string_view method) {
  // A payment provider reports when it has the money, whatever the method is called. A shop system
  // only copies a name.
  const bool own_word = IsAtOnce(provider) && !IsShopSystem(provider);
  return PaysLater(given) || (!own_word && PaysLater(method));
}

bool IsShopSystem(std::string_view provider) {
  return std::find(std::begin(kShopSystems), std::end(kShopSystems), provider) !=
         std::end(kShopSystems);
}

}  // namespace holdfast
