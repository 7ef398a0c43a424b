// Simulator: realistic order and payment traffic of one seller, labelled, from a seed.
//
// Good buyers come back, live in households and work in companies that share addresses and IP
// addresses, use mobile gateways shared by hundreds, pay by wallet, card and eCheck, wait for
// payment reviews, sometimes let a spouse pay, use a forwarder or a VPN, move, cancel and get
// refunds. Money comes in more than one attempt, in parts, beside gift cards, with the shop's
// copies, reviews, late failures and refunds of what was charged twice. Among the buyers: stolen
// cards, rings on one device, taken-over accounts that redirect the parcel after payment, and
// buyers who dispute what they received. Chargebacks come weeks later. Where an IP address is
// stands in the event (`geo`): the addresses are made up.
//
// Each order carries attributes.label ("good" or "fraud"), attributes.scenario and attributes.money
// (how the money comes), for tests and for the measurement of packs; a shipped rule reads none.
//
// Determinism: the same seed and count give the same bytes everywhere.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/event.h"

namespace holdfast {

struct SimulatorOptions {
  std::uint64_t seed = 1;
  std::uint64_t orders = 1000;
  std::uint64_t orders_per_day = 2000;
};

class Simulator {
 public:
  explicit Simulator(const SimulatorOptions& options);
  ~Simulator();

  // The next event in time order; null after the last.
  std::unique_ptr<Event> Next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
