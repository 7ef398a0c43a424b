// YamlFile: a YAML file as a plain tree with the place of every node, for packs and mappings.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/frontend/issue.h"
#include "engine/yaml/diagnostic.h"

namespace holdfast {

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kMap, kList };
  struct Member;

  Kind kind = Kind::kNull;
  std::string text;             // kScalar
  std::size_t offset = 0;       // of its first byte in the file
  std::vector<Member> members;  // kMap, as written
  std::vector<YamlNode> list;   // kList

  bool IsMap() const { return kind == Kind::kMap; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsNull() const { return kind == Kind::kNull; }
  // The member called `name`, or null.
  const YamlNode* Find(std::string_view name) const;
};

struct YamlNode::Member {
  YamlNode key;
  YamlNode value;
};

// Bytes [begin, end) of a file, and what is to stand there.
struct TextEdit {
  std::size_t begin = 0, end = 0;
  std::string text;
};

class YamlFile {
 public:
  // `name` is how the file is called in diagnostics. Syntax errors, repeated keys, and trees that
  // are too large are reported; the root is then null.
  static YamlFile Parse(std::string name, std::string text, Diagnostics& diagnostics);

  const YamlNode& root() const { return root_; }
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  // Where a scalar on one line without escapes, or a list in brackets without comments, stands in
  // the file, quotes and brackets included. Nothing for other nodes: they are not to be edited.
  std::optional<TextEdit> Extent(const YamlNode& node) const;
  // The file's text with `edits`; of several in one place the first.
  std::string Edited(std::vector<TextEdit> edits) const;

  // A finding at `length` bytes from `offset`.
  Diagnostic At(Severity severity, std::string code, std::size_t offset, std::size_t length,
                std::string message, std::string help = {}) const;
  // A finding at the whole of a scalar, or at the first bytes of a map or a list.
  Diagnostic At(Severity severity, std::string code, const YamlNode& node, std::string message,
                std::string help = {}) const;
  // A finding about the expression that `scalar` holds.
  Diagnostic At(Severity severity, const YamlNode& scalar, const cel::Issue& issue) const;

 private:
  // Where in the file byte `at` of the scalar's value stands, whatever its quoting or folding.
  std::size_t OffsetOf(const YamlNode& scalar, std::size_t at) const;

  std::string name_;
  std::string text_;
  YamlNode root_;
};

}  // namespace holdfast
