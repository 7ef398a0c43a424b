#include "engine/cli/help/man_page.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/base/utf8.h"

namespace holdfast::cli {
namespace {

// Escapes a text for roff: no requests, no escapes, ASCII only.
std::string Roff(std::string_view text) {
  std::string roff;
  bool begin = true;  // of a line
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = NextCodePoint(text, at);
    if (begin && (c == '.' || c == '\'')) roff += "\\&";
    begin = c == '\n';
    switch (c) {
      case '\\':
        roff += "\\e";
        break;
      case '-':
        roff += "\\-";
        break;
      case '\'':
        roff += "\\(aq";
        break;
      case '`':
        roff += "\\(ga";
        break;
      case '~':
        roff += "\\(ti";
        break;
      case '^':
        roff += "\\(ha";
        break;
      default:
        roff += c < 0x80 ? std::string(1, static_cast<char>(c))
                         : fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(c));
    }
  }
  return roff;
}

// "\fB--cause\fR \fIWORD\fR", or an argument: "\fIORDER\fR".
std::string HeadOf(const OptionInfo& option) {
  std::string head;
  for (const std::string& name : option.names) {
    head += std::string(head.empty() ? "" : ", ") + "\\fB" + Roff(name) + "\\fR";
  }
  if (option.names.empty()) return "\\fI" + Roff(option.positional) + "\\fR";
  if (option.kind != ValueKind::kNone) head += " \\fI" + Roff(option.type) + "\\fR";
  return head;
}

std::string TextOf(const OptionInfo& option) {
  std::string text = option.what;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : " ") + more; };
  if (!option.words.empty()) {
    std::string words;
    for (const std::string& word : option.words) words += (words.empty() ? "" : ", ") + word;
    add("(one of: " + words + ")");
  }
  if (!option.default_text.empty()) add("(default: " + option.default_text + ")");
  if (option.required && !option.names.empty()) add("(required)");
  if (option.many) add("(several can be given)");
  return text;
}

void AddOptions(const CommandInfo& command, std::string& page) {
  page += ".RS\n";
  for (const OptionInfo& option : command.options) {
    const bool help = !option.names.empty() && option.names.back() == "--help";
    if (!help) page += ".TP\n" + HeadOf(option) + "\n" + Roff(TextOf(option)) + "\n";
  }
  if (!command.footer.empty()) {
    page += ".PP\n.nf\n" + Roff(command.footer) + "\n.fi\n";
  }
  page += ".RE\n";
}

// A command and all below it. `path`: "holdfast rules check".
void AddCommand(const CommandInfo& command, const std::string& path, std::string& page) {
  page += ".TP\n\\fB" + Roff(path) + "\\fR";
  for (const OptionInfo& option : command.options) {
    if (!option.names.empty()) continue;
    const std::string name = "\\fI" + Roff(option.positional) + "\\fR";
    page += " " + (option.required ? name : "[" + name + "]") + (option.many ? "..." : "");
  }
  page += "\n" + Roff(command.what) + ".\n";
  AddOptions(command, page);
  for (const CommandInfo& below : command.commands) {
    AddCommand(below, path + " " + below.name, page);
  }
}

// A list of terms with their meaning.
std::string Terms(const std::vector<std::pair<const char*, const char*>>& terms) {
  std::string text;
  for (const auto& [term, meaning] : terms) {
    text += ".TP\n\\fB" + Roff(term) + "\\fR\n" + Roff(meaning) + "\n";
  }
  return text;
}

const char* const kDescription =
    "Holdfast reads orders and what happens to their payments, and decides for every order: ship, "
    "hold or reject, with the reasons. Rules are in a pack of YAML files. The program scores "
    "files, "
    "runs as a service over HTTP, and has the commands by which people review held orders.";

}  // namespace

std::string ManPage(const CommandInfo& program, const std::string& version) {
  std::string page = ".\\\" Made by: holdfast man\n.TH HOLDFAST 1 \"\" \"" + Roff(version) +
                     "\" \"Holdfast manual\"\n";
  // Not justified: long words such as addresses would leave gaps.
  page +=
      ".nh\n.ad l\n.SH NAME\nholdfast \\- decide for every order whether it is shipped or held, "
      "and why\n";
  page += ".SH SYNOPSIS\n\\fBholdfast\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  page += ".PP\n\\fBholdfast\\fR [\\fICOMMAND\\fR] \\fB\\-\\-help\\fR\n";
  page += ".PP\n\\fBholdfast \\-\\-version\\fR\n";
  page += ".SH DESCRIPTION\n" + Roff(kDescription) + "\n.SH COMMANDS\n";
  std::string heading;
  for (const CommandInfo& command : program.commands) {
    if (command.heading != heading) page += ".SS " + Roff(command.heading) + "\n";
    heading = command.heading;
    AddCommand(command, "holdfast " + command.name, page);
  }
  page += ".SH EXIT STATUS\nWhere a command does not say otherwise:\n";
  page += Terms({{"0", "success"},
                 {"1",
                  "it found something: the order is still held, a limit is exceeded, a pack "
                  "has errors"},
                 {"2", "the command line cannot be used as it is"},
                 {"3", "it failed, or was refused"}});
  page += ".SH ENVIRONMENT\n";
  page += Terms({{"HOLDFAST_URL", "the address of the service, where --url is not given"},
                 {"HOLDFAST_KEY", "the API key, where --key-file is not given"},
                 {"XDG_CONFIG_HOME", "the folder of holdfast/client.yaml; default ~/.config"},
                 {"NO_COLOR", "not empty: no colours"},
                 {"COLUMNS", "the width of what is printed, where there is no terminal"}});
  page += ".SH FILES\n";
  page += Terms({{"~/.config/holdfast/client.yaml",
                  "url, key_file and merchant for commands that talk to a service"},
                 {"/etc/holdfast/holdfast.yaml", "the configuration of the service"},
                 {"/usr/share/holdfast/rules", "the packs that come with Holdfast"},
                 {"/usr/share/doc/holdfast", "the guides: rules, review, service, formats"}});
  page += ".SH SEE ALSO\n";
  page += Roff(
              "The guides ops.md (reviewing held orders), rules.md (packs), service.md (the "
              "service) and formats.md (events, decisions and files).") +
          "\n";
  page += ".PP\n" + Roff("holdfast completion bash|zsh|fish") +
          " prints a script by which a shell "
          "completes commands and options.\n";
  return page;
}

}  // namespace holdfast::cli
