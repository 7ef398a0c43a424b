#include "engine/server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>

#include "engine/model/names.h"

namespace holdfast {
namespace {

using prometheus::Labels;

constexpr std::size_t kOutcomes = 1 + static_cast<std::size_t>(Outcome::kReject);
constexpr std::size_t kCauses = 1 + static_cast<std::size_t>(Cause::kReview);

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry, const char* name,
                                              const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// Seconds. An answer waits for a disk, so half a millisecond is short.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      Counters(registry, "holdfast_requests_total", "Requests, by route and status.");
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("holdfast_request_seconds")
          .Help("From the whole request to its answer, by route.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& events =
      Counters(registry, "holdfast_events_total", "Events, by what became of them.");
  prometheus::Family<prometheus::Counter>& decisions =
      Counters(registry, "holdfast_decisions_total", "Decisions, by outcome and cause.");
  // Looked up once, because they are used for every event.
  prometheus::Counter& taken = events.Add({{"result", "taken"}});
  prometheus::Counter& duplicate = events.Add({{"result", "duplicate"}});
  prometheus::Counter& refused = events.Add({{"result", "refused"}});
  std::array<std::array<prometheus::Counter*, kCauses>, kOutcomes> decided;
  prometheus::Family<prometheus::Counter>& deliveries = Counters(
      registry, "holdfast_webhooks_total", "Webhooks, by provider and what became of them.");
  prometheus::Family<prometheus::Counter>& alerts =
      Counters(registry, "holdfast_alerts_total", "Alerts, by name.");
  prometheus::Gauge& in_flight =
      Gauges(registry, "holdfast_events_in_flight", "Events that wait for their answer.").Add({});
  prometheus::Gauge& connections =
      Gauges(registry, "holdfast_connections", "Open connections.").Add({});
  prometheus::Gauge& log =
      Gauges(registry, "holdfast_log_offset", "The last record of the log.").Add({});
  prometheus::Gauge& held = Gauges(registry, "holdfast_orders_held", "Orders held now.").Add({});
  prometheus::Gauge& undecided =
      Gauges(registry, "holdfast_payments_undecided", "Payments whose order is not known.").Add({});
  prometheus::Family<prometheus::Gauge>& behind =
      Gauges(registry, "holdfast_outbox_behind", "Records that an endpoint has not seen.");
  prometheus::Family<prometheus::Gauge>& waiting =
      Gauges(registry, "holdfast_outbox_waiting", "Messages to be tried again, by endpoint.");
  prometheus::Family<prometheus::Gauge>& dead =
      Gauges(registry, "holdfast_outbox_dead_letters", "Dead letters, by endpoint.");
  prometheus::Family<prometheus::Gauge>& lag =
      Gauges(registry, "holdfast_outbox_lag_seconds", "Since when something waits, by endpoint.");
  prometheus::Family<prometheus::Gauge>& circuit =
      Gauges(registry, "holdfast_outbox_circuit_open", "1 while only trials are sent.");

  Impl() {
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      for (std::size_t cause = 0; cause < kCauses; ++cause) {
        decided[outcome][cause] =
            &decisions.Add({{"outcome", std::string(NamesOf<Outcome>()[outcome])},
                            {"cause", std::string(NamesOf<Cause>()[cause])}});
      }
    }
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::AddRequest(std::string_view route, int status, double seconds) {
  const std::string name(route);
  impl_->requests.Add({{"route", name}, {"status", std::to_string(status)}}).Increment();
  impl_->seconds.Add({{"route", name}}, kSeconds).Observe(seconds);
}
void Metrics::AddTaken() { impl_->taken.Increment(); }
void Metrics::AddDuplicate() { impl_->duplicate.Increment(); }
void Metrics::AddRefused() { impl_->refused.Increment(); }
void Metrics::AddDecision(Outcome outcome, Cause cause) {
  impl_->decided[static_cast<std::size_t>(outcome)][static_cast<std::size_t>(cause)]->Increment();
}
void Metrics::AddDelivery(std::string_view provider, std::string_view result) {
  impl_->deliveries.Add({{"provider", std::string(provider)}, {"result", std::string(result)}})
      .Increment();
}
void Metrics::AddAlert(std::string_view name) {
  impl_->alerts.Add({{"name", std::string(name)}}).Increment();
}
void Metrics::SetInFlight(double events) { impl_->in_flight.Set(events); }
void Metrics::SetConnections(double connections) { impl_->connections.Set(connections); }
void Metrics::SetLog(double last_offset) { impl_->log.Set(last_offset); }
void Metrics::SetHeld(double orders) { impl_->held.Set(orders); }
void Metrics::SetUndecided(double payments) { impl_->undecided.Set(payments); }
void Metrics::SetEndpoint(const std::string& name, double behind, double waiting, double dead,
                          double lag_seconds, bool open_circuit) {
  const Labels labels = {{"endpoint", name}};
  impl_->behind.Add(labels).Set(behind);
  impl_->waiting.Add(labels).Set(waiting);
  impl_->dead.Add(labels).Set(dead);
  impl_->lag.Add(labels).Set(lag_seconds);
  impl_->circuit.Add(labels).Set(open_circuit ? 1 : 0);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace holdfast
