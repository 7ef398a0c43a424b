#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/base/file.h"
#include "engine/cli/rules/explained_text.h"
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

using State = ExplainedPart::State;

// "order.total = 412.5, ip_orders = 1"
std::string ValuesText(const ExplainedPart& part) {
  std::string text;
  for (const ExplainedPart* value : ValuesBehind(part)) {
    if (!text.empty()) text += ", ";
    text += value->text + (value->state == State::kKnown ? " = " : ": ") + value->value;
  }
  return text;
}

void ShowTerm(const ExplainedPart& term) {
  if (term.state != State::kKnown) {
    std::printf("        %s: %s\n", Safe(term.text).c_str(), Safe(term.value).c_str());
    return;
  }
  // A fact alone is its own value.
  const std::string values = term.parts.empty() ? "" : " (" + ValuesText(term) + ")";
  std::printf("        %s is %s%s\n", Safe(term.text).c_str(), Safe(term.value).c_str(),
              Safe(values).c_str());
}

void ShowReasons(const CaseResult& result) {
  for (const ExplainedRule& explained : result.matched) {
    std::printf("    matched: %s (%s): %s\n", explained.rule->id.c_str(),
                EffectOf(*explained.rule).c_str(), Safe(ValuesText(explained.condition)).c_str());
  }
  for (const ExplainedRule& explained : result.not_matched) {
    std::printf("    expected, but it %s: %s (%s)\n",
                std::string(NameOfVerdict(explained.how)).c_str(), explained.rule->id.c_str(),
                EffectOf(*explained.rule).c_str());
    for (const ExplainedPart* term : TermsNotTrue(explained.condition)) ShowTerm(*term);
  }
  for (const std::string& name : result.unknown) {
    std::printf("    expected, but the pack has no such rule: %s\n", Safe(name).c_str());
  }
}

void ShowCases(const CaseReport& report) {
  for (const CaseResult& result : report.results) {
    if (result.passed) continue;
    std::printf("%s:%d: failed: %s\n", result.file.c_str(), result.line, Safe(result.name).c_str());
    for (const auto& difference : result.differences)
      std::printf("    %s\n", Safe(difference).c_str());
    ShowReasons(result);
  }
}

std::string RulesJson(const std::vector<ExplainedRule>& rules) {
  JsonList list;
  for (const ExplainedRule& explained : rules) {
    JsonList values, terms;
    for (const ExplainedPart* value : ValuesBehind(explained.condition)) {
      values.Add(ValueJson(*value));
    }
    for (const ExplainedPart* term : TermsNotTrue(explained.condition)) {
      terms.Add(ValueJson(*term));
    }
    list.Add(JsonObject()
                 .Text("rule", explained.rule->id)
                 .Text("effect", EffectOf(*explained.rule))
                 .Text("verdict", WordOfVerdict(explained.how))
                 .Raw("values", values.Done())
                 .Raw("not_true", terms.Done())
                 .Done());
  }
  return list.Done();
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
                  .Raw("matched", RulesJson(result.matched))
                  .Raw("not_matched", RulesJson(result.not_matched))
                  .Raw("unknown", JsonTexts(result.unknown))
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
