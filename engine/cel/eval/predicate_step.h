// The steps of a predicate; for its compiler and its loop alone.
#pragma once

#include <cmath>
#include <limits>
#include <optional>

#include "engine/cel/eval/predicate.h"
#include "engine/cel/eval/program.h"

namespace holdfast::cel {

// Which orders of two numbers fulfil a comparison.
inline constexpr std::uint8_t kLessBit = 1, kEqualBit = 2, kGreaterBit = 4;

// Where a step finds an operand: a slot, or a field of the element that a loop is at.
inline constexpr std::uint8_t kSlots = 0, kFields = 1;

// The whole numbers that stand in some orders to a constant: a range of them.
struct WholeRange {
  std::int64_t first = 0;
  std::uint64_t width = 0;  // how many more

  bool Holds(std::int64_t number) const {
    return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(first) <= width;
  }
  // Nothing when no number does.
  static std::optional<WholeRange> Of(std::uint8_t orders, std::int64_t constant) {
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    std::int64_t first = constant, last = constant;
    if ((orders & kEqualBit) == 0) {
      if (orders == kLessBit ? constant == kMin : constant == kMax) return std::nullopt;
      (orders == kLessBit ? last : first) += orders == kLessBit ? -1 : 1;
    }
    if ((orders & kLessBit) != 0) first = kMin;
    if ((orders & kGreaterBit) != 0) last = kMax;
    return WholeRange{first, static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first)};
  }
};

// The same of doubles; NaN stands in no order.
struct NumberRange {
  double least = 0, greatest = 0;

  bool Holds(double number) const { return number >= least && number <= greatest; }
  static std::optional<NumberRange> Of(std::uint8_t orders, double constant) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    if (std::isnan(constant)) return std::nullopt;
    double least = constant, greatest = constant;
    if ((orders & kEqualBit) == 0) {
      if (constant == (orders == kLessBit ? -kInf : kInf)) return std::nullopt;
      const double next = std::nextafter(constant, orders == kLessBit ? -kInf : kInf);
      (orders == kLessBit ? greatest : least) = next;
    }
    if ((orders & kLessBit) != 0) least = -kInf;
    if ((orders & kGreaterBit) != 0) greatest = kInf;
    return NumberRange{least, greatest};
  }
};

struct Predicate::Step {
  Op op;
  std::uint8_t a_base = kSlots;
  std::uint8_t b_base = kSlots;
  std::uint32_t a = 0;     // a slot's or a field's number
  std::uint32_t b = 0;     // likewise
  std::uint32_t size = 0;  // of the text
  union {
    double number;
    std::int64_t integer;  // also a duration in nanoseconds
    std::uint64_t packed;  // a short text
    WholeRange range;
    NumberRange numbers;
    const char* text;
    const ConstantTexts* list;
    const re2::RE2* pattern;
    const FieldLoop* loop;
    const Program* program;
  };
  const Step* yes = nullptr;  // what comes next
  const Step* no = nullptr;

  explicit Step(Op op_) : op(op_), integer(0) {}
};

// A condition on the elements of list a, one by one.
struct Predicate::FieldLoop {
  std::uint32_t field = 0;
  bool negate = false;     // elements count that do not fulfil it
  bool counted = false;    // every element is looked at; else one is enough
  WholeRange counts;       // when counted: how many there must be
  std::uint32_t size = 0;  // of the text
  std::uint64_t packed = 0;
  WholeRange range;
  NumberRange numbers;
  std::uint32_t body_place = 0;  // kLoop: where its code begins
  const Step* body = nullptr;    // the same, once steps have their places
};

}  // namespace holdfast::cel
