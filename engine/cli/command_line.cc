#include "engine/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
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

constexpr char kFileType[] = "FILE", kFolderType[] = "FOLDER";
constexpr char kExamples[] = "Examples:";

// Lists each command on one line.
class OneLineFormatter : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override {
    constexpr std::size_t kColumn = 16, kWidth = 80;
    std::string line = "  " + command->get_name();
    line.resize(std::max(line.size() + 1, kColumn), ' ');
    return line + Brief(command->get_description(), kWidth - kColumn) + "\n";
  }
};

OptionInfo InfoOf(const CLI::Option& option) {
  OptionInfo info;
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  if (option.get_positional()) info.positional = option.get_name(true, false);
  info.what = option.get_description();
  info.required = option.get_required();
  info.many = option.get_expected_max() == CLI::detail::expected_max_vector_size;
  if (option.get_type_size() == 0 || option.get_expected_max() == 0) return info;
  info.default_text = option.get_default_str();
  // The type with what a check adds: "FILE", "TEXT:{a,b}", "INT:INT in [1 - 64]".
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':'), brace = type.find('{');
  info.kind = type.starts_with(kFileType)     ? ValueKind::kFile
              : type.starts_with(kFolderType) ? ValueKind::kFolder
              : brace != std::string::npos    ? ValueKind::kWord
                                              : ValueKind::kText;
  info.type = colon == std::string::npos || info.kind == ValueKind::kWord ? type.substr(0, colon)
                                                                          : type.substr(colon + 1);
  if (info.kind == ValueKind::kWord) {
    info.words = CLI::detail::split(type.substr(brace + 1, type.rfind('}') - brace - 1), ',');
  }
  return info;
}

CommandInfo InfoOf(const CLI::App& app) {
  CommandInfo info;
  info.name = app.get_name();
  info.what = app.get_description();
  info.footer = app.get_footer();
  info.heading = app.get_group();
  for (const CLI::Option* option : app.get_options()) info.options.push_back(InfoOf(*option));
  const auto all = [](const CLI::App*) { return true; };
  for (const CLI::App* command : app.get_subcommands(all)) {
    info.commands.push_back(InfoOf(*command));
  }
  return info;
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

Option Option::File() {
  option_->type_name(kFileType);
  return *this;
}

Option Option::Folder() {
  option_->type_name(kFolderType);
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
  CLI::App* const command = app_->add_subcommand(name, what);
  command->footer("");  // a subcommand would inherit the footer
  if (!heading_.empty()) command->group(heading_);
  return {command, chosen_};
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

void Command::Footer(const std::string& text) {
  const std::string examples = app_->get_footer();
  app_->footer(examples.empty() ? text : text + "\n\n" + examples);
}

void Command::Example(const std::string& line) {
  std::string footer = app_->get_footer();
  if (footer.find(kExamples) == std::string::npos) {
    footer += std::string(footer.empty() ? "" : "\n\n") + kExamples;
  }
  app_->footer(footer + "\n  " + line);
}

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
  app_->formatter(std::make_shared<OneLineFormatter>());
  app_->name(name);
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::top(const std::string& heading) { return {app_.get(), &chosen_, heading}; }

CommandInfo CommandLine::Tree() const { return InfoOf(*app_); }

int CommandLine::Run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app_->exit(fault) == 0 ? 0 : 2;
  }
  return chosen_();
}

}  // namespace holdfast::cli
