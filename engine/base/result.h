// Result: a value or an Error. Errors are values; nothing in Holdfast throws across a layer.
//
// Every error comes from one table (errors.cc): a stable code, a sentence, what to do about it,
// the HTTP status of the service and the exit code of the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace holdfast {

enum class ErrorCode : std::uint8_t {
  kUsage,              // the command line or a call was used wrongly
  kInvalidInput,       // a field has a value that it may not have
  kMalformedInput,     // the bytes are not what they should be (JSON, CSV, UTF-8)
  kLimitExceeded,      // a limit was reached
  kDuplicateConflict,  // an id was used again with other content
  kUnknownOrder,       // an event names an order that never came
  kOrderExists,        // order.placed for an order that is there already
  kInvalidPack,        // a rule pack has errors
  kOtherPack,          // a pack that is not the active one of the data folder
  kInvalidMapping,     // a mapping file has errors
  kNotFound,           // a file or folder is not there
  kIo,                 // the system refused a read or a write
  kBusy,               // another process or request uses it
  kConflict,           // changed since it was read
  kCorrupt,            // what is on disk is not what was written there
  kNewerFormat,        // a later version of Holdfast wrote it
  kInterrupted,        // stopped by a signal or a closed pipe
  kUnauthorized,       // no key, or one that is not known
  kForbidden,          // the key is not for this
  kBadSignature,       // a webhook whose sender cannot be believed
  kUnknownRoute,       // no such path
  kWrongMethod,        // the path is there, but not for this method
  kTooMany,            // a rate limit or a full queue: later
  kUnavailable,        // cannot be done now
  kTimeout,            // the request took too long to come
  kHeadersTooLarge,    // of a request
  kInternal,           // a fault of Holdfast
};

// One row of the error table.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;      // stable, kebab-case; in JSON and in documents
  std::string_view sentence;  // what happened, for a person
  std::string_view remedy;    // what to do about it
  int http_status;
  int exit_code;  // 1 found something, 2 usage, 3 failed
};

// The row of `code`; every code has one (tested).
const ErrorInfo& InfoOf(ErrorCode code);

// What went wrong: the code, where (a path such as `order.items[2].quantity`, or empty), and the
// particulars.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string where;
  std::string detail;

  // "where: detail", or the table's sentence where there is no detail.
  std::string Text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> Fail(ErrorCode code, std::string where, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(where), std::move(detail)});
}
inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace holdfast
