// Golden files: what a rule author sees, word for word. HOLDFAST_UPDATE=1 rewrites them, to be read
// in review.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/base/file.h"
#include "engine/packs/pack.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

TEST_CASE("packs: diagnostics are as the golden files say") {
  const fs::path folder = fs::path(HOLDFAST_SOURCE) / "tests/packs/golden";
  std::vector<fs::path> packs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") packs.push_back(entry.path());
  }
  std::sort(packs.begin(), packs.end());
  REQUIRE(packs.size() >= 7);
  for (const fs::path& path : packs) {
    Diagnostics diagnostics;
    const auto text = ReadFile(path.string(), 1 << 20);
    REQUIRE(text);
    const auto pack = CompilePack(path.filename().string(), *text, folder.string(), diagnostics);
    CHECK((pack == nullptr) == (CountErrors(diagnostics) > 0));
    const std::string shown = RenderText(diagnostics) + CountText(diagnostics) + "\n";
    fs::path golden = path;
    golden.replace_extension(".txt");
    if (std::getenv("HOLDFAST_UPDATE") != nullptr) std::ofstream(golden) << shown;
    const auto expected = ReadFile(golden.string(), 1 << 20);
    CAPTURE(path.string());
    REQUIRE(expected);
    CHECK(*expected == shown);
  }
}

TEST_CASE("packs: every pack that is shipped is without a finding but for open gates") {
  for (const char* name : {"starter", "online-retail", "fraud-orders/any-of-three.yaml",
                           "fraud-orders/device-shared.yaml", "fraud-orders/device-shared-24h.yaml",
                           "fraud-orders/ip-shared.yaml", "fraud-orders/quick-purchase.yaml"}) {
    Diagnostics diagnostics;
    const auto pack = LoadPack(std::string(HOLDFAST_SOURCE) + "/rules/" + name, diagnostics);
    CAPTURE(name);
    REQUIRE(pack != nullptr);
    for (const Diagnostic& d : diagnostics) CHECK(d.code == "open-funds-gate");
  }
}

TEST_CASE("packs: the hash covers every file that was read") {
  const testing::TempFolder folder;
  const std::string text =
      "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
      "lists: { l: { file: l.txt, type: text } }\n"
      "rules: [{ id: r, when: order.id in lists.l, hold: list }]\n";
  const auto hash = [&](const char* list) {
    folder.Write("pack.yaml", text);
    folder.Write("l.txt", list);
    Diagnostics diagnostics;
    const auto pack = LoadPack(folder / "", diagnostics);
    REQUIRE(pack != nullptr);
    return pack->hash;
  };
  const std::string once = hash("a\n");
  CHECK(once == hash("a\n"));
  CHECK(once != hash("a\nb\n"));
}

TEST_CASE("packs: files outside the pack's folder are refused") {
  Diagnostics diagnostics;
  CompilePack("p.yaml",
              "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
              "lists: { l: { file: ../../../etc/passwd, type: text }, m: { file: /etc/passwd } }\n"
              "rules: [{ id: r, when: order.id in lists.l, hold: list }]\n",
              ".", diagnostics);
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].code == "bad-path");
  CHECK(diagnostics[1].code == "bad-path");
}

}  // namespace
}  // namespace holdfast
