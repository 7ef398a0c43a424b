// Find: the orders of a merchant that a text may mean, by the postings of the store.
//
// Every meaning of the text is a walk over lists of postings, all ordered by the time at which the
// orders were placed, latest first. Only what a page needs is read. A search ends after
// limits::kFindPostings postings and returns the place to continue from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/result.h"
#include "engine/orders/order_state.h"
#include "engine/pipeline/find_terms.h"
#include "engine/store/store.h"

namespace holdfast {

// Enters orders into the postings of a store.
// Threads: one owner, the fold of a shard.
class FindIndex {
 public:
  explicit FindIndex(Store& store) : store_(store) {}  // outlives this

  // To be called after `event` was applied to `state`. `placed`: the order was placed before. An
  // order stays findable by what it was before an amendment. Events that came before their order
  // are entered with it.
  void Enter(const Event& event, const OrderState& state, bool placed);

 private:
  Store& store_;
  TokenCollector collector_;
};

struct FindQuery {
  std::string_view merchant, text;
  PostingPlace from;  // the first place that may be returned
  std::size_t most = limits::kFindOrders;
};

struct FoundOrder {
  PostingPlace place;
  std::vector<std::string> matched;  // the tokens that it was found by
};

struct FoundOrders {
  std::vector<FoundOrder> orders;  // those placed last first
  bool more = false;               // there may be more orders, from `next` on
  PostingPlace next;
  bool incomplete = false;  // not all words that begin with the last one were searched
};

// REQUIRES: store.HasPostings(). Errors: as StateCursor::status.
Result<FoundOrders> FindOrders(const Store& store, const FindQuery& query);

}  // namespace holdfast
