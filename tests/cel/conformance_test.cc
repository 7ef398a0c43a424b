// The conformance suite of the expression language, read from the shared folder.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "engine/base/base64.h"
#include "engine/base/file.h"
#include "engine/cel/expression.h"
#include "tests/shared.h"

namespace holdfast::cel {
namespace {

using Json = rapidjson::Value;

std::string_view Text(const Json& json) { return {json.GetString(), json.GetStringLength()}; }

Type ReadType(const Json& json) {
  if (json.IsNull()) return Type(TypeKind::kDyn);
  if (json.IsString()) return ParseType(Text(json));
  if (json.HasMember("list")) return Type::List(ReadType(json["list"]));
  if (json.HasMember("map")) return Type::Map(ReadType(json["map"][0]), ReadType(json["map"][1]));
  if (json.HasMember("type")) return Type::TypeOf(ReadType(json["type"]));
  if (json.HasMember("param")) return Type::Param(std::string(Text(json["param"])));
  std::vector<Type> args;
  if (json.HasMember("params")) {
    for (const auto& arg : json["params"].GetArray()) args.push_back(ReadType(arg));
  }
  return Type::Abstract(std::string(Text(json["abstract"])), std::move(args));
}

// Nothing for a kind that the language does not have yet.
std::optional<Value> ReadValue(const Json& json, Arena& arena) {
  const std::string_view type = Text(json["type"]);
  if (type == "null") return Value::Null();
  if (type == "timestamp") {
    return Value::Timestamp({std::stoll(json["seconds"].GetString()),
                             static_cast<std::uint32_t>(json["nanos"].GetInt())});
  }
  if (type == "duration") {
    return Value::Duration(std::stoll(json["seconds"].GetString()) * kNanosPerSecond +
                           json["nanos"].GetInt());
  }
  if (!json.HasMember("value")) return std::nullopt;
  const Json& value = json["value"];
  if (type == "bool") return Value::Bool(value.GetBool());
  if (type == "int") return Value::Int(std::stoll(value.GetString()));
  if (type == "uint") return Value::Uint(std::stoull(value.GetString()));
  if (type == "double") {
    if (value.IsString()) return Value::Double(std::strtod(value.GetString(), nullptr));
    return Value::Double(value.GetDouble());
  }
  if (type == "string") return Value::String(arena.Copy(Text(value)));
  if (type == "bytes") return Value::Bytes(arena.Copy(DecodeBase64(Text(value)).value()));
  if (type == "type") return Value::Type(arena.Copy(Text(value)));
  if (type == "list") {
    std::vector<Value> elements;
    for (const auto& element : value.GetArray()) {
      const auto read = ReadValue(element, arena);
      if (!read) return std::nullopt;
      elements.push_back(*read);
    }
    return DeepCopy(Value::List(elements.data(), elements.size()), arena);
  }
  if (type == "map") {
    std::vector<MapEntry> entries;
    for (const auto& entry : value.GetArray()) {
      const auto k = ReadValue(entry["key"], arena);
      const auto v = ReadValue(entry["value"], arena);
      if (!k || !v) return std::nullopt;
      entries.push_back({*k, *v});
    }
    return DeepCopy(Value::Map(entries.data(), entries.size()), arena);
  }
  return std::nullopt;
}

// Equal in value and in type, NaN equal to NaN: what an expectation means.
bool Same(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.Is(Kind::kDouble)) {
    return (std::isnan(a.number) && std::isnan(b.number)) ||
           (a.number == b.number && std::signbit(a.number) == std::signbit(b.number));
  }
  if (a.Is(Kind::kList)) {
    if (a.size != b.size) return false;
    for (std::uint32_t i = 0; i < a.size; ++i) {
      if (!Same(a.elements[i], b.elements[i])) return false;
    }
    return true;
  }
  return Equal(a, b);
}

// An empty text when the row passes, else what happened.
std::string RunRow(const Json& row) {
  Environment environment;
  environment.SetContainer(std::string(Text(row["container"])));
  std::map<std::string, int> slots;
  std::set<std::string> declared;
  for (const auto& entry : row["type_env"].GetArray()) {
    const std::string name(Text(entry["name"]));
    if (Text(entry["kind"]) == "var") {
      slots[name] = environment.AddVariable(name, ReadType(entry["type"]));
      continue;
    }
    for (const auto& overload : entry["overloads"].GetArray()) {
      Overload made;
      for (const auto& param : overload["params"].GetArray())
        made.params.push_back(ReadType(param));
      made.result = ReadType(overload["result"]);
      made.is_method = overload.HasMember("receiver_style") && overload["receiver_style"].GetBool();
      environment.AddOverload(name, made, nullptr);
    }
  }
  Arena arena;
  std::vector<Value> values;
  std::map<std::string, Value> bound;
  for (const auto& binding : row["bindings"].GetArray()) {
    const std::string name(Text(binding["name"]));
    const auto value = ReadValue(binding["value"], arena);
    if (!value) return "a binding is of a kind that is not there yet";
    if (!slots.contains(name)) slots[name] = environment.AddVariable(name, Type(TypeKind::kDyn));
    bound[name] = *value;
  }
  values.resize(environment.variables().size(), Value::Error("unbound"));
  for (const auto& [name, slot] : slots) {
    if (bound.contains(name)) values[static_cast<std::size_t>(slot)] = bound[name];
  }

  const auto checking = row["disable_check"].GetBool() ? Checking::kLenient : Checking::kStrict;
  Issues issues;
  const auto expression = CompileExpression(Text(row["expr"]), environment, issues, checking);
  const Json& expect = row["expect"];
  const std::string_view kind = Text(expect["kind"]);
  if (!expression) {
    // The one error that the suite words as a finding of the checker.
    const bool by_checker = kind == "error" && expect.HasMember("messages") &&
                            Text(expect["messages"][0]).starts_with("found no matching overload");
    return by_checker ? "" : "does not compile: " + issues.front().message;
  }
  if (kind == "typed_result" && expect.HasMember("deduced_type")) {
    const Type wanted = ReadType(expect["deduced_type"]);
    if (!(expression->type == wanted)) {
      return "type " + expression->type.Text() + ", expected " + wanted.Text();
    }
  }
  if (row["check_only"].GetBool()) return {};
  Machine machine;
  const Value result = machine.Run(expression->program, values.data());
  if (kind == "error") return result.Is(Kind::kError) ? "" : "no error, but " + ToText(result);
  if (!expect.HasMember("value") || expect["value"].IsNull()) return {};
  const auto wanted = ReadValue(expect["value"], arena);
  if (!wanted) return "the expectation is of a kind that is not there yet";
  if (!Same(result, *wanted)) {
    return std::string(TypeNameOf(result)) + " " + ToText(result) + ", expected " + ToText(*wanted);
  }
  return {};
}

struct Tally {
  int passed = 0, total = 0;
};

// Goal:   the expression language does what its specification's tests pin down.
// Method: every row of every file passes, but for the block extension, which is an artefact of
//         optimisers: its rows are counted.
TEST_CASE("conformance of the expression language") {
  const auto folder = testing::Shared("cel/vectors");
  if (!folder) return;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Tally wanted, all;
  for (const auto& path : files) {
    const auto text = ReadFile(path.string(), 64 << 20);
    REQUIRE(text.has_value());
    rapidjson::Document rows;
    rows.Parse<rapidjson::kParseFullPrecisionFlag>(text->data(), text->size());
    REQUIRE(rows.IsArray());
    Tally here;
    for (const auto& row : rows.GetArray()) {
      const bool counts = Text(row["feature"]) != "block_ext";
      const std::string problem = RunRow(row);
      const int passed = problem.empty() ? 1 : 0;
      here.passed += passed;
      ++here.total;
      wanted.passed += counts ? passed : 0;
      wanted.total += counts ? 1 : 0;
      if (!counts || problem.empty()) continue;
      testing::Say("  fails: " + std::string(Text(row["id"])) + ": " + problem);
      FAIL_CHECK(row["id"].GetString());
    }
    all.passed += here.passed;
    all.total += here.total;
    testing::Say("conformance " + path.stem().string() + ": " + std::to_string(here.passed) + "/" +
                 std::to_string(here.total));
  }
  testing::Say("conformance: " + std::to_string(wanted.passed) + "/" +
               std::to_string(wanted.total) + ", with the block extension " +
               std::to_string(all.passed) + "/" + std::to_string(all.total));
  CHECK(wanted.total > 0);
}

}  // namespace
}  // namespace holdfast::cel
