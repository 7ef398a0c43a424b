// Source: reads events from an input one after another, and reports bad ones.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/mapping.h"
#include "engine/model/event.h"

namespace holdfast {

// One event, or the error in the input at that place.
struct Incoming {
  std::string text;              // of NDJSON: an event or a bare order, not parsed yet
  std::shared_ptr<Event> event;  // of CSV
  std::optional<Error> error;    // then nothing of the above is to be used
  std::int64_t line = 0;         // where it begins in the input, from 1
  std::vector<std::string> raw;  // of CSV: the rows as they came
};

class Source {
 public:
  virtual ~Source() = default;
  // Nothing at the end, or after a stop.
  virtual std::optional<Incoming> Next() = 0;
  // True when the next call may have to wait for more input.
  virtual bool Drained() const = 0;
  virtual std::uint64_t bytes() const = 0;
  // What ended the input early, if anything did.
  virtual const std::optional<Error>& error() const = 0;
  // The head line of a CSV input, for a file of rejects; empty otherwise.
  virtual std::string head() const { return {}; }
  virtual char delimiter() const { return ','; }
};

// Events and bare orders, one JSON object a line. Empty lines are passed over.
std::unique_ptr<Source> MakeNdjsonSource(int fd, const std::atomic<bool>* stop);

// Rows of CSV through a mapping.
// Errors: kInvalidMapping when the head lacks a column that the mapping reads; kMalformedInput when
// there is no head.
Result<std::unique_ptr<Source>> MakeCsvSource(int fd, std::shared_ptr<const Mapping> mapping,
                                              const std::atomic<bool>* stop);

}  // namespace holdfast
