#include "engine/server/api/request_context.h"

#include <algorithm>

#include "engine/base/number.h"

namespace holdfast {

std::uint64_t QueryNumber(const HttpRequest& request, std::string_view name,
                          std::uint64_t otherwise, std::uint64_t most) {
  const auto value = ParseNumber<std::uint64_t>(request.Query(name));
  return value ? std::min(*value, most) : otherwise;
}

}  // namespace holdfast
