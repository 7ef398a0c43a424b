#include "engine/base/ed25519.h"

#include <openssl/evp.h>

#include <memory>

#include "engine/base/freed.h"

namespace holdfast {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<std::string> SignEd25519(std::string_view private_key, std::string_view message) {
  if (private_key.size() != kEd25519Bytes) return std::nullopt;
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(private_key),
                                             private_key.size()));
  const Digest digest(EVP_MD_CTX_new());
  constexpr std::size_t kSignatureBytes = 64;
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (key == nullptr ||
      EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1) {
    return std::nullopt;
  }
  return signature;
}

std::optional<std::string> PublicKeyOf(std::string_view private_key) {
  if (private_key.size() != kEd25519Bytes) return std::nullopt;
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(private_key),
                                             private_key.size()));
  std::string bytes(kEd25519Bytes, '\0');
  std::size_t size = bytes.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                  &size) != 1) {
    return std::nullopt;
  }
  return bytes;
}

bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature) {
  if (public_key.size() != kEd25519Bytes) return false;
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()));
  const Digest digest(EVP_MD_CTX_new());
  return key != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

}  // namespace holdfast
