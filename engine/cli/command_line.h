// The command line: commands, their options and checks, read by CLI11.
//
// command_line.cc alone includes CLI11, whose headers cost seconds of a compiler's time in every
// file. A `Command` or an `Option` is a handle of something that the `CommandLine` owns; copies
// name the same thing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cli/command_tree.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace holdfast::cli {

// What a command does when it was chosen. Returns the exit code: 0 fine, 1 found something,
// 2 usage, 3 failed.
using Action = std::function<int()>;

// An option, a flag or a positional argument of a command. Every function returns the option.
class Option {
 public:
  // The command line is refused when the option is absent.
  Option Required();
  // The help shows the target's present value as the default.
  Option ShowDefault();
  // The value lies in [least, most]. `T` is the type of the option's target: int, unsigned,
  // std::uint64_t or double; of a double, "nan" and "inf" are refused.
  template <typename T>
  Option Between(T least, T most);
  // The value is a finite number above zero.
  Option Positive();
  Option OneOf(std::vector<std::string> words);
  // Mark the value as a path: File() a file or a folder, Folder() a folder. Shells complete it, and
  // the help shows the type.
  Option File();
  Option Folder();
  // `check` returns what is wrong with a text, or nothing. `kind` stands for the value in the help.
  Option Check(std::function<std::string(const std::string&)> check, const std::string& kind);
  // The heading under which the help lists the option.
  Option Group(const std::string& heading);
  // The command line is refused when both are given.
  Option Excludes(Option other);
  // The command line is refused when this one is given and `other` is not.
  Option Needs(Option other);

 private:
  friend class Command;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
};

class Command {
 public:
  // A command below this one.
  Command Add(const std::string& name, const std::string& what);
  // An option ("--name"), or a positional argument ("NAME"), that is read into `target`, which
  // outlives the parse. `T`: std::string, int, unsigned, std::uint16_t, std::uint64_t, double, or a
  // vector of std::string or std::uint64_t, which takes several values.
  template <typename T>
  Option Value(const std::string& name, T& target, const std::string& what);
  Option Flag(const std::string& name, bool& target, const std::string& what);
  // Text behind the options in the help.
  void Footer(const std::string& text);
  // Adds an example to the end of the help: "holdfast show 100045".
  void Example(const std::string& line);
  // The command line is refused when it names no command below this one.
  void NeedsCommand();
  // What is done when this command is chosen and none below it.
  void Does(Action action);

 private:
  friend class CommandLine;
  Command(CLI::App* app, Action* chosen, std::string heading = {})
      : app_(app), chosen_(chosen), heading_(std::move(heading)) {}
  CLI::App* app_;
  Action* chosen_;
  std::string heading_;  // of its subcommands in the help; empty: the default
};

class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& what, const std::string& version);
  ~CommandLine();

  // The program itself; the help lists commands that are added to it under `heading`.
  Command top(const std::string& heading);
  // The commands and options that were added so far.
  CommandInfo Tree() const;
  // Reads the arguments and runs the command that they choose. Prints help and faults of usage
  // itself; returns the exit code.
  int Run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  Action chosen_;
};

}  // namespace holdfast::cli
