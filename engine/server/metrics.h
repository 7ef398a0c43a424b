// Metrics: the counters and gauges of the service, in the Prometheus format. Names begin with
// holdfast_.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/model/decision.h"

namespace holdfast {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // A request that was answered; `route` as in docs/openapi.yaml.
  void AddRequest(std::string_view route, int status, double seconds);
  void AddTaken();
  void AddDuplicate();
  void AddRefused();
  void AddDecision(Outcome outcome, Cause cause);
  // The result of a webhook delivery: accepted, duplicate, ignored, untrusted, refused,
  // quarantined.
  void AddDelivery(std::string_view provider, std::string_view result);
  void AddAlert(std::string_view name);

  void SetInFlight(double events);
  void SetConnections(double connections);
  void SetLog(double last_offset);
  void SetHeld(double orders);
  void SetUndecided(double payments);
  void SetEndpoint(const std::string& name, double behind, double waiting, double dead,
                   double lag_seconds, bool open_circuit);

  // All of it, as text.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
