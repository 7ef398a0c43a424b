#include "engine/signals/emails.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/ip.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/signals/canonical_text.h"

namespace holdfast {
namespace {

// How a provider treats the part before the '@'.
struct Provider {
  std::string_view domain;
  std::string_view mailbox;  // the domain that its aliases stand for
  std::string_view ignored;  // characters that do not tell mailboxes apart
};

// Sorted by domain.
constexpr std::array kProviders = {
    Provider{"fastmail.com", "fastmail.com", ""},   Provider{"fastmail.fm", "fastmail.fm", ""},
    Provider{"gmail.com", "gmail.com", "."},        Provider{"googlemail.com", "gmail.com", "."},
    Provider{"hotmail.com", "hotmail.com", ""},     Provider{"icloud.com", "icloud.com", ""},
    Provider{"live.com", "live.com", ""},           Provider{"mac.com", "icloud.com", ""},
    Provider{"me.com", "icloud.com", ""},           Provider{"msn.com", "msn.com", ""},
    Provider{"outlook.com", "outlook.com", ""},     Provider{"pm.me", "proton.me", ".-_"},
    Provider{"proton.me", "proton.me", ".-_"},      Provider{"protonmail.ch", "proton.me", ".-_"},
    Provider{"protonmail.com", "proton.me", ".-_"}, Provider{"ya.ru", "yandex.ru", ""},
    Provider{"yahoo.com", "yahoo.com", ""},         Provider{"yandex.by", "yandex.ru", ""},
    Provider{"yandex.com", "yandex.ru", ""},        Provider{"yandex.kz", "yandex.ru", ""},
    Provider{"yandex.ru", "yandex.ru", ""},         Provider{"yandex.ua", "yandex.ru", ""},
};

// Yahoo and Microsoft own the domains of all countries: yahoo.co.uk, hotmail.fr.
constexpr std::array kFamilies = {
    Provider{"hotmail.", "", ""},
    Provider{"live.", "", ""},
    Provider{"outlook.", "", ""},
    Provider{"yahoo.", "", ""},
};

// "fr", "co.uk", "com.br".
bool IsCountryEnding(std::string_view ending) {
  for (const std::string_view first : {"co.", "com."}) {
    if (!ending.starts_with(first)) continue;
    ending.remove_prefix(first.size());
    break;
  }
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return ending.size() == 2 && is_letter(ending[0]) && is_letter(ending[1]);
}

const Provider* ProviderOf(std::string_view domain) {
  const auto at =
      std::lower_bound(kProviders.begin(), kProviders.end(), domain,
                       [](const Provider& p, std::string_view name) { return p.domain < name; });
  if (at != kProviders.end() && at->domain == domain) return at;
  const auto family = std::find_if(kFamilies.begin(), kFamilies.end(), [&](const Provider& p) {
    return domain.starts_with(p.domain) && IsCountryEnding(domain.substr(p.domain.size()));
  });
  return family == kFamilies.end() ? nullptr : family;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

using Idna = void (icu::IDNA::*)(icu::StringPiece, icu::ByteSink&, icu::IDNAInfo&,
                                 UErrorCode&) const;

// A domain in another form of IDNA. Empty: it is not valid.
std::optional<std::string> DomainBy(Idna convert, std::string_view domain) {
  UErrorCode status = U_ZERO_ERROR;
  static const std::unique_ptr<icu::IDNA> kIdna(icu::IDNA::createUTS46Instance(
      UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, status));
  if (kIdna == nullptr) return std::nullopt;
  std::string name;
  icu::StringByteSink<std::string> sink(&name);
  icu::IDNAInfo info;
  status = U_ZERO_ERROR;
  (kIdna.get()->*convert)(domain, sink, info, status);
  if (U_FAILURE(status) || info.hasErrors()) return std::nullopt;
  return name;
}

// A domain in its ASCII form in the DNS (IDNA). Empty: it is not valid.
std::optional<std::string> AsciiDomain(std::string_view domain) {
  return DomainBy(&icu::IDNA::nameToASCII_UTF8, domain);
}

// The ASCII form of a domain of the DNS in letters. Empty: it is not valid.
std::optional<std::string> DomainInLetters(std::string_view domain) {
  return DomainBy(&icu::IDNA::nameToUnicodeUTF8, domain);
}

bool IsAtomText(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+/=?^_`{|}~-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<signed char>(c) < 0 || kOthers.find(c) != kOthers.npos;
}

bool IsLocalPart(std::string_view local) {
  constexpr std::size_t kMost = 64;
  if (local.empty() || local.size() > kMost) return false;
  if (local.front() == '"') {
    if (local.size() < 2 || local.back() != '"') return false;
    for (std::size_t i = 1; i + 1 < local.size(); ++i) {
      const auto c = static_cast<unsigned char>(local[i]);
      if (c < ' ' || c == 0x7F || c == '"') return false;
      if (c == '\\' && ++i + 1 >= local.size()) return false;
    }
    return true;
  }
  char before = '.';
  for (const char c : local) {
    if (c == '.' ? before == '.' : !IsAtomText(c)) return false;
    before = c;
  }
  return before != '.';
}

// True for labels of letters, digits and hyphens, as required in the DNS.
bool IsHostName(std::string_view name) {
  constexpr std::size_t kMostLabel = 63, kMost = 253;
  if (name.empty() || name.size() > kMost) return false;
  std::size_t labels = 0;
  std::string_view label;
  for (std::size_t at = 0; at <= name.size(); ++labels) {
    label = name.substr(at, std::min(name.find('.', at), name.size()) - at);
    at += label.size() + 1;
    const bool fits =
        !label.empty() && label.size() <= kMostLabel && label.front() != '-' && label.back() != '-';
    if (!fits || !std::all_of(label.begin(), label.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-';
        })) {
      return false;
    }
  }
  // No top-level domain is a number.
  return labels >= 2 && label.find_first_not_of("0123456789") != label.npos;
}

bool IsDomain(std::string_view domain) {
  if (domain.starts_with('[') && domain.ends_with(']')) {
    std::string_view address = domain.substr(1, domain.size() - 2);
    constexpr std::string_view kIpv6 = "IPv6:";
    const bool is_ipv6 = address.starts_with(kIpv6);
    if (is_ipv6) address.remove_prefix(kIpv6.size());
    return is_ipv6 == (address.find(':') != address.npos) && ParseIp(address).has_value();
  }
  if (IsAscii(domain)) return IsHostName(domain);
  const auto name = AsciiDomain(domain);
  return name && IsHostName(*name);
}

// True when the texts differ by exactly one substitution, insertion, deletion or swap of
// neighbours.
bool IsOneSlipApart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  std::size_t same = 0;
  while (same < a.size() && a[same] == b[same]) ++same;
  if (a.size() < b.size()) return a.substr(same) == b.substr(same + 1);
  if (a.substr(same + 1) == b.substr(same + 1)) return true;
  return same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same] &&
         a.substr(same + 2) == b.substr(same + 2);
}

// The text as people see it: digits and pairs that look like letters are replaced.
std::string Skeleton(std::string_view text) {
  std::string seen;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view pair = text.substr(i, 2);
    if (pair == "rn" || pair == "vv") {
      seen += pair == "rn" ? 'm' : 'w';
      ++i;
      continue;
    }
    if (static_cast<signed char>(text[i]) < 0) {
      // Cyrillic letters that look like Latin ones.
      constexpr std::pair<std::string_view, char> kAlike[] = {{"а", 'a'}, {"е", 'e'}, {"о", 'o'},
                                                              {"р", 'p'}, {"с", 'c'}, {"у", 'y'},
                                                              {"х", 'x'}, {"і", 'l'}, {"м", 'm'}};
      const auto alike = std::find_if(std::begin(kAlike), std::end(kAlike),
                                      [pair](const auto& one) { return one.first == pair; });
      seen += alike == std::end(kAlike) ? text[i] : alike->second;
      i += alike == std::end(kAlike) ? 0 : 1;
      continue;
    }
    switch (text[i]) {
      case '0':
        seen += 'o';
        break;
      case '1':
      case 'i':
        seen += 'l';
        break;
      default:
        seen += text[i];
    }
  }
  return seen;
}

// Removes comments of RFC 5322, which may be nested. Text in quotes and an unclosed comment stay.
void DropComments(std::string& email) {
  if (email.find('(') == email.npos) return;
  std::string kept;
  std::size_t begin = 0;  // of the open comment, in `kept`
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < email.size(); ++i) {
    const char c = email[i];
    kept += c;
    if (c == '\\' && i + 1 < email.size()) {
      kept += email[++i];
      continue;
    }
    if (c == '"' && depth == 0) quoted = !quoted;
    if (quoted) continue;
    if (c == '(' && depth++ == 0) begin = kept.size() - 1;
    if (c == ')' && depth > 0 && --depth == 0) kept.erase(begin);
  }
  email = std::move(kept);
}

// Removes blanks around the '@' and at the ends.
void DropBlanks(std::string& email) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t at = email.rfind('@');
  if (at != email.npos) {
    const std::size_t after = email.find_first_not_of(kBlanks, at + 1);
    email.erase(at + 1, std::min(after, email.size()) - at - 1);
    const std::size_t local = at == 0 ? email.npos : email.find_last_not_of(kBlanks, at - 1);
    const std::size_t end = local == email.npos ? 0 : local + 1;
    email.erase(end, at - end);
  }
  const std::string_view rest = Trim(email);
  if (rest.empty()) return email.clear();
  const auto before = static_cast<std::size_t>(rest.data() - email.data());
  email.erase(before + rest.size());
  email.erase(0, before);
}

// Lower case, alone ("Ann <ann@mail.example>", "mailto:ann@mail.example"), without comments,
// needless quotes and the dot of the DNS's root, the domain in ASCII.
void Normalise(std::string_view email, std::string& out) {
  out = Trim(email);
  std::erase_if(out, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  // Longer texts are no addresses (RFC 5321: 254 bytes), and are compared as they are.
  constexpr std::size_t kLongest = 1024;
  constexpr int kRounds = 8;  // of what may be around an address
  if (out.size() > kLongest) return;
  constexpr std::string_view kScheme = "mailto:";
  std::size_t before = out.npos;
  for (int round = 0; round < kRounds && before != out.size(); ++round) {
    before = out.size();
    DropComments(out);
    DropBlanks(out);
    const bool bracket = out.ends_with('>');
    out.erase(out.find_last_not_of(">.,;") + 1);
    if (bracket) out.erase(0, out.rfind('<') + 1);  // none: npos + 1 is 0
    if (out.starts_with(kScheme)) out.erase(0, kScheme.size());
  }
  const std::size_t at = out.rfind('@');
  if (at == out.npos) return;
  if (const std::string_view domain = std::string_view(out).substr(at + 1); !IsAscii(domain)) {
    if (const auto name = AsciiDomain(domain)) out.replace(at + 1, out.npos, *name);
  }
  const bool quoted = at > 2 && out[0] == '"' && out[at - 1] == '"';
  const auto plain = [](char c) { return c == '.' || IsAtomText(c); };
  if (quoted &&
      std::all_of(out.begin() + 1, out.begin() + static_cast<std::ptrdiff_t>(at) - 1, plain)) {
    out.erase(at - 1, 1);
    out.erase(0, 1);
  }
}

// Removes what the provider of the address ignores.
void ByProvider(std::string& out) {
  const std::size_t at = out.rfind('@');
  if (at == out.npos || out.find_first_of(" \t\r\n\":") != out.npos) return;
  const Provider* provider = ProviderOf(std::string_view(out).substr(at + 1));
  if (provider == nullptr) return;
  std::size_t end = std::min(out.find('+'), at);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (provider->ignored.find(out[i]) == std::string_view::npos) ++kept;
  }
  // An address with nothing but a tag is not valid for the provider.
  if (kept == 0) return;
  if (!provider->mailbox.empty()) out.replace(at + 1, out.npos, provider->mailbox);
  out.erase(end, at - end);
  const auto ignored = [provider](char c) {
    return provider->ignored.find(c) != std::string_view::npos;
  };
  const auto local_end = out.begin() + static_cast<std::ptrdiff_t>(end);
  out.erase(std::remove_if(out.begin(), local_end, ignored), local_end);
}

bool IsIn(const TextTable& table, std::string_view domain) {
  while (true) {
    if (table.Contains(domain)) return true;
    const std::size_t dot = domain.find('.');
    if (dot == domain.npos) return false;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string EmailDomain(std::string_view email) {
  std::string plain;
  Normalise(email, plain);
  const std::size_t at = plain.rfind('@');
  return at == plain.npos ? std::string() : plain.substr(at + 1);
}

void CanonicalEmail(std::string_view email, std::string& out) {
  Normalise(email, out);
  ByProvider(out);
}

void ListedEmail(std::string_view email, std::string& out) {
  constexpr std::string_view kEncoded = "xn--";
  if (IsAscii(email)) {
    Normalise(email, out);
    if (out.find(kEncoded) == out.npos) return ByProvider(out);
    email = out;
  }
  std::string seen = CanonicalText(email, CanonicalForm::kEmail);
  Normalise(seen, out);
  const std::size_t at = out.rfind('@');
  if (at != out.npos && out.find(kEncoded, at) != out.npos) {
    if (const auto letters = DomainInLetters(std::string_view(out).substr(at + 1))) {
      seen = CanonicalText(*letters, CanonicalForm::kEmail);
      if (const auto domain = AsciiDomain(seen)) out.replace(at + 1, out.npos, *domain);
    }
  }
  ByProvider(out);
}

std::string CanonicalEmail(std::string_view email) {
  std::string out;
  CanonicalEmail(email, out);
  return out;
}

bool IsEmail(std::string_view email) {
  constexpr std::size_t kMost = 254;
  const std::size_t at = email.rfind('@');
  return email.size() <= kMost && at != email.npos && IsValidUtf8(email) &&
         IsLocalPart(email.substr(0, at)) && IsDomain(email.substr(at + 1));
}

std::string_view ImitatedProvider(std::string_view domain) {
  // Large providers that are imitated. Short names are too similar to many others.
  constexpr std::string_view kGreat[] = {"gmail.com",   "googlemail.com", "yahoo.com",
                                         "hotmail.com", "outlook.com",    "icloud.com",
                                         "live.com",    "protonmail.com", "paypal.com"};
  // Those that use no other top-level domain.
  constexpr std::string_view kOnlyCom[] = {"gmail", "icloud", "hotmail", "yahoo"};
  // Separate domains with similar names.
  constexpr std::string_view kOwn[] = {
      "amail.com", "bmail.com", "cloud.com", "dmail.com", "email.com", "fmail.com",  "gail.com",
      "hmail.com", "jmail.com", "kmail.com", "mail.com",  "papal.com", "paypay.com", "qmail.com",
      "vmail.com", "wahoo.com", "yahoo.co",  "ymail.com", "zmail.com"};
  // ".com" with a typing error.
  constexpr std::string_view kEndings[] = {"cm",  "co",  "om",  "con", "cmo",  "ocm", "vom",
                                           "xom", "cim", "clm", "cpm", "comm", "coom"};
  const auto is_one_of = [](const auto& words, std::string_view word) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  const std::size_t dot = domain.find('.');
  if (dot == domain.npos) return {};
  const std::string_view label = domain.substr(0, dot), ending = domain.substr(dot + 1);
  const bool slipped_ending = is_one_of(kEndings, ending);
  // hotmail.con is not a country domain of Microsoft.
  if (is_one_of(kOwn, domain) || (ProviderOf(domain) != nullptr && !slipped_ending)) return {};
  const bool alone = ending.find('.') == ending.npos;  // no host of a private domain
  static const std::vector<std::string> kSkeletons = [&kGreat] {
    std::vector<std::string> all;
    for (const std::string_view great : kGreat) all.push_back(Skeleton(great));
    return all;
  }();
  const std::string seen = Skeleton(domain);
  for (std::size_t i = 0; i < std::size(kGreat); ++i) {
    const std::string_view great = kGreat[i];
    const std::string_view name = great.substr(0, great.find('.'));
    if (domain == great) return {};
    // gmail.com.example.org, yahoo.example.org, gmail.net
    const bool in_front = domain.starts_with(std::string(great) + ".") ||
                          (label == name && is_one_of(kOnlyCom, name));
    // In a short name one letter makes a different name: live.com and give.com.
    constexpr std::size_t kShort = 4;
    const bool slip =
        alone && ending == "com" && name.size() > kShort && IsOneSlipApart(label, name);
    const bool other_ending = label == name && slipped_ending;
    if (in_front || other_ending || slip || seen == kSkeletons[i]) return great;
  }
  return {};
}

std::optional<EventTime> EmailDomains::RegisteredAt(std::string_view domain) const {
  while (true) {
    if (const auto found = registered.find(domain); found != registered.end()) return found->second;
    const std::size_t dot = domain.find('.');
    if (dot == domain.npos) return std::nullopt;
    domain.remove_prefix(dot + 1);
  }
}

bool EmailDomains::IsDisposable(std::string_view domain) const { return IsIn(disposable, domain); }

bool EmailDomains::IsFree(std::string_view domain) const {
  return IsIn(free, domain) && !IsDisposable(domain);
}

}  // namespace holdfast
