// What operators do with the messages of an endpoint that were given up: read them, and have them
// sent again. Threads: any, also of another process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

struct DeadLetter {
  std::uint64_t offset = 0;  // of the record
  std::string at, why;       // when it was given up (RFC 3339), and how the last attempt failed
};

// Errors: kNotFound, kIo.
Result<std::vector<DeadLetter>> ReadDeadLetters(const std::string& folder, const std::string& name);

// Has the messages of these records sent once more. Errors: kIo.
Status Resend(const std::string& folder, const std::string& name,
              const std::vector<std::uint64_t>& offsets);

}  // namespace holdfast
