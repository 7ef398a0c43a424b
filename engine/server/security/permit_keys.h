// Permit keys: the keys that sign permits, and those that signed earlier ones.
//
// The file holds one JSON object a line, the newest last, which signs; beside it FILE.pub holds the
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

  // Signs with the newest key; null when there is none, or the file has public keys alone.
  const PermitSigner* signer() const { return signer_ ? &*signer_ : nullptr; }

  // Is the token signed by one of the keys?
  bool Knows(std::string_view token) const;

  const std::vector<PermitKey>& all() const { return keys_; }

 private:
  std::vector<PermitKey> keys_;
  std::optional<PermitSigner> signer_;
};

// Makes a key and writes both files: the first of `path`, or with `rotate` one that takes the place
// of those before it, whose permits stay good. The key's id.
// Errors: kUsage for a first key where there is one; kNotFound for a rotation where there is none.
Result<std::string> AddPermitKey(const std::string& path, bool rotate, EventTime now);

}  // namespace holdfast
