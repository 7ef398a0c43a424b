// EventReader: builds an Event from a stream of JSON-like tokens, strictly.
//
// The JSON parser and the CSV mapping both feed it, so every check and every error text exists
// once: types, ranges, enumerations, currencies, dates, duplicate and unknown keys, depth, sizes.
// An error names the path: `order.items[2].quantity: must be a whole number from 1 to 1000000,
// got -1`.
//
// Each token call returns false at the first error; the rest of the input must then be skipped.
// Texts given to it must live as long as the event: they are kept as views.
// Threads: thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/result.h"
#include "engine/model/event.h"

namespace holdfast {

enum class UnknownFields : std::uint8_t {
  kKeep,    // unknown top-level fields of an order go to its attributes
  kRefuse,  // unknown fields are errors
};

// The largest size of an event. In the log it may be longer and deeper than it was received,
// because it is written again.
struct EventLimits {
  std::size_t bytes = limits::kEventBytes;
  int depth = limits::kJsonDepth;
};
inline constexpr EventLimits kLogLimits = {8 * limits::kEventBytes, limits::kJsonDepth + 4};

// The merchant of an event that names none.
inline constexpr std::string_view kDefaultMerchant = "default";

class EventReader {
 public:
  explicit EventReader(UnknownFields unknown = UnknownFields::kKeep,
                       int depth = limits::kJsonDepth);
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  // Whether an order without a total gets the sum of its lines and shipping fee, if every line has
  // a price. For exports of order lines; initially off.
  void TotalFromItems(bool yes);

  // Starts a new event in `event`, which must be empty and must outlive the calls up to Finish.
  void Begin(Event& event);

  bool StartObject();
  bool Key(std::string_view name);
  bool EndObject();
  bool StartArray();
  bool EndArray();
  bool String(std::string_view text);
  bool Number(std::string_view decimal);  // as written
  bool Bool(bool value);
  bool Null();

  // Checks required fields, and separates the fields of an event from those of a bare order.
  Status Finish();

  // The error of the token call that returned false.
  Error TakeError();

  // The path of the value being read, for errors found outside of the reader.
  std::string Path() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
