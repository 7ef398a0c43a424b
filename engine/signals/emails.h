// E-mail: whose mailbox an address is, whether it can be one, and what its domain is.
//
// Source of the providers' rules: their help pages on dots, aliases and plus addressing (Gmail,
// Outlook, iCloud, Yahoo, Fastmail, Proton, Yandex), as of 2026. An address at any other provider
// keeps what stands before the '@': "+" may be a letter there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/text_table.h"
#include "engine/base/time.h"

namespace holdfast {

// The part after the last '@', in lower case and ASCII (IDNA); empty when there is none.
std::string EmailDomain(std::string_view email);

// The mailbox that an address leads to: lower case (mailboxes that differ in case only are one
// everywhere in practice), without a name before it ("Ann <ann@mail.example>"), "mailto:", comments
// of RFC 5322 ("ann(shop)@mail.example") and needless quotes, the domain in ASCII, and at providers
// that do so without dots, tags ("+shop") and aliases of the domain. Idempotent.
std::string CanonicalEmail(std::string_view email);
// The same into `out`, which keeps its memory.
void CanonicalEmail(std::string_view email, std::string& out);

// The same for lists: look-alike letters are also replaced, in the domain too (see
// canonical_text.h). Outside of lists, an address with look-alike letters is another mailbox.
void ListedEmail(std::string_view email, std::string& out);

// Could a letter be addressed to it? RFC 5321 and 6531: dot-atom or quoted text of at most 64
// bytes, '@', a domain name of two labels or more (IDNA), or an IP address in brackets; 254 bytes
// in all. True says nothing about whether the mailbox exists.
bool IsEmail(std::string_view email);

// The great provider whose domain `domain` looks like and is not: a letter changed, left out, added
// or exchanged (gmial.com), a letter that looks the same (gmai1.com, outiook.com, Cyrillic ones),
// another ending (gmail.con, gmail.net), or it stands in front of another's
// (gmail.com.example.org). Empty when there is none. `domain` is lower case, in Unicode or not.
std::string_view ImitatedProvider(std::string_view domain);

// Domains of mailboxes that anyone gets for the asking. A domain below one in a list is in it.
struct EmailDomains {
  TextTable disposable;                               // for minutes, without a name
  TextTable free;                                     // for good
  bool knows_disposable = false, knows_free = false;  // a list is there

  std::map<std::string, EventTime, std::less<>> registered;  // when a domain was registered first

  // The date of the domain or of the next parent in the table; nothing: there is none.
  std::optional<EventTime> RegisteredAt(std::string_view domain) const;
  bool IsDisposable(std::string_view domain) const;
  bool IsFree(std::string_view domain) const;  // and not disposable
};

}  // namespace holdfast
