#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/base/file.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/pipeline/cases.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack;
  bool json = false;
  bool update = false;
};

void ShowCases(const CaseReport& report) {
  for (const CaseResult& result : report.results) {
    if (result.passed) continue;
    std::printf("%s:%d: failed: %s\n", result.file.c_str(), result.line, Safe(result.name).c_str());
    for (const auto& difference : result.differences)
      std::printf("    %s\n", Safe(difference).c_str());
  }
}

std::string CasesJson(const CaseReport& report) {
  JsonList cases;
  for (const CaseResult& result : report.results) {
    cases.Add(JsonObject()
                  .Text("name", result.name)
                  .Text("file", result.file)
                  .Number("line", result.line)
                  .Bool("passed", result.passed)
                  .Raw("differences", JsonTexts(result.differences))
                  .Done());
  }
  return cases.Done();
}

void PrintJson(bool ok, const CaseReport& report, const Diagnostics& diagnostics) {
  const std::string json = JsonObject()
                               .Bool("ok", ok)
                               .Raw("cases", CasesJson(report))
                               .Raw("diagnostics", RenderJson(diagnostics))
                               .Done();
  std::printf("%s\n", json.c_str());
}

std::size_t CountFailed(const CaseReport& report) {
  return static_cast<std::size_t>(std::count_if(report.results.begin(), report.results.end(),
                                                [](const auto& r) { return !r.passed; }));
}

// Writes the actual results as expectations and runs the cases again.
Status Update(const std::shared_ptr<const Pack>& pack, const std::vector<std::string>& files,
              Diagnostics& diagnostics, CaseReport& report) {
  for (const UpdatedCases& updated : report.updates) {
    if (Status written = ReplaceFile(updated.file, updated.text); !written) return written;
    std::fprintf(stderr, "updated %s; read what has changed before you keep it\n",
                 updated.file.c_str());
  }
  if (report.updates.empty()) return {};
  diagnostics.clear();
  report = RunCases(pack, files, diagnostics);
  return {};
}

int Test(const Options& options) {
  Diagnostics diagnostics;
  const auto pack = LoadPack(options.pack, diagnostics);
  if (pack == nullptr) {
    if (options.json) {
      PrintJson(false, {}, diagnostics);
    } else {
      std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stdout);
      std::printf("%s; the pack is refused\n", CountText(diagnostics).c_str());
    }
    return 1;
  }
  const auto files = FindCaseFiles(options.pack);
  diagnostics.clear();
  CaseReport report = RunCases(pack, files, diagnostics);
  if (options.update) {
    if (Status updated = Update(pack, files, diagnostics, report); !updated) {
      return ReportError(updated.error());
    }
  }
  const std::size_t failed = CountFailed(report);
  const bool ok = failed == 0 && CountErrors(diagnostics) == 0 && !report.results.empty();
  if (options.json) {
    PrintJson(ok, report, diagnostics);
    return ok ? 0 : 1;
  }
  std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stdout);
  ShowCases(report);
  if (files.empty()) {
    std::printf("no cases: put them beside the pack, in a file that ends in .cases.yaml\n");
    return 1;
  }
  for (const auto& rule : report.rules_without_case) {
    std::printf("note: no case makes the rule '%s' match\n", rule.c_str());
  }
  std::printf("%zu cases, %zu passed, %zu failed\n", report.results.size(),
              report.results.size() - failed, failed);
  return ok ? 0 : 1;
}

}  // namespace

void AddRulesTest(Command rules) {
  auto options = std::make_shared<Options>();
  Command command = rules.Add("test", "Run the cases beside a pack");
  command.Value("PACK", options->pack, "A folder with pack.yaml, or one YAML file")
      .File()
      .Required();
  command.Flag("--update", options->update,
               "Write what came out into the cases that expected something else");
  command.Flag("--json", options->json, "Results as one JSON object");
  command.Footer(kRulesFooter);
  command.Does([options] { return Test(*options); });
}

}  // namespace holdfast::cli
