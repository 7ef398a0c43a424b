#include "engine/server/security/api_keys.h"

#include <sys/stat.h>

#include <algorithm>

#include "engine/base/enum_names.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/base/limits.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_lines.h"
#include "engine/codec/json_object.h"

namespace holdfast {
namespace {

// A merchant as events may name it: the key's merchant is written into them.
bool IsMerchant(std::string_view name) {
  return !name.empty() && name.size() <= limits::kIdBytes && IsValidUtf8(name) &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

constexpr std::string_view kRoles[] = {"ingest", "review", "admin"};
constexpr std::size_t kFileBytes = 64 << 20;
constexpr std::string_view kBegin = "hf_";

// hf_ID_SECRET
std::string_view IdOf(std::string_view token) {
  if (!token.starts_with(kBegin)) return {};
  token.remove_prefix(kBegin.size());
  return token.substr(0, token.find('_'));
}

Result<std::vector<ApiKey>> Read(const std::string& path) {
  std::vector<ApiKey> keys;
  const Status read = ReadJsonLines(
      path, kFileBytes, "is no key; `holdfast keys` writes this file", [&](const JsonValue& line) {
        ApiKey& key = keys.emplace_back();
        key.id = line["id"].text();
        key.merchant = line["merchant"].text();
        key.sha256 = line["sha256"].text();
        key.note = line["note"].text();
        key.person = line["person"].text();
        key.created_at = line["created_at"].text();
        key.revoked_at = line["revoked_at"].text();
        const auto role = RoleOf(line["role"].text());
        key.role = role.value_or(Role::kIngest);
        return role && !key.id.empty() && IsMerchant(key.merchant) && key.sha256.size() == 64;
      });
  if (!read) return tl::unexpected(read.error());
  return keys;
}

Status Write(const std::string& path, const std::vector<ApiKey>& keys) {
  std::string text;
  for (const ApiKey& key : keys) {
    text += JsonObject()
                .Text("id", key.id)
                .Text("merchant", key.merchant)
                .Text("role", NameOf(key.role))
                .Text("sha256", key.sha256)
                .Text("note", key.note)
                .Text("person", key.person)
                .Text("created_at", key.created_at)
                .Text("revoked_at", key.revoked_at)
                .Done() +
            "\n";
  }
  const mode_t before = umask(0077);
  Status written = ReplaceFile(path, text);
  umask(before);
  return written;
}

}  // namespace

std::string_view NameOf(Role role) { return NameIn(kRoles, role); }

std::optional<Role> RoleOf(std::string_view name) {
  const auto at = std::find(std::begin(kRoles), std::end(kRoles), name);
  if (at == std::end(kRoles)) return std::nullopt;
  return static_cast<Role>(at - std::begin(kRoles));
}

Result<std::shared_ptr<const ApiKeys>> ApiKeys::Load(const std::string& path) {
  auto read = Read(path);
  if (!read) return tl::unexpected(read.error());
  auto keys = std::make_shared<ApiKeys>();
  keys->keys_ = std::move(*read);
  return keys;
}

std::shared_ptr<const ApiKeys> ApiKeys::OfOne(ApiKey key, std::string_view token) {
  auto keys = std::make_shared<ApiKeys>();
  key.sha256 = Sha256Hex(token);
  keys->keys_.push_back(std::move(key));
  return keys;
}

const ApiKey* ApiKeys::Find(std::string_view token) const {
  const std::string_view id = IdOf(token);
  const auto at =
      std::find_if(keys_.begin(), keys_.end(), [&](const ApiKey& key) { return key.id == id; });
  if (id.empty() || at == keys_.end() || !at->revoked_at.empty()) return nullptr;
  return SameSecret(at->sha256, Sha256Hex(token)) ? &*at : nullptr;
}

Result<std::string> CreateKey(const std::string& path, const NewKey& wanted, EventTime now) {
  if (!IsMerchant(wanted.merchant)) {
    return Fail(ErrorCode::kUsage, "--merchant",
                "give the merchant's name, without control characters, or '*' for all");
  }
  // Names of people must differ visibly.
  if (wanted.person.size() > limits::kIdBytes ||
      wanted.person.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-@") !=
          std::string::npos) {
    return Fail(ErrorCode::kUsage, "--person",
                "must be a name such as ana or ana@shop.example: small letters, digits, . _ - @");
  }
  auto keys = Read(path);
  if (!keys && keys.error().code != ErrorCode::kNotFound) return tl::unexpected(keys.error());
  if (!keys) keys = std::vector<ApiKey>();
  constexpr std::size_t kIdBytes = 6, kSecretBytes = 32;
  ApiKey key;
  key.id = EncodeHex(RandomBytes(kIdBytes));
  key.merchant = wanted.merchant;
  key.role = wanted.role;
  key.note = wanted.note;
  key.person = wanted.person;
  key.created_at = FormatRfc3339(EventTime{now.nanos / kNanosPerSecond * kNanosPerSecond});
  const std::string token =
      std::string(kBegin) + key.id + "_" + EncodeHex(RandomBytes(kSecretBytes));
  key.sha256 = Sha256Hex(token);
  keys->push_back(std::move(key));
  if (Status written = Write(path, *keys); !written) return tl::unexpected(written.error());
  return token;
}

Status RevokeKey(const std::string& path, const std::string& id, EventTime now) {
  auto keys = Read(path);
  if (!keys) return tl::unexpected(keys.error());
  const auto at =
      std::find_if(keys->begin(), keys->end(), [&](const ApiKey& key) { return key.id == id; });
  if (at == keys->end()) return Fail(ErrorCode::kNotFound, path, "holds no key '" + id + "'");
  if (at->revoked_at.empty()) {
    at->revoked_at = FormatRfc3339(EventTime{now.nanos / kNanosPerSecond * kNanosPerSecond});
  }
  return Write(path, *keys);
}

}  // namespace holdfast
