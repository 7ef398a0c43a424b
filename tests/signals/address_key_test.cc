// AddressKey: one place, one key; two places, two keys, also where comparisons do not look.
#include <doctest/doctest.h>

#include <string>

#include "engine/signals/addresses.h"

namespace holdfast {
namespace {

std::string Key(const std::string& line1, const std::string& line2 = {}) {
  return AddressKey({line1, line2, "Springfield", "IL", "62701", "US"});
}

TEST_CASE("address keys: one place in several spellings") {
  for (const char* line : {"12 Oak Street", "12 OAK ST.", " 12  oak st", "12, Oak Str."}) {
    CHECK_MESSAGE(Key(line) == Key("12 Oak St"), line);
  }
  CHECK(Key("12 Oak St", "Apt 4") == Key("12 Oak St #4"));
  CHECK(Key("12 Caf\u00e9 Lane") == Key("12 Cafe Ln"));
  CHECK(AddressKey({}).empty());
}

TEST_CASE("address keys: what is changed anywhere is another place") {
  const std::string han =
      "\u5e7f\u4e1c\u7701\u6df1\u5733\u5e02\u5357\u5c71\u533a"
      "\u79d1\u6280\u56ed\u5357\u8def\u9ad8\u65b0\u6280\u672f"
      "\u4ea7\u4e1a\u56ed\u533a\u5927\u53a6";
  const std::string oaks(60, '#');
  const std::pair<std::string, std::string> places[] = {
      {"12 Oak St", "13 Oak St"},
      {"12 Oak St", "12 Oak St near 99 Evil Road"},
      {std::string(300, '.') + "12 Oak St", std::string(300, '.') + "12 Elm St"},
      {"12 Oak St Apt 1 23", "12 Oak St Apt 12 3"},
      {"12 Avenue S", "12 Avenue R"},
      {han + "\u4e00\u53f7", han + "\u4e8c\u53f7"},
      {std::string(24, 'a') + "b", std::string(24, 'a') + "c"},
      {std::string(300, 'a') + " b", std::string(300, 'a') + " c"},
      {oaks + " 12 Oak St", oaks + " 12 Elm St"},
      {oaks + std::string(5, '#') + " a b c d", oaks + std::string(5, '#') + " a b c e"}};
  for (const auto& [a, b] : places) CHECK_MESSAGE(Key(a) != Key(b), a << " | " << b);
  // One letter a word, more words than are looked at.
  std::string words;
  for (int i = 0; i < 60; ++i) words += "x ";
  CHECK(Key(words + "y") != Key(words + "z"));
}

// Other ways to write one place do not pass a list of addresses.
TEST_CASE("address key: look-alikes, letters that are not seen and ZIP+4 change nothing") {
  const auto key = [](std::string_view line1, std::string_view code) {
    return AddressKey({line1, "", "Springfield", "IL", code, "US"});
  };
  const std::string plain = key("12 Oak Street", "62701");
  CHECK(key("12 Oak Street", "62701-1234") == plain);
  CHECK(key("12 \u041Eak Street", "62701") == plain);
  CHECK(key("12 Oak St\u200Breet", "62701") == plain);
  CHECK(key("12 Oak Street", "\uFF16\uFF12\uFF17\uFF10\uFF11") == plain);
  CHECK(key("13 Oak Street", "62701-1234") != plain);
}

}  // namespace
}  // namespace holdfast
