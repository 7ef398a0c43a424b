#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/terminal.h"
#include "engine/codec/json.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/cases.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack;
  bool json = false;
};

// The findings, and a last line that says what follows from them.
void ShowText(const Diagnostics& diagnostics, const std::shared_ptr<const Pack>& pack) {
  std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stdout);
  const std::string counts = CountText(diagnostics);
  if (pack == nullptr) {
    std::printf("%s; the pack is refused\n", counts.c_str());
    return;
  }
  std::printf("pack %s version %lld: %zu rules, %zu features, %zu lists%s%s\n%s\n",
              pack->name.c_str(), static_cast<long long>(pack->version), pack->rules.size(),
              pack->features.features.size(), pack->lists.size(), counts.empty() ? "" : "; ",
              counts.c_str(), pack->hash.c_str());
}

int Check(const Options& options) {
  Diagnostics diagnostics;
  const auto pack = LoadPack(options.pack, diagnostics);
  if (options.json) {
    std::string json = "{\"ok\":" + std::string(pack != nullptr ? "true" : "false") + ",\"pack\":";
    if (pack != nullptr) {
      json += "{\"name\":";
      WriteJsonText(pack->name, json);
      json += ",\"version\":" + std::to_string(pack->version) + ",\"hash\":";
      WriteJsonText(pack->hash, json);
      json += ",\"rules\":" + std::to_string(pack->rules.size()) + "}";
    } else {
      json += "null";
    }
    json += ",\"diagnostics\":" + RenderJson(diagnostics) + "}\n";
    std::fputs(json.c_str(), stdout);
  } else {
    ShowText(diagnostics, pack);
  }
  return pack == nullptr ? 1 : 0;
}

void ShowCases(const CaseReport& report) {
  for (const CaseResult& result : report.results) {
    if (result.passed) continue;
    std::printf("%s:%d: failed: %s\n", result.file.c_str(), result.line, Safe(result.name).c_str());
    for (const auto& difference : result.differences)
      std::printf("    %s\n", Safe(difference).c_str());
  }
}

std::string CasesJson(const CaseReport& report) {
  std::string json = "[";
  for (const CaseResult& result : report.results) {
    if (json.size() > 1) json += ',';
    json += "{\"name\":";
    WriteJsonText(result.name, json);
    json += ",\"file\":";
    WriteJsonText(result.file, json);
    json += ",\"line\":" + std::to_string(result.line) +
            ",\"passed\":" + (result.passed ? "true" : "false") + ",\"differences\":[";
    for (std::size_t i = 0; i < result.differences.size(); ++i) {
      if (i > 0) json += ',';
      WriteJsonText(result.differences[i], json);
    }
    json += "]}";
  }
  return json + "]";
}

int Test(const Options& options) {
  Diagnostics diagnostics;
  const auto pack = LoadPack(options.pack, diagnostics);
  if (pack == nullptr) {
    if (options.json) {
      std::printf("{\"ok\":false,\"cases\":[],\"diagnostics\":%s}\n",
                  RenderJson(diagnostics).c_str());
    } else {
      ShowText(diagnostics, pack);
    }
    return 1;
  }
  const auto files = FindCaseFiles(options.pack);
  diagnostics.clear();
  const CaseReport report = RunCases(pack, files, diagnostics);
  const auto failed = static_cast<std::size_t>(std::count_if(
      report.results.begin(), report.results.end(), [](const auto& r) { return !r.passed; }));
  const bool ok = failed == 0 && CountErrors(diagnostics) == 0 && !report.results.empty();
  if (options.json) {
    std::printf("{\"ok\":%s,\"cases\":%s,\"diagnostics\":%s}\n", ok ? "true" : "false",
                CasesJson(report).c_str(), RenderJson(diagnostics).c_str());
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

void AddRules(CLI::App& app, Run& run) {
  CLI::App* rules = app.add_subcommand("rules", "Check and test rule packs");
  rules->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*command)(const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* sub = rules->add_subcommand(name, help);
    sub->add_option("PACK", options->pack, "A folder with pack.yaml, or one YAML file")->required();
    sub->add_flag("--json", options->json, "Findings as one JSON object");
    sub->footer("Exit codes: 0 fine, 1 found something, 2 usage, 3 failed.");
    sub->callback(
        [options, command, &run] { run = [options, command] { return command(*options); }; });
  };
  add("check", "Say everything that is wrong with a pack", &Check);
  add("test", "Run the cases beside a pack", &Test);
}

}  // namespace holdfast::cli
