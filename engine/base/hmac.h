// HMAC: signatures with a shared secret, and how secrets are made and compared.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view message);

// Are they the same? Takes as long whatever the answer; only a different size shows.
bool SameSecret(std::string_view a, std::string_view b);

// `count` bytes that cannot be guessed. Errors: ends the process when the system has none to give:
// a key that could be guessed must never be made.
std::string RandomBytes(std::size_t count);

}  // namespace holdfast
