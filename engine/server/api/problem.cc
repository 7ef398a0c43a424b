#include "engine/server/api/problem.h"

#include "engine/codec/json.h"

namespace holdfast {

std::string ProblemJson(const Error& error) {
  const ErrorInfo& info = InfoOf(error.code);
  std::string json = "{\"type\":\"urn:holdfast:problem:" + std::string(info.name) + "\",\"title\":";
  WriteJsonText(info.sentence, json);
  json += ",\"status\":" + std::to_string(info.http_status) + ",\"detail\":";
  WriteJsonText(error.Text(), json);
  json += ",\"help\":";
  WriteJsonText(info.remedy, json);
  json += "}";
  return json;
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
