// docs/openapi.yaml against the service that runs: every path and method is there and no other, and
// what is answered is as described.
#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "engine/codec/json_value.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

const YAML::Node& Api() {
  static const YAML::Node api = YAML::LoadFile(HOLDFAST_SOURCE "/docs/openapi.yaml");
  return api;
}

YAML::Node Resolved(const YAML::Node& node) {
  if (!node.IsMap() || !node["$ref"]) return node;
  std::istringstream path(node["$ref"].as<std::string>().substr(2));
  YAML::Node at = YAML::Clone(Api());
  for (std::string part; std::getline(path, part, '/');) at.reset(at[part]);
  REQUIRE_MESSAGE(at.IsDefined(), node["$ref"].as<std::string>());
  return Resolved(at);
}

// What is wrong with a value, or nothing. Knows what the document uses of JSON Schema.
std::string Fault(const JsonValue& value, const YAML::Node& given, const std::string& where) {
  const YAML::Node schema = Resolved(given);
  if (schema["anyOf"]) {
    std::string faults;
    for (const YAML::Node& one : schema["anyOf"]) {
      const std::string fault = Fault(value, one, where);
      if (fault.empty()) return {};
      faults += fault + "; ";
    }
    return faults;
  }
  using Kind = JsonValue::Kind;
  const std::string type = schema["type"] ? schema["type"].as<std::string>() : "";
  const Kind kind = value.kind();
  const bool fits =
      type.empty() || (type == "object" && kind == Kind::kMap) ||
      (type == "array" && kind == Kind::kList) || (type == "string" && kind == Kind::kText) ||
      (type == "boolean" && kind == Kind::kBool) || (type == "null" && kind == Kind::kNull) ||
      (type == "integer" && kind == Kind::kNumber &&
       value.text().find_first_of(".eE") == std::string_view::npos);
  if (!fits) return where + " is no " + type;
  if (schema["enum"]) {
    bool known = false;
    for (const YAML::Node& word : schema["enum"]) {
      known = known || word.as<std::string>() == value.text();
    }
    if (!known) return where + " is '" + std::string(value.text()) + "'";
  }
  for (const YAML::Node& name : schema["required"]) {
    const bool there = std::any_of(
        value.members().begin(), value.members().end(),
        [&](const JsonValue::Member& member) { return member.name == name.as<std::string>(); });
    if (!there) return where + " has no " + name.as<std::string>();
  }
  for (const auto& [name, member] : value.members()) {
    const YAML::Node properties = schema["properties"];
    const bool known = properties.IsDefined() && properties[std::string(name)].IsDefined();
    if (!known && schema["additionalProperties"]) return where + " has '" + std::string(name) + "'";
    if (!known) continue;
    const std::string fault =
        Fault(member, properties[std::string(name)], where + "." + std::string(name));
    if (!fault.empty()) return fault;
  }
  for (const JsonValue& one : value.list()) {
    if (!schema["items"]) break;
    const std::string fault = Fault(one, schema["items"], where + "[]");
    if (!fault.empty()) return fault;
  }
  return {};
}

// Checks an answer against the operation's description of it.
void CheckReply(const Reply& reply, const YAML::Node& operation, const std::string& what) {
  CAPTURE(what);
  CAPTURE(reply.body);
  const YAML::Node responses = operation["responses"];
  const std::string status = std::to_string(reply.status);
  const bool own = responses[status].IsDefined();
  REQUIRE_MESSAGE((own || responses["default"].IsDefined()), status << " is not described");
  const YAML::Node response = own ? responses[status] : responses["default"];
  std::string type = reply.Header("content-type");
  type = type.substr(0, type.find(';'));
  const YAML::Node contents = Resolved(response)["content"];
  REQUIRE_MESSAGE(contents[type].IsDefined(), "the type " << type << " is not described");
  const YAML::Node content = contents[type];
  if (type == "text/plain") return;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) {
    const auto document = JsonDocument::Parse(line);
    REQUIRE_MESSAGE(document, line);
    CHECK(Fault(document->root(), content["schema"], type) == "");
  }
}

std::string JsonOf(const YAML::Node& node) {
  if (node.IsScalar()) {
    std::string text = "\"";
    for (const char c : node.as<std::string>()) text += c == '"' ? "\\\"" : std::string(1, c);
    return text + "\"";
  }
  std::string text;
  for (auto at = node.begin(); at != node.end(); ++at) {
    if (!text.empty()) text += ',';
    text += node.IsMap() ? JsonOf(at->first) + ":" + JsonOf(at->second) : JsonOf(*at);
  }
  return node.IsMap() ? "{" + text + "}" : "[" + text + "]";
}

std::string WithExamples(std::string path, const YAML::Node& item, const YAML::Node& operation) {
  for (const YAML::Node& list : {item["parameters"], operation["parameters"]}) {
    if (!list) continue;
    for (const YAML::Node& one : list) {
      const YAML::Node parameter = Resolved(one);
      const std::string name = "{" + parameter["name"].as<std::string>() + "}";
      const std::size_t at = path.find(name);
      if (at == path.npos) continue;
      path.replace(at, name.size(), parameter["example"].as<std::string>());
    }
  }
  return path;
}

TEST_CASE("openapi: every operation answers as described, for every role") {
  const Running service(
      "webhooks:\n  - provider: stripe\n    merchant: acme\n"
      "    secrets: [ { name: a, variable: PATH } ]\n"
      "outbox:\n  - { name: out, file: out.ndjson }\n");
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("100044")).status == 200);
  for (const auto& path : Api()["paths"]) {
    for (const auto& entry : path.second) {
      std::string method = entry.first.as<std::string>();
      if (method == "parameters") continue;
      std::transform(method.begin(), method.end(), method.begin(), ::toupper);
      const YAML::Node operation = entry.second;
      const std::string target = WithExamples(path.first.as<std::string>(), path.second, operation);
      std::vector<std::pair<std::string, std::string>> bodies;  // type and text
      if (operation["requestBody"]) {
        for (const auto& content : operation["requestBody"]["content"]) {
          const YAML::Node example = content.second["example"];
          const std::string type = content.first.as<std::string>();
          REQUIRE_MESSAGE(example, target << " has no example of " << type);
          bodies.emplace_back(type,
                              example.IsScalar() ? example.as<std::string>() : JsonOf(example));
        }
        bodies.emplace_back("application/json", "{}");
        bodies.emplace_back("application/json", "no JSON");
      } else {
        bodies.emplace_back("", "");
      }
      for (const auto& [type, body] : bodies) {
        for (const char* key : {"ingest", "review", "admin", "other", "all", ""}) {
          const std::string ask = target + (std::string(key) == "all" ? "?merchant=acme" : "");
          for (const bool brief : {false, true}) {
            Headers headers;
            if (!type.empty()) headers.push_back({"Content-Type", type});
            if (brief) headers.push_back({"Prefer", "respond-async"});
            const Reply reply = service.Ask(method, ask, key, body, headers);
            CheckReply(reply, operation, method + " " + ask + " as " + key + ": " + body);
          }
        }
      }
    }
  }
  // At least once each as its user would have it.
  const auto get = [&](const char* path) { return Api()["paths"][path]["get"]; };
  const auto post = [&](const char* path) { return Api()["paths"][path]["post"]; };
  const auto fine = [&](const Reply& reply, const YAML::Node& operation, const char* what) {
    CHECK_MESSAGE(reply.status == 200, what << reply.body);
    CheckReply(reply, operation, what);
  };
  fine(service.Get("/v1/orders/100044", "review"), get("/v1/orders/{id}"), "order");
  fine(service.Get("/v1/orders/100044/decisions", "ingest"), get("/v1/orders/{id}/decisions"), "d");
  fine(service.Get("/v1/decisions", "ingest"), get("/v1/decisions"), "decisions");
  fine(service.Get("/v1/queue", "review"), get("/v1/queue"), "queue");
  fine(service.Get("/v1/find?text=100044", "review"), get("/v1/find"), "find");
  fine(service.Get("/v1/lists/blocked_emails", "review"), get("/v1/lists/{name}"), "list");
  fine(service.Get("/v1/outbox", "all"), get("/v1/outbox"), "outbox");
  fine(service.Get("/metrics", "all"), get("/metrics"), "metrics");
  fine(service.Post("/v1/packs", "all", R"({"pack":"starter"})"), post("/v1/packs"), "pack");
  fine(service.Get("/v1/packs", "review"), get("/v1/packs"), "packs");
  fine(service.Get("/v1/packs/history", "all"), get("/v1/packs/history"), "history");
  fine(service.Get("/v1/packs/history", "review"), get("/v1/packs/history"), "history");
  CheckReply(service.Post("/v1/packs", "all", R"({"pack":"nothing"})"), post("/v1/packs"), "pack");
}

// A route that is not described is found by asking every path with every method.
TEST_CASE("openapi: nothing is there that is not described") {
  const Running service;
  std::set<std::string> methods = {"GET", "POST", "PUT", "DELETE", "PATCH"};
  for (const auto& path : Api()["paths"]) {
    for (const std::string& method : methods) {
      std::string lower = method;
      std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
      const YAML::Node item = path.second;
      std::string target = path.first.as<std::string>();
      for (std::size_t at; (at = target.find('{')) != target.npos;) {
        target.replace(at, target.find('}') - at + 1, "x");
      }
      const Reply reply = service.Ask(method, target, "", "{}");
      CAPTURE(method);
      CAPTURE(target);
      const bool described = static_cast<bool>(item[lower]);
      CHECK((reply.status != 405) == described);
    }
  }
}

}  // namespace
}  // namespace holdfast::testing
