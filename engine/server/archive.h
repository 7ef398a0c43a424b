// Archive: stores the webhook deliveries that did not become events, complete, so that nothing that
// was answered with 200 is lost.
//
// FOLDER/ignored.ndjson: kinds that Holdfast does not use. quarantine.ndjson: deliveries that
// conflict with earlier ones or cannot be understood. untrusted.ndjson: deliveries without a valid
// signature. One JSON object a line, with the body in base64. A full file is renamed; the last
// sixteen of ignored ones are kept, and one of untrusted ones, because anyone can send those.
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

  // Appends a delivery to the file of `drawer`: ignored, quarantine or untrusted. On disk when it
  // returns. Errors: kIo.
  Status Keep(std::string_view drawer, std::string_view provider, std::string_view merchant,
              std::string_view why, const Delivery& delivery);

 private:
  std::string folder_;
  std::uintmax_t file_bytes_ = 0;
  std::mutex mutex_;
};

}  // namespace holdfast
