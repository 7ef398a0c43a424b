// Permit: a token that goes with a ship decision and says what it permits to ship. It is checked
// with the public key, without a request to the service. Its claims are digests of the order and
// its money: they differ once either has changed.
//
// A token is `hfp1.`, the permit as JSON, a dot and its Ed25519 signature, both in base64url.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/decision.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// A digest of an order's number, merchant, lines, amount, and of whom it goes to: 32 hexadecimal
// digits. docs/formats.md has the bytes that it is of.
std::string OrderClaim(const Order& order);

// What a permit to ship the order as it stands is for. REQUIRES: the order is known.
PermitClaims ClaimsOf(const OrderState& state);

struct Permit {
  std::string key;  // the id of the key that signed it
  std::string merchant, order_id;
  PermitClaims claims;
  std::uint64_t offset = 0;  // in the log, of the event that led to the decision
  std::string decided_at;    // RFC 3339
};

// What a token says, not checking who signed it; nothing for text that is no token.
std::optional<Permit> ReadPermit(std::string_view token);

// Is the token signed with the private key of this public one?
bool IsSignedBy(std::string_view token, std::string_view public_key);

// The id by which a key is called: the beginning of the digest of the public key.
std::string PermitKeyId(std::string_view public_key);

class PermitSigner {
 public:
  // Nothing for what is no key.
  static std::optional<PermitSigner> Make(std::string private_key);

  std::string Sign(const Permit& permit) const;

 private:
  std::string private_key_, id_;
};

// Puts the signed token in the place of the claims of a decision's permit, or null without a
// signer: the log keeps claims, and every decision that leaves a token. `json` is what
// WriteDecision wrote of `decision`.
void SetPermit(const PermitSigner* signer, const Decision& decision, std::string& json);
// The same of a decision that was read from the log.
void SetPermit(const PermitSigner* signer, std::string& json);

}  // namespace holdfast
