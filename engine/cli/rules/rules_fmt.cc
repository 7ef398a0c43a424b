#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/packs/diff.h"
#include "engine/packs/format_pack.h"
#include "engine/packs/keys.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack;
  bool check = false;
};

int Fmt(const Options& options) {
  const auto before = LoadPackOrSay(options.pack);
  if (before == nullptr) return 1;
  const std::string path = PackFile(options.pack);
  const auto text = ReadFile(path, limits::kPackBytes);
  if (!text) return ReportError(text.error());
  Diagnostics ignored;
  const std::string formatted = FormatPack(YamlFile::Parse(path, *text, ignored));
  if (formatted == *text) {
    std::printf("%s is in form\n", path.c_str());
    return 0;
  }
  // The formatted pack must decide as before.
  const auto after =
      CompilePack(path, formatted, std::filesystem::path(path).parent_path().string(), ignored);
  if (after == nullptr || !DiffPacks(*before, *after).empty()) {
    return ReportError({ErrorCode::kInternal, path,
                        "would not mean the same in its new form; it was left as it is"});
  }
  if (options.check) {
    std::printf("%s is not in form; `holdfast rules fmt` writes it so\n", path.c_str());
    return 1;
  }
  if (Status written = ReplaceFile(path, formatted); !written) return ReportError(written.error());
  std::printf("%s is in form now\n", path.c_str());
  return 0;
}

}  // namespace

void AddRulesFmt(Command rules) {
  auto options = std::make_shared<Options>();
  Command command =
      rules.Add("fmt", "Write a pack's expressions and lines in one form; comments stay");
  command.Value("PACK", options->pack, "A folder with pack.yaml, or one YAML file")
      .File()
      .Required();
  command.Flag("--check", options->check, "Only say whether it is in form; exit code 1: no");
  command.Footer(kRulesFooter);
  command.Does([options] { return Fmt(*options); });
}

void AddRulesSchema(Command rules) {
  Command command = rules.Add(
      "schema", "Print the JSON Schema of pack.yaml, for editors that complete and check");
  command.Footer(kRulesFooter);
  command.Does([] {
    std::fputs(PackSchema().c_str(), stdout);
    return 0;
  });
}

}  // namespace holdfast::cli
