#include "engine/server/security/permit_keys.h"

#include <sys/stat.h>

#include <algorithm>

#include "engine/base/base64.h"
#include "engine/base/ed25519.h"
#include "engine/base/file.h"
#include "engine/base/hmac.h"
#include "engine/codec/json_lines.h"
#include "engine/codec/json_object.h"

namespace holdfast {
namespace {

constexpr std::size_t kFileBytes = 1 << 20;

Result<std::vector<PermitKey>> Read(const std::string& path) {
  std::vector<PermitKey> keys;
  const Status read = ReadJsonLines(
      path, kFileBytes, "is no key of permits; `holdfast permit keygen` writes this file",
      [&](const JsonValue& line) {
        PermitKey& key = keys.emplace_back();
        key.id = line["id"].text();
        key.public_key = DecodeBase64(line["public"].text()).value_or("");
        key.private_key = DecodeBase64(line["private"].text()).value_or("");
        key.created_at = line["created_at"].text();
        return key.public_key.size() == kEd25519Bytes && key.id == PermitKeyId(key.public_key) &&
               (key.private_key.empty() || PublicKeyOf(key.private_key) == key.public_key);
      });
  if (!read) return tl::unexpected(read.error());
  return keys;
}

std::string TextOf(const std::vector<PermitKey>& keys, bool secret) {
  std::string text;
  for (const PermitKey& key : keys) {
    JsonObject line;
    line.Text("id", key.id).Text("public", EncodeBase64(key.public_key));
    if (secret) line.Text("private", EncodeBase64(key.private_key));
    text += line.Text("created_at", key.created_at).Done() + "\n";
  }
  return text;
}

}  // namespace

Result<std::shared_ptr<const PermitKeys>> PermitKeys::Load(const std::string& path) {
  auto read = Read(path);
  if (!read) return tl::unexpected(read.error());
  auto keys = std::make_shared<PermitKeys>();
  keys->keys_ = std::move(*read);
  if (!keys->keys_.empty() && !keys->keys_.back().private_key.empty()) {
    keys->signer_ = PermitSigner::Make(keys->keys_.back().private_key);
  }
  return keys;
}

bool PermitKeys::Knows(std::string_view token) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const PermitKey& key) { return IsSignedBy(token, key.public_key); });
}

Result<std::string> AddPermitKey(const std::string& path, bool rotate, EventTime now) {
  auto keys = Read(path);
  if (!keys && (rotate || keys.error().code != ErrorCode::kNotFound)) {
    return tl::unexpected(keys.error());
  }
  if (keys && !rotate) {
    return Fail(ErrorCode::kUsage, path,
                "is there already; `holdfast permit rotate` adds a key that takes its place");
  }
  if (!keys) keys = std::vector<PermitKey>();
  PermitKey key;
  key.private_key = RandomBytes(kEd25519Bytes);
  key.public_key = PublicKeyOf(key.private_key).value_or("");
  key.id = PermitKeyId(key.public_key);
  key.created_at = FormatRfc3339(EventTime{now.nanos / kNanosPerSecond * kNanosPerSecond});
  const std::string id = key.id;
  // A replaced key can no longer sign.
  for (PermitKey& old : *keys) old.private_key.clear();
  keys->push_back(std::move(key));
  // Programs that verify permits must know the key before it signs the first permit.
  if (Status written = ReplaceFile(path + ".pub", TextOf(*keys, false)); !written) {
    return tl::unexpected(written.error());
  }
  const mode_t before = umask(0077);
  const Status written = ReplaceFile(path, TextOf(*keys, true));
  umask(before);
  if (!written) return tl::unexpected(written.error());
  return id;
}

}  // namespace holdfast
