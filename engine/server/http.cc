#include "engine/server/http.h"

#include "engine/base/text.h"
#include "engine/base/url.h"

namespace holdfast {

std::string_view HttpRequest::Header(std::string_view name) const {
  const std::string wanted = ToLowerAscii(name);
  for (const auto& [key, value] : headers) {
    if (ToLowerAscii(key) == wanted) return value;
  }
  return {};
}

std::string_view HttpRequest::Path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string HttpRequest::Query(std::string_view name) const {
  const std::size_t mark = target.find('?');
  if (mark == target.npos) return {};
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    if (DecodeUrl(one.substr(0, equals)) != name) continue;
    return DecodeUrl(one.substr(std::min(equals + 1, one.size())));
  }
  return {};
}

}  // namespace holdfast
