// Keys: all keys of pack.yaml, by section. One table is used for the check of a pack, its JSON
// Schema and the documents.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class Section : std::uint8_t {
  kPack,
  kFunds,
  kThresholds,
  kProductRisk,
  kEmailDomains,
  kList,
  kFeature,
  kRule,
  kReview,
  kPacking,
  kPayments,
};

enum class KeyType : std::uint8_t {
  kText,
  kId,        // lower-case letters, digits, '-' and '_'
  kWhole,     // from `least` to `most`
  kFlag,      // true or false
  kTrue,      // only true
  kWord,      // one of `words`
  kWordList,  // some of `words`
  kTextList,
  kSpan,    // 90s, 15m, 24h, 7d
  kWindow,  // the same, or forever
  kCurrency,
  kNumberMap,  // names to numbers above 0
  kWordsMap,   // names to lists of some of `words`
  kTextsMap,   // names to lists of texts
  kTextMap,    // some of `words` to texts
  kTextMaps,   // names to maps of names to texts
  kFile,       // beside the pack
  kExpression,
  kTemplate,    // text with expressions in braces
  kSection,     // a map of the keys of `section`
  kSectionMap,  // names to such maps
  kSectionList,
};

struct Key {
  std::string_view name;
  KeyType type;
  bool required;
  std::string_view meaning;
  std::span<const std::string_view> words = {};
  std::int64_t least = 0, most = 0;
  Section section = Section::kPack;
};

// "a rule".
std::string_view NameOf(Section section);
std::span<const Key> KeysOf(Section section);
std::vector<std::string_view> KeyNames(Section section);

// Words of keys, in the order of their enumerations. The pack compiler uses them too.
std::span<const std::string_view> ListTypeWords();
std::span<const std::string_view> FeatureOpWords();
std::span<const std::string_view> FeatureOnWords();
std::span<const std::string_view> OnMissingWords();
std::span<const std::string_view> OnDeadlineWords();
std::span<const std::string_view> RiskWords();
// What can be blocked or trusted: buyer, email, card, address, device, ip.
std::span<const std::string_view> BlockKinds();

// A JSON Schema (draft 2020-12) of pack.yaml, for editors.
std::string PackSchema();

// True for the name of one of the engine's own reasons, which no rule may have.
bool IsOwnName(std::string_view id);

}  // namespace holdfast
