#include <cstddef>
#include <cstdint>

#include "tests/fuzz/webhook_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  holdfast::fuzz::FuzzWebhook({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
