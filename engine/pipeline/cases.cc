#include "engine/pipeline/cases.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/pipeline/engine.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// A YAML scalar as JSON. An unquoted number, true, false or null keeps its type; all other text
// becomes a string.
void ScalarToJson(const YamlNode& node, const YamlFile& file, std::string& json) {
  const std::string& all = file.text();
  const char first = node.offset < all.size() ? all[node.offset] : '\0';
  const bool quoted = first == '"' || first == '\'';
  const std::string& text = node.text;
  const auto digits = text.find_first_not_of("0123456789");
  const bool whole = !text.empty() && digits == std::string::npos;
  const bool decimal = !text.empty() && digits != std::string::npos && digits > 0 &&
                       text[digits] == '.' &&
                       text.find_first_not_of("0123456789", digits + 1) == std::string::npos;
  const bool number = whole || decimal ||
                      (text.size() > 1 && text[0] == '-' &&
                       text.find_first_not_of("0123456789.", 1) == std::string::npos);
  const bool leading_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
  if (!quoted &&
      ((number && !leading_zero) || text == "true" || text == "false" || text == "null")) {
    json += text;
  } else {
    WriteJsonText(text, json);
  }
}

void ToJson(const YamlNode& node, const YamlFile& file, std::string& json) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      json += "null";
      return;
    case YamlNode::Kind::kScalar:
      return ScalarToJson(node, file, json);
    case YamlNode::Kind::kList: {
      json += '[';
      for (std::size_t i = 0; i < node.list.size(); ++i) {
        if (i > 0) json += ',';
        ToJson(node.list[i], file, json);
      }
      json += ']';
      return;
    }
    case YamlNode::Kind::kMap: {
      json += '{';
      bool any = false;
      for (const auto& [key, value] : node.members) {
        if (any) json += ',';
        any = true;
        WriteJsonText(key.text, json);
        json += ':';
        ToJson(value, file, json);
      }
      json += '}';
      return;
    }
  }
}

std::string Joined(const std::set<std::string>& words) {
  std::string text = "[";
  for (const auto& word : words) text += (text.size() > 1 ? ", " : "") + word;
  return text + "]";
}

// The file at `path` with its list `cases`. Empty: its errors are in `diagnostics`.
std::optional<YamlFile> ReadCases(const std::string& path, Diagnostics& diagnostics) {
  auto text = ReadFile(path, limits::kPackBytes);
  if (!text) {
    diagnostics.push_back(
        {Severity::kError, "unreadable-file", path, 0, 0, 0, {}, text.error().detail, {}});
    return std::nullopt;
  }
  YamlFile file = YamlFile::Parse(path, std::move(*text), diagnostics);
  const YamlNode* cases = file.root().Find("cases");
  if (cases != nullptr && cases->IsList()) return file;
  if (CountErrors(diagnostics) == 0) {
    diagnostics.push_back(
        file.At(Severity::kError, "missing-key", file.root(), "the file needs 'cases', a list"));
  }
  return std::nullopt;
}

class CaseRunner {
 public:
  CaseRunner(const std::shared_ptr<const Pack>& pack, const YamlFile& file,
             Diagnostics& diagnostics, std::set<std::string>& matched)
      : pack_(pack), file_(file), diagnostics_(diagnostics), matched_(matched) {}

  // The edits that make every editable expectation pass.
  std::vector<TextEdit> TakeEdits() { return std::move(edits_); }

  void Run(const YamlNode& node, CaseReport& report) {
    const YamlNode* name = node.Find("name");
    const YamlNode* events = node.Find("events");
    const YamlNode* expect = node.Find("expect");
    if (name == nullptr || events == nullptr || expect == nullptr || !events->IsList() ||
        !expect->IsMap()) {
      diagnostics_.push_back(file_.At(Severity::kError, "missing-key", node,
                                      "a case needs a name, a list of events, and what to expect"));
      return;
    }
    for (const auto& [key, value] : expect->members) {
      const std::vector<std::string_view> keys = {"outcome", "cause", "rules",
                                                  "missing", "score", "funds"};
      if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) continue;
      diagnostics_.push_back(file_.At(Severity::kError, "unknown-key", key,
                                      "'" + key.text + "' cannot be expected",
                                      "the keys are " + OrList(keys)));
      return;
    }
    for (const char* key : {"rules", "missing"}) {
      const YamlNode* list = expect->Find(key);
      if (list == nullptr || list->IsList()) continue;
      diagnostics_.push_back(
          file_.At(Severity::kError, "type-mismatch", *list, std::string(key) + " must be a list"));
      return;
    }
    if (expect->members.empty()) {
      diagnostics_.push_back(
          file_.At(Severity::kError, "missing-key", *name, "the case expects nothing"));
      return;
    }
    CaseResult result;
    result.name = name->text;
    result.file = file_.name();
    result.line = file_.At(Severity::kError, "", *name, "").line;
    Engine engine(pack_, MakeMemoryStore());
    const auto decision = LastDecision(engine, *events);
    if (!decision) {
      if (CountErrors(diagnostics_) == 0) result.differences.push_back("no order was decided");
    } else {
      Compare(*expect, *decision, result);
    }
    result.passed = result.differences.empty() && decision.has_value();
    if (!result.passed && decision) AddReasons(engine, *decision, expect->Find("rules"), result);
    report.results.push_back(std::move(result));
  }

 private:
  std::optional<Decision> LastDecision(Engine& engine, const YamlNode& events) {
    JsonEventParser parser(UnknownFields::kRefuse);
    std::optional<Decision> last;
    for (const YamlNode& node : events.list) {
      std::string json;
      ToJson(node, file_, json);
      auto event = std::make_shared<Event>();
      if (Status parsed = parser.Parse(json, *event); !parsed) {
        diagnostics_.push_back(file_.At(Severity::kError,
                                        std::string(InfoOf(parsed.error().code).name), node,
                                        parsed.error().Text()));
        return std::nullopt;
      }
      auto applied = engine.Apply(event);
      if (!applied) {
        diagnostics_.push_back(file_.At(Severity::kError,
                                        std::string(InfoOf(applied.error().code).name), node,
                                        applied.error().Text()));
        return std::nullopt;
      }
      if (applied->decision) last = std::move(applied->decision);
    }
    return last;
  }

  // Says which rules matched, and why rules that were expected did not.
  void AddReasons(Engine& engine, const Decision& decision, const YamlNode* expected,
                  CaseResult& result) {
    std::set<std::string> wanted;
    if (expected != nullptr) {
      for (const YamlNode& node : expected->list) wanted.insert(node.text);
    }
    auto explanation = engine.Explain(decision.merchant, decision.order_id);
    if (!explanation) return;
    for (ExplainedRule& explained : explanation->rules) {
      const bool expects = wanted.erase(explained.rule->id) > 0;
      if (explained.how == RuleResult::How::kMatched) {
        result.matched.push_back(std::move(explained));
      } else if (expects) {
        result.not_matched.push_back(std::move(explained));
      }
    }
    result.unknown.assign(wanted.begin(), wanted.end());
  }

  void Expect(const YamlNode* wanted, std::string_view what, std::string_view got,
              CaseResult& result) {
    // The expected text "none" matches an empty value.
    const bool none = got.empty() && wanted != nullptr && wanted->text == "none";
    if (wanted == nullptr || wanted->text == got || none) return;
    Update(*wanted, got.empty() ? std::string("none") : std::string(got));
    result.differences.push_back(std::string(what) + ": expected " + wanted->text + ", got " +
                                 (got.empty() ? "none" : std::string(got)));
  }

  void Compare(const YamlNode& expect, const Decision& decision, CaseResult& result) {
    Expect(expect.Find("outcome"), "outcome", NameOf(decision.outcome), result);
    Expect(expect.Find("cause"), "cause", NameOf(decision.cause), result);
    Expect(expect.Find("funds"), "funds", NameOf(decision.funds), result);
    Expect(expect.Find("score"), "score", std::to_string(decision.score), result);
    std::set<std::string> rules, missing;
    for (const auto* list : {&decision.reasons, &decision.shadow}) {
      for (const Reason& reason : *list) {
        const bool own = std::any_of(pack_->rules.begin(), pack_->rules.end(),
                                     [&](const Rule& rule) { return rule.id == reason.rule; });
        if (own && !reason.code.ends_with("_MISSING")) rules.insert(reason.rule);
      }
    }
    for (const MissingFacts& one : decision.missing) missing.insert(one.rule);
    matched_.insert(rules.begin(), rules.end());
    CompareSet(expect.Find("rules"), "rules", rules, result);
    CompareSet(expect.Find("missing"), "missing", missing, result);
  }

  void CompareSet(const YamlNode* wanted, std::string_view what, const std::set<std::string>& got,
                  CaseResult& result) {
    if (wanted == nullptr) return;
    std::set<std::string> want;
    for (const YamlNode& node : wanted->list) want.insert(node.text);
    if (want == got) return;
    Update(*wanted, Joined(got));
    result.differences.push_back(std::string(what) + ": expected " + Joined(want) + ", got " +
                                 Joined(got));
  }

  void Update(const YamlNode& node, std::string text) {
    auto edit = file_.Extent(node);
    if (!edit) return;
    edit->text = std::move(text);
    edits_.push_back(std::move(*edit));
  }

  const std::shared_ptr<const Pack>& pack_;
  const YamlFile& file_;
  Diagnostics& diagnostics_;
  std::set<std::string>& matched_;
  std::vector<TextEdit> edits_;
};

}  // namespace

std::vector<std::string> FindCaseFiles(const std::string& path) {
  std::vector<std::string> files;
  std::error_code ignored;
  const bool in_folder = fs::path(path).filename() == "pack.yaml";
  if (in_folder || fs::is_directory(path, ignored)) {
    const fs::path parent = fs::path(path).parent_path();
    const fs::path folder = !in_folder ? fs::path(path) : parent.empty() ? fs::path(".") : parent;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().filename().string().ends_with(".cases.yaml"))
        files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  fs::path beside(path);
  beside.replace_extension(".cases.yaml");
  if (fs::exists(beside, ignored)) files.push_back(beside.string());
  return files;
}

CaseReport RunCases(const std::shared_ptr<const Pack>& pack, const std::vector<std::string>& files,
                    Diagnostics& diagnostics) {
  CaseReport report;
  std::set<std::string> matched;
  for (const std::string& path : files) {
    const auto opened = ReadCases(path, diagnostics);
    if (!opened) continue;
    const YamlFile& file = *opened;
    const YamlNode* cases = file.root().Find("cases");
    CaseRunner runner(pack, file, diagnostics, matched);
    for (const YamlNode& node : cases->list) runner.Run(node, report);
    if (auto edits = runner.TakeEdits(); !edits.empty()) {
      std::string updated = file.Edited(std::move(edits));
      // An update that does not parse, or changes the number of cases, is not written.
      Diagnostics faults;
      const YamlFile again = YamlFile::Parse(path, updated, faults);
      const YamlNode* same = again.root().Find("cases");
      if (faults.empty() && same != nullptr && same->list.size() == cases->list.size()) {
        report.updates.push_back({path, std::move(updated)});
      }
    }
  }
  for (const Rule& rule : pack->rules) {
    if (!matched.contains(rule.id)) report.rules_without_case.push_back(rule.id);
  }
  return report;
}

Result<std::vector<std::string>> EventsOfCase(const std::vector<std::string>& files,
                                              const std::string& name, Diagnostics& diagnostics) {
  std::optional<std::vector<std::string>> found;
  std::string names;
  std::size_t count = 0;
  for (const std::string& path : files) {
    const auto file = ReadCases(path, diagnostics);
    if (!file) continue;
    for (const YamlNode& node : file->root().Find("cases")->list) {
      const YamlNode* called = node.Find("name");
      const YamlNode* events = node.Find("events");
      if (called == nullptr || events == nullptr || !events->IsList()) continue;
      constexpr std::size_t kNamed = 20;
      if (++count <= kNamed) names += (count > 1 ? ", '" : "'") + called->text + "'";
      if (called->text != name) continue;
      if (found) return Fail(ErrorCode::kUsage, name, "is the name of several cases");
      found.emplace();
      for (const YamlNode& event : events->list) {
        ToJson(event, *file, found->emplace_back());
      }
    }
  }
  if (found) return std::move(*found);
  if (count == 0) return Fail(ErrorCode::kUsage, name, "is no case: the pack has no cases");
  return Fail(ErrorCode::kUsage, name, "is no case of the pack; its first cases are " + names);
}

}  // namespace holdfast
