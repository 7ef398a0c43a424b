// How the service is.
#include "engine/codec/json_object.h"
#include "engine/server/api/asked.h"
#include "engine/server/api/problem.h"

namespace holdfast {

void Service::GetMetrics(const AskedPtr& asked) {
  HttpAnswer answer;
  answer.type = "text/plain; version=0.0.4";
  answer.body = core_->metrics().Text();
  Answer(asked, std::move(answer));
}

// The process answers.
void Service::GetHealth(const AskedPtr& asked) {
  HttpAnswer answer;
  answer.body = "{\"status\":\"ok\"}";
  Answer(asked, std::move(answer));
}

// The process takes events.
void Service::GetReady(const AskedPtr& asked) {
  if (draining_ || !core_->ready()) {
    return Answer(asked, Problem(ErrorCode::kUnavailable,
                                 draining_         ? "the service is stopping"
                                 : core_->failed() ? "the service has failed"
                                                   : "another pack is being put in place"));
  }
  HttpAnswer answer;
  answer.body = "{\"status\":\"ready\",\"offset\":" + std::to_string(core_->last()) + "}";
  Answer(asked, std::move(answer));
}

void Service::GetOutbox(const AskedPtr& asked) {
  JsonList list;
  for (const EndpointState& state : core_->endpoints()) {
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
  Answer(asked, std::move(answer));
}

}  // namespace holdfast
