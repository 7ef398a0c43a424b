// FindTerms: the tokens by which an order can be found, from its events, and what a person's text
// may mean. Both give the same tokens (engine/store/postings.h) for the same thing, however it is
// written.
//
//   ids, SKUs, references   without case and control characters; a tracking number without blanks
//   e-mail addresses        the mailbox they lead to (CanonicalEmail)
//   IP addresses            in their shortest form
//   names and addresses     their words in plain Latin letters (words.h), of a postal code also all
//                           letters together
//   phones                  their digits from the last to the first, without leading zeros. Then a
//                           number with its country code begins as the same number without it, and
//                           no country need be known. (ReadPhone would cost the fold more than all
//                           else that is indexed.)
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/event.h"
#include "engine/store/postings.h"

namespace holdfast {

// The letters that tokens begin with.
enum class FindKind : char {
  kOrder = 'o',
  kReference = 'r',  // of a payment, refund or dispute
  kEmail = 'e',
  kIp = 'i',
  kSku = 's',
  kTracking = 't',
  kBuyer = 'b',
  kName = 'N',
  kAddress = 'A',
  kPhone = 'P',
};
// "order", "reference", "email", ...
std::string_view NameOf(FindKind kind);

// Collects the tokens of events; some may repeat. Keeps its memory.
class TokenCollector {
 public:
  void Clear() { tokens_.Clear(); }
  void Add(const Event& event);
  const Tokens& tokens() const { return tokens_; }

 private:
  void AddId(FindKind kind, std::string_view text, bool blanks = true);
  void AddReference(std::string_view text);
  void AddEmail(std::string_view text);
  void AddPhone(std::string_view text);
  void AddIp(std::string_view text);
  void AddWords(FindKind kind, std::string_view text);
  void AddAddress(const Address& address);
  void AddParty(const Party& party);
  void AddPayment(const Payment& payment);
  void AddOrder(const Order& order);

  Tokens tokens_;
  std::vector<std::string> words_;
  std::string mailbox_;
};

// How a token is searched for: all of it; by its beginning; or as a phone number, with or without a
// country code on either side.
enum class FindBy : std::uint8_t { kWhole, kBeginning, kPhone };

// One token that a part of a text may match.
struct FindToken {
  std::string token;
  FindBy by = FindBy::kWhole;
  // The common beginning of all tokens that match; for FindBy::kWhole the token itself.
  std::string_view Beginning() const;
  // True when `other`, which begins with Beginning(), matches.
  bool Means(std::string_view other) const;
};
// A part of a text, such as a word. An order matches when it has one of the tokens.
using FindTerm = std::vector<FindToken>;
// What a text may mean. An order is found that has all terms of one meaning.
using FindMeanings = std::vector<std::vector<FindTerm>>;

// Empty: the text has nothing that can be searched for.
FindMeanings MeaningsOf(std::string_view text);

// The text of a token for people: a phone's digits in their order.
std::string TextOf(std::string_view token);

}  // namespace holdfast
