// Documents: every command in them runs, every pack and mapping in them is right.
#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "engine/ingest/mapping.h"
#include "engine/pipeline/cases.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

// The fenced blocks of a language in a document.
std::vector<std::string> Blocks(const std::string& document, const std::string& language) {
  std::istringstream in(testing::Slurp(std::string(HOLDFAST_SOURCE) + "/" + document));
  std::vector<std::string> blocks;
  std::string line;
  bool inside = false;
  while (std::getline(in, line)) {
    if (!inside && line == "```" + language) {
      inside = true;
      blocks.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

TEST_CASE("docs: every command of the documents runs") {
  const TempFolder folder;
  for (const char* name : {"rules", "config", "docs"}) {
    fs::create_symlink(fs::path(HOLDFAST_SOURCE) / name, folder / name);
  }
  fs::create_directories(folder / "build/release");
  fs::create_symlink(HOLDFAST_BINARY, folder / "build/release/holdfast");
  // The export that docs/mappings.md scores.
  folder.Write("orders.csv",
               "purchase_time,user_id,signup_time,purchase_value,device_id,ip,source,browser,sex,"
               "age,is_fraud\n"
               "2015-01-01T00:00:00,1,2015-01-01T00:00:00,14,DEV,10.0.0.1,Ads,Chrome,F,38,1\n");
  testing::Sh("gzip " + (folder / "orders.csv"));
  int ran = 0;
  for (const char* document :
       {"README.md", "docs/rules.md", "docs/mappings.md", "docs/formats.md"}) {
    for (const std::string& block : Blocks(document, "sh")) {
      // ./dev itself is what runs this test.
      if (block.find("./dev") != std::string::npos) continue;
      const auto result = testing::Sh("cd " + (folder / ".") + " && set -e && " + block);
      CAPTURE(block);
      CAPTURE(result.err);
      CHECK(result.status == 0);
      ++ran;
    }
  }
  CHECK(ran >= 4);
}

TEST_CASE("docs: the pack, the cases and the mapping of the guides are right") {
  const auto yaml = Blocks("docs/rules.md", "yaml");
  REQUIRE(yaml.size() == 2);
  Diagnostics diagnostics;
  const auto pack = CompilePack("rules.md", yaml[0], ".", diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  const TempFolder folder;
  const CaseReport report = RunCases(pack, {folder.Write("doc.cases.yaml", yaml[1])}, diagnostics);
  CHECK_MESSAGE(CountErrors(diagnostics) == 0, RenderText(diagnostics));
  REQUIRE(report.results.size() == 1);
  CHECK(report.results[0].passed);

  const auto mappings = Blocks("docs/mappings.md", "yaml");
  REQUIRE(mappings.size() == 1);
  Diagnostics findings;
  const auto mapping = LoadMapping(folder.Write("m.yaml", mappings[0]), findings);
  CHECK_MESSAGE(mapping != nullptr, RenderText(findings));
}

}  // namespace
}  // namespace holdfast
