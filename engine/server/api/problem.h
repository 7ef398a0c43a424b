// Problem: errors as problem details (RFC 9457), from the one table of errors.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/server/http.h"

namespace holdfast {

// {"type":"urn:holdfast:problem:invalid-input","title":...,"status":422,"detail":...,"help":...}
std::string ProblemJson(const Error& error);

// The answer with the HTTP status of the error table. For kTooMany and kUnavailable it has a
// Retry-After header.
HttpAnswer Problem(const Error& error);
HttpAnswer Problem(ErrorCode code, std::string detail);

}  // namespace holdfast
