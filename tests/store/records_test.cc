// The records of the state, as bytes.
#include <doctest/doctest.h>

#include "engine/base/hash.h"
#include "engine/store/records.h"

namespace holdfast::testing {
namespace {

EventPtr At(std::uint64_t offset) {
  auto event = std::make_shared<Event>();
  event->offset = offset;
  return event;
}

// Goal: bytes that mean something else now are not read as what they were: with another layout
//       comes another kFormatNow (rocksdb_state.cc), and the state is made again from the log.
TEST_CASE("store: the layout of an order's record is that of the state's format") {
  OrderState state;
  state.order = At(1);
  state.placed_at = EventTime{2};
  state.placed_address = 3;
  state.least_total = 4;
  state.cancelled = true;
  state.latest = EventTime{5};
  state.payment = At(6);
  state.money["a"] = At(7);
  state.too_much_money = true;
  state.funds = {FundsCertainty::kReserved, true, true, true, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  state.paid_elsewhere = "b";
  state.claimed_by = "c";
  state.card = At(10);
  state.account = At(26);
  state.first_paid_at = EventTime{11};
  state.certain_at = EventTime{12};
  state.address_changed_at = EventTime{13};
  state.disputes["c"] = At(14);
  state.refunds["d"] = At(15);
  state.answers["e"] = At(16);
  state.review.claim = At(19);
  state.review.verdict = At(20);
  state.review.voided_by = At(21);
  state.review.approval = At(22);
  state.review.below = At(28);
  state.review.others_act = At(29);
  state.review.assigned = At(30);
  state.review.escalated = At(31);
  state.first_records["l"] = At(32);
  state.review.asked["f"] = At(23);
  state.review.tags = {"g"};
  state.review.covers = {"k"};
  state.review.score = 26;
  state.packed["h"] = At(24);
  state.dispatched["l"] = At(25);
  state.permit = {"i", "j"};
  state.permit_offset = 27;
  state.decided = 17;
  state.review_due = EventTime{28};
  state.outcome = Outcome::kHold;
  state.history = {1, 6, 7};
  state.parked = {At(18)};
  std::string bytes;
  REQUIRE(Encode(state, bytes));
  constexpr std::uint64_t kOfFormat10 = 10946880590971327234U;
  CHECK_MESSAGE(Hash64(bytes) == kOfFormat10,
                "the layout has changed to " << Hash64(bytes) << ": raise kFormatNow");
}

}  // namespace
}  // namespace holdfast::testing
