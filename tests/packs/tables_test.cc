// The tables of a pack: what is read from them, and that a wrong row is found, whatever is wrong.
#include <doctest/doctest.h>

#include "engine/packs/pack.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

using testing::TempFolder;

std::shared_ptr<const Pack> Compile(const TempFolder& folder, const std::string& key,
                                    std::string& found) {
  Diagnostics diagnostics;
  auto pack = CompilePack("pack.yaml",
                          "pack: t\nversion: 1\nbase_currency: USD\n"
                          "funds: { ship_when: [certain] }\n" +
                              key + "\nrules: [{ id: a, when: order.total > 9.0, hold: review }]\n",
                          folder / "", diagnostics);
  found = RenderText(diagnostics);
  return pack;
}

TEST_CASE("tables: a wrong row is found, with its place") {
  const TempFolder folder;
  struct Case {
    const char *key, *name, *text, *found;
  };
  const Case cases[] = {
      {"rates_file: r", "r", "day,currency,rate\n", "must be CSV with the head"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-30,EUR,1\n",
       "row 2: '2026-02-30' is no date"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUX,1\n", "row 2: 'EUX' is not"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUR,-1\n",
       "'-1' is no number above 0"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUR,nan\n",
       "'nan' is no number above 0"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUR,1.1x\n", "'1.1x' is no number"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,USD,2\n", "USD is the base currency"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUR\n", "has 2 values, not 3"},
      {"rates_file: r", "r", "date,currency,rate\n2026-02-03,EUR,1\n2026-02-03,EUR,2\n",
       "EUR has two rates of 2026-02-03"},
      {"rates_file: r\nrates: { EUR: 1 }", "r", "date,currency,rate\n", "has rates already"},
      {"amount_tiers: { a: 100, b: 100 }", "r", "", "begin at one amount"},
      {"product_risk: { categories: c }", "c", "category,risk\nA,high\na,low\n",
       "'a' is high in a row before"},
      {"product_risk: { skus: c }", "c", "sku,risk\nA,huge\n", "row 2: needs a sku"},
      {"product_risk: { taxonomy: t }", "t", "1 - A\n1 - B\n", "line 2: '1' is another category"},
      {"product_risk: { taxonomy: t }", "t", "Electronics\n", "line 1: is no category"},
      {"product_risk: { taxonomy: t }", "t", "1 - \xFF\n", "line 1: is no category"},
      {"email_domains: { disposable: d }", "d", "com\n", "line 1: 'com' is no domain of one owner"},
      {"email_domains: { free: d }", "d", "a@b.example\n", "line 1:"},
      {"email_domains: { fre: d }", "d", "", "did you mean 'free'?"},
      {"note_phrases: n", "n", "sense,language,phrase\nurge,en,now\n", "row 2: needs a phrase"},
      {"note_phrases: n", "n", "sense,language,phrase\nurges,en,!!!\n",
       "row 2: '!!!' has no letters"},
      {"note_phrases: n", "n", "sense,language,phrase\nurges,es,env\xED\n", "must be UTF-8"},
      {"note_phrases: n", "n", "sense,language,phrase\nurges,en,\"now\n", "must be CSV"},
      {"note_phrases: missing", "n", "", "missing"},
      {"note_phrases: [n]", "n", "", "bad-path"},
      {"email_domains: [d]", "d", "", "must be a map"},
      {"email_domains: { registered: d }", "d", "domain\n", "domain,first_registered"},
      {"email_domains: { registered: d }", "d", "domain,first_registered\na.example,yesterday\n",
       "row 2: 'yesterday' is no date"},
      {"email_domains: { registered: d }", "d",
       "domain,first_registered\na.example,2020-01-01\nA.example,2021-01-01\n",
       "row 3: 'a.example' is in a row before"},
  };
  for (const Case& c : cases) {
    folder.Write(c.name, c.text);
    std::string found;
    CHECK_MESSAGE(Compile(folder, c.key, found) == nullptr, c.key << ": " << c.text);
    CHECK_MESSAGE(found.find(c.found) != std::string::npos,
                  c.key << ": " << c.text << ": " << found);
  }
}

TEST_CASE("tables: more phrases than can be looked for are refused") {
  const TempFolder folder;
  std::string text = "sense,language,phrase\n";
  for (int i = 0; i <= 10'000; ++i) text += "urges,en,phrase number " + std::to_string(i) + "\n";
  folder.Write("n", text);
  std::string found;
  CHECK(Compile(folder, "note_phrases: n", found) == nullptr);
  CHECK(found.find("more than 10000 phrases of sense urges") != std::string::npos);
}

TEST_CASE("tables: what they hold") {
  const TempFolder folder;
  folder.Write("r",
               "\xEF\xBB\xBF"
               "date,currency,rate\r\n2026-01-01,EUR,1.1\r\n2025-01-01,EUR,1.0\r\n");
  folder.Write("t", "# a comment\n222 - Electronics > Audio\n");
  folder.Write("c", "category,risk\n\"Electronics>Audio\",high\n");
  folder.Write("d", "# some\nMailinator.com\n");
  folder.Write("g", "domain,first_registered\nShop.example,2026-05-01\n");
  folder.Write("n", "sense,language,phrase\nurges,en,ship*\n");
  std::string found;
  const auto pack = Compile(folder,
                            "rates_file: r\nproduct_risk: { taxonomy: t, categories: c }\n"
                            "email_domains: { disposable: d, registered: g }\nnote_phrases: n",
                            found);
  REQUIRE_MESSAGE(pack != nullptr, found);
  const auto at = [](const char* time) { return *ParseEventTime(time); };
  const Currency eur = *Currency::Parse("EUR");
  CHECK(pack->amounts->ToBase(100, eur, at("2025-06-01T00:00:00Z")) == 1.0);
  CHECK(pack->amounts->ToBase(100, eur, at("2026-06-01T00:00:00Z")) == 1.1);
  CHECK(pack->products.Of("", "222") == ProductRisk::kHigh);
  CHECK(pack->domains.IsDisposable("x.mailinator.com"));
  CHECK(pack->domains.RegisteredAt("mail.shop.example") == at("2026-05-01T00:00:00Z"));
  CHECK_FALSE(pack->domains.RegisteredAt("example").has_value());
  CHECK(pack->domains.knows_disposable);
  CHECK_FALSE(pack->domains.knows_free);
  CHECK(pack->notes.Says(NoteSense::kUrges, "Shipping?") == true);
}

}  // namespace
}  // namespace holdfast
