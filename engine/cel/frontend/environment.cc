#include "engine/cel/frontend/environment.h"

#include <algorithm>

#include "engine/base/check.h"

namespace holdfast::cel {
namespace {

Overload ParseSignature(std::string_view text) {
  Overload overload;
  const std::size_t open = text.find('(');
  // "list(A).(...)": the target's type ends at the last dot before the argument list.
  const std::size_t method = text.find(".(");
  std::size_t args_begin = open;
  if (method != std::string_view::npos) {
    overload.is_method = true;
    overload.params.push_back(ParseType(text.substr(0, method)));
    args_begin = method + 1;
  }
  int depth = 0;
  std::size_t start = args_begin + 1;
  for (std::size_t i = args_begin; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    const bool end = depth == 0;
    if ((text[i] == ',' && depth == 1) || end) {
      std::string_view param = text.substr(start, i - start);
      while (!param.empty() && param.front() == ' ') param.remove_prefix(1);
      if (!param.empty()) overload.params.push_back(ParseType(param));
      start = i + 1;
    }
    if (end) {
      overload.result = ParseType(text.substr(i + 2));
      break;
    }
  }
  return overload;
}

}  // namespace

const Environment::Functions& Environment::Standard() {
  static const Functions standard = [] {
    Environment library;
    AddStandardLibrary(library);
    AddTextFunctions(library);
    AddMathFunctions(library);
    AddNetworkFunctions(library);
    AddOptionalFunctions(library);
    return std::move(library.functions_);
  }();
  return standard;
}

int Environment::AddVariable(std::string name, Type type, std::vector<std::string> words) {
  const int slot = static_cast<int>(variables_.size());
  variables_.push_back({std::move(name), std::move(type), slot, std::move(words)});
  const bool fresh = variables_by_name_.emplace(variables_.back().name, &variables_.back()).second;
  HOLDFAST_CHECK(fresh);
  return slot;
}

void Environment::AddFunction(std::string name, std::initializer_list<std::string_view> signatures,
                              Function function) {
  for (const auto signature : signatures) AddOverload(name, ParseSignature(signature), function);
}

void Environment::AddOverload(const std::string& name, Overload overload, Function function) {
  auto [at, added] = functions_.try_emplace(name, FunctionDecl{name, {}, function, {}, {}, 0});
  at->second.overloads.push_back(std::move(overload));
}

void Environment::Describe(std::string_view name, std::string_view meaning,
                           std::string_view example) {
  const auto found = functions_.find(name);
  HOLDFAST_CHECK(found != functions_.end());
  FunctionDecl& declared = found->second;
  declared.meaning = meaning;
  declared.example = example;
}

std::string_view Environment::AdviceOn(std::string_view name) const {
  auto found = advice_.find(name);
  if (found == advice_.end()) found = advice_.find(name.substr(name.rfind('.') + 1));
  return found == advice_.end() ? std::string_view() : found->second;
}

void Environment::SetCost(std::string_view name, int cost) {
  const auto found = functions_.find(name);
  HOLDFAST_CHECK(found != functions_.end());
  found->second.cost = cost;
}

const VariableDecl* Environment::FindVariable(std::string_view name) const {
  const auto found = variables_by_name_.find(name);
  return found == variables_by_name_.end() ? nullptr : found->second;
}

const FunctionDecl* Environment::FindFunction(std::string_view name) const {
  const auto own = functions_.find(name);
  if (own != functions_.end()) return &own->second;
  const auto standard = Standard().find(name);
  return standard == Standard().end() ? nullptr : &standard->second;
}

std::string_view Environment::FindTypeName(std::string_view name) const {
  constexpr std::string_view kTypes[] = {"bool",
                                         "int",
                                         "uint",
                                         "double",
                                         "string",
                                         "bytes",
                                         "list",
                                         "map",
                                         "type",
                                         "null_type",
                                         "google.protobuf.Timestamp",
                                         "google.protobuf.Duration",
                                         "optional_type",
                                         "net.IP",
                                         "net.CIDR"};
  for (const auto type : kTypes) {
    if (type == name) return type;
  }
  return {};
}

std::vector<std::string_view> Environment::FunctionNames() const {
  std::vector<std::string_view> names;
  for (const Functions* functions : {&functions_, &Standard()}) {
    for (const auto& [name, function] : *functions) {
      const char first = name.front();
      // Not operators, nor what macros are parsed into.
      if (first >= 'a' && first <= 'z' && name.find('@') == std::string::npos) {
        names.push_back(name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string_view> Environment::DescribedFunctions() const {
  std::vector<std::string_view> names;
  for (const Functions* functions : {&functions_, &Standard()}) {
    for (const auto& [name, function] : *functions) {
      if (!function.meaning.empty()) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::span<const MacroDoc> MacroDocs() {
  static constexpr MacroDoc kDocs[] = {
      {"has(fact)", "whether the fact is known", "has(order.ip)"},
      {"list.all(x, condition)", "whether all elements fulfil the condition",
       "order.items.all(i, i.risk == 'low')"},
      {"list.exists(x, condition)", "whether at least one element fulfils the condition",
       "order.items.exists(i, i.risk == 'high')"},
      {"list.exists_one(x, condition)", "whether exactly one element fulfils the condition",
       "order.items.exists_one(i, i.gift)"},
      {"list.filter(x, condition)", "the elements of which it is true",
       "order.items.filter(i, i.quantity > 3).size() >= 2"},
      {"list.map(x, value)", "the values, one for each element",
       "order.items.map(i, i.sku).join(',').contains('GIFT')"},
      {"list.map(x, condition, value)", "the values of the elements of which it is true",
       "order.items.map(i, i.gift, i.quantity).exists(q, q > 1)"},
      {"list.all(i, x, condition)",
       "also with the position of each element, or a map's key and value",
       "order.items.all(i, x, i > 0 || x.quantity == 1)"},
      {"list.exists(i, x, condition)", "the same of exists; existsOne likewise",
       "order.attributes.exists(name, value, name == 'coupon' && value == 'VIP')"},
      {"list.transformList(i, x, value)", "the values, one for each position and element",
       "order.items.transformList(i, x, i + x.quantity).exists(n, n > 5)"},
      {"map.transformMap(key, value, new_value)", "a map with other values",
       "order.attributes.transformMap(k, v, string(v)).size() > 3"},
      {"map.transformMapEntry(key, value, entries)", "a map of other entries",
       "order.attributes.transformMapEntry(k, v, {k.lowerAscii(): v}).size() > 3"},
      {"cel.bind(x, value, expression)", "the expression with a name for a value",
       "cel.bind(d, email.domain, d == 'a.example' || d == 'b.example')"},
      {"fact.?field", "the fact as an optional, none while it is missing",
       "order.?ip.orValue('') == ''"},
      {"list[?index]", "the element as an optional, none where there is none",
       "order.items[?0].sku.orValue('') == 'X'"},
      {"optional.optMap(x, value)", "the optional of the value, none of none",
       "order.?buyer.name.optMap(n, n.size() > 40).orValue(false)"},
      {"optional.optFlatMap(x, optional)", "the same with a value that is an optional itself",
       "order.?buyer.name.optFlatMap(n, optional.ofNonZeroValue(n.trim())).hasValue()"},
  };
  return kDocs;
}

}  // namespace holdfast::cel
