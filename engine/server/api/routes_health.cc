#include "engine/server/api/routes_health.h"

#include "engine/codec/json_object.h"
#include "engine/server/api/problem.h"

namespace holdfast {

void HealthRoutes::GetMetrics(const ContextPtr& context) {
  HttpAnswer answer;
  answer.type = "text/plain; version=0.0.4";
  answer.body = runtime_.metrics().Text();
  responder_.Answer(context, std::move(answer));
}

// Answers while the process runs.
void HealthRoutes::GetHealth(const ContextPtr& context) {
  HttpAnswer answer;
  answer.body = JsonObject().Text("status", "ok").Done();
  responder_.Answer(context, std::move(answer));
}

// Answers whether the process accepts events.
void HealthRoutes::GetReady(const ContextPtr& context) {
  if (responder_.draining() || !runtime_.ready()) {
    return responder_.Answer(
        context, Problem(ErrorCode::kUnavailable, responder_.draining() ? "the service is stopping"
                                                  : runtime_.failed()
                                                      ? "the service has failed"
                                                      : "another pack is being put in place"));
  }
  HttpAnswer answer;
  answer.body = JsonObject().Text("status", "ready").Number("offset", runtime_.last()).Done();
  responder_.Answer(context, std::move(answer));
}

void HealthRoutes::GetOutbox(const ContextPtr& context) {
  JsonList list;
  for (const EndpointState& state : runtime_.endpoints()) {
    JsonObject one;
    one.Text("name", state.name);
    one.Number("cursor", state.cursor);
    one.Number("behind", state.behind);
    one.Number("waiting", state.waiting);
    one.Number("dead_letters", state.dead);
    one.Bool("circuit_open", state.open_circuit);
    one.Bool("disabled", state.disabled);
    one.Number("lag_seconds", state.lag_seconds);
    one.Number("sent", state.sent);
    list.Add(one.Done());
  }
  HttpAnswer answer;
  answer.body = JsonObject().Raw("endpoints", list.Done()).Done();
  responder_.Answer(context, std::move(answer));
}

}  // namespace holdfast
