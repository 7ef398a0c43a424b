// Permit keys: the key that signs permits, and the keys that signed earlier ones.
//
// The file holds one JSON object a line; the last is the newest key, which signs. FILE.pub has the
// same without the secrets, for programs that check permits.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/decide/permit.h"

namespace holdfast {

struct PermitKey {
  std::string id;
  std::string public_key, private_key;  // 32 bytes; a file of public keys has no private ones
  std::string created_at;               // RFC 3339
};

class PermitKeys {
 public:
  // Errors: as ReadFile; kCorrupt with the line.
  static Result<std::shared_ptr<const PermitKeys>> Load(const std::string& path);

  // A signer with the newest key; null when there is none, or the file has only public keys.
  const PermitSigner* signer() const { return signer_ ? &*signer_ : nullptr; }

  // True when the token was signed by one of the keys.
  bool Knows(std::string_view token) const;

  const std::vector<PermitKey>& all() const { return keys_; }

 private:
  std::vector<PermitKey> keys_;
  std::optional<PermitSigner> signer_;
};

// Makes a key and writes both files. Without `rotate` it must be the first key of `path`; with it,
// the key replaces the newest one, and earlier permits stay valid. Returns the key's id.
Result<std::string> AddPermitKey(const std::string& path, bool rotate, EventTime now);

}  // namespace holdfast
