// Entries of lists: their forms, and their errors.
#include "engine/base/country.h"
#include "engine/base/ip.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/packs/pack.h"
#include "engine/signals/canonical_text.h"
#include "engine/signals/emails.h"

namespace holdfast {

std::string NormaliseEntry(ListType type, std::string_view text) {
  std::string entry;
  NormaliseEntry(type, text, entry);
  return entry;
}

void NormaliseEntry(ListType type, std::string_view text, std::string& out) {
  switch (type) {
    case ListType::kText:
      return CanonicalText(text, CanonicalForm::kText, out);
    case ListType::kName:
      return CanonicalText(text, CanonicalForm::kName, out);
    case ListType::kEmail:
      return ListedEmail(text, out);
    case ListType::kPhone:
      return CanonicalPhone(text, out);
    default:
      break;
  }
  out = Trim(text);
  switch (type) {
    case ListType::kCountry:
      for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      }
      break;
    case ListType::kDomain:
      for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      break;
    case ListType::kIp:
      if (const auto address = ParseIp(out)) out = FormatIp(*address);
      break;
    default:
      break;
  }
}

std::optional<IpNetwork> NetworkOfEntry(std::string_view entry) {
  const auto address = ParseIp(entry);
  return address ? NetworkOf(*address) : ParseIpNetwork(entry);
}

std::string FaultOfEntry(ListType type, const std::string& entry) {
  if (entry.empty()) return "an entry is empty";
  if (entry.size() > limits::kListEntryBytes) {
    return "an entry is longer than " + std::to_string(limits::kListEntryBytes) + " bytes";
  }
  const auto is_domain = [](std::string_view text) {
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find_first_of("@*/:<>, \t") == std::string_view::npos;
  };
  switch (type) {
    case ListType::kCountry:
      if (IsCountryCode(entry)) return {};
      return "'" + entry + "' is not an ISO 3166 country code";
    case ListType::kIp:
      if (NetworkOfEntry(entry)) return {};
      return "'" + entry +
             "' is not an IP address or network such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32";
    case ListType::kDomain:
      if (is_domain(entry)) return {};
      return "'" + entry + "' is not a domain such as example.com";
    case ListType::kEmail: {
      const std::size_t at = entry.rfind('@');
      const bool has_name =
          at != std::string::npos && at > 0 && entry.find_first_of("<>, \t") == std::string::npos;
      if (has_name && is_domain(std::string_view(entry).substr(at + 1))) return {};
      return "'" + entry + "' is not an e-mail address such as name@example.com";
    }
    case ListType::kPhone: {
      constexpr std::size_t kLeast = 5, kMost = 20;
      if (entry.size() >= kLeast && entry.size() <= kMost) return {};
      return "'" + entry + "' is not a phone number such as +1 202 555 0143";
    }
    case ListType::kText:
    case ListType::kName:
      break;
  }
  return {};
}

}  // namespace holdfast
