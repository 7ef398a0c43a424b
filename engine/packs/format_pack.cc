#include "engine/packs/format_pack.h"

#include <vector>

#include "engine/base/text.h"
#include "engine/cel/parser.h"
#include "engine/packs/keys.h"

namespace holdfast {
namespace {

constexpr std::string_view kFlowMarks = "[]{},";

// Must `text` be quoted to stand for itself? `in_flow`: between braces and commas.
bool NeedsQuotes(const std::string& text, bool in_flow) {
  constexpr std::string_view kFirst = "!&*-?:[]{},#|>@`\"'%";
  if (text.empty() || kFirst.find(text.front()) != std::string_view::npos) return true;
  if (in_flow && text.find_first_of(kFlowMarks) != std::string::npos) return true;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return true;
  return text.back() == ':' || text == "true" || text == "false" || text == "null";
}

std::string Quoted(const std::string& text, bool in_flow) {
  if (!NeedsQuotes(text, in_flow)) return text;
  // Texts within expressions are in single quotes, so double ones read best.
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Formatter {
 public:
  explicit Formatter(const YamlFile& file) : file_(file) {}

  std::string Run() {
    const YamlNode& root = file_.root();
    if (const YamlNode* features = root.Find("features")) {
      for (const auto& [name, feature] : features->members) {
        FormatExpressions(feature, Section::kFeature);
      }
    }
    if (const YamlNode* rules = root.Find("rules")) {
      for (const YamlNode& rule : rules->list) FormatExpressions(rule, Section::kRule);
    }
    return FormatLines(file_.Edited(std::move(edits_)));
  }

 private:
  void FormatExpressions(const YamlNode& map, Section section) {
    for (const Key& key : KeysOf(section)) {
      const YamlNode* node = map.Find(key.name);
      if (node == nullptr || key.type != KeyType::kExpression || !node->IsScalar()) continue;
      auto edit = file_.Extent(*node);
      if (!edit || node->text.find("//") != std::string::npos) continue;
      cel::Issues issues;
      const cel::ExprPtr tree = cel::Parse(node->text, issues);
      if (tree == nullptr) continue;
      // What stands unquoted with such marks does not stand between braces; of other expressions
      // it is not known.
      const bool plain = file_.text()[edit->begin] == node->text.front();
      const bool in_flow = !plain || node->text.find_first_of(kFlowMarks) == std::string::npos;
      edit->text = Quoted(cel::Unparse(*tree), in_flow);
      edits_.push_back(std::move(*edit));
    }
  }

  // No blanks at line ends, no two blank lines in a row, one line end at the end.
  static std::string FormatLines(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    while (at < text.size()) {
      std::size_t end = text.find('\n', at);
      if (end == std::string::npos) end = text.size();
      std::size_t last = end;
      while (last > at &&
             (text[last - 1] == ' ' || text[last - 1] == '\t' || text[last - 1] == '\r')) {
        --last;
      }
      lines.push_back(text.substr(at, last - at));
      at = end + 1;
    }
    std::string out;
    bool blank = true;  // nothing blank at the beginning
    for (const std::string& line : lines) {
      if (line.empty() && blank) continue;
      blank = line.empty();
      out += line + "\n";
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
  }

  const YamlFile& file_;
  std::vector<TextEdit> edits_;
};

}  // namespace

std::string FormatPack(const YamlFile& file) { return Formatter(file).Run(); }

}  // namespace holdfast
