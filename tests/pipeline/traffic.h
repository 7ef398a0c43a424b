// Traffic: events of several merchants as they come in practice, and worse: late, repeated, with
// used ids, out of order, broken.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/codec/json.h"
#include "engine/simulate/random.h"
#include "engine/simulate/simulator.h"

namespace holdfast::testing {

// A pack for it: windows of all lengths, hot keys, lists, deadlines.
inline constexpr const char* kTrafficPack = R"yaml(
rates: { EUR: 1.08, GBP: 1.25, CAD: 0.73, AUD: 0.66, JPY: 0.0067 }
thresholds: { hold: 50 }
lists: { watched: { type: text, dynamic: true }, nets: { type: ip, dynamic: true } }
features:
  ip_1h: { count: order.id, by: order.ip, over: 1h }
  ip_ever: { count: order.id, by: order.ip, over: forever }
  ip_buyers: { distinct: order.buyer.id, by: order.ip, over: 30d }
  all_1d: { count: order.id, by: order.merchant, over: 1d }
  all_spend: { sum: order.total_base, by: order.merchant, over: 7d }
  all_buyers: { distinct: order.buyer.id, by: order.merchant, over: 30d }
  paid: { count: payment.status, by: order.buyer.id, on: payment, over: 7d }
  least: { min: order.total, by: order.currency, where: order.total > 5.0, over: 3d }
rules:
  - { id: show, when: "true", advise: "{ip_1h} {ip_ever} {ip_buyers} {all_1d} {all_spend} {all_buyers} {paid} {least} {buyer.orders} {buyer.spend} {buyer.disputes} {linked.ip.buyers} {linked.device.orders} {linked.card.chargebacks} {linked.address.disputes} {linked.phone.buyers} {linked.email.orders} {linked.email.first_seen} {linked.account.buyers} {buyer.median_order} {buyer.last_order} {buyer.orders_refused}" }
  - { id: watched, when: order.buyer.id in lists.watched || order.ip in lists.nets, hold: list, on_missing: skip }
  - { id: cool, when: all_1d > 8, hold: cooling_off, deadline: 2h, on_deadline: ship }
  - { id: late, when: order.total > 400.0, hold: identity, deadline: 5h, on_deadline: reject }
  - { id: far, when: all_1d > 20, points: 20 }
)yaml";

// One event or bare order a line.
inline std::vector<std::string> Traffic(std::uint64_t seed, std::uint64_t orders) {
  Random random(seed);
  Simulator simulator({.seed = seed, .orders = orders, .orders_per_day = 200});
  const char* merchants[] = {"acme", "bolt", "cargo", "delta", "echo"};
  std::vector<std::string> lines;
  while (const auto event = simulator.Next()) {
    std::string json;
    WriteEvent(*event, json);
    // The merchant goes by the order, so that its events stay together.
    std::uint64_t sum = 0;
    for (const char c : event->order_id) sum = sum * 31 + static_cast<unsigned char>(c);
    constexpr std::string_view kMember = "\"merchant\":\"";
    for (std::size_t at = json.find(kMember); at != json.npos; at = json.find(kMember, at + 1)) {
      const std::size_t begin = at + kMember.size();
      json.replace(begin, json.find('"', begin) - begin, merchants[sum % 5]);
    }
    lines.push_back(std::move(json));
    if (random.Chance(20)) {
      lines.push_back(
          R"({"id":"l)" + std::to_string(lines.size()) + R"(","type":"list.changed","merchant":")" +
          merchants[random.Below(5)] + R"(","occurred_at":"2026-03-01T00:00:00Z","list":{"name":)" +
          (random.Chance(500) ? R"("watched","add":["b)" + std::to_string(random.Below(50)) + "\"]"
                              : R"("nets","add":["10.)" + std::to_string(random.Below(250)) +
                                    R"(.0.0/16"],"remove":["10.3.0.0/16"])") +
          "}}");
    }
  }
  const std::size_t count = lines.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (random.Chance(50)) lines.push_back(lines[random.Below(count)]);  // once more, later
    if (random.Chance(10)) lines.push_back("{\"id\":\"x\",");            // no JSON
    if (random.Chance(10)) {
      std::string other = lines[random.Below(count)];
      other.insert(other.size() - 1, " ");
      lines.push_back(other);  // the id with other content
    }
    const std::size_t back = std::min<std::size_t>(i, 30);
    if (random.Chance(300)) std::swap(lines[i], lines[i - random.Below(back + 1)]);
  }
  return lines;
}

}  // namespace holdfast::testing
