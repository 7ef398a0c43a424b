// Archive: deliveries that were received and did not become events, kept whole so that nothing that
// was answered with 200 is ever lost.
//
// FOLDER/ignored.ndjson: of a kind that Holdfast has no use for. quarantine.ndjson: in conflict
// with what came before, or not to be understood. untrusted.ndjson: without proof of who sent them.
// One JSON object a line, with the body in base64; a file that is full is moved aside. Of ignored
// ones the last sixteen are kept, of untrusted ones, which anyone can send, one.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/webhooks/webhook.h"

namespace holdfast {

class Archive {
 public:
  // Errors: kIo when the folder cannot be made.
  static Result<std::unique_ptr<Archive>> Open(const std::string& folder,
                                               std::uintmax_t file_bytes = 64 << 20);

  // On disk when it returns. `drawer`: ignored, quarantine or untrusted. Errors: kIo.
  Status Keep(std::string_view drawer, std::string_view provider, std::string_view merchant,
              std::string_view why, const Delivery& delivery);

 private:
  std::string folder_;
  std::uintmax_t file_bytes_ = 0;
  std::mutex mutex_;
};

}  // namespace holdfast
