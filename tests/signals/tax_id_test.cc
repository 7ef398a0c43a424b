#include <doctest/doctest.h>

#include <cctype>
#include <string>

#include "engine/signals/tax_id.h"

namespace holdfast {
namespace {

struct Known {
  const char *country, *id;
};

// Numbers with the right check digits, made at random and accepted by python-stdnum 2.2.
constexpr Known kRightIds[] = {
    {"AT", "U39099603"},      {"AT", "U08246281"},      {"BE", "0246770968"},
    {"BE", "0547106724"},     {"DE", "329502599"},      {"DE", "542299351"},
    {"DK", "20062452"},       {"DK", "82149562"},       {"EE", "640795937"},
    {"EE", "857095158"},      {"ES", "92495756Z"},      {"ES", "X4473927J"},
    {"ES", "N84951839"},      {"ES", "B2484543J"},      {"ES", "K7805081P"},
    {"FI", "71374499"},       {"FI", "39245179"},       {"FR", "69626275960"},
    {"FR", "K6993405430"},    {"FR", "8B368050209"},    {"GR", "969215565"},
    {"GR", "496399142"},      {"HR", "29743973177"},    {"HR", "45455136376"},
    {"HU", "32415018"},       {"HU", "96368392"},       {"IE", "8809758Q"},
    {"IE", "5872612R"},       {"IE", "2207838BB"},      {"IE", "9309445TU"},
    {"IT", "98682530013"},    {"IT", "72433710018"},    {"LU", "51802949"},
    {"LU", "43045248"},       {"NL", "643004841B01"},   {"NL", "994880297B01"},
    {"NL", "571603725B25"},   {"NL", "053395104B05"},   {"PL", "6396121140"},
    {"PL", "4501939196"},     {"PT", "726542229"},      {"PT", "720029350"},
    {"RO", "83090626"},       {"RO", "65727012"},       {"RO", "411600"},
    {"RO", "406697"},         {"SE", "601599227101"},   {"SE", "454021904701"},
    {"SK", "7847678190"},     {"SK", "6826876617"},     {"BR", "35989873743"},
    {"BR", "24794116055"},    {"BR", "38684543211513"}, {"BR", "39872811470424"},
    {"BR", "12ABC34501DE35"},
};

std::string PrefixOf(const std::string& country) { return country == "GR" ? "EL" : country; }

TEST_CASE("tax ids: right ones, with and without prefix and separators") {
  for (const auto& [country, id] : kRightIds) {
    CHECK_MESSAGE(CheckTaxId(country, id) == TaxIdCheck::kRight, country << " " << id);
    std::string spaced, lower;
    for (const char c : std::string(id)) {
      spaced += std::string(1, c) + (spaced.size() < 12 ? "." : "");
      lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    CHECK_MESSAGE(CheckTaxId(country, " " + spaced + " ") == TaxIdCheck::kRight, spaced);
    CHECK_MESSAGE(CheckTaxId(country, lower) == TaxIdCheck::kRight, lower);
    if (country == std::string("BR")) continue;
    const std::string whole = PrefixOf(country) + id;
    CHECK_MESSAGE(CheckTaxId(country, whole) == TaxIdCheck::kRight, whole);
    CHECK_MESSAGE(CheckTaxId("US", whole) == TaxIdCheck::kRight, whole);
    CHECK_MESSAGE(CheckTaxId("", whole) == TaxIdCheck::kRight, whole);
  }
}

TEST_CASE("tax ids: one changed digit is found") {
  for (const auto& [country, id] : kRightIds) {
    const std::string right = id;
    int changed = 0, missed = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (!std::isdigit(static_cast<unsigned char>(right[i]))) continue;
      for (char c = '0'; c <= '9'; ++c) {
        if (c == right[i]) continue;
        std::string other = right;
        other[i] = c;
        ++changed;
        missed += CheckTaxId(country, other) == TaxIdCheck::kRight ? 1 : 0;
      }
    }
    // Two rests of eleven give one digit in some countries, and the number of a Dutch or Swedish
    // branch is not covered.
    CHECK_MESSAGE(missed * 5 <= changed, country << " " << id << ": missed " << missed);
  }
  CHECK(CheckTaxId("BR", "35989873744") == TaxIdCheck::kWrong);
  CHECK(CheckTaxId("DE", "DE329502598") == TaxIdCheck::kWrong);
  CHECK(CheckTaxId("US", "DE329502598") == TaxIdCheck::kWrong);
}

TEST_CASE("tax ids: what has no known form is neither right nor wrong") {
  const Known unknown[] = {
      {"BR", "3598987374"},   {"BR", ""},   {"US", "12-3456789"}, {"", "329502599"},
      {"DE", "12/345/67890"}, {"DE", "DE"}, {"XX", "call me"},    {"IT", "RSSMRA85T10A562S"}};
  for (const auto& [country, id] : unknown) {
    CHECK_MESSAGE(CheckTaxId(country, id) == TaxIdCheck::kUnknownFormat, country << " " << id);
  }
  CHECK(CheckTaxId("BR", std::string(1000, '1')) == TaxIdCheck::kUnknownFormat);
  CHECK(CheckTaxId("DE", "DE32950259\xFF") == TaxIdCheck::kUnknownFormat);
  CHECK(CheckTaxId("LT", "LT123456789") == TaxIdCheck::kRight);
}

TEST_CASE("tax ids: a CPF or CNPJ of one digit is none") {
  const auto of = [](std::string_view text) { return CheckTaxId("BR", text); };
  CHECK(of("359.898.737-43") == TaxIdCheck::kRight);
  CHECK(of("359.898.737-44") == TaxIdCheck::kWrong);
  CHECK(of("38.684.543/2115-13") == TaxIdCheck::kRight);
  CHECK(of("12.ABC.345/01DE-35") == TaxIdCheck::kRight);
  for (char c = '0'; c <= '9'; ++c) {
    CHECK(of(std::string(11, c)) != TaxIdCheck::kRight);
    CHECK(of(std::string(14, c)) != TaxIdCheck::kRight);
  }
}

}  // namespace
}  // namespace holdfast
