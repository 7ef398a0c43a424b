#include "engine/pipeline/fact_contexts.h"

#include <algorithm>

namespace holdfast {

FactContext FactContexts::Of(const Event& event, const OrderState& state) {
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
    buyer_.clear();
    const std::string identity = BuyerIdentity(*order_);
    if (!identity.empty()) MakeEntityKey(kBuyerKind, order_->merchant, identity, buyer_);
  }
  context.has_buyer = !buyer_.empty();
  if (context.has_buyer) context.buyer = store_.FindEntity(buyer_);
  return context;
}

}  // namespace holdfast
