#include "engine/decide/amendment.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/codec/json.h"

namespace holdfast {
namespace {

std::string TextOf(const Order& order) {
  Event event;
  event.order = &order;
  std::string text;
  WriteEvent(event, text);
  return text;
}

std::string WithoutLines(Order order) {
  order.payment = nullptr;
  order.items = {};
  return TextOf(order);
}

// The quantity of each kind of line, by first appearance: equal before and after a line is split or
// joined.
std::vector<std::pair<std::string, std::int64_t>> LinesOf(const Order& order) {
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (const Item& item : order.items) {
    Item one = item;
    one.quantity = 1;
    one.parcel = {};
    Order alone;
    alone.currency = order.currency;
    alone.items = {&one, 1};
    std::string text = TextOf(alone);
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&text](const auto& line) { return line.first == text; });
    if (at == all.end()) {
      all.emplace_back(std::move(text), item.quantity);
    } else {
      at->second += item.quantity;
    }
  }
  return all;
}

}  // namespace

bool HasSameLines(const Order& before, const Order& after) {
  Order moved = after;
  moved.shipping = before.shipping;
  return DiffersInParcelsOnly(before, moved);
}

bool DiffersInParcelsOnly(const Order& before, const Order& after) {
  return WithoutLines(before) == WithoutLines(after) && LinesOf(before) == LinesOf(after);
}

}  // namespace holdfast
