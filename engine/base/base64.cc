#include "engine/base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace holdfast {

std::string EncodeBase64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  const bool padded = digits < text.size();
  const bool fine =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/';
      });
  if (!fine || digits % 4 == 1 || (padded && text.size() % 4 != 0)) return std::nullopt;
  // OpenSSL wants the padding, and counts it as bytes of zero.
  std::string whole(text.substr(0, digits));
  while (whole.size() % 4 != 0) whole += '=';
  std::string out(whole.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(whole.data()),
                                   static_cast<int>(whole.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - (whole.size() - digits));
  return out;
}

std::string EncodeBase64Url(std::string_view bytes) {
  std::string text = EncodeBase64(bytes);
  text.resize(std::min(text.find('='), text.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  auto bytes = DecodeBase64(plain);
  if (!bytes || EncodeBase64Url(*bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace holdfast
