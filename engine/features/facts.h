// Facts: everything that a rule or a feature may read about an order, by name.
//
// One table defines the name, type, words, meaning and function of each fact. The expression
// environment, the pack checks and the documents are made from it. A fact is either known or
// missing; "" and null in the input are missing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/time.h"
#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/environment.h"
#include "engine/funds/terms.h"
#include "engine/model/event.h"
#include "engine/orders/order_queries.h"
#include "engine/signals/amounts.h"
#include "engine/signals/emails.h"
#include "engine/signals/notes.h"
#include "engine/signals/products.h"
#include "engine/store/store.h"

namespace holdfast {

// The inputs from which facts are computed. The caller owns the objects; they must outlive the
// values.
struct FactContext {
  const Event* event = nullptr;       // the event being applied
  bool folding = false;               // into features; payment facts are then those of `event`
  const Order* order = nullptr;       // null: not known yet
  const OrderState* state = nullptr;  // never null where facts are read
  const AmountScale* amounts = nullptr;
  const FundsTerms* terms = nullptr;
  const ProductRiskTable* products = nullptr;
  const EmailDomains* domains = nullptr;
  const NotePhrases* notes = nullptr;
  const EntityRecord* buyer = nullptr;  // null: nothing known of the buyer
  bool has_buyer = false;               // the order says who the buyer is
  const class Links* links = nullptr;   // never null where facts of other buyers are read
  EventTime now;                        // the time as of which facts are evaluated
  Arena* arena = nullptr;               // for lists, records and texts
};

// Where a fact may be read.
enum class FactScope : std::uint8_t {
  kEverywhere,
  kRules,     // not in features, because it is computed from history
  kFeatures,  // only in features, on events that carry it
};

// The unit of a fact's value. All values of a list have one unit. Shown to rule authors.
enum class Unit : std::uint8_t {
  kNone,
  kText,  // any text
  kWord,  // one of a few words
  kWords,
  kId,
  kName,  // of a person
  kCountry,
  kCurrency,
  kEmail,
  kDomain,
  kIp,
  kPhone,
  kMoney,      // in units of the currency of the order or the payment
  kBaseMoney,  // in units of the pack's base currency
  kCount,
  kScore,
  kShare,  // 0 to 1
  kTime,
  kTruth,
};

// For people: "country", "units of the base currency"; empty for kNone.
std::string_view NameOf(Unit unit);

struct Fact {
  std::string_view name;
  std::string_view type;  // as ParseType reads it; "items" and "payments" are lists of records
  Unit unit;
  FactScope scope;
  bool changeable;  // may still change after the order was placed, without a review
  std::span<const std::string_view> words;  // not empty: the only texts it can be
  std::string_view meaning;
  std::string_view missing_when;  // empty: never missing
  cel::Value (*get)(const FactContext&);
};

std::span<const Fact> Facts();

// The smallest number that the fact can be; empty: no lower bound.
std::optional<double> LeastOf(const Fact& fact);

// An expression that uses the fact, for authors: "order.buyer.country == 'US'".
std::string ExampleOf(const Fact& fact);

// The fields of an item, for the environment and for names of missing facts.
const std::shared_ptr<const cel::RecordType>& ItemRecord();

// Ids of missing item fields start here; ids below are variables' slots.
inline constexpr std::uint32_t kItemFactBase = 1 << 20;
// And those of payments.
inline constexpr std::uint32_t kPaymentFactBase = 2 << 20;
// The name of a field with such an id: "order.items[].sku".
std::string NameOfField(std::uint32_t fact);

// Declares every fact in `environment`, which must have no variables yet: the slot of a fact is its
// number in Facts(). `tiers` are the words of amount.tier.
void DeclareFacts(cel::Environment& environment, const std::vector<std::string>& tiers);

// The unknown value that names one missing fact, by its slot or field id.
cel::Value MissingFact(std::uint32_t fact, Arena& arena);

// Marks the value of fact `slot` so that a key which it does not have is missing, not an error.
// Does nothing for values that are no maps.
void OpenKeys(int slot, cel::Value& value);

// Computes the fact of `slot`; when it is missing, the unknown value that names it.
cel::Value GetFact(int slot, const FactContext& context);

// ---- the buyer's profile ------------------------------------------------------------------------

// The built-in kind of entity record, and its series.
inline constexpr int kBuyerKind = 0;
enum BuyerSeries : std::size_t {
  kBuyerOrders,  // number: total in base currency; digest: shipping address
  kBuyerDevices,
  kBuyerDelivered,
  kBuyerCancelled,
  kBuyerRefunds,
  kBuyerDisputes,
  kBuyerChargebacks,
  kBuyerReturned,
  kBuyerRefused,
  kBuyerSeriesCount,
};

}  // namespace holdfast
