#include "engine/pipeline/fact_contexts.h"

#include <algorithm>

#include "engine/base/check.h"

namespace holdfast {

FactContext FactContexts::Of(const Event& event, const OrderState& state) {
  HOLDFAST_CHECK(state.order != nullptr);
  FactContext context;
  context.event = &event;
  context.order = state.order->order;
  context.state = &state;
  context.amounts = pack_.amounts.get();
  context.products = &pack_.products;
  context.terms = &pack_.funds;
  context.domains = &pack_.domains;
  context.notes = &pack_.notes;
  context.links = &links_;
  context.now = std::max(state.latest, event.occurred_at);
  if (context.order != order_) {
    order_ = context.order;
    record_ = nullptr;
    buyer_.clear();
    const std::string identity = BuyerIdentity(*order_);
    if (!identity.empty()) MakeEntityKey(kBuyerKind, order_->merchant, identity, buyer_);
  }
  context.has_buyer = !buyer_.empty();
  // A record keeps its address while an event is applied. A missing record may be created
  // meanwhile, so it is looked up again.
  if (context.has_buyer && record_ == nullptr) record_ = store_.FindEntity(buyer_);
  context.buyer = record_;
  return context;
}

}  // namespace holdfast
