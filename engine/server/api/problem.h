// Problem: errors as problem details (RFC 9457), from the one table of errors.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/server/http.h"

namespace holdfast {

// {"type":"urn:holdfast:problem:invalid-input","title":...,"status":422,"detail":...,"help":...}
std::string ProblemJson(const Error& error);

// The answer with the table's status. Of kTooMany and kUnavailable it says when to come again.
HttpAnswer Problem(const Error& error);
HttpAnswer Problem(ErrorCode code, std::string detail);

}  // namespace holdfast
