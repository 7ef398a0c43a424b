// E-mail: the parts of an address that rules and lists compare.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// The part after the last '@', in lower case; empty when there is none.
std::string EmailDomain(std::string_view email);

// The whole address in lower case: mailboxes that differ in case only are one mailbox everywhere
// in practice.
std::string CanonicalEmail(std::string_view email);

}  // namespace holdfast
