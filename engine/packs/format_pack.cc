#include "engine/packs/format_pack.h"

#include <algorithm>
#include <set>
#include <vector>

#include "engine/base/text.h"
#include "engine/cel/frontend/parser.h"
#include "engine/packs/keys.h"

namespace holdfast {
namespace {

constexpr std::string_view kFlowMarks = "[]{},?";

// True when `text` must be quoted in YAML. `in_flow`: between braces and commas.
bool NeedsQuotes(const std::string& text, bool in_flow) {
  constexpr std::string_view kFirst = "!&*-?:[]{},#|>@`\"'%";
  if (text.empty() || kFirst.find(text.front()) != std::string_view::npos) return true;
  if (in_flow && text.find_first_of(kFlowMarks) != std::string::npos) return true;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return true;
  return text.back() == ':' || text == "true" || text == "false" || text == "null";
}

std::string Quoted(const std::string& text, bool in_flow) {
  if (!NeedsQuotes(text, in_flow)) return text;
  // Texts within expressions use single quotes, so double quotes are easier to read.
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
    Diagnostics ignored;
    const YamlFile edited = YamlFile::Parse(file_.name(), file_.Edited(std::move(edits_)), ignored);
    return FormatLines(edited);
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
      // An unquoted expression with such marks is not between braces. For other expressions this is
      // not known.
      const bool plain = file_.text()[edit->begin] == node->text.front();
      const bool in_flow = !plain || node->text.find_first_of(kFlowMarks) == std::string::npos;
      edit->text = Quoted(cel::Unparse(*tree), in_flow);
      edits_.push_back(std::move(*edit));
    }
  }

  // The offsets of all nodes, and of those that may span several lines.
  static void CollectOffsets(const YamlFile& file, const YamlNode& node, std::set<std::size_t>& all,
                             std::set<std::size_t>& long_ones) {
    all.insert(node.offset);
    if (node.IsScalar() && !file.Extent(node)) long_ones.insert(node.offset);
    for (const YamlNode& element : node.list) CollectOffsets(file, element, all, long_ones);
    for (const auto& [key, value] : node.members) {
      CollectOffsets(file, key, all, long_ones);
      CollectOffsets(file, value, all, long_ones);
    }
  }

  // The ranges from each scalar of several lines to the next node. Blanks there are part of a text.
  static std::vector<std::pair<std::size_t, std::size_t>> Untouchable(const YamlFile& file) {
    std::set<std::size_t> all, long_ones;
    CollectOffsets(file, file.root(), all, long_ones);
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    for (const std::size_t begin : long_ones) {
      const auto next = all.upper_bound(begin);
      ranges.emplace_back(begin, next == all.end() ? file.text().size() : *next);
    }
    return ranges;
  }

  // Removes blanks at line ends and repeated blank lines, and ends the text with one line end.
  static std::string FormatLines(const YamlFile& file) {
    const std::string& text = file.text();
    const auto ranges = Untouchable(file);
    const auto touchable = [&ranges](std::size_t at) {
      return std::none_of(ranges.begin(), ranges.end(), [at](const auto& range) {
        return at >= range.first && at < range.second;
      });
    };
    std::string out;
    bool blank = true;  // no blank line at the beginning
    for (std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
         at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.pop_back();
      if (touchable(end)) {
        line.erase(line.find_last_not_of(" \t") + 1);
        if (!line.empty() || !blank) out += line + "\n";
      } else {
        out += line + "\n";
      }
      blank = line.empty();
      at = end + 1;
    }
    if (touchable(text.size() - 1)) {
      while (out.ends_with("\n\n")) out.pop_back();
    }
    return out;
  }

  const YamlFile& file_;
  std::vector<TextEdit> edits_;
};

}  // namespace

std::string FormatPack(const YamlFile& file) { return Formatter(file).Run(); }

}  // namespace holdfast
