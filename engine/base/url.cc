#include "engine/base/url.h"

#include "engine/base/hmac.h"

namespace holdfast {

std::string DecodeUrl(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte =
        text[i] == '%' && i + 2 < text.size() ? DecodeHex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      plain += *byte;
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

}  // namespace holdfast
