#include <cstdio>
#include <memory>

#include "engine/base/enum_names.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/packs/diff.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string before, after;
  bool json = false;
};

constexpr const char* kKinds[] = {"added", "removed", "changed"};

void Show(const std::vector<PackDifference>& differences) {
  constexpr Colour kColours[] = {Colour::kGreen, Colour::kRed, Colour::kYellow};
  const bool colour = UseColour();
  for (const PackDifference& difference : differences) {
    const bool one_line =
        difference.details.size() == 1 && difference.what.find(' ') == std::string::npos;
    std::printf(
        "%s %s%s\n",
        Paint(NameIn(kKinds, difference.kind), NameIn(kColours, difference.kind), colour).c_str(),
        Safe(difference.what).c_str(),
        one_line ? (": " + Safe(difference.details.front())).c_str() : "");
    if (one_line) continue;
    for (const std::string& detail : difference.details) {
      std::printf("    %s\n", Safe(detail).c_str());
    }
  }
}

std::string Json(const std::vector<PackDifference>& differences) {
  JsonList list;
  for (const PackDifference& difference : differences) {
    list.Add(JsonObject()
                 .Text("kind", NameIn(kKinds, difference.kind))
                 .Text("what", difference.what)
                 .Raw("details", JsonTexts(difference.details))
                 .Done());
  }
  return JsonObject().Bool("same", differences.empty()).Raw("differences", list.Done()).Done();
}

}  // namespace

int ShowPackDifferences(const std::string& before_path, const std::string& after_path, bool json) {
  const auto before = LoadPackOrSay(before_path);
  const auto after = LoadPackOrSay(after_path);
  if (before == nullptr || after == nullptr) return 3;
  const auto differences = DiffPacks(*before, *after);
  if (json) {
    std::printf("%s\n", Json(differences).c_str());
  } else if (differences.empty()) {
    std::printf("both decide alike\n");
  } else {
    Show(differences);
  }
  return differences.empty() ? 0 : 1;
}

void AddRulesDiff(Command rules) {
  auto options = std::make_shared<Options>();
  Command command = rules.Add("diff", "Say what another version of a pack does differently");
  command.Value("A", options->before, "The pack as it was").File().Required();
  command.Value("B", options->after, "The pack as it is to be").File().Required();
  command.Flag("--json", options->json, "Differences as one JSON object");
  command.Footer(
      "What is only written differently is no difference. Exit codes: 0 both decide alike,\n"
      "1 they differ, 2 usage, 3 a pack is refused.");
  command.Does(
      [options] { return ShowPackDifferences(options->before, options->after, options->json); });
}

}  // namespace holdfast::cli
