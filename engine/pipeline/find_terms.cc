#include "engine/pipeline/find_terms.h"

#include <algorithm>

#include "engine/base/ip.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/signals/emails.h"
#include "engine/signals/words.h"
#include "engine/store/postings.h"

namespace holdfast {
namespace {

// Fewer digits are no phone number.
constexpr std::size_t kPhoneDigits = 7;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Appends the text in lower case, without control characters and blanks at its ends.
void AppendEvened(std::string_view text, bool blanks, std::string& out) {
  for (const char c : Trim(text)) {
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    if (control || (c == ' ' && !blanks)) continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
}

void AppendLettersAndDigits(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if (IsDigit(c) || (c >= 'a' && c <= 'z')) out += c;
  }
}

// Appends the digits of a phone number from the last to the first; nothing of what is no number.
void AppendPhone(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    // "+49 (0)30": the zero is not dialled with the country code.
    if (text.substr(i).starts_with("(0)")) {
      i += 2;
    } else if (IsDigit(text[i])) {
      if (text[i] != '0' || out.size() > begin) out += text[i];
    } else if (out.size() >= begin + kPhoneDigits && (text[i] == 'x' || text[i] == 'e')) {
      break;  // an extension
    }
  }
  if (out.size() < begin + kPhoneDigits) out.resize(begin);
  std::reverse(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
}

// The token of `kind` and of the text that `append` appends; empty when it appends nothing.
template <typename Append>
std::string TokenOf(FindKind kind, const Append& append) {
  Tokens tokens;
  tokens.Add(static_cast<char>(kind), append);
  return tokens.size() == 0 ? std::string() : std::string(tokens[0]);
}

std::string WordToken(FindKind kind, std::string_view word) {
  return TokenOf(kind, [word](std::string& out) { out += word; });
}

// The meaning of a text as words, of which the last may not be complete. Empty: it has none.
std::vector<FindTerm> WordsIn(std::string_view text) {
  std::vector<std::string> words;
  AppendLetters(text, limits::kFindWords, words);
  std::vector<FindTerm> terms;
  for (std::size_t i = 0; i < words.size(); ++i) {
    FindTerm& term = terms.emplace_back();
    for (const FindKind kind : {FindKind::kName, FindKind::kAddress}) {
      std::string token = WordToken(kind, words[i]);
      const bool whole = i + 1 < words.size() || token.size() < kPrefixBytes;
      term.push_back({std::move(token), whole ? FindBy::kWhole : FindBy::kBeginning});
    }
  }
  // A postal code that is written in two parts on one side only.
  constexpr std::size_t kLongestCode = 10;
  std::string code;
  AppendLettersAndDigits(text, code);
  if (words.size() == 2 && code.size() <= kLongestCode) {
    for (FindTerm& term : terms) {
      term.push_back({WordToken(FindKind::kAddress, code), FindBy::kWhole});
    }
  }
  return terms;
}

}  // namespace

std::string_view NameOf(FindKind kind) {
  switch (kind) {
    case FindKind::kOrder:
      return "order";
    case FindKind::kReference:
      return "reference";
    case FindKind::kEmail:
      return "email";
    case FindKind::kIp:
      return "ip";
    case FindKind::kSku:
      return "sku";
    case FindKind::kTracking:
      return "tracking";
    case FindKind::kBuyer:
      return "buyer";
    case FindKind::kName:
      return "name";
    case FindKind::kAddress:
      return "address";
    case FindKind::kPhone:
      return "phone";
  }
  return {};
}

void TokenCollector::AddId(FindKind kind, std::string_view text, bool blanks) {
  tokens_.Add(static_cast<char>(kind), [&](std::string& out) { AppendEvened(text, blanks, out); });
}

// A reference may have its provider before it: "paypal:5O1".
void TokenCollector::AddReference(std::string_view text) {
  AddId(FindKind::kReference, text);
  const std::size_t colon = text.find(':');
  if (colon != text.npos) AddId(FindKind::kReference, text.substr(colon + 1));
}

void TokenCollector::AddEmail(std::string_view text) {
  if (text.empty()) return;
  CanonicalEmail(text, mailbox_);
  AddId(FindKind::kEmail, mailbox_);
}

void TokenCollector::AddPhone(std::string_view text) {
  tokens_.Add(static_cast<char>(FindKind::kPhone),
              [text](std::string& out) { AppendPhone(text, out); });
}

void TokenCollector::AddIp(std::string_view text) {
  if (const auto ip = ParseIp(text)) AddId(FindKind::kIp, FormatIp(*ip));
}

void TokenCollector::AddWords(FindKind kind, std::string_view text) {
  if (text.empty()) return;
  words_.clear();
  AppendLetters(text, limits::kFindWords, words_);
  for (const std::string& word : words_) {
    tokens_.Add(static_cast<char>(kind), [&word](std::string& out) { out += word; });
  }
}

void TokenCollector::AddAddress(const Address& address) {
  for (const std::string_view part :
       {address.line1, address.line2, address.city, address.region, address.postal_code}) {
    AddWords(FindKind::kAddress, part);
  }
  tokens_.Add(static_cast<char>(FindKind::kAddress),
              [&address](std::string& out) { AppendLettersAndDigits(address.postal_code, out); });
}

void TokenCollector::AddParty(const Party& party) {
  AddWords(FindKind::kName, party.name);
  AddPhone(party.phone);
  AddAddress(party.address);
}

void TokenCollector::AddPayment(const Payment& payment) {
  AddReference(payment.transaction_id);
  AddReference(payment.movement.reference);
  AddEmail(payment.payer.email);
  AddWords(FindKind::kName, payment.payer.name);
  AddWords(FindKind::kName, payment.payer.account_holder);
  AddAddress(payment.payer.address);
}

void TokenCollector::AddOrder(const Order& order) {
  AddId(FindKind::kOrder, order.id);
  AddId(FindKind::kBuyer, order.buyer.id);
  AddEmail(order.buyer.email);
  AddWords(FindKind::kName, order.buyer.name);
  AddPhone(order.buyer.phone);
  AddParty(order.shipping);
  AddParty(order.billing);
  AddIp(order.ip);
  for (const Item& item : order.items) AddId(FindKind::kSku, item.sku);
  if (order.payment != nullptr) AddPayment(*order.payment);
}

void TokenCollector::Add(const Event& event) {
  if (event.order != nullptr) AddOrder(*event.order);
  if (event.payment != nullptr) AddPayment(*event.payment);
  if (event.refund != nullptr) AddReference(event.refund->id);
  if (event.dispute != nullptr) AddReference(event.dispute->id);
  if (event.review != nullptr) AddReference(event.review->reference);
  if (event.shipment != nullptr) AddId(FindKind::kTracking, event.shipment->tracking, false);
  for (const std::string_view reference : event.references) AddReference(reference);
}

FindMeanings MeaningsOf(std::string_view text) {
  FindMeanings meanings;
  const auto add = [&meanings](FindKind kind, FindBy by, const auto& append) {
    std::string token = TokenOf(kind, append);
    if (!token.empty()) meanings.push_back({FindTerm{FindToken{std::move(token), by}}});
  };
  const auto evened = [text](std::string& out) { AppendEvened(text, true, out); };
  for (const FindKind kind :
       {FindKind::kOrder, FindKind::kReference, FindKind::kSku, FindKind::kBuyer}) {
    add(kind, FindBy::kWhole, evened);
  }
  add(FindKind::kTracking, FindBy::kWhole,
      [text](std::string& out) { AppendEvened(text, false, out); });
  if (text.find('@') != text.npos) {
    add(FindKind::kEmail, FindBy::kWhole,
        [text](std::string& out) { AppendEvened(CanonicalEmail(text), true, out); });
    return meanings;
  }
  if (const auto ip = ParseIp(Trim(text))) {
    add(FindKind::kIp, FindBy::kWhole, [&ip](std::string& out) { out += FormatIp(*ip); });
    return meanings;
  }
  if (text.find_first_not_of("0123456789 +-()./") == text.npos) {
    add(FindKind::kPhone, FindBy::kPhone, [text](std::string& out) { AppendPhone(text, out); });
  }
  if (auto words = WordsIn(text); !words.empty()) meanings.push_back(std::move(words));
  return meanings;
}

std::string_view FindToken::Beginning() const {
  const std::string_view all = token;
  return by == FindBy::kPhone ? all.substr(0, 1 + kPhoneDigits) : all;
}

bool FindToken::Means(std::string_view other) const {
  if (by == FindBy::kWhole) return other == token;
  return other.starts_with(token) ||
         (by == FindBy::kPhone && std::string_view(token).starts_with(other));
}

std::string TextOf(std::string_view token) {
  std::string text(token.substr(std::min<std::size_t>(token.size(), 1)));
  if (token.starts_with(static_cast<char>(FindKind::kPhone)))
    std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace holdfast
