// HMAC: signatures with a shared secret, and how secrets are made and compared.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view message);

// Compares two secrets in constant time; only a difference in size is visible in the time.
bool SameSecret(std::string_view a, std::string_view b);

// `count` cryptographically random bytes. Ends the process when the system cannot provide them,
// because a key that can be guessed must not be made.
std::string RandomBytes(std::size_t count);

}  // namespace holdfast
