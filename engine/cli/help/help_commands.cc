#include <cstdio>
#include <memory>

#include "engine/cli/commands.h"
#include "engine/cli/help/completion.h"
#include "engine/cli/help/man_page.h"

namespace holdfast::cli {

void AddCompletion(CommandLine& line, Command app) {
  auto shell = std::make_shared<std::string>();
  Command command =
      app.Add("completion", "Print a script by which a shell completes commands and options");
  command.Value("SHELL", *shell, "The shell").OneOf({"bash", "zsh", "fish"}).Required();
  command.Example("source <(holdfast completion bash)");
  command.Example("holdfast completion fish > ~/.config/fish/completions/holdfast.fish");
  command.Does([&line, shell] {
    const CommandInfo program = line.Tree();
    const std::string text = *shell == "bash"  ? BashCompletion(program)
                             : *shell == "zsh" ? ZshCompletion(program)
                                               : FishCompletion(program);
    return std::fputs(text.c_str(), stdout) < 0 ? 3 : 0;
  });
}

void AddMan(CommandLine& line, Command app) {
  Command command = app.Add("man", "Print the manual page, in roff");
  command.Example("holdfast man | man -l -");
  command.Does([&line] {
    const std::string page = ManPage(line.Tree(), "holdfast " HOLDFAST_VERSION);
    return std::fputs(page.c_str(), stdout) < 0 ? 3 : 0;
  });
}

}  // namespace holdfast::cli
