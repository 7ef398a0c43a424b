// KeysPack: the pack that the engine is compared with the floors by.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "engine/packs/pack.h"

namespace holdfast::bench {

// Eight kinds of key, three features each, and `rules` rules that read features and facts.
inline std::shared_ptr<const Pack> MakePack(int rules) {
  const char* keys[] = {"order.buyer.id",
                        "order.buyer.email",
                        "order.buyer.phone",
                        "payment.payer.email",
                        "order.ip",
                        "order.device_id",
                        "payment.card.fingerprint",
                        "order.shipping.address.line1"};
  std::string text =
      "pack: bench\nversion: 1\nbase_currency: USD\n"
      "rates: { EUR: 1.08, GBP: 1.25, CAD: 0.73, AUD: 0.66, JPY: 0.0067 }\nfunds: { ship_when: "
      "[certain] }\n"
      "amount_tiers: { medium: 100, large: 300 }\nfeatures:\n";
  for (int k = 0; k < 8; ++k) {
    text += fmt::format("  count_{}: {{ count: order.id, by: {}, over: 24h }}\n", k, keys[k]);
    text += fmt::format("  sum_{}: {{ sum: order.total_base, by: {}, over: 7d }}\n", k, keys[k]);
    text +=
        fmt::format("  buyers_{}: {{ distinct: order.buyer.id, by: {}, over: 30d }}\n", k, keys[k]);
  }
  text += "rules:\n";
  const char* conditions[] = {"count_{0} > {1}", "sum_{0} > {1}00.5", "buyers_{0} > {1}",
                              "count_{0} > {1} && amount.tier == 'large'",
                              "order.total > {1}00.5 && buyers_{0} > 3"};
  for (int r = 0; r < rules; ++r) {
    text += fmt::format("  - {{ id: r{}, points: 1, on_missing: skip, when: \"{}\" }}\n", r,
                        fmt::format(fmt::runtime(conditions[r % 5]), r % 8, 5 + r / 8));
  }
  text += "  - { id: h, hold: review, on_missing: skip, when: order.total > 1000000.0 }\n";
  Diagnostics diagnostics;
  auto pack = CompilePack("bench.yaml", text, ".", diagnostics);
  if (pack == nullptr) {
    std::fputs(RenderText(diagnostics).c_str(), stderr);
    std::abort();
  }
  return pack;
}

}  // namespace holdfast::bench
