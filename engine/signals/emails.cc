#include "engine/signals/emails.h"

#include "engine/base/text.h"

namespace holdfast {

std::string EmailDomain(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos) return {};
  return ToLowerAscii(Trim(email.substr(at + 1)));
}

std::string CanonicalEmail(std::string_view email) { return ToLowerAscii(Trim(email)); }

}  // namespace holdfast
