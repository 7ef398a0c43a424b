// Keys: API keys and what each may do.
//
// The file holds one JSON object a line. It stores only the SHA-256 of a key, so that a reader of
// the file cannot use the keys. A key is 256 random bits and cannot be guessed, so it needs no slow
// hash.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

enum class Role : std::uint8_t { kIngest, kReview, kAdmin };
std::string_view NameOf(Role role);
std::optional<Role> RoleOf(std::string_view name);

struct ApiKey {
  std::string id;        // its name in logs and commands
  std::string merchant;  // "*": of all merchants
  Role role = Role::kIngest;
  std::string sha256;
  std::string note;
  std::string person;                  // its owner, shown on decisions; empty: its id
  std::string created_at, revoked_at;  // RFC 3339; not revoked: empty

  bool OfAll() const { return merchant == "*"; }
  const std::string& Person() const { return person.empty() ? id : person; }
};

class ApiKeys {
 public:
  // Errors: as ReadFile; kCorrupt with the line.
  static Result<std::shared_ptr<const ApiKeys>> Load(const std::string& path);

  // A set with one key, whose token is `token`, without a file.
  static std::shared_ptr<const ApiKeys> OfOne(ApiKey key, std::string_view token);

  // The key with this token; null when it is not known or is revoked.
  const ApiKey* Find(std::string_view token) const;

  const std::vector<ApiKey>& all() const { return keys_; }

 private:
  std::vector<ApiKey> keys_;
};

// Adds a key to the file, which is created if needed. Returns the token, which is not stored.
struct NewKey {
  std::string merchant;
  Role role = Role::kIngest;
  std::string note, person;
};
Result<std::string> CreateKey(const std::string& path, const NewKey& wanted, EventTime now);
// Errors: kNotFound for an id that is not there.
Status RevokeKey(const std::string& path, const std::string& id, EventTime now);

}  // namespace holdfast
