// Documents: every command in them runs, every pack and mapping in them is right.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
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

TEST_CASE("docs: every command of the documents runs" * doctest::timeout(600)) {
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
       {"README.md", "docs/rules.md", "docs/mappings.md", "docs/formats.md", "docs/service.md",
        "docs/webhooks.md", "docs/ops.md", "docs/rescoring.md"}) {
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
  // Where a block failed, what it began goes on.
  testing::Sh("kill $(cat " + (folder / "build/*/serve.pid") + ") || true");
}

TEST_CASE("docs: the pack, the cases and the mapping of the guides are right") {
  const auto yaml = Blocks("docs/rules.md", "yaml");
  REQUIRE(yaml.size() == 2);
  Diagnostics diagnostics;
  const auto pack = CompilePack("rules.md", yaml[0], ".", diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  CHECK_MESSAGE(diagnostics.empty(), RenderText(diagnostics));
  const TempFolder folder;
  const CaseReport report = RunCases(pack, {folder.Write("doc.cases.yaml", yaml[1])}, diagnostics);
  CHECK_MESSAGE(CountErrors(diagnostics) == 0, RenderText(diagnostics));
  REQUIRE(report.results.size() == 1);
  CHECK(report.results[0].passed);

  // Every line of the language's tour is a condition that this pack may use.
  int lines = 0;
  for (const std::string& block : Blocks("docs/rules.md", "cel")) {
    std::istringstream in(block);
    for (std::string line; std::getline(in, line); ++lines) {
      CAPTURE(line);
      cel::Issues issues;
      const auto condition = cel::CompileExpression(line, pack->environment, issues);
      REQUIRE_MESSAGE(condition.has_value(), issues.front().message);
      CHECK(condition->type.Is(cel::TypeKind::kBool));
    }
  }
  CHECK(lines > 25);

  const auto mappings = Blocks("docs/mappings.md", "yaml");
  REQUIRE(mappings.size() == 1);
  Diagnostics findings;
  const auto mapping = LoadMapping(folder.Write("m.yaml", mappings[0]), findings);
  CHECK_MESSAGE(mapping != nullptr, RenderText(findings));
}

// Goal:   the guide's table of findings has every code that check gives, and no other.
// Method: the codes of the golden files, of which there is one a code, and of the table.
TEST_CASE("docs: every finding is explained, and has a golden file of its own") {
  const fs::path folder = fs::path(HOLDFAST_SOURCE) / "tests/packs/golden";
  std::set<std::string> given;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    const std::string text = testing::Slurp(entry.path().string());
    for (const char* severity : {": error[", ": warning["}) {
      for (std::size_t at = text.find(severity); at != std::string::npos;
           at = text.find(severity, at + 1)) {
        const std::size_t begin = at + std::string(severity).size();
        given.insert(text.substr(begin, text.find(']', begin) - begin));
      }
    }
  }
  std::set<std::string> explained;
  std::istringstream guide(testing::Slurp(std::string(HOLDFAST_SOURCE) + "/docs/rules.md"));
  bool inside = false;
  for (std::string line; std::getline(guide, line);) {
    if (line == "| code | meaning |") inside = true;
    if (line.empty()) inside = false;
    if (!inside || !line.starts_with("| `")) continue;
    const std::string codes = line.substr(0, line.find('|', 1));
    for (std::size_t at = codes.find('`'); at != std::string::npos; at = codes.find('`', at)) {
      const std::size_t end = codes.find('`', at + 1);
      explained.insert(codes.substr(at + 1, end - at - 1));
      at = end + 1;
    }
  }
  CHECK(given == explained);
  for (const std::string& code : given) {
    CAPTURE(code);
    CHECK(testing::Slurp((folder / (code + ".txt")).string()).find("[" + code + "]") !=
          std::string::npos);
  }
}

// docs/facts.md is made from the program's own tables; HOLDFAST_UPDATE=1 writes it.
TEST_CASE("docs: the list of facts and functions is that of the program") {
  rapidjson::Document entries;
  entries.Parse(testing::Sh("holdfast rules fields --json").out.c_str());
  REQUIRE(entries.IsArray());
  const std::map<std::string, std::string> heads = {{"fact", "## Facts"},
                                                    {"item", "## Fields of each of `order.items`"},
                                                    {"payment", "## Fields of each of `payments`"},
                                                    {"function", "## Functions"},
                                                    {"macro", "## Loops, names and optionals"}};
  std::string text =
      "# Facts and functions\n\nWhat a condition may use: `holdfast rules fields`, as a page. "
      "Features and lists are a pack's "
      "own;\n`holdfast rules fields PACK` shows them too.\n";
  std::string kind;
  for (const auto& entry : entries.GetArray()) {
    const auto field = [&](const char* name) {
      std::string value = entry[name].GetString();
      for (std::size_t at = value.find('|'); at != std::string::npos;
           at = value.find('|', at + 2)) {
        value.insert(at, "\\");
      }
      return value;
    };
    if (field("kind") != kind) {
      kind = field("kind");
      text +=
          "\n" + heads.at(kind) + "\n\n| name | type | meaning | example |\n|---|---|---|---|\n";
    }
    std::string meaning = field("meaning");
    if (entry["words"].Size() > 0) {
      meaning += "; one of";
      for (const auto& word : entry["words"].GetArray()) {
        meaning += " `" + std::string(word.GetString()) + "`";
      }
    }
    if (!field("missing_when").empty()) meaning += "; missing when " + field("missing_when");
    if (kind == "fact" && field("where") != "rules and features") {
      meaning += "; only in " + field("where");
    }
    const std::string unit = field("unit").empty() ? "" : ", " + field("unit");
    text += "| `" + field("name") + "` | " + field("type") + unit + " | " + meaning + " | `" +
            field("example") + "` |\n";
  }
  const std::string path = std::string(HOLDFAST_SOURCE) + "/docs/facts.md";
  if (std::getenv("HOLDFAST_UPDATE") != nullptr) std::ofstream(path) << text;
  CHECK(testing::Slurp(path) == text);
}

}  // namespace
}  // namespace holdfast
