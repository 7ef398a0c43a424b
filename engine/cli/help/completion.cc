#include "engine/cli/help/completion.h"

#include <functional>

namespace holdfast::cli {
namespace {

// Commands are named by their path: "/rules/check"; the program itself by "".
using Visit = std::function<void(const std::string& path, const CommandInfo& command)>;
void ForEach(const CommandInfo& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const CommandInfo& below : command.commands) ForEach(below, path + "/" + below.name, visit);
}

std::string Joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// The text in single quotes, for bash and zsh.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The same for fish, which reads backslashes in single quotes.
std::string FishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::vector<std::string> NamesOf(const CommandInfo& command) {
  std::vector<std::string> names;
  for (const CommandInfo& below : command.commands) names.push_back(below.name);
  return names;
}

std::vector<std::string> OptionsOf(const CommandInfo& command) {
  std::vector<std::string> names;
  for (const OptionInfo& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// The paths of all commands below the program as one pattern of `case`.
std::string AllPaths(const CommandInfo& program) {
  std::vector<std::string> paths;
  ForEach(program, "", [&](const std::string& path, const CommandInfo&) {
    if (!path.empty()) paths.push_back(path);
  });
  return Joined(paths, "|");
}

// A `case` of bash or zsh over "$at $before", where `before` is the word before the one that is
// completed: an option with a value. `act` returns what to do for it.
std::string ValueCases(const CommandInfo& program,
                       const std::function<std::string(const OptionInfo& option)>& act) {
  std::string text;
  ForEach(program, "", [&](const std::string& path, const CommandInfo& command) {
    for (const OptionInfo& option : command.options) {
      if (option.kind == ValueKind::kNone || option.names.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names)
        patterns.push_back("'" + path + " " + name + "'");
      text += "    " + Joined(patterns, "|") + ") " + act(option) + "; return ;;\n";
    }
  });
  return text;
}

// The first positional argument that a shell can complete; null: none.
const OptionInfo* CompletedArgument(const CommandInfo& command) {
  for (const OptionInfo& option : command.options) {
    if (option.names.empty() && option.kind != ValueKind::kText) return &option;
  }
  return nullptr;
}

constexpr char kBashHead[] =
    R"(# Completion of holdfast for bash: source <(holdfast completion bash)
_holdfast_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_holdfast_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
_holdfast_folders() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$cur")
}
_holdfast() {
  local cur="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" at="" i
  COMPREPLY=()
  # --option=value comes as three words.
  if [[ "$cur" == "=" ]]; then
    cur=""
  elif [[ "$before" == "=" && $COMP_CWORD -gt 1 ]]; then
    before="${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/${COMP_WORDS[i]}" in
)";

constexpr char kZshHead[] = R"(#compdef holdfast
# Completion of holdfast for zsh: source <(holdfast completion zsh), or as _holdfast in $fpath.
_holdfast() {
  local at="" i before="${words[CURRENT-1]}"
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/${words[i]}" in
)";

constexpr char kFishHead[] = R"(# Completion of holdfast for fish: holdfast completion fish | source
function __holdfast_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
)";

// Entries "name:description" of zsh's _describe.
std::string ZshEntry(const std::string& name, const std::string& what) {
  std::string entry;
  for (const char c : name) entry += c == ':' ? std::string("\\:") : std::string(1, c);
  return Quoted(entry + ":" + Brief(what, 60));
}

}  // namespace

std::string BashCompletion(const CommandInfo& program) {
  std::string text = kBashHead;
  text += "      " + AllPaths(program) + ") at=\"$at/${COMP_WORDS[i]}\" ;;\n    esac\n  done\n";
  text += "  case \"$at $before\" in\n";
  text += ValueCases(program, [](const OptionInfo& option) -> std::string {
    switch (option.kind) {
      case ValueKind::kWord:
        return "_holdfast_words " + Quoted(Joined(option.words, " "));
      case ValueKind::kFile:
        return "_holdfast_files";
      case ValueKind::kFolder:
        return "_holdfast_folders";
      default:
        return ":";
    }
  });
  text += "  esac\n  case \"$at\" in\n";
  ForEach(program, "", [&](const std::string& path, const CommandInfo& command) {
    const OptionInfo* const argument = CompletedArgument(command);
    const std::string options = Quoted(Joined(OptionsOf(command), " "));
    std::string otherwise = "_holdfast_words " + options;
    if (!command.commands.empty()) {
      otherwise = "_holdfast_words " + Quoted(Joined(NamesOf(command), " "));
    } else if (argument != nullptr) {
      otherwise = argument->kind == ValueKind::kWord
                      ? "_holdfast_words " + Quoted(Joined(argument->words, " "))
                  : argument->kind == ValueKind::kFile ? "_holdfast_files"
                                                       : "_holdfast_folders";
    }
    text += "    '" + path + "') if [[ \"$cur\" == -* ]]; then _holdfast_words " + options +
            "; else " + otherwise + "; fi ;;\n";
  });
  return text + "  esac\n}\ncomplete -F _holdfast holdfast\n";
}

std::string ZshCompletion(const CommandInfo& program) {
  std::string text = kZshHead;
  text += "      " + AllPaths(program) + ") at=\"$at/${words[i]}\" ;;\n    esac\n  done\n";
  text += "  case \"$at $before\" in\n";
  text += ValueCases(program, [](const OptionInfo& option) -> std::string {
    switch (option.kind) {
      case ValueKind::kWord: {
        std::string words;
        for (const std::string& word : option.words) words += " " + Quoted(word);
        return "compadd --" + words;
      }
      case ValueKind::kFile:
        return "_files";
      case ValueKind::kFolder:
        return "_files -/";
      default:
        return "_message " + Quoted(Brief(option.what, 60));
    }
  });
  text += "  esac\n  case \"$at\" in\n";
  ForEach(program, "", [&](const std::string& path, const CommandInfo& command) {
    text += "    '" + path + "')\n";
    std::string options, commands;
    for (const OptionInfo& option : command.options) {
      for (const std::string& name : option.names) options += " " + ZshEntry(name, option.what);
    }
    for (const CommandInfo& below : command.commands) {
      commands += " " + ZshEntry(below.name, below.what);
    }
    text += "      found=(" + options + " ); _describe -o option found\n";
    const OptionInfo* const argument = CompletedArgument(command);
    if (!commands.empty()) {
      text += "      found=(" + commands + " ); _describe command found\n";
    } else if (argument != nullptr && argument->kind == ValueKind::kWord) {
      text += "      compadd -- " + Joined(argument->words, " ") + "\n";
    } else if (argument != nullptr) {
      text += argument->kind == ValueKind::kFile ? "      _files\n" : "      _files -/\n";
    }
    text += "      ;;\n";
  });
  return text +
         "  esac\n}\nif [ \"$funcstack[1]\" = \"_holdfast\" ]; then _holdfast; "
         "else compdef _holdfast holdfast; fi\n";
}

std::string FishCompletion(const CommandInfo& program) {
  std::string text = kFishHead;
  ForEach(program, "", [&](const std::string& path, const CommandInfo&) {
    if (!path.empty()) text += "      case '" + path + "'\n        set at '" + path + "'\n";
  });
  text += "    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\ncomplete -c holdfast -f\n";
  ForEach(program, "", [&](const std::string& path, const CommandInfo& command) {
    const std::string begin = "complete -c holdfast -n \"__holdfast_at '" + path + "'\"";
    for (const CommandInfo& below : command.commands) {
      text += begin + " -a " + below.name + " -d " + FishQuoted(Brief(below.what, 60)) + "\n";
    }
    const auto values = [](const OptionInfo& option) -> std::string {
      switch (option.kind) {
        case ValueKind::kNone:
          return "";
        case ValueKind::kWord:
          return " -x -a " + FishQuoted(Joined(option.words, " "));
        case ValueKind::kFile:
          return " -r -F";
        case ValueKind::kFolder:
          return " -x -a '(__fish_complete_directories)'";
        default:
          return " -x";
      }
    };
    for (const OptionInfo& option : command.options) {
      if (option.names.empty()) continue;
      std::string line = begin;
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      text += line + values(option) + " -d " + FishQuoted(Brief(option.what, 60)) + "\n";
    }
    const OptionInfo* const argument = CompletedArgument(command);
    if (argument == nullptr || !command.commands.empty()) return;
    text += begin + (argument->kind == ValueKind::kFile ? " -F" : values(*argument)) + "\n";
  });
  return text;
}

}  // namespace holdfast::cli
