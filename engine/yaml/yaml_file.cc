#include "engine/yaml/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <unordered_set>

#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace holdfast {
namespace {

constexpr std::size_t kNodesMax = 500'000;   // aliases counted as often as they are used
constexpr std::size_t kBytesMax = 32 << 20;  // likewise
constexpr int kDepthMax = 32;

class Converter {
 public:
  Converter(const YamlFile& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  bool Convert(const YAML::Node& from, YamlNode& to, int depth) {
    const YAML::Mark mark = from.Mark();
    to.offset = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    if (++nodes_ > kNodesMax || depth > kDepthMax) {
      diagnostics_.push_back(
          file_.At(Severity::kError, "limit", to.offset, 1,
                   depth > kDepthMax ? "nested too deeply" : "the file is too large"));
      return false;
    }
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        to.kind = YamlNode::Kind::kScalar;
        to.text = from.Scalar();
        bytes_ += to.text.size();
        if (bytes_ > kBytesMax) {
          diagnostics_.push_back(file_.At(Severity::kError, "limit", to.offset, 1,
                                          "the file is too large with its aliases written out"));
          return false;
        }
        return true;
      case YAML::NodeType::Sequence:
        to.kind = YamlNode::Kind::kList;
        for (const auto& element : from) {
          to.list.emplace_back();
          if (!Convert(element, to.list.back(), depth + 1)) return false;
        }
        return true;
      case YAML::NodeType::Map: {
        to.kind = YamlNode::Kind::kMap;
        std::unordered_set<std::string> seen;
        for (const auto& member : from) {
          to.members.emplace_back();
          YamlNode::Member& made = to.members.back();
          if (!Convert(member.first, made.key, depth + 1)) return false;
          if (!Convert(member.second, made.value, depth + 1)) return false;
          if (!made.key.IsScalar()) {
            diagnostics_.push_back(
                file_.At(Severity::kError, "syntax", made.key, "a key must be a plain name"));
          } else if (!seen.insert(made.key.text).second) {
            diagnostics_.push_back(file_.At(Severity::kError, "duplicate-key", made.key,
                                            "'" + made.key.text + "' is given twice"));
          }
        }
        return true;
      }
      default:
        return true;
    }
  }

 private:
  const YamlFile& file_;
  Diagnostics& diagnostics_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

const YamlNode* YamlNode::Find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.key.text == name) return &member.value;
  }
  return nullptr;
}

YamlFile YamlFile::Parse(std::string name, std::string text, Diagnostics& diagnostics) {
  YamlFile file;
  file.name_ = std::move(name);
  file.text_ = std::move(text);
  if (file.text_.starts_with(kByteOrderMark)) file.text_.erase(0, kByteOrderMark.size());
  const std::size_t errors_before = CountErrors(diagnostics);
  if (!IsValidUtf8(file.text_)) {
    diagnostics.push_back(
        {Severity::kError, "syntax", file.name_, 0, 0, 0, {}, "the file is not valid UTF-8", {}});
    return file;
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(file.text_);
    if (documents.size() > 1) {
      const auto mark = documents[1].Mark().pos;
      diagnostics.push_back(file.At(Severity::kError, "syntax",
                                    mark < 0 ? 0 : static_cast<std::size_t>(mark), 1,
                                    "a second document begins here; the file may hold one"));
      return file;
    }
    const YAML::Node root = documents.empty() ? YAML::Node() : documents[0];
    if (!Converter(file, diagnostics).Convert(root, file.root_, 0)) file.root_ = YamlNode{};
  } catch (const YAML::Exception& e) {
    const std::size_t offset = e.mark.pos < 0 ? 0 : static_cast<std::size_t>(e.mark.pos);
    std::string help;
    if (e.msg.find("illegal map value") != std::string::npos ||
        e.msg.find("end of map") != std::string::npos) {
      help = "put a text that holds ': ' or ' #', or that begins with a quote, in double quotes";
    }
    diagnostics.push_back(
        file.At(Severity::kError, "syntax", offset, 1, "not YAML: " + e.msg, help));
    file.root_ = YamlNode{};
  }
  if (CountErrors(diagnostics) > errors_before && file.root_.IsNull()) file.root_ = YamlNode{};
  return file;
}

Diagnostic YamlFile::At(Severity severity, std::string code, std::size_t offset, std::size_t length,
                        std::string message, std::string help) const {
  Diagnostic d;
  d.severity = severity;
  d.code = std::move(code);
  d.file = name_;
  d.message = std::move(message);
  d.help = std::move(help);
  offset = std::min(offset, text_.size());
  const std::string_view text = text_;
  const std::size_t line_begin = offset == 0 ? 0
                                 : text.rfind('\n', offset - 1) == std::string_view::npos
                                     ? 0
                                     : text.rfind('\n', offset - 1) + 1;
  std::size_t line_end = text.find('\n', offset);
  if (line_end == std::string_view::npos) line_end = text.size();
  d.line = 1 + static_cast<int>(std::count(
                   text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n'));
  d.source_line = text.substr(line_begin, line_end - line_begin);
  while (!d.source_line.empty() && d.source_line.back() == '\r') d.source_line.pop_back();
  d.column = 1 + static_cast<int>(CountCodePoints(text.substr(line_begin, offset - line_begin)));
  const std::size_t end = std::min(offset + std::max<std::size_t>(1, length), line_end);
  d.length = std::max(
      1, static_cast<int>(CountCodePoints(text.substr(offset, end > offset ? end - offset : 0))));
  return d;
}

Diagnostic YamlFile::At(Severity severity, std::string code, const YamlNode& node,
                        std::string message, std::string help) const {
  std::size_t length = 1;
  if (node.IsScalar()) {
    const std::size_t first = OffsetOf(node, 0);
    length = std::max<std::size_t>(1, OffsetOf(node, node.text.size()) - first);
    return At(severity, std::move(code), first, length, std::move(message), std::move(help));
  }
  return At(severity, std::move(code), node.offset, length, std::move(message), std::move(help));
}

Diagnostic YamlFile::At(Severity severity, const YamlNode& scalar, const cel::Issue& issue) const {
  const std::size_t begin = OffsetOf(scalar, issue.range.begin);
  const std::size_t end = OffsetOf(scalar, issue.range.end);
  return At(severity, std::string(issue.code), begin, end > begin ? end - begin : 1, issue.message,
            issue.help);
}

std::size_t YamlFile::OffsetOf(const YamlNode& scalar, std::size_t at) const {
  std::size_t place = std::min(scalar.offset, text_.size());
  // An anchor (&x) or a tag (!!str) may come before the value.
  while (place < text_.size() && (text_[place] == '&' || text_[place] == '!')) {
    while (place < text_.size() && !IsBlank(text_[place])) ++place;
    while (place < text_.size() && IsBlank(text_[place])) ++place;
  }
  const char style = place < text_.size() ? text_[place] : '\0';
  if (style == '|' || style == '>') {
    place = text_.find('\n', place);
    if (place == std::string::npos) return text_.size();
  } else if (style == '"' || style == '\'') {
    ++place;
  }
  // Compare value and file: a blank matches any run of blanks, an escape matches one character.
  bool after_blank = style == '|' || style == '>';
  for (std::size_t i = 0; i <= at && i <= scalar.text.size(); ++i) {
    const bool blank = i < scalar.text.size() && IsBlank(scalar.text[i]);
    if (after_blank && !blank) {
      while (place < text_.size() && IsBlank(text_[place])) ++place;
    }
    if (i == at || i == scalar.text.size()) break;
    after_blank = blank;
    if (blank) {
      if (place < text_.size() && IsBlank(text_[place])) ++place;
      continue;
    }
    if (place < text_.size() && text_[place] != scalar.text[i] && (style == '"' || style == '\'')) {
      ++place;  // the backslash, or the first of two quotes
    }
    if (place < text_.size()) ++place;
    if (style == '\'' && scalar.text[i] == '\'') ++place;
  }
  return place;
}

std::optional<TextEdit> YamlFile::Extent(const YamlNode& node) const {
  if (node.IsList()) {
    if (node.offset >= text_.size() || text_[node.offset] != '[') return std::nullopt;
    char quote = '\0';
    int depth = 0;
    for (std::size_t at = node.offset; at < text_.size(); ++at) {
      const char c = text_[at];
      const char before = text_[at == 0 ? 0 : at - 1];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '#' && (before == ' ' || before == '\t' || before == '\n')) {
        return std::nullopt;  // a comment that an edit would lose
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        ++depth;
      } else if (c == ']' && --depth == 0) {
        return TextEdit{node.offset, at + 1, {}};
      }
    }
    return std::nullopt;
  }
  if (!node.IsScalar() || node.text.find('\n') != std::string::npos) return std::nullopt;
  std::size_t begin = node.offset;
  const char quote = begin < text_.size() ? text_[begin] : '\0';
  const bool quoted = quote == '\'' || quote == '"';
  if (quoted) ++begin;
  if (text_.compare(begin, node.text.size(), node.text) != 0) return std::nullopt;
  const std::size_t end = begin + node.text.size();
  if (!quoted) return TextEdit{begin, end, {}};
  if (end >= text_.size() || text_[end] != quote) return std::nullopt;
  return TextEdit{begin - 1, end + 1, {}};
}

std::string YamlFile::Edited(std::vector<TextEdit> edits) const {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const TextEdit& a, const TextEdit& b) { return a.begin < b.begin; });
  std::string out;
  std::size_t at = 0;
  for (const TextEdit& edit : edits) {
    if (edit.begin < at) continue;  // an alias, whose anchor has been edited
    out.append(text_, at, edit.begin - at);
    out += edit.text;
    at = edit.end;
  }
  return out + text_.substr(at);
}

}  // namespace holdfast
