// Environment: the names that an expression may use: variables, types, functions.
//
// A variable's name may have dots ("order.buyer.id"): such a name is one variable with one slot,
// found by the longest declared prefix of a selection. Slots are numbered as declared.
//
// Threads: built by one thread, then read by any number.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/type.h"

namespace holdfast::cel {

struct VariableDecl {
  std::string name;
  Type type;
  int slot = 0;
  // Not empty: the only texts the variable can be; comparing it with another is an error.
  std::vector<std::string> words;
};

// Computes a call. The arguments are neither errors nor unknowns. Memory for the result comes from
// `arena`. An argument of a wrong type is answered with NoOverload().
using Function = Value (*)(std::span<const Value> args, Arena& arena);

// The error of a call whose argument types fit no overload.
inline Value NoOverload() { return Value::Error("no such overload"); }

struct Overload {
  std::vector<Type> params;  // of a method, the target first
  Type result;
  bool is_method = false;
};

struct FunctionDecl {
  std::string name;
  std::vector<Overload> overloads;
  Function function = nullptr;  // null for operators: the machine has its own steps
  std::string_view meaning;     // for people, or empty
  std::string_view example;     // an expression that uses it, or empty
  int cost = 0;                 // in comparisons of two numbers, about; 0: the default of a call
};

class Environment {
 public:
  // Knows the types, operators and functions of the language's standard library and extensions.
  Environment() = default;
  Environment(Environment&&) = default;
  Environment& operator=(Environment&&) = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // Declares a variable and returns its slot. REQUIRES: a new name.
  int AddVariable(std::string name, Type type, std::vector<std::string> words = {});

  // Declares overloads of a function: each signature reads "(string, int) bool", or
  // "string.(int) bool" for a method. A second call for the same name adds overloads.
  void AddFunction(std::string name, std::initializer_list<std::string_view> signatures,
                   Function function);
  void AddOverload(const std::string& name, Overload overload, Function function);
  // Says what the function `name` does, and an expression that uses it. REQUIRES: it is declared.
  void Describe(std::string_view name, std::string_view meaning, std::string_view example);

  // Sets the cost of a call of `name`; cheaper terms are evaluated first. REQUIRES: `name` is
  // declared.
  void SetCost(std::string_view name, int cost);

  // Names are looked up in this container first ("com.example"), then outwards.
  void SetContainer(std::string container) { container_ = std::move(container); }

  // For help lines: who writes `wrong` means the variable `meant`.
  void AddHint(std::string wrong, std::string meant) {
    hints_.emplace(std::move(wrong), std::move(meant));
  }
  const std::map<std::string, std::string, std::less<>>& hints() const { return hints_; }

  // Sets the help line for the unknown name or function `word`: what to write instead. A dotted
  // name also gets the advice for its last part.
  void AddAdvice(std::string word, std::string advice) {
    advice_.emplace(std::move(word), std::move(advice));
  }
  // The advice for a name; empty: none.
  std::string_view AdviceOn(std::string_view name) const;

  const VariableDecl* FindVariable(std::string_view name) const;
  const FunctionDecl* FindFunction(std::string_view name) const;
  // The canonical name of a type ("int", "google.protobuf.Duration") or empty.
  std::string_view FindTypeName(std::string_view name) const;

  const std::string& container() const { return container_; }
  const std::deque<VariableDecl>& variables() const { return variables_; }
  std::vector<std::string_view> FunctionNames() const;
  // Those that Describe has said something about, by name.
  std::vector<std::string_view> DescribedFunctions() const;

 private:
  std::deque<VariableDecl> variables_;
  std::unordered_map<std::string_view, const VariableDecl*> variables_by_name_;
  using Functions = std::map<std::string, FunctionDecl, std::less<>>;
  // The functions of the language, made once for all environments.
  static const Functions& Standard();

  Functions functions_;  // declared here; they come before those of the language
  std::string container_;
  std::map<std::string, std::string, std::less<>> hints_, advice_;
};

// A macro, for people.
struct MacroDoc {
  std::string_view form;  // "list.exists(x, condition)"
  std::string_view meaning;
  std::string_view example;
};
std::span<const MacroDoc> MacroDocs();

// The parts of the language's library; every environment has them.
void AddStandardLibrary(Environment& environment);
void AddTextFunctions(Environment& environment);
void AddMathFunctions(Environment& environment);
void AddNetworkFunctions(Environment& environment);
void AddOptionalFunctions(Environment& environment);

}  // namespace holdfast::cel
