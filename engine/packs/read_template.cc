#include "engine/packs/read_template.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/features/facts.h"

namespace holdfast {
namespace {

// The position of the brace that closes the one before `at`. Braces within texts and maps are
// skipped.
std::size_t EndOfExpression(const std::string& text, std::size_t at) {
  int depth = 0;
  char quote = '\0';
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') ++at;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && depth-- == 0) {
      return at;
    }
  }
  return std::string::npos;
}

void ReadExpression(PackReader& reader, PackDraft& draft, const YamlNode& node, std::size_t begin,
                    std::size_t end, const std::string& plain, Template& made) {
  cel::Issues issues;
  auto expression =
      cel::CompileWritten(node.text.substr(begin, end - begin), draft.pack->environment, issues);
  for (cel::Issue& issue : issues) {
    issue.range.begin += static_cast<std::uint32_t>(begin);
    issue.range.end += static_cast<std::uint32_t>(begin);
    reader.diagnostics().push_back(reader.file().At(Severity::kError, node, issue));
  }
  if (!expression || !CheckScope(reader, draft, node, expression->program, false)) return;
  const std::string_view source = Trim(std::string_view(node.text).substr(begin, end - begin));
  const bool is_money = expression->type.Is(cel::TypeKind::kDouble) && IsMoney(draft, source);
  made.parts.push_back({plain, std::move(expression), is_money});
}

}  // namespace

bool IsMoney(const PackDraft& draft, std::string_view name) {
  const bool is_fact = std::any_of(Facts().begin(), Facts().end(), [name](const Fact& fact) {
    return fact.name == name && fact.unit == Unit::kBaseMoney;
  });
  return is_fact || name.ends_with("_base") || draft.money_features.contains(name);
}

Template ReadTemplate(PackReader& reader, PackDraft& draft, const YamlNode& node) {
  Template made;
  made.source = node.text;
  const std::string& text = node.text;
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool doubled = at + 1 < text.size() && text[at + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      plain += c;
      ++at;
    } else if (c == '{') {
      const std::size_t end = EndOfExpression(text, at + 1);
      if (end == std::string::npos) {
        cel::Issue issue{"syntax",
                         {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)},
                         "'{' is not closed",
                         "write '{{' for a brace"};
        reader.diagnostics().push_back(reader.file().At(Severity::kError, node, issue));
        return made;
      }
      ReadExpression(reader, draft, node, at + 1, end, plain, made);
      plain.clear();
      at = end;
    } else {
      plain += c;
    }
  }
  made.parts.push_back({std::move(plain), std::nullopt, false});
  return made;
}

}  // namespace holdfast
