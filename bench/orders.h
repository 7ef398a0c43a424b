// Orders: bare orders as JSON lines, from a seed, for the benchmarks.
//
// About 1.32 KB each, three items, every field of docs/formats.md that shops usually send. A buyer
// has an e-mail address, a phone, a payment account and a card of their own; IP address, device and
// delivery address are mostly theirs and sometimes shared. Nothing is kept per buyer.
//
// Determinism: the same options give the same lines everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/simulate/random.h"

namespace holdfast::bench {

struct OrderOptions {
  std::uint64_t seed = 1;
  std::uint64_t buyers = 100'000;
  // This many returning buyers place `hot_share` of the orders, all buyers the rest. 0: all the
  // buyers place all of them, evenly.
  std::uint64_t hot = 0;
  double hot_share = 0.9;
  bool one_ip = false;          // every order from the same IP address
  std::uint64_t merchants = 1;  // a buyer stays with one of them
};

class OrderGenerator {
 public:
  // REQUIRES: buyers > 0, hot <= buyers, merchants > 0.
  explicit OrderGenerator(const OrderOptions& options);

  // The next order, one JSON object without a newline; placed one to five seconds after the one
  // before, with an id that this generator has not given yet.
  std::string Next();

  // The next `count` orders.
  std::vector<std::string> Take(std::size_t count);

 private:
  struct Person;

  std::uint64_t SomeBuyer();
  Person PersonOf(std::uint64_t index) const;
  std::string SomeIp(const Person& buyer);
  // Writes the items; returns what they cost, in cents.
  std::int64_t WriteItems(std::string& out);
  void WritePayment(const Person& buyer, std::int64_t cents, std::string& out);

  OrderOptions options_;
  Random random_;
  std::uint64_t made_ = 0;
  std::int64_t now_;  // seconds since 1970
};

}  // namespace holdfast::bench
