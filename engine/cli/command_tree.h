// CommandInfo, OptionInfo: the commands and options of the program as data, for completions and the
// manual.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::cli {

// How a shell completes a value.
enum class ValueKind : std::uint8_t { kNone, kText, kWord, kFile, kFolder };

struct OptionInfo {
  std::vector<std::string> names;  // "--file", "-h"; empty: a positional argument
  std::string positional;          // "ORDER"
  std::string what;
  ValueKind kind = ValueKind::kNone;  // kNone: a flag
  std::string type;                   // for people: "FILE", "INT in [1 - 64]"
  std::vector<std::string> words;     // of kWord
  std::string default_text;           // empty: none
  bool required = false, many = false;
};

struct CommandInfo {
  std::string name, what, footer;
  std::string heading;  // under which the help lists it
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;
};

// The first part of a description, at most `width` bytes long, for lists of commands.
std::string Brief(const std::string& what, std::size_t width);

}  // namespace holdfast::cli
