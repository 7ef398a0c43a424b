// OrderCounter: adds orders to a tally.
//
// There are many orders but few different pairs of rulings, so the counters for a pair are looked
// up once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/rescore/order_case.h"
#include "engine/rescore/tally.h"

namespace holdfast {

class OrderCounter {
 public:
  // `tally` stays where it is as long as this is used. `threshold`: that of the new pack.
  OrderCounter(Tally& tally, int threshold) : tally_(tally), threshold_(threshold) {}
  OrderCounter(const OrderCounter&) = delete;
  OrderCounter& operator=(const OrderCounter&) = delete;

  void Add(const OrderCase& order);

 private:
  struct Counts {
    std::shared_ptr<const Rulings> rulings;  // keeps its place from being another's
    std::vector<ByLabel*> sums;              // in the tally; one that counts twice is there twice
    bool stopped_before = false, stopped_after = false, flipped = false, other_cause = false;
    Tally::Way way = Tally::kByScore;
    std::size_t score = 0;
  };
  // Good until the next call.
  const Counts& Known(const OrderCase& order);
  Counts CountsOf(const OrderCase& order);
  void AddRules(const Rulings& rulings, Counts& counts);
  Slice& MerchantOf(const OrderCase& order);
  Slice& WeekOf(const OrderCase& order);

  Tally& tally_;
  const int threshold_;
  std::unordered_map<const Rulings*, Counts> known_;
  std::size_t known_size_ = 0;                      // about, in pointers
  std::unordered_map<std::int64_t, Slice*> weeks_;  // by the days of their Mondays since 1970
  const std::string* merchant_ = nullptr;           // the last, in the tally
  Slice* of_merchant_ = nullptr;
};

}  // namespace holdfast
