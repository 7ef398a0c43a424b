#include <doctest/doctest.h>

#include "engine/packs/pack.h"
#include "engine/signals/canonical_text.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

std::string Text(std::string_view text) { return CanonicalText(text, CanonicalForm::kText); }
std::string Name(std::string_view text) { return CanonicalText(text, CanonicalForm::kName); }
std::string Email(std::string_view text) { return NormaliseEntry(ListType::kEmail, text); }
std::string Phone(std::string_view text) { return NormaliseEntry(ListType::kPhone, text); }

TEST_CASE("canonical text: what reads the same is the same") {
  for (const char* text : {
           "mallory", " mallory\t", "\xEF\xBD\x8D\xEF\xBD\x81llory",  // full width m, a
           "m\xD0\xB0llory",                                          // Cyrillic a
           "mall\xCE\xBFry",                                          // Greek omicron
           "mal\xE2\x80\x8Blory",                                     // zero-width space
           "mal\xE2\x81\xA0lory", "mal\xC2\xADlory",                  // word joiner, soft hyphen
           "\xE2\x80\xAEmallory", "mallory\x01",                      // bidi, control
       }) {
    CAPTURE(text);
    CHECK(Text(text) == "mallory");
    CHECK(Name(text) == "mallory");
  }
  CHECK(Text("a  b\n c") == "a b c");
  CHECK(Text("a\xC2\xA0"
             "b") == "a b");                // no-break space
  CHECK(Text("e\xCC\x81") == "\xC3\xA9");   // e and a mark, é
  CHECK(Text("\xD9\xA1\xD9\xA2") == "12");  // Arabic digits
  CHECK(Text("a\xE2\x80\x90"
             "b") == "a-b");  // another hyphen
  CHECK(Text("\xE2\x80\x8B") == "");
}

TEST_CASE("canonical text: texts that differ stay apart") {
  CHECK(Text("A1") == "A1");
  CHECK(Text("Al") == "Al");
  CHECK(Text("AI") == "AI");
  CHECK(Text("a1") != Text("A1"));
  CHECK(Text("O0") == "O0");
  CHECK(Text("rn") == "rn");
  CHECK(Name("MALLORY") == "mallory");
  CHECK(Name("M\xC3\xBCller") == "m\xC3\xBCller");
  CHECK(Text("M\xC3\xBCller") != Text("Muller"));
}

TEST_CASE("canonical text: words of another script keep it") {
  CHECK(Name("\xD0\x9F\xD0\xB5\xD1\x82\xD1\x80\xD0\xBE\xD0\xB2") ==
        "\xD0\xBF\xD0\xB5\xD1\x82\xD1\x80\xD0\xBE\xD0\xB2");              // Petrov
  CHECK(Name("\xD0\xBE\xD1\x81\xD0\xB0") == "\xD0\xBE\xD1\x81\xD0\xB0");  // osa, all look-alikes
  CHECK(Text("\xD0\xBE\xD1\x81\xD0\xB0") == "oca");
  CHECK(Name("\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E") == "\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E");
}

TEST_CASE("canonical text: it is its own canonical text") {
  Random random(5);
  constexpr std::string_view kParts[] = {"a",
                                         "B",
                                         "1",
                                         " ",
                                         "-",
                                         "\xD0\xB0",
                                         "\xD0\x9C",
                                         "\xCE\xBD",
                                         "\xCE\x9D",
                                         "\xCC\x81",
                                         "\xE2\x80\x8B",
                                         "\xEF\xBD\x8D",
                                         "\xC4\xB0",
                                         "\xC3\x9F",
                                         "\xD0\xB9",
                                         "\xE7\x8E\x8B",
                                         "\xFF"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto length = random.Below(8); length > 0; --length) text += random.Pick(kParts);
    for (const auto form : {CanonicalForm::kText, CanonicalForm::kEmail, CanonicalForm::kName}) {
      const std::string once = CanonicalText(text, form);
      REQUIRE_MESSAGE(CanonicalText(once, form) == once, text);
    }
  }
}

TEST_CASE("canonical text: an e-mail address on a list is met however it is written") {
  for (const char* text : {
           "mallory@mail.example", "<mallory@mail.example>", "M <Mallory@MAIL.example>",
           "mailto:mallory@mail.example", "MAILTO: mallory@mail.example ",
           "mallory(comment)@mail.example", "(a (b) c)mallory@mail.example(d)",
           "\"mallory\"@mail.example", "<mallory@mail.example>(Mallory)", "mallory@mail.example.",
           "mallory @ mail.example", "m\xD0\xB0llory@mail.example", "mallory@m\xD0\xB0il.example",
           "mallory@xn--mil-6cd.example",  // the same look-alike in the DNS's form
           "\xEF\xBD\x8D"
           "allory@mail.example",
           "mal\xE2\x80\x8Blory@mail.example",
           "mallory\xEF\xBC\xA0mail.example",  // full-width @
       }) {
    CAPTURE(text);
    CHECK(Email(text) == "mallory@mail.example");
  }
  CHECK(Email("M.allory+x@googlemail.com") == "mallory@gmail.com");
  CHECK(Email("ann@b\xC3\xBC"
              "cher.example") == "ann@xn--bcher-kva.example");
  CHECK(Email("ann@xn--bcher-kva.example") == "ann@xn--bcher-kva.example");
  CHECK(Email("\"a (b)\"@mail.example") == "\"a (b)\"@mail.example");
  CHECK(Email("mallory(open@mail.example") == "mallory(open@mail.example");
}

TEST_CASE("canonical text: phone numbers are their digits") {
  for (const char* text :
       {"+1 (202) 555-0143", "+12025550143", "001 202 555 0143", "tel:+1-202-555-0143",
        "\xEF\xBC\x8B"
        "1 202\xC2\xA0"
        "555 0143"}) {
    CAPTURE(text);
    CHECK(Phone(text) == "+12025550143");
  }
  CHECK(Phone("+44 (0)20 7946 0000") == "+442079460000");
  CHECK(Phone("(020) 7946 0000") == "02079460000");
  CHECK(Phone("none") == "");
  CHECK(FaultOfEntry(ListType::kPhone, Phone("12")) ==
        "'12' is not a phone number such as +1 202 555 0143");
}

TEST_CASE("canonical text: countries, domains and IP addresses are as they were") {
  CHECK(NormaliseEntry(ListType::kCountry, " us ") == "US");
  CHECK(NormaliseEntry(ListType::kDomain, "Mail.Example") == "mail.example");
  CHECK(NormaliseEntry(ListType::kIp, "2001:DB8:0::1") == "2001:db8::1");
}

}  // namespace
}  // namespace holdfast
