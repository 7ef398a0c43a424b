#include "engine/signals/addresses.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/enum_names.h"
#include "engine/base/text.h"
#include "engine/signals/canonical_text.h"
#include "engine/signals/words.h"

namespace holdfast {
namespace {

using Texts = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string_view Find(const std::array<Texts, N>& sorted, std::string_view word) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), word,
                                   [](const Texts& t, std::string_view w) { return t.first < w; });
  return at != sorted.end() && at->first == word ? at->second : std::string_view();
}

// Kinds of street by their names. "st" may also mean Saint, which does no harm. Sorted.
constexpr std::array<Texts, 100> kTypes = {{{"alameda", "alameda"},
                                            {"aleja", "avenue"},
                                            {"allee", "allee"},
                                            {"alley", "alley"},
                                            {"aly", "alley"},
                                            {"av", "avenue"},
                                            {"ave", "avenue"},
                                            {"aven", "avenue"},
                                            {"avenida", "avenue"},
                                            {"avenue", "avenue"},
                                            {"avn", "avenue"},
                                            {"bd", "boulevard"},
                                            {"blvd", "boulevard"},
                                            {"boul", "boulevard"},
                                            {"boulevard", "boulevard"},
                                            {"bvd", "boulevard"},
                                            {"cad", "avenue"},
                                            {"caddesi", "avenue"},
                                            {"calle", "street"},
                                            {"cd", "avenue"},
                                            {"cir", "circle"},
                                            {"circle", "circle"},
                                            {"cl", "close"},
                                            {"close", "close"},
                                            {"corso", "corso"},
                                            {"court", "court"},
                                            {"cres", "crescent"},
                                            {"crescent", "crescent"},
                                            {"ct", "court"},
                                            {"dr", "drive"},
                                            {"drive", "drive"},
                                            {"drv", "drive"},
                                            {"esplanade", "esplanade"},
                                            {"expressway", "expressway"},
                                            {"expy", "expressway"},
                                            {"freeway", "freeway"},
                                            {"fwy", "freeway"},
                                            {"gade", "street"},
                                            {"gasse", "gasse"},
                                            {"gata", "street"},
                                            {"gatan", "street"},
                                            {"highway", "highway"},
                                            {"hwy", "highway"},
                                            {"jalan", "street"},
                                            {"jl", "street"},
                                            {"jln", "street"},
                                            {"laan", "avenue"},
                                            {"lane", "lane"},
                                            {"ln", "lane"},
                                            {"namesti", "place"},
                                            {"parkway", "parkway"},
                                            {"piazza", "place"},
                                            {"pike", "pike"},
                                            {"pkwy", "parkway"},
                                            {"pky", "parkway"},
                                            {"pl", "place"},
                                            {"plac", "place"},
                                            {"place", "place"},
                                            {"platz", "place"},
                                            {"plaza", "place"},
                                            {"plz", "place"},
                                            {"praca", "place"},
                                            {"prospekt", "avenue"},
                                            {"rd", "road"},
                                            {"road", "road"},
                                            {"rte", "route"},
                                            {"rua", "street"},
                                            {"rue", "street"},
                                            {"saint", "street"},
                                            {"sok", "street"},
                                            {"sokagi", "street"},
                                            {"sokak", "street"},
                                            {"sq", "square"},
                                            {"square", "square"},
                                            {"st", "street"},
                                            {"str", "street"},
                                            {"straat", "street"},
                                            {"strasse", "street"},
                                            {"street", "street"},
                                            {"ter", "terrace"},
                                            {"terr", "terrace"},
                                            {"terrace", "terrace"},
                                            {"tpke", "turnpike"},
                                            {"trail", "trail"},
                                            {"travessa", "lane"},
                                            {"trl", "trail"},
                                            {"turnpike", "turnpike"},
                                            {"ul", "street"},
                                            {"ulica", "street"},
                                            {"ulitsa", "street"},
                                            {"utca", "street"},
                                            {"vag", "way"},
                                            {"vagen", "way"},
                                            {"vej", "way"},
                                            {"via", "street"},
                                            {"viale", "avenue"},
                                            {"vicolo", "lane"},
                                            {"way", "way"},
                                            {"weg", "way"},
                                            {"wy", "way"}}};

constexpr std::array<Texts, 17> kDirections = {{{"e", "e"},
                                                {"east", "e"},
                                                {"n", "n"},
                                                {"ne", "ne"},
                                                {"north", "n"},
                                                {"northeast", "ne"},
                                                {"northwest", "nw"},
                                                {"nw", "nw"},
                                                {"ost", "e"},
                                                {"s", "s"},
                                                {"se", "se"},
                                                {"south", "s"},
                                                {"southeast", "se"},
                                                {"southwest", "sw"},
                                                {"sw", "sw"},
                                                {"w", "w"},
                                                {"west", "w"}}};

constexpr std::array<Texts, 20> kOrdinals = {
    {{"eighteenth", "18"}, {"eighth", "8"},      {"eleventh", "11"},   {"fifteenth", "15"},
     {"fifth", "5"},       {"first", "1"},       {"fourteenth", "14"}, {"fourth", "4"},
     {"nineteenth", "19"}, {"ninth", "9"},       {"second", "2"},      {"seventeenth", "17"},
     {"seventh", "7"},     {"sixteenth", "16"},  {"sixth", "6"},       {"tenth", "10"},
     {"third", "3"},       {"thirteenth", "13"}, {"twelfth", "12"},    {"twentieth", "20"}}};

constexpr std::array<std::string_view, 28> kUnits = {
    "apartment", "apt",   "appartement", "bldg",    "block",    "building", "etage",
    "fl",        "flat",  "floor",       "lot",     "piso",     "rm",       "room",
    "ste",       "suite", "unit",        "wohnung", "door",     "zimmer",   "dept",
    "ap",        "apto",  "lgh",         "kv",      "kvartira", "bat",      "appt"};
// The text after these words names another street.
constexpr std::array<std::string_view, 8> kCrossings = {"at",   "between", "btwn",     "bet",
                                                        "near", "off",     "opposite", "corner"};
// Words before a house number, or without meaning.
constexpr std::array<std::string_view, 13> kFillers = {
    "no", "nr", "num", "numero", "number", "of", "the", "and", "de", "la", "del", "du", "dom"};

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number of "54th"; empty for any other word.
std::string OrdinalOf(std::string_view word) {
  std::size_t digits = 0;
  while (digits < word.size() && IsDigit(word[digits])) ++digits;
  if (digits == 0) return std::string(Find(kOrdinals, word));
  const std::string_view end = word.substr(digits);
  const bool ordinal = end == "st" || end == "nd" || end == "rd" || end == "th";
  return ordinal ? std::string(word.substr(0, digits)) : std::string();
}

// A street line, split into its parts.
struct Street {
  std::vector<Word> name;                     // without kinds and directions
  std::vector<std::string_view> types, ways;  // kinds of street, directions
  std::string number, unit;
  bool crosses = false;  // the text contained a cross street, which was left out
  bool any() const { return !name.empty() || !number.empty(); }
};

// kWhole: including the text after a crossing, and all words.
enum class Reading : std::uint8_t { kPlace, kWhole };

// Both lines of an address as one text, with units and kinds of street spelled out.
std::string LineOf(const Address& address) {
  std::string line;
  std::string_view first = address.line1;
  // "4/12 Smith Street" is unit 4 of number 12 there.
  if (address.country == "AU" || address.country == "NZ") {
    const std::size_t digits = std::min(first.find_first_not_of("0123456789"), first.size());
    if (digits > 0 && first.substr(digits).starts_with('/')) {
      line = "unit " + std::string(first.substr(0, digits)) + ' ';
      first.remove_prefix(digits + 1);
    }
  }
  // Spain's "C/ Mayor", Brazil's "R. Augusta".
  if (first.starts_with("C/") || first.starts_with("c/")) {
    line = "calle ";
    first.remove_prefix(2);
  } else if (address.country == "BR" && (first.starts_with("R. ") || first.starts_with("r. "))) {
    line = "rua ";
    first.remove_prefix(3);
  }
  // "#4" is a unit.
  for (const std::string_view part : {first, address.line2}) {
    for (const char c : part) line += c == '#' ? std::string(" unit ") : std::string(1, c);
    line += ' ';
  }
  return line;
}

// Stores what is known only after all words were read. `numbers`: those after the name.
void Finish(const std::vector<std::string>& numbers, bool whole, Street& street) {
  // A number after the name is the house number if there is none before it; otherwise the unit.
  constexpr std::size_t kNameWords = 5;
  if (!whole && street.name.size() > kNameWords) {
    street.name.resize(kNameWords);
    street.crosses = true;
  }
  for (const std::string& number : numbers) {
    std::string& place = street.number.empty() ? street.number : street.unit;
    place += (place.empty() ? "" : "-") + number;
  }
  // A street may have a direction as its name: "North Street", "Avenue S".
  if (street.name.empty() && !street.types.empty() && street.ways.size() == 1) {
    street.name = WordsOf(street.ways.front(), Digits::kDigits);
    street.ways.clear();
  }
}

Street Parse(const Address& address, Reading reading = Reading::kPlace) {
  const bool whole = reading == Reading::kWhole;
  Street street;
  std::vector<Word> words = WordsOf(LineOf(address), Digits::kDigits, whole ? 40 : 14);
  bool in_unit = false;
  std::vector<std::string> numbers;  // behind the name
  for (Word& word : words) {
    std::string& text = word.letters;
    const bool started = street.any();
    if (started && !whole && IsOneOf(kCrossings, text)) {
      street.crosses = true;
      break;
    }
    if (IsOneOf(kUnits, text)) {
      in_unit = true;
      continue;
    }
    if (in_unit && text.size() <= 5) {
      street.unit += (street.unit.empty() ? "" : "-") + text;
      in_unit = false;
      continue;
    }
    in_unit = false;
    const bool chinese_number = word.hearing == Hearing::kHan && text == "hao";
    if (chinese_number || IsOneOf(kFillers, text)) continue;
    if (const std::string ordinal = OrdinalOf(text); !ordinal.empty()) {
      text = ordinal + "th";
      street.name.push_back(std::move(word));
      continue;
    }
    if (IsDigit(text[0])) {
      if (street.number.empty() && street.name.empty()) {
        street.number = text;
      } else {
        numbers.push_back(text);
      }
      continue;
    }
    if (const std::string_view type = Find(kTypes, text); !type.empty()) {
      street.types.push_back(type);
      continue;
    }
    if (const std::string_view way = Find(kDirections, text); !way.empty()) {
      street.ways.push_back(way);
      continue;
    }
    // Hauptstr., Hauptstrasse
    for (const std::string_view end : {"strasse", "straat", "str"}) {
      if (text.size() <= end.size() + 2 || !text.ends_with(end)) continue;
      text.resize(text.size() - end.size());
      street.types.push_back("street");
      break;
    }
    street.name.push_back(std::move(word));
  }
  Finish(numbers, whole, street);
  return street;
}

enum class Agreement : std::uint8_t { kNone, kAgree, kDiffer };  // kNone: a side says nothing

Agreement AgreeWhere(bool agree) { return agree ? Agreement::kAgree : Agreement::kDiffer; }

// 4 in 4b, for house numbers that one side writes in full.
Agreement CompareNumbers(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return Agreement::kNone;
  const auto digits = [](const std::string& text) {
    std::size_t end = 0;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const std::size_t begin = std::min(text.find_first_not_of('0'), end);
    return text.substr(begin, end - begin);
  };
  return AgreeWhere(digits(a) == digits(b));
}

Agreement CompareWords(const std::vector<std::string_view>& a,
                       const std::vector<std::string_view>& b) {
  if (a.empty() || b.empty()) return Agreement::kNone;
  return AgreeWhere(std::any_of(a.begin(), a.end(), [&](std::string_view word) {
    return std::find(b.begin(), b.end(), word) != b.end();
  }));
}

// Place names are copied from documents, so within one script only typing errors are accepted.
bool AreAlike(const Word& a, const Word& b) {
  constexpr double kEnough = .8;
  if (a.hearing != b.hearing || a.initial() || b.initial()) return Alike(a, b) >= kEnough;
  const auto [least, most] = std::minmax({a.letters.size(), b.letters.size()});
  return static_cast<double>(least) >= kEnough * static_cast<double>(most) &&
         AlikeInWriting(a.letters, b.letters, kEnough) >= kEnough;
}

// The share of the shorter text's words that the other has.
double SharedWords(const std::vector<Word>& a, const std::vector<Word>& b) {
  if (a.size() > b.size()) return SharedWords(b, a);
  std::vector<bool> taken(b.size());
  int shared = 0;
  for (const Word& word : a) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (taken[j]) continue;
      const bool number = IsDigit(word.letters[0]) || IsDigit(b[j].letters[0]);
      const bool one = word.letters == b[j].letters || (!number && AreAlike(word, b[j]));
      if (!one) continue;
      taken[j] = true;
      ++shared;
      break;
    }
  }
  return static_cast<double>(shared) / static_cast<double>(a.size());
}

// Place names are often translated instead of transliterated. If the scripts differ, only agreement
// is reported.
Agreement InTwoScripts(const std::vector<Word>& a, const std::vector<Word>& b, bool agree) {
  const bool two = a.front().hearing != b.front().hearing;
  return two && !agree ? Agreement::kNone : AgreeWhere(agree);
}

Agreement CompareStreets(const Street& a, const Street& b) {
  if (CompareWords(a.ways, b.ways) == Agreement::kDiffer) return Agreement::kDiffer;
  if (a.name.empty() && b.name.empty()) return CompareWords(a.types, b.types);
  if (a.name.empty() || b.name.empty()) return Agreement::kNone;
  if (CompareWords(a.types, b.types) == Agreement::kDiffer) return Agreement::kDiffer;
  const bool shared = SharedWords(a.name, b.name) > .6;
  return InTwoScripts(a.name, b.name, shared);
}

std::string Plain(std::string_view text) {
  std::string plain;
  for (const Word& word : WordsOf(text, Digits::kDigits, 6)) plain += word.letters;
  return plain;
}

// "SE-111 22" as "111 22".
std::string_view WithoutCountry(std::string_view postal_code) {
  const std::size_t dash = postal_code.find('-');
  const bool letters = dash == 1 || dash == 2;
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (!letters || !std::all_of(postal_code.begin(), postal_code.begin() + dash, is_letter)) {
    return postal_code;
  }
  return postal_code.substr(dash + 1);
}

Agreement ComparePostalCodes(std::string_view a, std::string_view b) {
  const std::string x = Plain(WithoutCountry(a)), y = Plain(WithoutCountry(b));
  if (x.empty() || y.empty()) return Agreement::kNone;
  // One side may have the long form.
  const std::size_t least = std::min(x.size(), y.size());
  return AgreeWhere(x == y || (least >= 4 && x.substr(0, least) == y.substr(0, least)));
}

Agreement CompareCities(std::string_view a, std::string_view b) {
  const auto x = WordsOf(a, Digits::kDigits, 6), y = WordsOf(b, Digits::kDigits, 6);
  if (x.empty() || y.empty()) return Agreement::kNone;
  // New York, New York City; W. Hollywood, Hollywood.
  // 上海 and 上海市.
  const std::string left = Plain(a), right = Plain(b);
  const bool han = x.front().hearing == Hearing::kHan && y.front().hearing == Hearing::kHan;
  const bool begins = han && (left.starts_with(right) || right.starts_with(left));
  return InTwoScripts(x, y, begins || SharedWords(x, y) == 1);
}

Agreement CompareRegions(std::string_view a, std::string_view b) {
  const auto x = WordsOf(a, Digits::kDigits, 6), y = WordsOf(b, Digits::kDigits, 6);
  if (x.empty() || y.empty()) return Agreement::kNone;
  const std::string left = Plain(a), right = Plain(b);
  if (left == right) return Agreement::kAgree;
  // Without knowledge of the country it is not clear what a code is short for.
  if (std::min(left.size(), right.size()) <= 3 && left.size() != right.size()) {
    return Agreement::kNone;
  }
  return InTwoScripts(x, y, left.size() > 3 && SharedWords(x, y) == 1);
}

}  // namespace

std::string_view NameOf(AddressPart part) {
  constexpr std::string_view kNames[] = {"country", "postal_code", "region", "city",
                                         "street",  "number",      "unit"};
  return NameIn(kNames, part);
}

namespace {

// True when Parse reads all of such lines: not if they are long (and '#' makes them longer), have
// long words, or many letters outside Latin with its accents.
bool IsReadWhole(std::string_view lines) {
  constexpr std::size_t kLines = 80, kWord = 23;
  constexpr std::ptrdiff_t kSigns = 4;
  constexpr unsigned char kOtherScripts = 0xCD;  // the first byte of Greek
  std::size_t word = 0;
  for (const char c : lines) {
    word = c == ' ' ? 0 : word + 1;
    if (word > kWord || static_cast<unsigned char>(c) >= kOtherScripts) return false;
  }
  return lines.size() <= kLines && std::count(lines.begin(), lines.end(), '#') <= kSigns;
}

}  // namespace

std::string AddressKey(const Address& given) {
  if (!given.Given()) return {};
  // One form of texts that people read as the same.
  Address address = given;
  std::string parts[4];
  std::string_view* const fields[] = {&address.line1, &address.line2, &address.city,
                                      &address.postal_code};
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    parts[i] = CanonicalText(*fields[i], CanonicalForm::kText);
    *fields[i] = parts[i];
  }
  const Street street = Parse(address, Reading::kWhole);
  std::vector<std::string_view> words(street.types);
  words.insert(words.end(), street.ways.begin(), street.ways.end());
  std::sort(words.begin(), words.end());
  for (const Word& word : street.name) words.push_back(word.letters);
  std::string code = Plain(WithoutCountry(address.postal_code));
  constexpr std::size_t kZip = 5, kZipPlus4 = 9;
  if (address.country == "US" && code.size() == kZipPlus4) code.resize(kZip);
  std::string key(address.country);
  key +=
      '|' + (code.empty() ? Plain(address.city) : code) + '|' + street.number + '|' + street.unit;
  for (const std::string_view word : words) {
    key += '|';
    key += word;
  }
  const std::string lines = std::string(address.line1) + ' ' + std::string(address.line2);
  if (!IsReadWhole(lines)) key += '|' + EvenedAscii(lines);
  return key;
}

AddressMatch CompareAddresses(const Address& a, const Address& b) {
  AddressMatch match;
  const Street x = Parse(a), y = Parse(b);
  const Agreement parts[] = {
      a.country.empty() || b.country.empty() ? Agreement::kNone
                                             : AgreeWhere(a.country == b.country),
      ComparePostalCodes(a.postal_code, b.postal_code),
      CompareRegions(a.region, b.region),
      CompareCities(a.city, b.city),
      CompareStreets(x, y),
      CompareNumbers(x.number, y.number),
      x.unit.empty() || y.unit.empty() ? Agreement::kNone : AgreeWhere(x.unit == y.unit),
  };
  const auto is = [&parts](AddressPart part, Agreement what) {
    return parts[static_cast<std::size_t>(part)] == what;
  };
  using enum AddressPart;
  constexpr double kWeights[] = {1, 2, .5, 1, 3, 3, .5};
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    if (parts[i] == Agreement::kDiffer) match.differ.push_back(static_cast<AddressPart>(i));
    if (parts[i] == Agreement::kNone) continue;
    weight += kWeights[i];
    sum += parts[i] == Agreement::kAgree ? kWeights[i] : 0;
  }
  if (is(kCountry, Agreement::kDiffer)) {
    match.grade = MatchGrade::kDifferent;
    return match;
  }
  if (is(kPostalCode, Agreement::kNone) && is(kCity, Agreement::kNone) &&
      is(kStreet, Agreement::kNone)) {
    match.differ.clear();
    return match;
  }
  // A street is long: without a house number and a postal code it does not identify a place.
  if (is(kStreet, Agreement::kAgree) && x.number.empty() != y.number.empty() &&
      !is(kPostalCode, Agreement::kAgree) && match.differ.empty()) {
    return match;
  }
  match.similarity = sum / weight;
  const bool elsewhere = is(kStreet, Agreement::kDiffer) || is(kNumber, Agreement::kDiffer) ||
                         (is(kRegion, Agreement::kDiffer) &&
                          (is(kPostalCode, Agreement::kDiffer) || is(kCity, Agreement::kDiffer))) ||
                         (is(kPostalCode, Agreement::kDiffer) && !is(kCity, Agreement::kAgree)) ||
                         (is(kCity, Agreement::kDiffer) && is(kPostalCode, Agreement::kNone) &&
                          !(is(kStreet, Agreement::kAgree) && is(kNumber, Agreement::kAgree)));
  const bool here = is(kStreet, Agreement::kAgree) && !is(kNumber, Agreement::kDiffer) &&
                    x.number.empty() == y.number.empty() &&
                    (is(kPostalCode, Agreement::kAgree) || is(kCity, Agreement::kAgree));
  match.grade = elsewhere ? MatchGrade::kDifferent
                : here && match.differ.empty() && x.unit.empty() == y.unit.empty() && !x.crosses &&
                        !y.crosses && x.name.size() == y.name.size()
                    ? MatchGrade::kSame
                    : MatchGrade::kPlausible;
  return match;
}

}  // namespace holdfast
