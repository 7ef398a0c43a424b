// Permit: a signed token that comes with a ship decision and says what may be shipped. It can be
// checked with the public key, without a request to the service. Its claims are digests of the
// order and its money, so they no longer match once either has changed.
//
// A token is `hfp1.`, the permit as JSON, a dot and its Ed25519 signature, both in base64url.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/decision.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// A digest of an order's id, merchant, total, shipping party and lines, as 32 hexadecimal digits.
// docs/formats.md describes the bytes that are hashed.
std::string OrderClaim(const Order& order);

// The claims of a permit to ship the order in its current state. REQUIRES: the order is known.
PermitClaims ClaimsOf(const OrderState& state);

struct Permit {
  std::string key;  // the id of the key that signed it
  std::string merchant, order_id;
  PermitClaims claims;
  std::uint64_t offset = 0;  // in the log, of the event that led to the decision
  std::string decided_at;    // RFC 3339
};

// Parses a token without checking its signature. Empty when the text is not a token.
std::optional<Permit> ReadPermit(std::string_view token);

// True when the token was signed with the private key of `public_key`.
bool IsSignedBy(std::string_view token, std::string_view public_key);

// The id of a key: the first 16 hexadecimal digits of a digest of the public key.
std::string PermitKeyId(std::string_view public_key);

class PermitSigner {
 public:
  // Empty when `private_key` is not a key.
  static std::optional<PermitSigner> Make(std::string private_key);

  std::string Sign(const Permit& permit) const;

 private:
  std::string private_key_, id_;
};

// Replaces the permit claims in `json`, which WriteDecision wrote of `decision`, by the signed
// token; by null without a signer. The log stores the claims; every decision that is sent has the
// token.
void SetPermit(const PermitSigner* signer, const Decision& decision, std::string& json);
// The same for a decision that was read from the log.
void SetPermit(const PermitSigner* signer, std::string& json);

}  // namespace holdfast
