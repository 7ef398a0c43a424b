#include "engine/simulate/simulator.h"

#include <algorithm>
#include <functional>
#include <new>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "engine/simulate/money.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

constexpr std::int64_t kSecond = kNanosPerSecond;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z

struct Land {
  const char* country;
  const char* currency;
  int ip_first;        // first byte of its addresses
  std::int64_t scale;  // minor units that a US cent buys, times 100
  const char* phone;   // '#' stands for a digit from 2 to 9, in numbers and codes
  const char* postal_code;
};
constexpr Land kLands[] = {{"US", "USD", 24, 100, "+1212#######", "100##"},
                           {"US", "USD", 68, 100, "+1312#######", "606##"},
                           {"GB", "GBP", 81, 80, "+4474########", "M# #BT"},
                           {"DE", "EUR", 84, 92, "+49151########", "101##"},
                           {"FR", "EUR", 90, 92, "+336########", "75###"},
                           {"CA", "CAD", 99, 136, "+1416#######", "M#B #K#"},
                           {"JP", "JPY", 126, 150, "+8190########", "1##-####"},
                           {"AU", "AUD", 101, 150, "+614########", "2###"}};

constexpr const char* kGiven[] = {"Anna",   "Ben",  "Clara", "David", "Emma",  "Felix",  "Grace",
                                  "Henry",  "Iris", "Jack",  "Karen", "Liam",  "Maria",  "Noah",
                                  "Olivia", "Paul", "Ruth",  "Sam",   "Tessa", "Victor", "Wendy"};
constexpr const char* kFamily[] = {"Adams",   "Baker",  "Carter", "Dubois", "Evans",  "Fischer",
                                   "Garcia",  "Hughes", "Ito",    "Jones",  "Keller", "Lambert",
                                   "Meyer",   "Nguyen", "Owens",  "Price",  "Quinn",  "Rossi",
                                   "Schmidt", "Tanaka", "Ueda",   "Walker", "Young"};
constexpr const char* kStreets[] = {"Mill Road", "High Street", "Station Road", "Oak Avenue",
                                    "Lindenweg", "Rue du Port", "Park Lane",    "King Street"};
constexpr const char* kCities[] = {"Ashford",  "Bridgeport", "Clayton",  "Dunmore",
                                   "Eastvale", "Fairview",   "Glenwood", "Harlow"};

struct Product {
  const char* sku;
  const char* title;
  const char* category;
  std::int64_t cents;  // US
  bool fragile;
};
constexpr Product kHousehold[] = {{"MUG-01", "Stoneware mug", "household", 1490, true},
                                  {"TWL-07", "Bath towel", "household", 2450, false},
                                  {"LMP-03", "Desk lamp", "household", 5990, true},
                                  {"KNF-11", "Kitchen knife", "household", 7900, false},
                                  {"BLK-02", "Wool blanket", "household", 8900, false},
                                  {"TOY-21", "Wooden train", "toys", 3490, false},
                                  {"SHO-09", "Running shoes", "apparel", 11900, false},
                                  {"JKT-04", "Rain jacket", "apparel", 15900, false}};
constexpr Product kRisky[] = {{"PHN-15", "Smartphone 256 GB", "electronics", 89900, true},
                              {"TAB-08", "Tablet 11 inch", "electronics", 54900, true},
                              {"CAM-02", "Mirrorless camera", "electronics", 129900, true},
                              {"GFT-50", "Gift card", "gift cards", 10000, false},
                              {"WCH-01", "Dive watch", "jewellery", 74900, false}};
constexpr const char* kColours[] = {"black", "white", "blue", "red"};

struct Place {
  std::string line1, city, postal_code, country;
};

struct Household {
  std::size_t land = 0;
  Place home;
  std::string family, ip;
};

struct Person {
  std::size_t household = 0;
  std::string id, name, email, phone, device, card;
  std::optional<std::size_t> work;  // a gateway
  std::int64_t registered_at = 0;
  bool wallet = false;
  bool hides_behind_gateway = false;
};

// The data of an order that later events need.
struct Placed {
  std::string id;
  std::string label, scenario, money;
  Person buyer;
  Place ship_to;
  std::string consignee, payer, holder, note, ip, device;
  std::size_t ip_land = 0;
  bool hosting = false, tor = false;  // kind of the IP address
  Place payer_home;
  // What the payment provider says.
  AccountStatus account = AccountStatus::kVerified;
  SellerProtection protection = SellerProtection::kEligible;
  CheckResult avs = CheckResult::kPass;
  std::size_t land = 0;
  std::vector<std::pair<const Product*, std::int64_t>> lines;
  std::int64_t total = 0, fee = 0;  // minor units
  std::int64_t placed_at = 0;
};
using PlacedPtr = std::shared_ptr<Placed>;

enum class What : std::uint8_t {
  kOrder,
  kMoney,
  kAmend,
  kCancel,
  kRefund,
  kChargeback,
  kDispute,
  kDisputeWon,
  kMessage,
  kDispatch,
  kDeliver,
};

struct Due {
  std::int64_t at = 0;
  std::uint64_t sequence = 0;
  What what = What::kOrder;
  PlacedPtr order;
  std::shared_ptr<const MoneyStep> money;  // of kMoney

  bool operator>(const Due& other) const {
    return at != other.at ? at > other.at : sequence > other.sequence;
  }
};

}  // namespace

struct Simulator::Impl {
  explicit Impl(const SimulatorOptions& given) : options(given), random(given.seed) {
    gap = kDay / static_cast<std::int64_t>(std::max<std::uint64_t>(1, options.orders_per_day));
  }

  SimulatorOptions options;
  Random random;
  std::int64_t gap;
  std::int64_t now = kStart;
  std::uint64_t made = 0;
  std::uint64_t sequence = 0;
  std::uint64_t events = 0;
  std::uint64_t persons = 0;
  std::vector<Household> households;
  std::vector<Person> people;
  struct Gateway {
    std::string ip;
    std::size_t land = 0;
  };
  std::vector<Gateway> gateways;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  // An active fraud ring: its members share one device and address.
  int ring_left = 0;
  std::string ring_device, ring_ip;
  Place ring_drop;
  std::size_t ring_land = 0;

  // ---- the population ---------------------------------------------------------------------------

  std::string Number(std::int64_t low, std::int64_t high) {
    return std::to_string(random.Between(low, high));
  }
  std::string Hex(int digits) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < digits; ++i) text += kDigits[random.Below(16)];
    return text;
  }
  std::string NewIp(std::size_t land) {
    return std::to_string(kLands[land].ip_first) + "." + Number(1, 254) + "." + Number(0, 255) +
           "." + Number(1, 254);
  }
  // `form` with each '#' replaced by a digit.
  std::string Filled(const char* form) {
    std::string text = form;
    for (char& c : text) {
      if (c == '#') c = static_cast<char>('0' + random.Between(2, 9));
    }
    return text;
  }
  Place NewPlace(std::size_t land) {
    return {Number(1, 180) + " " + random.Pick(kStreets), random.Pick(kCities),
            Filled(kLands[land].postal_code), kLands[land].country};
  }
  std::size_t SomeLand() { return random.Below(std::size(kLands)); }

  // The first half are companies, the second half mobile gateways; each land has some of both.
  static constexpr std::size_t kGateways = 48;
  std::size_t GatewayIn(std::size_t land, bool mobile) {
    if (gateways.empty()) {
      for (std::size_t i = 0; i < kGateways; ++i) {
        const std::size_t its_land = i % std::size(kLands);
        gateways.push_back({NewIp(its_land), its_land});
      }
    }
    constexpr std::size_t kEach = kGateways / 2 / std::size(kLands);
    return (mobile ? kGateways / 2 : 0) + random.Below(kEach) * std::size(kLands) + land;
  }

  Person NewPerson(std::size_t household, std::int64_t registered_at) {
    Person person;
    person.household = household;
    person.id = "b" + std::to_string(++persons);  // also for thieves, who do not return
    const std::string given = random.Pick(kGiven);
    person.name = given + " " + households[household].family;
    person.email = given + "." + households[household].family + Number(1, 9999) + "@mail.example";
    for (char& c : person.email) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    person.phone = Filled(kLands[households[household].land].phone);
    person.device = "d-" + Hex(12);
    person.card = "card_" + Hex(12);
    person.registered_at = registered_at;
    person.wallet = random.Chance(600);
    person.hides_behind_gateway = random.Chance(150);
    if (random.Chance(250)) person.work = GatewayIn(households[household].land, false);
    return person;
  }

  std::size_t NewHousehold() {
    Household household;
    household.land = SomeLand();
    household.home = NewPlace(household.land);
    household.family = random.Pick(kFamily);
    household.ip = NewIp(household.land);
    households.push_back(std::move(household));
    return households.size() - 1;
  }

  const Person& SomeBuyer() {
    const bool newcomer = people.size() < 20 || random.Chance(300);
    if (!newcomer) return people[random.Below(people.size())];
    const bool joins = !households.empty() && random.Chance(300);
    const std::size_t household = joins ? random.Below(households.size()) : NewHousehold();
    const std::int64_t age =
        random.Chance(500) ? random.Between(1, 700) * kDay : random.Between(1, 90) * kMinute;
    people.push_back(NewPerson(household, now - age));
    return people.back();
  }

  // ---- orders -----------------------------------------------------------------------------------

  std::int64_t LocalPrice(std::int64_t cents, std::size_t land) {
    const bool yen = std::string_view(kLands[land].currency) == "JPY";
    const std::int64_t minor = cents * kLands[land].scale / 100;
    return yen ? minor - minor % 10 : minor;
  }

  void Fill(Placed& order, bool risky, std::int64_t pieces) {
    const auto add = [&](const Product& product, std::int64_t quantity) {
      order.lines.emplace_back(&product, quantity);
      order.total += LocalPrice(product.cents, order.land) * quantity;
    };
    if (risky) add(random.Pick(kRisky), pieces);
    const std::int64_t lines = risky ? random.Between(0, 1) : random.Between(1, 4);
    for (std::int64_t i = 0; i < lines; ++i) add(random.Pick(kHousehold), random.Between(1, 3));
    order.fee = LocalPrice(risky ? 0 : 690, order.land);
    order.total += order.fee;
  }

  PlacedPtr NewOrder() {
    auto order = std::make_shared<Placed>();
    order->id = std::to_string(100'000 + made);
    order->placed_at = now;
    order->label = "good";
    const std::uint64_t kind = random.Below(1000);
    if (ring_left > 0 && random.Chance(500)) {
      MakeRing(*order);
    } else if (kind < 3) {
      StartRing();
      MakeRing(*order);
    } else if (kind < 15) {
      MakeStolenCard(*order);
    } else if (kind < 21) {
      MakeTakeover(*order);
    } else {
      MakeGood(*order);
    }
    // Suspicious values are frequent with fraud, and occasional without it.
    const bool fraud = order->label == "fraud";
    if (random.Chance(fraud ? 500 : 80)) {
      order->account =
          random.Chance(250) ? AccountStatus::kUnregistered : AccountStatus::kUnverified;
    }
    if (random.Chance(fraud ? 400 : 30)) order->protection = SellerProtection::kNotEligible;
    if (random.Chance(order->scenario == "stolen-card" ? 600 : 20)) {
      order->avs = CheckResult::kFail;
    }
    ++made;
    return order;
  }

  void SetBuyer(Placed& order, const Person& buyer) {
    order.buyer = buyer;
    const Household& household = households[buyer.household];
    order.land = household.land;
    order.ship_to = household.home;
    order.payer_home = household.home;
    order.consignee = order.payer = order.holder = buyer.name;
    order.device = buyer.device;
    order.ip = household.ip;
    order.ip_land = household.land;
    std::optional<std::size_t> gateway;
    if (buyer.work && random.Chance(300)) gateway = buyer.work;
    if (buyer.hides_behind_gateway) gateway = GatewayIn(household.land, true);
    if (gateway) order.ip = gateways[*gateway].ip;
  }

  // The order comes from an IP address of a country.
  void ConnectFrom(Placed& order, std::size_t land) {
    order.ip = NewIp(land);
    order.ip_land = land;
  }
  // The order comes through a hosting network or Tor.
  void Hide(Placed& order) {
    ConnectFrom(order, SomeLand());
    order.tor = random.Chance(150);
    order.hosting = !order.tor;
  }

  // A freight forwarder's warehouse, shared by all its customers.
  Place Forwarder() {
    return {"4299 Express Lane, Suite " + Number(1000, 9999), "Sarasota", "34249", "US"};
  }

  void MakeGood(Placed& order) {
    order.scenario = "regular";
    SetBuyer(order, SomeBuyer());
    Fill(order, random.Chance(120), 1);
    if (random.Chance(30)) {
      order.scenario = "gift";
      order.ship_to = NewPlace(order.land);
      order.consignee = std::string(random.Pick(kGiven)) + " " + random.Pick(kFamily);
    } else if (random.Chance(40)) {
      order.scenario = "spouse-pays";
      order.payer =
          std::string(random.Pick(kGiven)) + " " + households[order.buyer.household].family;
      order.holder = order.payer;
    } else if (random.Chance(20)) {
      order.scenario = "travels";
      ConnectFrom(order, SomeLand());
    } else if (random.Chance(15)) {
      order.scenario = "vpn";
      Hide(order);
    } else if (random.Chance(12)) {
      order.scenario = "forwarder";
      order.ship_to = Forwarder();
    }
    if (random.Chance(30)) {
      order.note = random.Chance(200) ? "Please ship as soon as possible, it is for a birthday."
                                      : "Please leave it with the neighbour.";
    }
  }

  // A disposable e-mail address, used by thieves and by cautious buyers.
  void UseDisposableEmail(Placed& order) { order.buyer.email = Hex(8) + "@mailinator.com"; }

  void MakeStolenCard(Placed& order) {
    const std::size_t household = NewHousehold();
    Person thief = NewPerson(household, now - random.Between(1, 40) * kMinute);
    thief.wallet = random.Chance(400);
    SetBuyer(order, thief);
    order.label = "fraud";
    order.scenario = "stolen-card";
    order.payer = std::string(random.Pick(kGiven)) + " " + random.Pick(kFamily);
    order.holder = random.Chance(700)
                       ? std::string(random.Pick(kGiven)) + " " + random.Pick(kFamily)
                       : order.payer;
    order.payer_home = NewPlace(SomeLand());
    if (random.Chance(350)) Hide(order);
    if (random.Chance(200)) UseDisposableEmail(order);
    if (random.Chance(80)) order.ship_to = Forwarder();
    Fill(order, true, random.Between(1, 3));
    if (random.Chance(400)) order.note = "Please ship today, very urgent!";
  }

  void StartRing() {
    ring_left = static_cast<int>(random.Between(4, 12));
    ring_device = "d-" + Hex(12);
    ring_land = SomeLand();
    ring_ip = NewIp(ring_land);
    ring_drop = NewPlace(ring_land);
  }

  void MakeRing(Placed& order) {
    --ring_left;
    const std::size_t household = NewHousehold();
    households[household].land = ring_land;
    SetBuyer(order, NewPerson(household, now - random.Between(1, 30) * kMinute));
    order.label = "fraud";
    order.scenario = "ring";
    order.device = ring_device;
    order.ip = ring_ip;
    order.ip_land = ring_land;
    if (random.Chance(300)) UseDisposableEmail(order);
    order.ship_to = ring_drop;
    order.ship_to.line1 += ", unit " + Number(1, 9);
    order.payer_home = NewPlace(ring_land);
    Fill(order, true, random.Between(1, 2));
  }

  void MakeTakeover(Placed& order) {
    SetBuyer(order, people.size() < 20 ? SomeBuyer() : people[random.Below(people.size())]);
    order.label = "fraud";
    order.scenario = "takeover";
    order.device = "d-" + Hex(12);
    ConnectFrom(order, SomeLand());
    Fill(order, true, random.Between(1, 2));
  }

  // ---- what follows an order --------------------------------------------------------------------

  void Push(std::int64_t at, What what, const PlacedPtr& order) {
    due.push({at, ++sequence, what, order, nullptr});
  }

  void PlanAfter(const PlacedPtr& order) {
    const bool fraud = order->label == "fraud";
    MoneyPlan plan =
        PlanMoney({order->id, order->placed_at, order->total, order->buyer.wallet, fraud}, random);
    order->money = plan.label;
    for (MoneyStep& step : plan.steps) {
      const std::int64_t at = step.at;
      due.push({at, ++sequence, What::kMoney, order,
                std::make_shared<const MoneyStep>(std::move(step))});
    }
    const std::int64_t paid_at = plan.paid_at;
    if (!plan.paid) return;
    if (order->scenario == "takeover") {
      Push(paid_at + random.Between(5, 200) * kMinute, What::kAmend, order);
    } else if (!fraud && random.Chance(12)) {
      order->scenario = "moves";
      Push(paid_at + random.Between(5, 300) * kMinute, What::kAmend, order);
    }
    if (!fraud && random.Chance(20)) {
      Push(paid_at + random.Between(1, 20) * kHour, What::kCancel, order);
      Push(paid_at + random.Between(21, 30) * kHour, What::kRefund, order);
      return;
    }
    const std::int64_t sent = paid_at + random.Between(10, 40) * kHour;
    Push(sent, What::kDispatch, order);
    Push(sent + random.Between(3, 9) * kDay, What::kDeliver, order);
    if (fraud && random.Chance(900)) {
      Push(sent + random.Between(20, 60) * kDay, What::kChargeback, order);
    } else if (!fraud && random.Chance(6)) {
      Push(sent + random.Between(8, 30) * kDay, What::kDispute, order);
      if (random.Chance(600)) Push(sent + random.Between(31, 60) * kDay, What::kDisputeWon, order);
    } else if (!fraud && random.Chance(15)) {
      Push(sent + random.Between(8, 25) * kDay, What::kRefund, order);
    }
    if (random.Chance(20)) Push(paid_at + random.Between(1, 48) * kHour, What::kMessage, order);
  }

  // ---- events -----------------------------------------------------------------------------------

  template <typename T>
  static T* Make(Event& event) {
    return new (event.memory.Allocate(sizeof(T))) T();
  }
  // The shipped packs demand evidence of fragile and valuable orders.
  static const Shipment* FilmedShipment(Event& event) {
    Shipment* shipment = Make<Shipment>(event);
    shipment->evidence = "packing.mp4";
    return shipment;
  }
  static Address ToAddress(Event& event, const Place& place) {
    Address address;
    address.line1 = event.memory.Copy(place.line1);
    address.city = event.memory.Copy(place.city);
    address.postal_code = event.memory.Copy(place.postal_code);
    address.country = event.memory.Copy(place.country);
    return address;
  }

  const Order* ToOrder(Event& event, const Placed& placed) {
    Arena& memory = event.memory;
    Order& order = *Make<Order>(event);
    order.id = memory.Copy(placed.id);
    order.merchant = event.merchant;
    order.placed_at = EventTime{placed.placed_at};
    order.channel = "web";
    order.currency = Currency::Parse(kLands[placed.land].currency);
    order.total = placed.total;
    order.shipping_fee = placed.fee;
    order.ip = memory.Copy(placed.ip);
    order.device_id = memory.Copy(placed.device);
    order.note = memory.Copy(placed.note);
    order.buyer.id = memory.Copy(placed.buyer.id);
    order.buyer.email = memory.Copy(placed.buyer.email);
    order.buyer.name = memory.Copy(placed.buyer.name);
    order.buyer.phone = memory.Copy(placed.buyer.phone);
    order.buyer.registered_at = EventTime{placed.buyer.registered_at};
    order.shipping.name = memory.Copy(placed.consignee);
    order.shipping.address = ToAddress(event, placed.ship_to);
    order.billing.name = memory.Copy(placed.payer);
    order.billing.address = ToAddress(event, placed.payer_home);
    auto* items = memory.AllocateArray<Item>(placed.lines.size());
    for (std::size_t i = 0; i < placed.lines.size(); ++i) {
      const auto& [product, quantity] = placed.lines[i];
      Item& item = *new (items + i) Item();
      item.sku = product->sku;
      item.title = product->title;
      item.category = product->category;
      item.colour = kColours[static_cast<std::size_t>(product->cents / 10) % std::size(kColours)];
      item.quantity = quantity;
      item.unit_price = LocalPrice(product->cents, placed.land);
      item.fragile = product->fragile;
    }
    order.items = {items, placed.lines.size()};
    const std::pair<const char*, std::string_view> labels[] = {
        {"label", placed.label}, {"money", placed.money}, {"scenario", placed.scenario}};
    auto* attributes = memory.AllocateArray<Attribute>(std::size(labels));
    for (std::size_t i = 0; i < std::size(labels); ++i) {
      new (attributes + i) Attribute{labels[i].first, {}};
      attributes[i].value.kind = AttributeValue::Kind::kText;
      attributes[i].value.text = memory.Copy(labels[i].second);
    }
    order.attributes = {attributes, std::size(labels)};
    return &order;
  }

  const Geo* ToGeo(Event& event, const Placed& placed) {
    Geo& geo = *Make<Geo>(event);
    geo.status = GeoStatus::kFound;
    geo.country = kLands[placed.ip_land].country;
    geo.hosting = placed.hosting;
    geo.tor = placed.tor;
    return &geo;
  }

  const Payment* ToPayment(Event& event, const Placed& placed, const MoneyStep& step) {
    Payment& payment = *Make<Payment>(event);
    const bool wallet = placed.buyer.wallet;
    const auto currency = Currency::Parse(kLands[placed.land].currency);
    payment.provider = event.memory.Copy(step.provider);
    payment.method = event.memory.Copy(step.method);
    payment.source = step.source;
    payment.transaction_id = event.memory.Copy(step.transaction);
    payment.status = step.status;
    payment.pending_reason = step.reason;
    if (step.kind == MovementKind::kUnset) {
      payment.amount = step.amount;
      payment.currency = currency;
    } else {
      payment.movement = {step.kind, event.memory.Copy(step.reference), step.state, step.amount,
                          currency};
    }
    // A gift card has no payer, and the shop does not know one.
    if (step.method == "gift_card" || step.source == ReportSource::kShop) return &payment;
    payment.payer.name = event.memory.Copy(placed.payer);
    payment.payer.email = event.memory.Copy(placed.buyer.email);
    payment.payer.account_holder = event.memory.Copy(placed.holder);
    payment.payer.country = event.memory.Copy(placed.payer_home.country);
    payment.payer.address = ToAddress(event, placed.payer_home);
    if (wallet) {
      payment.payer.account_status = placed.account;
      payment.seller_protection = placed.protection;
    } else {
      payment.card.fingerprint = event.memory.Copy(placed.buyer.card);
      payment.card.country = payment.payer.country;
      payment.card.funding = CardFunding::kCredit;
      payment.card.avs = placed.avs;
    }
    return &payment;
  }

  void SetMoney(Event& event, const Placed& placed, const MoneyStep& step) {
    if (step.what == MoneyStep::What::kPayment) {
      event.type = EventType::kPaymentUpdated;
      event.payment = ToPayment(event, placed, step);
      return;
    }
    const bool closed = step.what == MoneyStep::What::kReviewClosed;
    event.type = closed ? EventType::kDisputeClosed : EventType::kDisputeOpened;
    auto* names = event.memory.AllocateArray<std::string_view>(1);
    new (names) std::string_view(event.memory.Copy(step.provider + ":" + step.transaction));
    event.references = {names, 1};
    Dispute& dispute = *Make<Dispute>(event);
    dispute.id = event.memory.Copy(step.reference);
    dispute.kind = DisputeKind::kReview;
    if (closed) dispute.outcome = DisputeOutcome::kWithdrawn;
    event.dispute = &dispute;
  }

  std::unique_ptr<Event> ToEvent(const Due& one) {
    auto event = std::make_unique<Event>();
    const Placed& placed = *one.order;
    event->merchant = "acme";
    event->occurred_at = EventTime{one.at};
    event->id = event->memory.Copy("evt-" + std::to_string(++events));
    event->order_id = event->memory.Copy(placed.id);
    switch (one.what) {
      case What::kOrder:
        event->type = EventType::kOrderPlaced;
        event->order = ToOrder(*event, placed);
        event->geo = ToGeo(*event, placed);
        break;
      case What::kMoney:
        SetMoney(*event, placed, *one.money);
        break;
      case What::kAmend: {
        event->type = EventType::kOrderAmended;
        Placed moved = placed;
        moved.ship_to = NewPlace(placed.land);
        if (placed.label == "fraud") {
          moved.consignee = std::string(random.Pick(kGiven)) + " " + random.Pick(kFamily);
        }
        event->order = ToOrder(*event, moved);
        event->geo = ToGeo(*event, moved);
        break;
      }
      case What::kCancel:
        event->type = EventType::kOrderCancelled;
        break;
      case What::kRefund: {
        event->type = EventType::kRefundIssued;
        Refund& refund = *Make<Refund>(*event);
        refund.id = event->memory.Copy("rf-" + placed.id);
        refund.amount = placed.total;
        refund.currency = Currency::Parse(kLands[placed.land].currency);
        event->refund = &refund;
        break;
      }
      case What::kChargeback:
      case What::kDispute:
      case What::kDisputeWon: {
        const bool won = one.what == What::kDisputeWon;
        event->type = won ? EventType::kDisputeClosed : EventType::kDisputeOpened;
        Dispute& dispute = *Make<Dispute>(*event);
        dispute.id = event->memory.Copy("dp-" + placed.id);
        dispute.kind =
            one.what == What::kChargeback ? DisputeKind::kChargeback : DisputeKind::kDispute;
        dispute.reason = one.what == What::kChargeback ? "unauthorised" : "not_as_described";
        if (won) dispute.outcome = DisputeOutcome::kWon;
        event->dispute = &dispute;
        break;
      }
      case What::kMessage: {
        event->type = EventType::kBuyerMessage;
        Message& message = *Make<Message>(*event);
        message.from = event->memory.Copy(placed.buyer.email);
        message.text = "When will my order arrive?";
        event->message = &message;
        break;
      }
      case What::kDispatch:
        event->type = EventType::kShipmentDispatched;
        event->shipment = FilmedShipment(*event);
        break;
      default:
        event->type = EventType::kShipmentDelivered;
    }
    return event;
  }

  std::unique_ptr<Event> Next() {
    while (made < options.orders && (due.empty() || due.top().at > now)) {
      const PlacedPtr order = NewOrder();
      Push(order->placed_at, What::kOrder, order);
      PlanAfter(order);
      now += random.Between(gap / 4, gap * 7 / 4);
    }
    if (due.empty()) return nullptr;
    const Due one = due.top();
    due.pop();
    return ToEvent(one);
  }
};

Simulator::Simulator(const SimulatorOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Simulator::~Simulator() = default;
std::unique_ptr<Event> Simulator::Next() { return impl_->Next(); }

}  // namespace holdfast
