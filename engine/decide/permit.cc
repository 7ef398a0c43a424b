#include "engine/decide/permit.h"

#include <algorithm>
#include <charconv>

#include "engine/base/base64.h"
#include "engine/base/coding.h"
#include "engine/base/ed25519.h"
#include "engine/base/hash.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/features/facts.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

std::string ShortDigest(std::string_view bytes) {
  constexpr std::size_t kDigits = 32;
  Sha256 digest;
  digest.Add(bytes);
  return digest.Hex().substr(0, kDigits);
}

constexpr std::string_view kBegin = "hfp1.";
constexpr std::size_t kTokenMost = 4096;

// RFC 4648, section 5, without padding.
std::string EncodeUrl(std::string_view bytes) {
  std::string text = EncodeBase64(bytes);
  text.resize(std::min(text.find('='), text.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> DecodeUrl(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  auto bytes = DecodeBase64(plain);
  // One text for the same bytes: what was signed is what is read.
  if (!bytes || EncodeUrl(*bytes) != text) return std::nullopt;
  return bytes;
}

// The part that is signed, and the signature.
struct Parts {
  std::string_view signed_part;
  std::string json, signature;
};
std::optional<Parts> Split(std::string_view token) {
  const std::size_t dot = token.rfind('.');
  if (token.size() > kTokenMost || !token.starts_with(kBegin) || dot < kBegin.size()) {
    return std::nullopt;
  }
  auto json = DecodeUrl(token.substr(kBegin.size(), dot - kBegin.size()));
  auto signature = DecodeUrl(token.substr(dot + 1));
  if (!json || !signature) return std::nullopt;
  return Parts{token.substr(0, dot), std::move(*json), std::move(*signature)};
}

void PutMoney(const std::optional<std::int64_t>& amount, const std::optional<Currency>& currency,
              std::string& out) {
  PutText(amount ? std::to_string(*amount) : "", out);
  PutText(currency ? currency->code() : "", out);
}

}  // namespace

std::string OrderClaim(const Order& order) {
  std::string bytes;
  PutText(order.merchant, bytes);
  PutText(order.id, bytes);
  PutMoney(order.total, order.currency, bytes);
  const Party& to = order.shipping;
  for (const std::string_view text :
       {to.name, to.phone, to.address.line1, to.address.line2, to.address.city, to.address.region,
        to.address.postal_code, to.address.country}) {
    PutText(text, bytes);
  }
  PutVarint(order.items.size(), bytes);
  for (const Item& item : order.items) {
    for (const std::string_view text :
         {item.sku, item.title, item.colour, item.size, item.parcel}) {
      PutText(text, bytes);
    }
    PutVarint(static_cast<std::uint64_t>(item.quantity), bytes);
    bytes += item.gift.value_or(false) ? '\1' : '\0';
  }
  return ShortDigest(bytes);
}

PermitClaims ClaimsOf(const OrderState& state) {
  const Funds& funds = state.funds;
  std::string bytes;
  PutText(NameOf(funds.certainty), bytes);
  for (const std::int64_t amount :
       {funds.due, funds.paid, funds.authorized, funds.pending, funds.refunded, funds.taken_back,
        funds.disputed, funds.in_review}) {
    PutVarint(static_cast<std::uint64_t>(amount), bytes);
  }
  bytes += funds.known ? '\1' : '\0';
  return {OrderClaim(*state.order->order), ShortDigest(bytes)};
}

std::optional<Permit> ReadPermit(std::string_view token) {
  const auto parts = Split(token);
  if (!parts) return std::nullopt;
  const auto document = JsonDocument::Parse(parts->json);
  if (!document) return std::nullopt;
  const JsonValue& root = document->root();
  Permit permit;
  permit.key = root["key"].text();
  permit.merchant = root["merchant"].text();
  permit.order_id = root["order_id"].text();
  permit.claims = {std::string(root["order"].text()), std::string(root["payment"].text())};
  const std::string_view offset = root["offset"].text();
  std::from_chars(offset.data(), offset.data() + offset.size(), permit.offset);
  permit.decided_at = root["decided_at"].text();
  if (permit.order_id.empty() || permit.claims.empty()) return std::nullopt;
  return permit;
}

bool IsSignedBy(std::string_view token, std::string_view public_key) {
  const auto parts = Split(token);
  return parts && VerifyEd25519(public_key, parts->signed_part, parts->signature);
}

std::string PermitKeyId(std::string_view public_key) {
  constexpr std::size_t kDigits = 16;
  return ShortDigest(public_key).substr(0, kDigits);
}

std::optional<PermitSigner> PermitSigner::Make(std::string private_key) {
  const auto public_key = PublicKeyOf(private_key);
  if (!public_key) return std::nullopt;
  PermitSigner signer;
  signer.id_ = PermitKeyId(*public_key);
  signer.private_key_ = std::move(private_key);
  return signer;
}

std::string PermitSigner::Sign(const Permit& permit) const {
  const std::string json = JsonObject()
                               .Text("key", id_)
                               .Text("merchant", permit.merchant)
                               .Text("order_id", permit.order_id)
                               .Text("order", permit.claims.order)
                               .Text("payment", permit.claims.payment)
                               .Number("offset", permit.offset)
                               .Text("decided_at", permit.decided_at)
                               .Done();
  std::string token = std::string(kBegin) + EncodeUrl(json);
  const std::string signature = SignEd25519(private_key_, token).value_or("");
  return token + "." + EncodeUrl(signature);
}

void FillPermit(const PermitSigner* signer, std::string& decision) {
  constexpr std::string_view kKey = "\"permit\":{";
  const std::size_t at = decision.rfind(kKey);
  if (at == std::string::npos) return;
  const std::size_t value = at + kKey.size() - 1;
  const std::size_t end = decision.find('}', value) + 1;
  std::string token = "null";
  if (signer != nullptr) {
    Permit permit;
    permit.merchant = ReadDecisionMerchant(decision);
    permit.order_id = ReadDecisionOrder(decision);
    if (const auto head = ReadDecisionHead(decision)) {
      permit.claims = head->permit;
      permit.offset = head->offset;
      permit.decided_at = FormatRfc3339(head->decided_at);
    }
    token = '"' + signer->Sign(permit) + '"';
  }
  decision.replace(value, end - value, token);
}

}  // namespace holdfast
