#include <doctest/doctest.h>

#include "engine/base/text.h"
#include "engine/signals/emails.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

TEST_CASE("emails: addresses of one mailbox have one canonical form") {
  const std::pair<const char*, const char*> cases[] = {
      {"J.Doe+shop@GMail.com", "jdoe@gmail.com"},
      {" jdoe@googlemail.com ", "jdoe@gmail.com"},
      {"j.doe+x@outlook.com", "j.doe@outlook.com"},
      {"ann+1@hotmail.co.uk", "ann@hotmail.co.uk"},
      {"ann-marie+x@yahoo.fr", "ann-marie@yahoo.fr"},
      {"ann@me.com", "ann@icloud.com"},
      {"a.n-n+1@protonmail.com", "ann@proton.me"},
      {"ann+1@ya.ru", "ann@yandex.ru"},
      {"Ann Lee <Ann.Lee@gmail.com>", "annlee@gmail.com"},
      {"\"ann\"@mail.example", "ann@mail.example"},
      {"\"a b\"@mail.example", "\"a b\"@mail.example"},
      {"ann@mail.example.", "ann@mail.example"},
      {"mailto:Ann@mail.example", "ann@mail.example"},
      {"ann(at (home))@mail.example", "ann@mail.example"},
      {"<ann@mail.example> (Ann)", "ann@mail.example"},
      {"ann @ mail.example", "ann@mail.example"},
      {"ann(@mail.example", "ann(@mail.example"},
      {"\"a(b)\"@mail.example", "\"a(b)\"@mail.example"},
      {"ann@BÜCHER.example", "ann@xn--bcher-kva.example"},
      {"ann@bücher.example", "ann@xn--bcher-kva.example"},
      {"a-b@yahoo.attacker.example", "a-b@yahoo.attacker.example"},
      // Elsewhere a plus or a dot may be a letter.
      {"Ann.Lee+1@shop.example", "ann.lee+1@shop.example"},
      // Nothing would be left.
      {"+tag@gmail.com", "+tag@gmail.com"},
      {"...@gmail.com", "...@gmail.com"},
      {"no address", "no address"},
      {"", ""},
      {"@", "@"},
      {"@gmail.com", "@gmail.com"},
  };
  for (const auto& [text, canonical] : cases) CHECK(CanonicalEmail(text) == canonical);
}

TEST_CASE("emails: a canonical address is its own canonical address, whatever it was") {
  Random random(7);
  const std::string_view letters = "ab.+-_@@ \"<>()\\mailto:gmail.comyahoo.proton.meA";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto length = random.Below(12); length > 0; --length) {
      text += letters[random.Below(letters.size())];
    }
    constexpr const char* kEnds[] = {"@gmail.com",  "@yahoo.de",     "@pm.me", "@bücher.example",
                                     "@x.example>", "\"@x.example.", ""};
    text += kEnds[random.Below(std::size(kEnds))];
    const std::string once = CanonicalEmail(text);
    REQUIRE_MESSAGE(CanonicalEmail(once) == once, text);
  }
}

TEST_CASE("emails: what stands around an address does not make another one") {
  for (const std::string& mail :
       {std::string("mallory\0@mail.example", 21), std::string("mallory@mail.example\x01"),
        std::string("mallory@mail.example,"), std::string("mallory@mail.example>;. "),
        std::string(" (x) mallory @ mail.example (y)")}) {
    CAPTURE(mail);
    CHECK(CanonicalEmail(mail) == "mallory@mail.example");
  }
  // The time grows with the length, not with its square.
  for (const char* part : {"(", ".", ">", "< ", "@ ", "\"", "(."}) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    (void)CanonicalEmail(text);
  }
}

TEST_CASE("emails: syntax of the standard") {
  for (const char* good : {"a@b.co", "first.last@mail.example", "o'neil+x@sub.mail.example",
                           "\"a b\"@mail.example", "\"a\\\"b\"@mail.example", "用户@例子.广告",
                           "ann@bücher.example", "ann@xn--bcher-kva.example", "ann@[192.0.2.1]",
                           "ann@[IPv6:2001:db8::1]", "!#$%&'*+/=?^_`{|}~-@mail.example"}) {
    CHECK_MESSAGE(IsEmail(good), good);
  }
  const std::string long_local = std::string(65, 'a') + "@mail.example";
  const std::string long_label = "a@" + std::string(64, 'b') + ".example";
  std::string long_domain = "a@";
  while (long_domain.size() < 260) long_domain += "label.";
  long_domain += "example";
  for (const std::string& bad : std::initializer_list<std::string>{"",
                                                                   "@",
                                                                   "a",
                                                                   "a@",
                                                                   "@b.co",
                                                                   "a@b",
                                                                   "a@.co",
                                                                   "a@b..co",
                                                                   "a@b.co.",
                                                                   ".a@b.co",
                                                                   "a.@b.co",
                                                                   "a..b@b.co",
                                                                   "a b@b.co",
                                                                   "a@b c.co",
                                                                   "a@-b.co",
                                                                   "a@b-.co",
                                                                   "a@b_c.co",
                                                                   "a@1.2.3.4",
                                                                   "a@[1.2.3]",
                                                                   "a@[IPv6:1.2.3.4]",
                                                                   "a@[2001:db8::1]",
                                                                   "\"a@b.co",
                                                                   "a@b@c.co",
                                                                   "a,b@c.co",
                                                                   "<a@b.co>",
                                                                   "a\x01@b.co",
                                                                   "\xFF@b.co",
                                                                   "a@b\xFF.co",
                                                                   long_local,
                                                                   long_label,
                                                                   long_domain}) {
    CHECK_MESSAGE(!IsEmail(bad), bad);
  }
}

TEST_CASE("emails: domains that look like those of a great provider") {
  const std::pair<const char*, const char*> imitations[] = {
      {"gmial.com", "gmail.com"},         {"gmai1.com", "gmail.com"},
      {"gmail.con", "gmail.com"},         {"gmaill.com", "gmail.com"},
      {"gnail.com", "gmail.com"},         {"hotmial.com", "hotmail.com"},
      {"hotrnail.com", "hotmail.com"},    {"hotmail.con", "hotmail.com"},
      {"outl00k.com", "outlook.com"},     {"outiook.com", "outlook.com"},
      {"yaho.com", "yahoo.com"},          {"icl0ud.com", "icloud.com"},
      {"gmail.net", "gmail.com"},         {"gmail.com.example.org", "gmail.com"},
      {"yahoo.example.org", "yahoo.com"}, {"gmаil.com", "gmail.com"},
      {"paypa1.com", "paypal.com"}};
  for (const auto& [domain, provider] : imitations) {
    CHECK_MESSAGE(ImitatedProvider(domain) == provider, domain);
  }
  for (const char* own : {"gmail.com",
                          "googlemail.com",
                          "yahoo.co.jp",
                          "yahoo.com",
                          "hotmail.fr",
                          "outlook.de",
                          "live.nl",
                          "mail.com",
                          "email.com",
                          "ymail.com",
                          "gmx.de",
                          "mail.example",
                          "give.com",
                          "olive.com",
                          "",
                          "gmail",
                          "paypal.com",
                          "mail.acme.com",
                          "email.arizona.com",
                          "cloud.ibm.com",
                          "mail.gmail.com",
                          "wahoo.com",
                          "gail.com",
                          "paypal.de",
                          "outlook.office.com",
                          "yahoo.com.br"}) {
    CHECK_MESSAGE(ImitatedProvider(own).empty(), own);
  }
}

TEST_CASE("emails: a domain below a listed one is listed, a disposable one is not free") {
  EmailDomains domains;
  domains.disposable.Add("mailinator.com");
  domains.free.Add("mailinator.com");
  domains.free.Add("gmail.com");
  CHECK(domains.IsDisposable("mailinator.com"));
  CHECK(domains.IsDisposable("a.b.mailinator.com"));
  CHECK_FALSE(domains.IsDisposable("notmailinator.com"));
  CHECK_FALSE(domains.IsDisposable("com"));
  CHECK(domains.IsFree("gmail.com"));
  CHECK_FALSE(domains.IsFree("x.mailinator.com"));
}

}  // namespace
}  // namespace holdfast
