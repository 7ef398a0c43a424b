#include "engine/outbox/resend_file.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

namespace holdfast {

namespace fs = std::filesystem;

std::vector<std::uint64_t> ResendFile::Take() const {
  constexpr std::size_t kMostBytes = 64 << 20;
  std::vector<std::uint64_t> offsets;
  const std::string taken = path_ + ".taken";
  std::error_code fault;
  if (!fs::exists(taken, fault)) {
    if (!fs::exists(path_, fault)) return offsets;
    fs::rename(path_, taken, fault);
    if (fault) return offsets;
  }
  const auto text = ReadFile(taken, kMostBytes);
  if (!text) return offsets;
  std::size_t at = 0;
  while (at < text->size()) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    std::string_view line = Trim(std::string_view(*text).substr(at, end - at));
    line = line.substr(0, line.find_first_not_of("0123456789"));
    const auto offset = ParseNumber<std::uint64_t>(line);
    if (offset.value_or(0) > 0) offsets.push_back(*offset);
    at = end + 1;
  }
  if (offsets.empty()) Drop();
  return offsets;
}

void ResendFile::Drop() const {
  std::error_code ignored;
  fs::remove(path_ + ".taken", ignored);
}

}  // namespace holdfast
