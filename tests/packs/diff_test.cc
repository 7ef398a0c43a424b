// Packs compared, and written in one form.
#include <doctest/doctest.h>

#include "engine/packs/diff.h"
#include "engine/packs/format_pack.h"
#include "engine/packs/keys.h"

namespace holdfast {
namespace {

constexpr const char* kHead =
    "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n";

std::shared_ptr<const Pack> Make(const std::string& body) {
  Diagnostics diagnostics;
  auto pack = CompilePack("p.yaml", kHead + body, ".", diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  return pack;
}

std::string Diff(const std::string& before, const std::string& after) {
  constexpr const char* kSigns[] = {"+ ", "- ", "~ "};
  std::string text;
  for (const PackDifference& d : DiffPacks(*Make(before), *Make(after))) {
    text += kSigns[static_cast<std::size_t>(d.kind)] + d.what + "\n";
    for (const std::string& detail : d.details) text += "    " + detail + "\n";
  }
  return text;
}

std::string Rules(const std::string& first, const std::string& second = "") {
  return "rules:\n  - { id: a, " + first + " }\n" +
         (second.empty() ? "" : "  - { id: b, " + second + " }\n");
}

TEST_CASE("packs: what is only written differently is no difference") {
  CHECK(Diff(Rules("when: \"order.total > 5.0 && product.risk == 'high'\", hold: product"),
             Rules("when: \"( product.risk=='high') && 5.0 < order.total\", hold: product")) == "");
  CHECK(Diff("retention: 7d\n" + Rules("when: order.total > 5.0, hold: review"),
             "retention: 1w\n" + Rules("when: order.total > 5.0, hold: review, mode: active")) ==
        "");
}

TEST_CASE("packs: differences are told in a rule author's words") {
  const std::string rule = "when: order.total > 5.0, hold: review";
  CHECK(Diff(Rules(rule), Rules("when: order.total > 3.0, hold: review")) ==
        "~ rule a\n    condition: matches more orders\n      was order.total > 5.0\n"
        "      is  order.total > 3.0\n");
  CHECK(Diff(Rules(rule),
             Rules("when: \"order.total > 5.0 && order.items.size() > 1\", hold: review"))
            .starts_with("~ rule a\n    condition: matches fewer orders\n"));
  CHECK(Diff(Rules("when: \"order.total > 5.0 || (order.note == 'x' && order.note != 'x')\", hold: "
                   "review"),
             Rules(rule))
            .starts_with(
                "~ rule a\n    condition: matches the same orders while its facts are known\n"));
  CHECK(Diff(Rules(rule), Rules("when: order.quantity > 5, hold: review"))
            .starts_with("~ rule a\n    condition: matches other orders\n"));
  CHECK(Diff(Rules(rule), Rules("when: order.total > 5.0, reject: true")) ==
        "~ rule a\n    effect: hold review -> reject\n");
  CHECK(Diff(Rules(rule, "when: order.total > 9.0, points: 5"), Rules(rule)) == "- rule b\n");
  CHECK(Diff(Rules(rule), Rules(rule, "when: order.quantity > 9, points: 5")) == "+ rule b\n");
  CHECK(Diff("thresholds: { hold: 50 }\namount_tiers: { large: 300 }\n" + Rules(rule),
             "amount_tiers: { large: 400, huge: 900 }\nreview_within: 12h\n" + Rules(rule)) ==
        "~ thresholds.hold\n    50 -> none\n"
        "~ amount_tiers\n    large 300 -> large 400, huge 900\n"
        "~ review_within\n    1d -> 12h\n");
  CHECK(
      Diff("lists: { l: { values: [x, y] }, n: { type: ip, values: [192.0.2.1, 10.0.0.0/8] } }\n" +
               Rules("when: order.id in lists.l || order.ip in lists.n, hold: list"),
           "lists: { l: { values: [y, z, w] }, n: { type: ip, values: [10.0.0.0/9] } }\n" +
               Rules("when: order.id in lists.l || order.ip in lists.n, hold: list")) ==
      "~ list l\n    1 entries removed, the first is x\n    2 entries added, the first is z\n"
      "~ list n\n    2 entries removed, the first is 10.0.0.0/8\n"
      "    1 entries added, the first is 10.0.0.0/9\n");
  CHECK(Diff("features: { f: { count: order.id, by: order.ip, over: 1h } }\n" +
                 Rules("when: f > 3, hold: velocity"),
             "features: { f: { distinct: order.id, by: order.ip, over: 7d, where: order.total > "
             "1.0 } }\n" +
                 Rules("when: f > 3, hold: velocity")) ==
        "~ feature f\n    value: count of order.id -> distinct of order.id\n    over: 1h -> 7d\n"
        "    where: none -> order.total > 1.0\n");
  const std::string other = "when: order.quantity > 3, hold: product";
  const std::string swapped = "rules:\n  - { id: b, " + other + " }\n  - { id: a, " + rule + " }\n";
  CHECK(Diff(Rules(rule, other), swapped).starts_with("~ order of the rules\n    from 'a' on"));
}

std::string Formatted(const std::string& text) {
  Diagnostics diagnostics;
  const YamlFile file = YamlFile::Parse("p.yaml", text, diagnostics);
  REQUIRE(diagnostics.empty());
  return FormatPack(file);
}

TEST_CASE("packs: one form, comments kept, and formatting twice changes nothing") {
  const std::string text =
      std::string(kHead) +
      "# why\r\n\n\n\nfeatures:   \n"
      "  f: { count: 'order.id', by: order.ip, where: \"(order.total>5.0)\", over: 1h }\n"
      "rules:\n"
      "  - id: a   # the first\n"
      "    when: (order.total>5.0)&&product.risk in [\"high\",'low']\n"
      "    hold: product\n"
      "  - { id: b, when: \"f>3||!(order.items.exists(i,i.gift))\", hold: review }\n"
      "  - id: c\n"
      "    when: |\n"
      "      order.total > 5.0   // a comment stays\n"
      "    points: 3\n\n\n";
  const std::string expected =
      std::string(kHead) +
      "# why\n\nfeatures:\n"
      "  f: { count: order.id, by: order.ip, where: order.total > 5.0, over: 1h }\n"
      "rules:\n"
      "  - id: a   # the first\n"
      "    when: order.total > 5.0 && product.risk in ['high', 'low']\n"
      "    hold: product\n"
      "  - { id: b, when: \"f > 3 || !order.items.exists(i, i.gift)\", hold: review }\n"
      "  - id: c\n"
      "    when: |\n"
      "      order.total > 5.0   // a comment stays\n"
      "    points: 3\n";
  CHECK(Formatted(text) == expected);
  CHECK(Formatted(expected) == expected);
}

TEST_CASE("packs: formatting leaves texts of several lines and aliases as they are") {
  const std::string text =
      std::string(kHead) +
      "features:\n"
      "  f: &x { count: order.id, by: order.ip, where: 'order.total>5.0', over: 1h }\n"
      "  g: *x\n"
      "rules:\n"
      "  - id: a\n"
      "    reason: |\n"
      "      one   \n\n\n"
      "      two\n"
      "    when: f>3||g>3\n"
      "    hold: velocity\n";
  std::string expected = text;
  expected.replace(expected.find("'order.total>5.0'"), 17, "order.total > 5.0");
  expected.replace(expected.find("f>3||g>3"), 8, "f > 3 || g > 3");
  CHECK(Formatted(text) == expected);
}

TEST_CASE("packs: the schema names every key") {
  const std::string schema = PackSchema();
  for (const Section section :
       {Section::kPack, Section::kFunds, Section::kThresholds, Section::kProductRisk,
        Section::kList, Section::kFeature, Section::kRule}) {
    for (const Key& key : KeysOf(section)) {
      CAPTURE(std::string(key.name));
      CHECK(schema.find("\"" + std::string(key.name) + "\":{\"description\":") !=
            std::string::npos);
      CHECK_FALSE(key.meaning.empty());
    }
  }
}

}  // namespace
}  // namespace holdfast
