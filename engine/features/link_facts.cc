#include "engine/features/fact_tables.h"
#include "engine/features/fact_values.h"
#include "engine/features/links.h"

namespace holdfast {

using namespace facts;

namespace {

// A count over other buyers with the same address, device or other link.
template <Link kLink, std::int64_t Linked::*kField>
Value LinkedCount(Context c) {
  const auto linked = c.links->Of(kLink, c);
  return linked ? Value::Int((*linked).*kField) : Missing();
}
template <Link kLink>
Value LinkedHub(Context c) {
  const auto linked = c.links->Of(kLink, c);
  return linked ? Value::Bool(linked->hub) : Missing();
}

// When the first order with the link was placed, by this buyer or another; at the latest with this
// order.
template <Link kLink>
Value LinkedSince(Context c) {
  return TimeOf(c.links->FirstAt(kLink, c));
}
template <Link kLink>
Value LinkedAgeDays(Context c) {
  constexpr std::int64_t kDay = 24 * 3600 * kNanosPerSecond;
  const auto first = c.links->FirstAt(kLink, c);
  return first ? Value::Int((c.state->placed_at->nanos - first->nanos) / kDay) : Missing();
}

}  // namespace

std::span<const Fact> LinkFacts() {
// The rows of one link. `what`: as in "ordered with <what>".
#define HOLDFAST_LINK(name, link, changes, missing, what)                                      \
  {"linked." name ".buyers",                                                                   \
   "int",                                                                                      \
   Unit::kCount,                                                                               \
   kRuleOnly,                                                                                  \
   changes,                                                                                    \
   {},                                                                                         \
   "other buyers that ordered with " what " before this order",                                \
   missing,                                                                                    \
   &LinkedCount<link, &Linked::buyers>},                                                       \
      {"linked." name ".buyers_since",                                                         \
       "int",                                                                                  \
       Unit::kCount,                                                                           \
       kRuleOnly,                                                                              \
       changes,                                                                                \
       {},                                                                                     \
       "further buyers that ordered with " what                                                \
       " after this order was placed, up to the decision",                                     \
       missing,                                                                                \
       &LinkedCount<link, &Linked::buyers_since>},                                             \
      {"linked." name ".orders",                                                               \
       "int",                                                                                  \
       Unit::kCount,                                                                           \
       kRuleOnly,                                                                              \
       changes,                                                                                \
       {},                                                                                     \
       "orders of other buyers with " what " before this order",                               \
       missing,                                                                                \
       &LinkedCount<link, &Linked::orders>},                                                   \
      {"linked." name ".disputes",                                                             \
       "int",                                                                                  \
       Unit::kCount,                                                                           \
       kRuleOnly,                                                                              \
       changes,                                                                                \
       {},                                                                                     \
       "orders of other buyers with " what " that were disputed",                              \
       missing,                                                                                \
       &LinkedCount<link, &Linked::disputes>},                                                 \
      {"linked." name ".chargebacks",                                                          \
       "int",                                                                                  \
       Unit::kCount,                                                                           \
       kRuleOnly,                                                                              \
       changes,                                                                                \
       {},                                                                                     \
       "orders of other buyers with " what " that were charged back",                          \
       missing,                                                                                \
       &LinkedCount<link, &Linked::chargebacks>},                                              \
  {                                                                                            \
    "linked." name ".hub", "bool", Unit::kTruth, kRuleOnly, changes, {},                       \
        what                                                                                   \
        " is shared by at least 20 other buyers, and less than one in 50 of their orders was " \
        "disputed or charged back: it says little",                                            \
        missing, &LinkedHub<link>                                                              \
  }
  static const Fact rows[] = {
      HOLDFAST_LINK("ip", Link::kIp, kFixed, kNotGiven, "this IP address"),
      HOLDFAST_LINK("device", Link::kDevice, kFixed, kNotGiven, "this device"),
      HOLDFAST_LINK("card", Link::kCard, kMayChange, kNoPayment, "the card that paid"),
      HOLDFAST_LINK("address", Link::kAddress, kMayChange, kNotGiven, "the shipping address"),
      HOLDFAST_LINK("phone", Link::kPhone, kMayChange,
                    "the order gives no number, or one that is not valid",
                    "the phone number of the consignee (or else of the buyer)"),
      HOLDFAST_LINK("email", Link::kEmail, kFixed, kNotGiven, "the mailbox of the e-mail address"),
      HOLDFAST_LINK("account", Link::kAccount, kMayChange, kNoPayment,
                    "the payment account that paid"),
      {"linked.email.first_seen",
       "timestamp",
       Unit::kTime,
       kRuleOnly,
       kFixed,
       {},
       "when the first order with the mailbox of the e-mail address was placed here, by any buyer; "
       "this order's own time for a new one",
       kNotGiven,
       &LinkedSince<Link::kEmail>},
      {"linked.email.age_days",
       "int",
       Unit::kCount,
       kRuleOnly,
       kFixed,
       {},
       "whole days between that order and this one: how long the e-mail address is known here; 0 "
       "for a new one",
       kNotGiven,
       &LinkedAgeDays<Link::kEmail>},
  };
#undef HOLDFAST_LINK
  return rows;
}

}  // namespace holdfast
