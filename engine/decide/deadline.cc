#include "engine/decide/deadline.h"

#include "engine/base/hash.h"

namespace holdfast {
namespace {

constexpr std::string_view kBegin = "deadline ";

}  // namespace

std::string DeadlineId(EventTime due, std::string_view order_id) {
  constexpr std::size_t kLong = 80;
  const std::string begin = std::string(kBegin) + FormatRfc3339(due);
  if (order_id.size() <= kLong) return begin + " " + std::string(order_id);
  Sha256 digest;
  digest.Add(order_id);
  return begin + "#" + digest.Hex();
}

bool IsDeadlineId(std::string_view event_id) { return event_id.starts_with(kBegin); }

bool HasCome(const Store& store, std::string_view merchant, std::string_view order_id,
             EventTime due) {
  return store.FindEvent(merchant, SeenIdOf(DeadlineId(due, order_id))) != nullptr;
}

}  // namespace holdfast
