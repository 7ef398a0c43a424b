#include "engine/decide/wording.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/decide/release_paths.h"
#include "engine/features/facts.h"

namespace holdfast {
namespace {

constexpr std::string_view kConfirmed = " in verification.confirmed";
constexpr std::string_view kFromAccount = "confirm_from_account_email";

// The texts in single quotes, in order.
std::vector<std::string_view> Quoted(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = text.find('\''); at != text.npos; at = text.find('\'', at)) {
    const std::size_t end = text.find('\'', at + 1);
    if (end == text.npos) break;
    all.push_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return all;
}

// The words for a value of payment.certainty and for its opposite.
struct MoneyWords {
  std::string_view certainty, is, is_not;
};
constexpr MoneyWords kMoney[] = {{"none", "has not been paid", "has been paid or promised"},
                                 {"reserved", "is authorised", "is no longer only authorised"},
                                 {"uncertain", "is under way", "is no longer under way"},
                                 {"certain", "has come", "is no longer certain"},
                                 {"contested", "is disputed", "is no longer disputed"},
                                 {"lost", "was taken back", "is no longer taken back"}};

// The sentence for a comparison of payment.certainty by ==, != or `in`. Empty for other forms.
std::string MoneySentence(std::string_view condition) {
  constexpr std::string_view kFact = "payment.certainty ";
  if (!condition.starts_with(kFact)) return {};
  condition.remove_prefix(kFact.size());
  const bool differs = condition.starts_with("!= '");
  if (!differs && !condition.starts_with("== '") && !condition.starts_with("in ['")) return {};
  std::string text;
  for (const std::string_view word : Quoted(condition)) {
    const auto* const known =
        std::find_if(std::begin(kMoney), std::end(kMoney),
                     [word](const MoneyWords& words) { return words.certainty == word; });
    if (known == std::end(kMoney)) return {};
    text += text.empty() ? "The money " : " or ";
    text += differs ? known->is_not : known->is;
  }
  return text;
}

bool IsFact(std::string_view text) {
  const auto facts = Facts();
  return std::any_of(facts.begin(), facts.end(),
                     [&](const Fact& fact) { return fact.name == text; });
}

// Removes the quotes: "'US'" becomes "US".
std::string_view WithoutQuotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// The sentence for "FACT OPERATOR LITERAL". Empty for other forms.
std::string Comparison(std::string_view condition) {
  constexpr std::pair<std::string_view, std::string_view> kOperators[] = {
      {" == ", "is"},          {" != ", "is not"},      {" <= ", "is at most"},
      {" >= ", "is at least"}, {" < ", "is less than"}, {" > ", "is more than"}};
  for (const auto& [sign, words] : kOperators) {
    const std::size_t at = condition.find(sign);
    if (at == condition.npos) continue;
    const std::string_view fact = condition.substr(0, at);
    const std::string_view literal = condition.substr(at + sign.size());
    const bool plain = literal.find_first_of("()[]&|?:") == literal.npos &&
                       (literal.find(' ') == literal.npos || literal.front() == '\'');
    if (!IsFact(fact) || !plain) continue;
    return "The " + NounOf(fact) + " " + std::string(words) + " " +
           std::string(WithoutQuotes(literal));
  }
  return {};
}

}  // namespace

std::string NounOf(std::string_view fact) {
  // Facts of the order and the payment are named without that prefix.
  for (const std::string_view scope : {"order.", "payment."}) {
    if (fact.starts_with(scope)) fact.remove_prefix(scope.size());
  }
  constexpr std::string_view kMatch = "match.", kTo = "_to_";
  if (const std::size_t at = fact.find(kTo); fact.starts_with(kMatch) && at != fact.npos) {
    return "match of " + NounOf(fact.substr(kMatch.size(), at - kMatch.size())) + " and " +
           NounOf(fact.substr(at + kTo.size()));
  }
  std::string noun(fact);
  std::replace_if(
      noun.begin(), noun.end(), [](char c) { return c == '.' || c == '_'; }, ' ');
  const std::size_t list = noun.find("[]");
  if (list != noun.npos) noun.erase(list, 2);
  return noun;
}

std::string RuleInWords(std::string_view rule) {
  std::string words(rule);
  std::replace(words.begin(), words.end(), '-', ' ');
  return words;
}

std::string SentenceOf(std::string_view condition) {
  if (condition == kByReview) return "A reviewer releases it";
  if (condition == kByAdmin) return "An administrator releases it";
  const std::vector<std::string_view> quoted = Quoted(condition);
  if (condition.ends_with(kConfirmed) && quoted.size() == 1) {
    if (quoted[0] == kFromAccount) {
      return "The buyer confirms from the payment account's e-mail address";
    }
    std::string request(quoted[0]);
    std::replace(request.begin(), request.end(), '_', ' ');
    return "The buyer answers: " + request;
  }
  if (std::string money = MoneySentence(condition); !money.empty()) return money;
  constexpr std::string_view kHas = "has(";
  if (condition.starts_with(kHas) && condition.find(')') == condition.size() - 1) {
    const std::string_view fact = condition.substr(kHas.size(), condition.size() - kHas.size() - 1);
    return "The " + NounOf(fact) + " becomes known";
  }
  if (condition.starts_with("packed ") || condition.starts_with("approved "))
    return "It is " + std::string(condition);
  std::string sentence = Comparison(condition);
  return sentence.empty() ? "This holds: " + std::string(condition) : sentence;
}

}  // namespace holdfast
