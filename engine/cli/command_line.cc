#include "engine/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace holdfast::cli {
namespace {

// CLI11's ranges accept "nan", which is in no range.
CLI::Validator Finite() {
  return CLI::Validator(
      [](const std::string& text) {
        double number = 0;
        const bool finite = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
        return finite ? std::string() : "'" + text + "' is not a number";
      },
      "");
}

}  // namespace

// ---- Option -------------------------------------------------------------------------------------

Option Option::Required() {
  option_->required();
  return *this;
}

Option Option::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

template <typename T>
Option Option::Between(T least, T most) {
  if constexpr (std::is_floating_point_v<T>) {
    option_->check(CLI::Range(least, most) & Finite());
  } else {
    option_->check(CLI::Range(least, most));
  }
  return *this;
}
template Option Option::Between(int, int);
template Option Option::Between(unsigned, unsigned);
template Option Option::Between(std::uint64_t, std::uint64_t);
template Option Option::Between(double, double);

Option Option::Positive() {
  option_->check(CLI::PositiveNumber & Finite());
  return *this;
}

Option Option::OneOf(std::vector<std::string> words) {
  option_->check(CLI::IsMember(std::move(words)));
  return *this;
}

Option Option::Check(std::function<std::string(const std::string&)> check,
                     const std::string& kind) {
  option_->check(CLI::Validator(
      [check = std::move(check)](const std::string& text) { return check(text); }, kind));
  return *this;
}

Option Option::Group(const std::string& heading) {
  option_->group(heading);
  return *this;
}

Option Option::Excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Option Option::Needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

// ---- Command ------------------------------------------------------------------------------------

Command Command::Add(const std::string& name, const std::string& what) {
  return {app_->add_subcommand(name, what), chosen_};
}

template <typename T>
Option Command::Value(const std::string& name, T& target, const std::string& what) {
  return Option(app_->add_option(name, target, what));
}
template Option Command::Value(const std::string&, std::string&, const std::string&);
template Option Command::Value(const std::string&, int&, const std::string&);
template Option Command::Value(const std::string&, unsigned&, const std::string&);
template Option Command::Value(const std::string&, std::uint16_t&, const std::string&);
template Option Command::Value(const std::string&, std::uint64_t&, const std::string&);
template Option Command::Value(const std::string&, double&, const std::string&);
template Option Command::Value(const std::string&, std::vector<std::string>&, const std::string&);
template Option Command::Value(const std::string&, std::vector<std::uint64_t>&, const std::string&);

Option Command::Flag(const std::string& name, bool& target, const std::string& what) {
  return Option(app_->add_flag(name, target, what));
}

void Command::Footer(const std::string& text) { app_->footer(text); }

void Command::NeedsCommand() { app_->require_subcommand(1); }

void Command::Does(Action action) {
  app_->callback([app = app_, chosen = chosen_, action = std::move(action)] {
    // Runs after the subcommands, which are more specific.
    if (app->get_subcommands().empty()) *chosen = action;
  });
}

// ---- CommandLine --------------------------------------------------------------------------------

CommandLine::CommandLine(const std::string& name, const std::string& what,
                         const std::string& version)
    : app_(std::make_unique<CLI::App>(what)) {
  app_->name(name);
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::top() { return {app_.get(), &chosen_}; }

int CommandLine::Run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app_->exit(fault) == 0 ? 0 : 2;
  }
  return chosen_();
}

}  // namespace holdfast::cli
