// How the service is.
#include "engine/codec/json_object.h"
#include "engine/server/api/problem.h"
#include "engine/server/api/request_context.h"

namespace holdfast {

void Service::GetMetrics(const ContextPtr& context) {
  HttpAnswer answer;
  answer.type = "text/plain; version=0.0.4";
  answer.body = runtime_->metrics().Text();
  Answer(context, std::move(answer));
}

// The process answers.
void Service::GetHealth(const ContextPtr& context) {
  HttpAnswer answer;
  answer.body = "{\"status\":\"ok\"}";
  Answer(context, std::move(answer));
}

// The process takes events.
void Service::GetReady(const ContextPtr& context) {
  if (draining_ || !runtime_->ready()) {
    return Answer(context, Problem(ErrorCode::kUnavailable,
                                   draining_            ? "the service is stopping"
                                   : runtime_->failed() ? "the service has failed"
                                                        : "another pack is being put in place"));
  }
  HttpAnswer answer;
  answer.body = "{\"status\":\"ready\",\"offset\":" + std::to_string(runtime_->last()) + "}";
  Answer(context, std::move(answer));
}

void Service::GetOutbox(const ContextPtr& context) {
  JsonList list;
  for (const EndpointState& state : runtime_->endpoints()) {
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
  Answer(context, std::move(answer));
}

}  // namespace holdfast
