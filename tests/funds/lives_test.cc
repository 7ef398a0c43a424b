// Whole lives of an order's money, at each provider: what the ledger makes of the messages against
// how the money really stood.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/codec/json.h"
#include "engine/funds/funds.h"
#include "engine/funds/payment_reports.h"
#include "engine/model/names.h"
#include "engine/webhooks/webhook.h"
#include "tests/funds/lives/life.h"
#include "tests/funds/one_currency.h"
#include "tests/pipeline/harness.h"
#include "tests/rounds.h"

namespace holdfast {
namespace {

using testing::Life;
using testing::Message;
using testing::Truth;

constexpr std::int64_t kDue = 10'000;
const Currency kDollar = *Currency::Parse("USD");

std::vector<MappedEvent> MappedOf(const Message& message, bool captures_at_once) {
  if (message.provider.empty()) return {{message.body, {}}};
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  for (const auto& [name, value] : message.headers) headers.push_back({name, value});
  WebhookSettings settings;
  settings.merchant = "acme";
  settings.captures_at_once = captures_at_once;
  const auto mapped = FindWebhookProvider(message.provider)
                          ->Map(Delivery{headers, message.body, message.at}, settings);
  REQUIRE_MESSAGE(mapped, message.body);
  return mapped->events;
}

// The events that a message means.
std::vector<std::shared_ptr<Event>> EventsOf(const Message& message, bool captures_at_once) {
  std::vector<std::shared_ptr<Event>> events;
  JsonEventParser parser;
  for (const MappedEvent& mapped : MappedOf(message, captures_at_once)) {
    auto event = std::make_shared<Event>();
    REQUIRE_MESSAGE(parser.Parse(mapped.json, *event), mapped.json);
    events.push_back(std::move(event));
  }
  return events;
}

// What events come to, in the order in which they came; of two that have one id the first counts.
class Ledger {
 public:
  void Take(const std::vector<std::shared_ptr<Event>>& events) {
    for (const auto& event : events) {
      if (event->order != nullptr && event->order->total) due_ = *event->order->total;
      if (ids_.insert(std::string(event->id)).second) AddReports(*event, terms_, reports_);
    }
  }
  OrderFunds Sum() const {
    return FundsOf(due_, kDollar, reports_.reports, terms_, testing::OneCurrency());
  }

 private:
  const FundsTerms terms_;
  ReadReports reports_;
  std::set<std::string> ids_;
  std::int64_t due_ = kDue;
};

// How much may be done on the strength of a certainty.
int Rank(FundsCertainty certainty) {
  if (certainty == FundsCertainty::kCertain) return 3;
  if (certainty == FundsCertainty::kReserved) return 2;
  return certainty == FundsCertainty::kUncertain ? 1 : 0;
}

std::string Tell(const Life& life, std::uint64_t seed) {
  std::string text = "HOLDFAST_LIFE=" + std::to_string(seed) + "\n";
  for (const Message& message : life.messages) {
    text += message.body + "\n    " + std::string(NameOf(message.after.certainty)) + " " +
            std::to_string(message.after.paid) + "\n";
  }
  return text;
}

using Model = void (*)(Life&);

void Walk(const std::string& provider, Model live, std::uint64_t seed) {
  Life life(seed, kDue);
  live(life);
  if (life.messages.empty()) return;
  std::vector<std::vector<std::shared_ptr<Event>>> events;
  for (const Message& message : life.messages) {
    events.push_back(EventsOf(message, life.captures_at_once));
  }
  // As they were sent: never better than the truth.
  Ledger in_order;
  for (std::size_t i = 0; i < events.size(); ++i) {
    in_order.Take(events[i]);
    const Message& message = life.messages[i];
    if (!message.last) continue;
    const Funds sums = in_order.Sum().sums;
    const bool better =
        Rank(sums.certainty) > Rank(message.after.certainty) || sums.paid > message.after.paid;
    REQUIRE_MESSAGE(!better, provider << " after message " << i << ": " << NameOf(sums.certainty)
                                      << " " << sums.paid << "\n"
                                      << Tell(life, seed));
  }
  // In any order, some of them twice: the truth.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < events.size(); ++i) {
    order.push_back(i);
    if (life.random.Chance(300)) order.push_back(i);
  }
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[life.random.Below(i)]);
  }
  Ledger shuffled;
  for (const std::size_t i : order) shuffled.Take(events[i]);
  const Funds sums = shuffled.Sum().sums;
  const Truth truth = life.messages.back().after;
  REQUIRE_MESSAGE((sums.certainty == truth.certainty && sums.paid == truth.paid),
                  provider << " in the end: " << NameOf(sums.certainty) << " " << sums.paid << "\n"
                           << Tell(life, seed));
}

// The order that a provider's messages are about; shops send it themselves.
std::string PlacedOrder() {
  return R"({"type":"order.placed","id":"placed","merchant":"acme","occurred_at":"2026-09-21T13:33:19Z",)"
         R"("order":{"id":"1001",)"
         R"("placed_at":"2026-09-21T13:33:19Z","currency":"USD","total":"100.00",)"
         R"("items":[{"sku":"MUG","quantity":1,"unit_price":"100.00"}]}})";
}

// Goal:   what the engine keeps is what all reports come to, after every event, and an order whose
//         money is there in the end is shipped, one whose money is not is held.
// Method: lives delivered in any order, some messages twice, to an engine and to a plain list.
void WalkEngine(const std::string& provider, Model live, std::uint64_t seed) {
  Life life(seed, kDue);
  live(life);
  if (life.messages.empty()) return;
  Engine engine(testing::MakePack("rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n"),
                MakeMemoryStore());
  Ledger plain;
  std::string held_or_shipped;
  const auto take = [&](const std::shared_ptr<Event>& event, const Applied& applied) {
    if (!applied.parked) plain.Take({event});
    if (applied.decision) held_or_shipped = NameOf(applied.decision->outcome);
    const OrderState* state = engine.store().FindOrder("acme", "1001");
    if (state == nullptr || state->order == nullptr) return;
    Funds expected = plain.Sum().sums;
    expected.enough = expected.certainty == FundsCertainty::kCertain;
    REQUIRE_MESSAGE(state->funds == expected, provider << " " << event->id << "\n"
                                                       << Tell(life, seed));
  };
  const auto apply = [&](const std::string& json) {
    auto event = std::make_shared<Event>();
    JsonEventParser parser;
    REQUIRE_MESSAGE(parser.Parse(json, *event), json);
    const auto applied = engine.Apply(
        event, [&](const auto& fired, Applied of) { take(fired, of); }, true);
    if (applied && !applied->duplicate) take(event, *applied);
    return static_cast<bool>(applied);
  };
  const bool shop = provider == "shopify" || provider == "woocommerce";
  if (!shop) REQUIRE(apply(PlacedOrder()));
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < life.messages.size(); ++i) {
    order.push_back(i);
    if (life.random.Chance(300)) order.push_back(i);
  }
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[life.random.Below(i)]);
  }
  for (const std::size_t i : order) {
    for (const MappedEvent& event : MappedOf(life.messages[i], life.captures_at_once)) {
      if (!apply(event.json) && !event.otherwise.empty()) REQUIRE(apply(event.otherwise));
    }
  }
  const bool there = life.messages.back().after.certainty == FundsCertainty::kCertain;
  REQUIRE_MESSAGE(held_or_shipped == (there ? "ship" : "hold"), provider << ": " << held_or_shipped
                                                                         << "\n"
                                                                         << Tell(life, seed));
}

void WalkMany(const std::string& provider, Model live) {
  if (const char* one = std::getenv("HOLDFAST_LIFE")) {
    const std::uint64_t seed = std::strtoull(one, nullptr, 10);
    Walk(provider, live, seed);
    return WalkEngine(provider, live, seed);
  }
  Random seeds(testing::Seed("lives at " + provider));
  const int rounds = testing::Rounds("HOLDFAST_LIVES", 20'000);
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t seed = seeds.Next();
    Walk(provider, live, seed);
    if (i % 20 == 0) WalkEngine(provider, live, seed);
  }
}

template <Model kLive, const char* kProvider>
void WithCopies(Life& life) {
  kLive(life);
  testing::MixCopies(life, kProvider);
}

TEST_CASE("money: whole lives at Stripe come to the truth") {
  static constexpr char kStripe[] = "stripe";
  WalkMany(kStripe, &WithCopies<&testing::LiveStripe, kStripe>);
}

TEST_CASE("money: whole lives at PayPal come to the truth") {
  static constexpr char kPayPal[] = "paypal";
  WalkMany(kPayPal, &WithCopies<&testing::LivePayPal, kPayPal>);
}

TEST_CASE("money: whole lives at Adyen come to the truth") {
  static constexpr char kAdyen[] = "adyen";
  WalkMany(kAdyen, &WithCopies<&testing::LiveAdyen, kAdyen>);
}

TEST_CASE("money: whole lives at Shopify come to the truth") {
  WalkMany("shopify", &testing::LiveShopify);
}

TEST_CASE("money: whole lives at WooCommerce come to the truth") {
  WalkMany("woocommerce", &testing::LiveWooCommerce);
}

}  // namespace
}  // namespace holdfast
