// How the service is.
#include "engine/server/asked.h"
#include "engine/server/problem.h"

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
  std::string list = "[";
  for (const EndpointState& state : core_->endpoints()) {
    if (list.size() > 1) list += ',';
    std::string one = "{";
    JsonMember("name", state.name, one);
    JsonRaw("cursor", std::to_string(state.cursor), one);
    JsonRaw("behind", std::to_string(state.behind), one);
    JsonRaw("waiting", std::to_string(state.waiting), one);
    JsonRaw("dead_letters", std::to_string(state.dead), one);
    JsonRaw("circuit_open", state.open_circuit ? "true" : "false", one);
    JsonRaw("disabled", state.disabled ? "true" : "false", one);
    JsonRaw("lag_seconds", std::to_string(state.lag_seconds), one);
    JsonRaw("sent", std::to_string(state.sent), one);
    list += one + "}";
  }
  HttpAnswer answer;
  answer.body = "{\"endpoints\":" + list + "]}";
  Answer(asked, std::move(answer));
}

}  // namespace holdfast
