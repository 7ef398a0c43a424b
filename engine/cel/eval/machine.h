// Machine: runs programs.
//
// Threads: one machine a thread. Cost: a scalar rule allocates nothing; lists, maps and new texts
// come from the machine's arena, which Reset empties and keeps.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/exclusive_use.h"
#include "engine/cel/eval/program.h"
#include "engine/cel/eval/value.h"

namespace holdfast::cel {

// Among the facts of an unknown: beside what was missing, something failed. && and || let a missing
// fact win over an error, since it might still decide the matter; this keeps the error from being
// forgotten.
inline constexpr std::uint32_t kFailureFact = 0xFFFFFFFF;

struct MachineLimits {
  std::uint32_t iterations = 1'000'000;  // of all comprehensions in one run
  std::uint64_t bytes = 16 << 20;        // of texts, lists and maps made in one run
  std::uint64_t scanned = 64 << 20;      // bytes and elements that calls and searches go through
};

class Machine {
 public:
  explicit Machine(MachineLimits limits = {}) : limits_(limits) {}

  // The program's result over `slots`, which holds at least the slots that the program reads. The
  // result may refer to slots, to the program and to the arena; it is good until Reset.
  Value Run(const Program& program, const Value* slots) {
    if (program.predicate_ != nullptr) {
      Predicate::Frame frame(*this);
      const auto answer = program.predicate_->Run(slots, frame);
      if (answer != Predicate::Answer::kOpen) return Value::Bool(answer == Predicate::Answer::kYes);
    }
    return RunSteps(program, slots);
  }

  // The same over slots of which some are Kind::kUnread. Calls `read(slot)` for those that the
  // result turns out to need, which puts a value there.
  template <typename Read>
  Value Run(const Program& program, const Value* slots, Read read) {
    while (program.predicate_ != nullptr) {
      Predicate::Frame frame(*this);
      const auto answer = program.predicate_->Run(slots, frame);
      if (answer != Predicate::Answer::kOpen) return Value::Bool(answer == Predicate::Answer::kYes);
      if (frame.unread < 0) break;
      read(frame.unread);
    }
    for (const int slot : program.slots()) {
      if (slots[slot].Is(Kind::kUnread)) read(slot);
    }
    return RunSteps(program, slots);
  }

  // As Run, step by step, without the program's predicate.
  Value RunSteps(const Program& program, const Value* slots);

  // Forgets what earlier runs made.
  void Reset() { arena_.Reset(); }

  Arena& arena() { return arena_; }

 private:
  MachineLimits limits_;
  Arena arena_;
  std::vector<Value> temps_;
  mutable ExclusiveUse use_;
};

}  // namespace holdfast::cel
