// Life: a random walk of one order's money at a provider, as the messages that the provider sends
// of it, each with how the money then really stands.
//
// The model of a provider is written from its documentation and knows nothing of how its messages
// are read. `TrueMoney` is the truth beside it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "engine/model/funds.h"
#include "engine/simulate/random.h"

namespace holdfast::testing {

// One payment, in minor units.
struct TrueMoney {
  std::int64_t authorized = 0;  // promised, and neither captured nor released
  std::int64_t pending = 0;     // captures that are under way
  std::int64_t captured = 0;
  std::int64_t refunded = 0;                     // refunds that are under way included
  std::int64_t taken_back = 0;                   // and not given back
  std::map<std::string, std::int64_t> disputes;  // those that are open, and what each is about
  bool in_review = false;

  std::int64_t kept() const { return captured - refunded - taken_back; }
};

// What an order's payments come to.
struct Truth {
  std::int64_t paid = 0;
  FundsCertainty certainty = FundsCertainty::kNone;
};
Truth TruthOf(std::int64_t due, const std::deque<TrueMoney>& payments);

struct Message {
  std::string provider;  // whose webhook; empty: `body` is an event of the seller's own
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  EventTime at;
  Truth after;        // how the money stands when it is sent
  bool last = false;  // of those about one change
};

class Life {
 public:
  Life(std::uint64_t seed, std::int64_t total) : random(seed), due(total) {}

  // A new payment; the reference stays good.
  TrueMoney& Open() { return payments.emplace_back(); }
  // Time goes on: seconds, or days.
  void Pass();
  void Send(std::string provider, std::string body,
            std::vector<std::pair<std::string, std::string>> headers = {});
  // What was sent since the last call is all that is said of one change.
  void Settle();
  // A number that no other part of this life has.
  std::string Id(std::string_view prefix) { return std::string(prefix) + std::to_string(++ids_); }

  // Seconds since 1970, and RFC 3339.
  std::string Seconds() const;
  std::string Time() const;

  Random random;
  const std::int64_t due;
  EventTime now{1'790'000'000 * kNanosPerSecond};
  std::deque<TrueMoney> payments;
  std::vector<Message> messages;
  bool captures_at_once = false;  // Adyen

 private:
  int ids_ = 0;
  std::size_t settled_ = 0;
};

// `form` with each '@' replaced by the next of `parts`.
std::string Fill(std::string_view form, const std::vector<std::string>& parts);
// 12345 as "123.45".
std::string Decimal(std::int64_t minor);

// The lives of one order, called "1001", in US dollars.
void LiveStripe(Life& life);
void LivePayPal(Life& life);
void LiveAdyen(Life& life);
void LiveShopify(Life& life);
void LiveWooCommerce(Life& life);
// Copies by a shop of what a provider tells, some of them wrong, anywhere among its messages.
void MixCopies(Life& life, std::string_view provider);

}  // namespace holdfast::testing
