#include "bench/orders.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "engine/base/time.h"

namespace holdfast::bench {
namespace {

constexpr std::int64_t kDay = 24 * 3600;
constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr std::uint64_t kFirstOrder = 100'000'000;

struct Land {
  const char* country;
  const char* currency;
  int ip_first;  // first byte of its IP addresses
};
constexpr Land kLands[] = {{"US", "USD", 24}, {"US", "USD", 68}, {"GB", "GBP", 81},
                           {"DE", "EUR", 84}, {"FR", "EUR", 90}, {"CA", "CAD", 99}};
constexpr const char* kGiven[] = {"Anna", "Ben",   "Clara", "David", "Emma", "Felix", "Grace",
                                  "Iris", "Karen", "Liam",  "Maria", "Paul", "Ruth",  "Victor"};
constexpr const char* kFamily[] = {"Adams", "Baker",  "Dubois", "Evans", "Fischer", "Garcia",
                                   "Ito",   "Keller", "Meyer",  "Owens", "Rossi",   "Young"};
constexpr const char* kStreets[] = {"Mill Road", "High Street", "Oak Avenue", "Lindenweg",
                                    "Park Lane", "Rue du Port", "King Street"};
constexpr const char* kCities[] = {"Ashford",  "Bridgeport", "Clayton", "Dunmore",
                                   "Glenwood", "Eastvale",   "Harlow"};
constexpr const char* kChannels[] = {"web", "web", "app", "market"};
constexpr const char* kAgents[] = {"Firefox/139.0 (Windows)", "Safari/18.5 (iPhone)",
                                   "AcmeShop/4.2 (Android)"};
constexpr const char* kNotes[] = {"Please ring twice.", "No hurry.", "It is a gift.", "Thank you!"};
constexpr const char* kColours[] = {"black", "white", "blue", "red"};
constexpr const char* kSizes[] = {"S", "M", "L"};

struct Product {
  const char* sku;
  const char* title;
  const char* category;
  std::int64_t cents;
  bool varies;  // in colour and size
};
constexpr Product kProducts[] = {{"MUG-01", "Stoneware mug", "household", 1490, false},
                                 {"TWL-07", "Bath towel", "household", 2450, false},
                                 {"LMP-03", "Desk lamp", "household", 5990, false},
                                 {"TOY-21", "Wooden train", "toys", 3490, false},
                                 {"PUZ-04", "Puzzle", "toys", 1990, false},
                                 {"SHO-09", "Running shoes", "apparel", 11900, true},
                                 {"JKT-04", "Rain jacket", "apparel", 15900, false},
                                 {"PHN-15", "Smartphone", "electronics", 89900, false}};

// A bijection, so that different numbers stay different.
std::uint64_t Mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::string Ip(int first, std::uint64_t rest) {
  return fmt::format("{}.{}.{}.{}", first, rest >> 16 & 255, rest >> 8 & 255, 1 + rest % 254);
}

// ---- members of an object, with commas between them ---------------------------------------------

void Key(std::string_view name, std::string& out) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}
// REQUIRES: nothing in `text` needs escaping.
void Text(std::string_view name, std::string_view text, std::string& out) {
  Key(name, out);
  out += '"';
  out += text;
  out += '"';
}
void Money(std::string_view name, std::int64_t cents, std::string& out) {
  Key(name, out);
  fmt::format_to(std::back_inserter(out), "{}.{:02}", cents / 100, cents % 100);
}
void Time(std::string_view name, std::int64_t seconds, std::string& out) {
  Text(name, FormatRfc3339(EventTime{seconds * kNanosPerSecond}), out);
}
void Open(std::string_view name, std::string& out) {
  Key(name, out);
  out += '{';
}
void Close(std::string& out) { out += '}'; }

}  // namespace

struct OrderGenerator::Person {
  std::uint64_t index;
  const Land* land;
  std::string name, user;  // user: what e-mail addresses begin with, the buyer's alone
  std::string line1, postal_code;
  const char* city;
  const char* agent;
  std::uint64_t ip, device, card;
  std::int64_t registered_at;  // seconds since 1970

  void WriteAddress(std::string& out) const {
    Open("address", out);
    Text("line1", line1, out);
    Text("city", city, out);
    Text("postal_code", postal_code, out);
    Text("country", land->country, out);
    Close(out);
  }
};

OrderGenerator::OrderGenerator(const OrderOptions& options)
    : options_(options), random_(options.seed), now_(kStart) {}

std::uint64_t OrderGenerator::SomeBuyer() {
  const bool hot = options_.hot > 0 &&
                   random_.Chance(static_cast<std::uint64_t>(options_.hot_share * 1000 + 0.5));
  return random_.Below(hot ? options_.hot : options_.buyers);
}

OrderGenerator::Person OrderGenerator::PersonOf(std::uint64_t index) const {
  const std::uint64_t number = Mix(Mix(options_.seed) + index);
  Random random(number);
  Person person;
  person.index = index;
  person.land = &random.Pick(kLands);
  const char* given = random.Pick(kGiven);
  person.name = fmt::format("{} {}", given, random.Pick(kFamily));
  person.user = fmt::format("{}{}", given, index);
  person.user[0] = static_cast<char>(person.user[0] - 'A' + 'a');
  person.line1 = fmt::format("{} {}", random.Between(1, 180), random.Pick(kStreets));
  person.postal_code = fmt::format("{}", random.Between(10000, 99999));
  person.city = random.Pick(kCities);
  person.agent = random.Pick(kAgents);
  person.ip = random.Next();
  person.device = random.Next();
  person.card = number;
  person.registered_at = kStart - random.Between(kDay, 700 * kDay);
  return person;
}

std::string OrderGenerator::SomeIp(const Person& buyer) {
  if (options_.one_ip) return Ip(kLands[0].ip_first, 0);
  const std::uint64_t kind = random_.Below(100);
  if (kind < 80) return Ip(buyer.land->ip_first, buyer.ip);
  // An office or a mobile gateway, or abroad for once.
  if (kind < 95) return Ip(buyer.land->ip_first, Mix(random_.Below(1 + options_.buyers / 100)));
  return Ip(random_.Pick(kLands).ip_first, random_.Next());
}

std::int64_t OrderGenerator::WriteItems(std::string& out) {
  std::int64_t cents = 0;
  Key("items", out);
  for (int i = 0; i < 3; ++i) {
    const Product& product = random_.Pick(kProducts);
    const std::int64_t quantity = random_.Chance(850) ? 1 : random_.Between(2, 4);
    cents += product.cents * quantity;
    out += i == 0 ? "[{" : ",{";
    Text("sku", product.sku, out);
    Text("title", product.title, out);
    Text("category", product.category, out);
    if (product.varies) {
      Open("variant", out);
      Text("colour", random_.Pick(kColours), out);
      Text("size", random_.Pick(kSizes), out);
      Close(out);
    }
    Key("quantity", out);
    out += std::to_string(quantity);
    Money("unit_price", product.cents, out);
    Close(out);
  }
  out += ']';
  return cents;
}

void OrderGenerator::WritePayment(const Person& buyer, std::int64_t cents, std::string& out) {
  const std::uint64_t kind = random_.Below(100);
  Open("payment", out);
  Text("provider", "paypal", out);
  Text("method", "card", out);
  Text("status",
       kind < 92   ? "completed"
       : kind < 95 ? "authorized"
       : kind < 98 ? "under_review"
                   : "denied",
       out);
  Money("amount", cents, out);
  Text("currency", buyer.land->currency, out);
  Text("transaction_id", fmt::format("tx{:012x}", random_.Next() >> 16), out);
  Open("payer", out);
  Text("name", buyer.name, out);
  Text("email", buyer.user + "@pay.example", out);
  Text("account_id", fmt::format("a{}", buyer.index), out);
  Text("account_status", random_.Chance(950) ? "verified" : "unverified", out);
  Text("account_holder", random_.Chance(980) ? buyer.name : "Carla Dow", out);
  Text("country", buyer.land->country, out);
  buyer.WriteAddress(out);
  Close(out);
  Open("card", out);
  Text("fingerprint", fmt::format("{:016x}", buyer.card), out);
  Text("bin", fmt::format("{}", 400000 + buyer.card % 1000), out);
  Text("country", buyer.land->country, out);
  Text("funding", buyer.card % 3 == 0 ? "debit" : "credit", out);
  Text("avs", random_.Chance(970) ? "pass" : "fail", out);
  Text("cvc", "pass", out);
  Close(out);
  Close(out);
}

std::string OrderGenerator::Next() {
  const Person buyer = PersonOf(SomeBuyer());
  // Two buyers are a household: with one merchant, now and then with one device and address.
  const std::uint64_t household = buyer.index / 2;
  const auto sometimes_other = [&](std::uint64_t per_mille) {
    const std::uint64_t other = buyer.index ^ 1;
    return random_.Chance(per_mille) && other < options_.buyers ? PersonOf(other) : buyer;
  };
  now_ += random_.Between(1, 5);

  // Items first: the total stands before them.
  std::string items = "{";
  const std::int64_t fee = random_.Chance(500) ? 0 : 490;
  const std::int64_t total = WriteItems(items) + fee;

  std::string out;
  out.reserve(1600);
  out += '{';
  Text("id", fmt::format("{}", kFirstOrder + made_++), out);
  Text("merchant", fmt::format("m{}", 1 + household % options_.merchants), out);
  Time("placed_at", now_, out);
  Text("channel", random_.Pick(kChannels), out);
  Text("currency", buyer.land->currency, out);
  Money("total", total, out);
  Money("shipping_fee", fee, out);
  Text("ip", SomeIp(buyer), out);
  Text("device_id", fmt::format("d{:012x}", sometimes_other(50).device >> 16), out);
  Text("user_agent", buyer.agent, out);
  Text("note", random_.Chance(20) ? "Urgent, please ship today!" : random_.Pick(kNotes), out);
  Open("buyer", out);
  Text("id", fmt::format("b{}", buyer.index), out);
  Text("email", buyer.user + "@mail.example", out);
  Text("name", buyer.name, out);
  Text("phone", fmt::format("+1555{:07}", buyer.index), out);
  Time("registered_at", buyer.registered_at, out);
  Text("country", buyer.land->country, out);
  Close(out);
  Open("shipping", out);
  Text("name", buyer.name, out);
  if (random_.Chance(100)) Text("phone", fmt::format("+1555{:07}", buyer.index), out);
  sometimes_other(70).WriteAddress(out);
  Close(out);
  if (random_.Chance(50)) {
    Open("billing", out);
    Text("name", buyer.name, out);
    buyer.WriteAddress(out);
    Close(out);
  }
  out += ',';
  out.append(items, 1);
  WritePayment(buyer, total, out);
  Close(out);
  return out;
}

std::vector<std::string> OrderGenerator::Take(std::size_t count) {
  std::vector<std::string> orders;
  orders.reserve(count);
  while (orders.size() < count) orders.push_back(Next());
  return orders;
}

}  // namespace holdfast::bench
