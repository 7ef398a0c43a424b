#include "engine/decide/permit.h"

#include <algorithm>

#include "engine/base/base64.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/ed25519.h"
#include "engine/base/hash.h"
#include "engine/base/number.h"
#include "engine/codec/decision_reader.h"
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

// A token split into its signed part, as text and as JSON, and its signature.
struct Parts {
  std::string_view signed_part;
  std::string json, signature;
};
std::optional<Parts> Split(std::string_view token) {
  const std::size_t dot = token.rfind('.');
  if (token.size() > kTokenMost || !token.starts_with(kBegin) || dot < kBegin.size()) {
    return std::nullopt;
  }
  auto json = DecodeBase64Url(token.substr(kBegin.size(), dot - kBegin.size()));
  auto signature = DecodeBase64Url(token.substr(dot + 1));
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
  // Nothing without a company, so that permits signed by earlier versions stay valid.
  if (!to.company.empty()) PutText(to.company, bytes);
  return ShortDigest(bytes);
}

PermitClaims ClaimsOf(const OrderState& state) {
  HOLDFAST_CHECK(state.order != nullptr);
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
  permit.offset = ParseNumber<std::uint64_t>(root["offset"].text()).value_or(0);
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
  std::string token = std::string(kBegin) + EncodeBase64Url(json);
  const std::string signature = SignEd25519(private_key_, token).value_or("");
  return token + "." + EncodeBase64Url(signature);
}

void SetPermit(const PermitSigner* signer, const Decision& decision, std::string& json) {
  if (decision.permit.empty()) return;
  if (signer == nullptr) {
    SetPermitText("null", json);
    return;
  }
  const Permit permit = {{},
                         decision.merchant,
                         decision.order_id,
                         decision.permit,
                         decision.offset,
                         FormatRfc3339(decision.decided_at)};
  SetPermitText('"' + signer->Sign(permit) + '"', json);
}

void SetPermit(const PermitSigner* signer, std::string& json) {
  if (!HasPermit(json)) return;
  const auto head = signer == nullptr ? std::nullopt : ReadDecisionHead(json);
  if (!head || head->permit.empty()) {
    SetPermitText("null", json);
    return;
  }
  const Permit permit = {
      {},           ReadDecisionMerchant(json),     ReadDecisionOrder(json), head->permit,
      head->offset, FormatRfc3339(head->decided_at)};
  SetPermitText('"' + signer->Sign(permit) + '"', json);
}

}  // namespace holdfast
