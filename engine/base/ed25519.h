// Ed25519 (RFC 8032): signatures that can be checked with the public key.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

constexpr std::size_t kEd25519Bytes = 32;  // of a key, private or public

// The signature, 64 bytes; the same for the same key and message. Nothing when `private_key` is no
// key.
std::optional<std::string> SignEd25519(std::string_view private_key, std::string_view message);

// The public key of a private one; nothing when it is no key.
std::optional<std::string> PublicKeyOf(std::string_view private_key);

// False also for what is no key or no signature.
bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature);

}  // namespace holdfast
