#include "engine/server/api/problem.h"

#include "engine/codec/json_object.h"

namespace holdfast {

std::string ProblemJson(const Error& error) {
  const ErrorInfo& info = InfoOf(error.code);
  return JsonObject()
      .Text("type", "urn:holdfast:problem:" + std::string(info.name))
      .Text("title", info.sentence)
      .Number("status", info.http_status)
      .Text("detail", error.Text())
      .Text("help", info.remedy)
      .Done();
}

HttpAnswer Problem(const Error& error) {
  HttpAnswer answer;
  answer.status = InfoOf(error.code).http_status;
  answer.type = "application/problem+json";
  answer.body = ProblemJson(error);
  if (answer.status == 429) answer.headers.push_back({"Retry-After", "1"});
  if (answer.status == 503) answer.headers.push_back({"Retry-After", "5"});
  if (answer.status == 401) {
    answer.headers.push_back({"WWW-Authenticate", "Bearer realm=\"holdfast\""});
  }
  return answer;
}

HttpAnswer Problem(ErrorCode code, std::string detail) {
  return Problem(Error{code, {}, std::move(detail)});
}

}  // namespace holdfast
