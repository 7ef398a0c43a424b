// HMAC: signatures with a shared secret, and how secrets are compared and written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view message);

// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// Are they the same? Takes as long whatever the answer; only a different size shows.
bool SameSecret(std::string_view a, std::string_view b);

// Lower-case hexadecimal digits.
std::string EncodeHex(std::string_view bytes);
// Nothing for a text that is not hexadecimal, of either case.
std::optional<std::string> DecodeHex(std::string_view text);

// `count` bytes that nobody can guess. Errors: ends the process when the system has none to give:
// a key that could be guessed must never be made.
std::string RandomBytes(std::size_t count);

}  // namespace holdfast
