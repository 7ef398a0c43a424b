// FactContexts: what facts are read from, of an event and its order.
// Threads: one owner, the fold of a shard.
#pragma once

#include <string>

#include "engine/features/facts.h"
#include "engine/features/links.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

class FactContexts {
 public:
  // All outlive this.
  FactContexts(const Pack& pack, const Store& store, const Links& links)
      : pack_(pack), store_(store), links_(links) {}

  // Another event begins: orders of the one before may be gone.
  void Begin() { order_ = nullptr; }

  // REQUIRES: the order is known. All of it outlives what is returned.
  FactContext Of(const Event& event, const OrderState& state);

 private:
  const Pack& pack_;
  const Store& store_;
  const Links& links_;
  // The order that was asked for last in this event, and the key of its buyer; empty: none.
  const Order* order_ = nullptr;
  std::string buyer_;
};

}  // namespace holdfast
