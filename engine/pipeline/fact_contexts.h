// FactContexts: builds the FactContext of an event and its order.
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

  // To be called before each event. Drops the cached order, which may no longer exist.
  void Begin() {
    order_ = nullptr;
    record_ = nullptr;
  }

  // Returns the context from which facts are read. REQUIRES: the order is known. `event` and
  // `state` must outlive the result.
  FactContext Of(const Event& event, const OrderState& state);

 private:
  const Pack& pack_;
  const Store& store_;
  const Links& links_;
  // Cache of the last call of Of for this event: the order and the entity key of its buyer. The key
  // is empty when the order does not say who the buyer is.
  const Order* order_ = nullptr;
  std::string buyer_;
  const EntityRecord* record_ = nullptr;  // under that key, once it is found
};

}  // namespace holdfast
