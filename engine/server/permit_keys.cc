#include "engine/server/permit_keys.h"

#include <sys/stat.h>

#include <algorithm>

#include "engine/base/base64.h"
#include "engine/base/ed25519.h"
#include "engine/base/file.h"
#include "engine/base/hmac.h"
#include "engine/codec/json.h"
#include "engine/codec/json_value.h"

namespace holdfast {
namespace {

constexpr std::size_t kFileBytes = 1 << 20;

Result<std::vector<PermitKey>> Read(const std::string& path) {
  const auto text = ReadFile(path, kFileBytes);
  if (!text) return tl::unexpected(text.error());
  std::vector<PermitKey> keys;
  std::size_t at = 0;
  for (int line = 1; at < text->size(); ++line) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view one = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    if (one.empty()) continue;
    const auto document = JsonDocument::Parse(one);
    PermitKey key;
    bool whole = false;
    if (document) {
      const JsonValue& root = document->root();
      key.id = root["id"].text();
      key.public_key = DecodeBase64(root["public"].text()).value_or("");
      key.private_key = DecodeBase64(root["private"].text()).value_or("");
      key.created_at = root["created_at"].text();
      whole = key.public_key.size() == kEd25519Bytes && key.id == PermitKeyId(key.public_key) &&
              (key.private_key.empty() || PublicKeyOf(key.private_key) == key.public_key);
    }
    if (!whole) {
      return Fail(ErrorCode::kCorrupt, path + ":" + std::to_string(line),
                  "is no key of permits; `holdfast permit keygen` writes this file");
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string TextOf(const std::vector<PermitKey>& keys, bool secret) {
  std::string text;
  for (const PermitKey& key : keys) {
    text += "{\"id\":";
    WriteJsonText(key.id, text);
    text += ",\"public\":";
    WriteJsonText(EncodeBase64(key.public_key), text);
    if (secret) {
      text += ",\"private\":";
      WriteJsonText(EncodeBase64(key.private_key), text);
    }
    text += ",\"created_at\":";
    WriteJsonText(key.created_at, text);
    text += "}\n";
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
  // What has been replaced signs no more.
  for (PermitKey& old : *keys) old.private_key.clear();
  keys->push_back(std::move(key));
  // Whoever checks must know the key before the first permit is signed with it.
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
