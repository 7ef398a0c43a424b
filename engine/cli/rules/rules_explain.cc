#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/base/enum_names.h"
#include "engine/cli/rules/explained_text.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"
#include "engine/decide/permit.h"
#include "engine/ingest/source.h"
#include "engine/model/names.h"
#include "engine/pipeline/cases.h"
#include "engine/pipeline/engine.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack, input, case_name, order, merchant, rule;
  bool all = false;
  bool json = false;
};

// ---- for people ---------------------------------------------------------------------------------

void ShowPart(const ExplainedPart& part, int depth) {
  constexpr const char* kMarks[] = {"", "missing: ", "fails: "};
  const std::string mark = NameIn(kMarks, part.state);
  // The value is on the same line if both fit.
  constexpr std::size_t kWidth = 100;
  const std::string text = Safe(part.text), value = mark + Safe(part.value);
  if (static_cast<std::size_t>(depth) + text.size() + value.size() + 3 <= kWidth) {
    std::printf("%*s%s = %s\n", depth, "", text.c_str(), value.c_str());
  } else {
    std::printf("%*s%s\n%*s= %s\n", depth, "", text.c_str(), depth + 2, "", value.c_str());
  }
  for (const ExplainedPart& inner : part.parts) ShowPart(inner, depth + 2);
}

std::string WaysText(const ReleasePaths& ways) {
  std::string text;
  for (const ReleasePath& way : ways) {
    if (!text.empty()) text += ", or ";
    for (std::size_t i = 0; i < way.size(); ++i) text += (i > 0 ? " and " : "") + way[i];
  }
  return text;
}

void ShowRule(const ExplainedRule& explained, bool whole) {
  const Rule& rule = *explained.rule;
  std::printf("%s: %s (%s)\n", rule.id.c_str(), std::string(NameOfVerdict(explained.how)).c_str(),
              EffectOf(rule).c_str());
  if (!whole) return;
  ShowPart(explained.condition, 4);
  if (!explained.release_paths.empty()) {
    std::printf("    this rule would let go with: %s\n",
                Safe(WaysText(explained.release_paths)).c_str());
  }
}

void Show(const Explanation& explanation, const Options& options) {
  const Decision& decision = explanation.decision;
  std::printf("order %s of %s: %s", Safe(decision.order_id).c_str(),
              Safe(decision.merchant).c_str(), std::string(NameOf(decision.outcome)).c_str());
  if (decision.cause != Cause::kNone) {
    std::printf(", cause %s", std::string(NameOf(decision.cause)).c_str());
  }
  std::printf("; score %d, funds %s\n", decision.score,
              std::string(NameOf(decision.funds)).c_str());
  for (const Reason& reason : decision.reasons) {
    std::printf("  %s: %s\n", Safe(reason.code).c_str(), Safe(reason.text).c_str());
  }
  if (!decision.release_paths.empty()) {
    std::printf("  released by: %s\n", Safe(WaysText(decision.release_paths)).c_str());
  }
  std::printf("  %lld rules evaluated, %lld lacked a fact\n\nmoney:\n",
              static_cast<long long>(decision.rules_evaluated),
              static_cast<long long>(decision.rules_missing));
  for (const std::string& line : explanation.funds) std::printf("  %s\n", Safe(line).c_str());
  std::printf("\n");
  std::size_t left_out = 0;
  for (const ExplainedRule& explained : explanation.rules) {
    if (!options.rule.empty() && explained.rule->id != options.rule) continue;
    const bool whole =
        options.all || !options.rule.empty() || explained.how != RuleResult::How::kNo;
    left_out += whole ? 0 : 1;
    ShowRule(explained, whole);
  }
  if (left_out > 0) {
    std::printf("\n%zu rules that do not match are not shown in full; --all shows them\n",
                left_out);
  }
}

// ---- for programs -------------------------------------------------------------------------------

std::string RuleJson(const ExplainedRule& explained) {
  JsonList paths;
  for (const auto& path : explained.release_paths) paths.Add(JsonTexts(path));
  return JsonObject()
      .Text("rule", explained.rule->id)
      .Text("verdict", WordOfVerdict(explained.how))
      .Raw("condition", PartJson(explained.condition))
      .Raw("missing", JsonTexts(explained.missing))
      .Raw("release_paths", paths.Done())
      .Done();
}

std::string Json(const Explanation& explanation, const Options& options) {
  std::string decision;
  WriteDecision(explanation.decision, decision);
  SetPermit(nullptr, explanation.decision, decision);
  JsonList rules;
  for (const ExplainedRule& explained : explanation.rules) {
    if (!options.rule.empty() && explained.rule->id != options.rule) continue;
    rules.Add(RuleJson(explained));
  }
  return JsonObject()
             .Raw("decision", decision)
             .Raw("funds", JsonTexts(explanation.funds))
             .Raw("rules", rules.Done())
             .Done() +
         "\n";
}

// The decisions that an input led to, including those about other orders. Empty: the input was
// refused, and the error was printed.
std::optional<std::vector<Decision>> ApplyOrSay(Engine& engine, const Incoming& incoming,
                                                const std::string& name) {
  Error error;
  std::vector<Decision> decisions;
  const auto add = [&decisions](Applied& applied) {
    if (applied.decision) decisions.push_back(std::move(*applied.decision));
  };
  if (incoming.error) {
    error = *incoming.error;
  } else {
    auto applied = engine.Apply(incoming.event, [&](const auto&, Applied fired) { add(fired); });
    if (applied) {
      add(*applied);
      return decisions;
    }
    error = applied.error();
  }
  std::fprintf(stderr, "%s:%lld: error[%s]: %s\n", name.c_str(),
               static_cast<long long>(incoming.line), std::string(InfoOf(error.code).name).c_str(),
               Safe(error.Text()).c_str());
  return std::nullopt;
}

Result<std::vector<Incoming>> InputsOfFile(const Options& options) {
  const auto fd = OpenInput(options.input);
  if (!fd) return tl::unexpected(fd.error());
  const auto source = MakeNdjsonSource(*fd, &StopFlag());
  std::vector<Incoming> inputs;
  while (auto incoming = source->Next()) inputs.push_back(std::move(*incoming));
  if (source->error()) return tl::unexpected(*source->error());
  return inputs;
}

// The events of a case, numbered from 1 in place of lines.
Result<std::vector<Incoming>> InputsOfCase(const Options& options) {
  Diagnostics findings;
  auto events = EventsOfCase(FindCaseFiles(options.pack), options.case_name, findings);
  std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
  if (!events) return tl::unexpected(events.error());
  std::vector<Incoming> inputs;
  for (std::string& event : *events) {
    inputs.emplace_back().text = std::move(event);
    inputs.back().line = static_cast<std::int64_t>(inputs.size());
  }
  return inputs;
}

// `of_case`: unknown fields are refused, as when the case is run.
void Parse(Incoming& incoming, bool of_case) {
  if (incoming.error) return;
  JsonEventParser parser(of_case ? UnknownFields::kRefuse : UnknownFields::kKeep);
  incoming.event = std::make_shared<Event>();
  Status parsed = parser.Parse(incoming.text, *incoming.event);
  if (!parsed) incoming.error = std::move(parsed.error());
}

int Usage(const std::string& what) {
  return ReportError({ErrorCode::kUsage, "rules explain", what});
}

int Explain(const Options& options) {
  const auto pack = LoadPackOrSay(options.pack);
  if (pack == nullptr) return 1;
  const bool known_rule =
      options.rule.empty() || std::any_of(pack->rules.begin(), pack->rules.end(),
                                          [&](const Rule& r) { return r.id == options.rule; });
  if (!known_rule) return Usage("the pack has no rule '" + options.rule + "'");
  const bool of_case = !options.case_name.empty();
  if (of_case != options.input.empty()) return Usage("give either an ORDER or --case");
  auto read = of_case ? InputsOfCase(options) : InputsOfFile(options);
  if (!read) return ReportFailure(read.error());
  std::vector<Incoming>& inputs = *read;
  for (Incoming& incoming : inputs) Parse(incoming, of_case);
  const std::string& input = of_case ? options.case_name : options.input;
  std::string merchant, order;
  std::size_t last = 0;  // number of inputs up to the last decision about the order
  std::size_t refused = 0;
  Engine search(pack, MakeMemoryStore());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto decisions = ApplyOrSay(search, inputs[i], input);
    refused += decisions ? 0 : 1;
    for (const Decision& decision : decisions.value_or(std::vector<Decision>())) {
      if ((!options.order.empty() && decision.order_id != options.order) ||
          (!options.merchant.empty() && decision.merchant != options.merchant)) {
        continue;
      }
      if (!options.order.empty() && last > 0 && decision.merchant != merchant) {
        return Usage("'" + order + "' is an order of '" + merchant + "' and of '" +
                     decision.merchant + "'; say which with --merchant");
      }
      merchant = decision.merchant;
      order = decision.order_id;
      last = i + 1;
    }
  }
  // The state at the order's last decision; later inputs did not affect it.
  Engine engine(pack, MakeMemoryStore());
  for (std::size_t i = 0; i < last; ++i) {
    if (inputs[i].error) continue;
    static_cast<void>(engine.Apply(inputs[i].event, [](const auto&, const Applied&) {}));
  }
  const auto explanation = engine.Explain(merchant, order);
  if (!explanation) {
    const std::string& name = options.order.empty() ? input : options.order;
    return ReportError({ErrorCode::kUnknownOrder, name, "the input has no such order"});
  }
  if (options.json) {
    std::fputs(Json(*explanation, options).c_str(), stdout);
  } else {
    Show(*explanation, options);
  }
  return refused > 0 ? 1 : 0;
}

}  // namespace

void AddRulesExplain(Command rules) {
  auto options = std::make_shared<Options>();
  Command command = rules.Add(
      "explain", "Show how a pack decides an order, with the value of every part of its rules");
  command.Value("PACK", options->pack, "A folder with pack.yaml, or one YAML file")
      .File()
      .Required();
  command
      .Value("ORDER", options->input,
             "The order, and events before and after it, as NDJSON; - for standard input")
      .File();
  command.Value("--case", options->case_name,
                "In place of ORDER, the events of the pack's case with this name");
  command.Value("--order", options->order, "Of several orders, this one; default the last");
  command.Value("--merchant", options->merchant, "The order is this seller's");
  command.Value("--rule", options->rule, "Only this rule");
  command.Flag("--all", options->all, "Also rules that do not match, in full");
  command.Flag("--json", options->json, "As one JSON object");
  command.Footer(kRulesFooter);
  command.Example("holdfast rules explain rules/starter order.json");
  command.Does([options] { return Explain(*options); });
}

}  // namespace holdfast::cli
