// Walker: evaluates a checked tree node by node. Used to explain the value of a condition, and to
// test compiled programs against.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/arena.h"
#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/ast.h"

namespace holdfast::cel {

class Walker {
 public:
  // Called with every node outside of loops, after its parts.
  using Observer = std::function<void(const Expr&, const Value&)>;

  // `slots` holds every variable that the tree reads. Results refer to `arena`, to the slots and to
  // the tree.
  Walker(const Value* slots, Arena& arena, Observer observer = {})
      : slots_(slots), arena_(arena), observer_(std::move(observer)) {}

  // Both sides of && and || are evaluated, of ?: the one that is taken.
  Value Evaluate(const Expr& expr);

  // True when it took more steps, or made more data, than a walk may; the value is then an error
  // that the machine need not meet.
  bool exhausted() const { return steps_left_ == 0 || bytes_left_ == 0; }

 private:
  Value Compute(const Expr& expr);
  Value Call(const Expr& expr);
  Value Loop(const Expr& expr);
  Value OptionalMap(const Expr& expr);
  bool Gather(const Value& first, const Value& item, const Expr& expr, std::vector<Value>& made,
              Value& fault);

  const Value* slots_;
  Arena& arena_;
  Observer observer_;
  std::vector<std::pair<std::string, Value>> locals_;
  // Takes `bytes` of what may be made; false when there is no more.
  bool Spend(std::uint64_t bytes);

  std::uint64_t steps_left_ = 2'000'000;
  std::uint64_t bytes_left_ = 16 << 20;
};

}  // namespace holdfast::cel
