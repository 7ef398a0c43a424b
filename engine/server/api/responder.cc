#include "engine/server/api/responder.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/base/utf8.h"
#include "engine/codec/json_object.h"
#include "engine/server/api/problem.h"
#include "engine/server/log.h"

namespace holdfast {
namespace {

HttpAnswer TooMuch() { return Problem(ErrorCode::kTooMany, "too much waits already"); }
HttpAnswer Stopped() {
  return Problem(ErrorCode::kUnavailable, "the service has stopped taking events");
}

}  // namespace

std::function<void()> Responder::Task(const ContextPtr& context, std::function<void()> task) {
  return [this, context, task = std::move(task)] {
    try {
      task();
    } catch (const std::exception& fault) {
      Log(LogLevel::kError, context->request.method + " " + std::string(context->request.Path()) +
                                ": " + fault.what());
      Answer(context, Problem(ErrorCode::kInternal, "the request could not be answered"));
    }
  };
}

void Responder::PostToWorker(const ContextPtr& context, std::function<void()> task) {
  const bool taken = runtime_.PostToWorker(Task(context, [this, context, task = std::move(task)] {
    if (runtime_.failed()) return Answer(context, Stopped());
    task();
  }));
  if (!taken) Answer(context, TooMuch());
}

void Responder::ReadState(const ContextPtr& context, const std::string& merchant,
                          std::function<void(const Engine& engine)> look,
                          std::function<void()> then) {
  const bool taken =
      runtime_.ReadState(merchant, std::move(look),
                         [this, context, then = std::move(then)] { PostToWorker(context, then); });
  if (!taken) Answer(context, runtime_.failed() ? Stopped() : TooMuch());
}

void Responder::Answer(const ContextPtr& context, HttpAnswer answer) {
  if (context->answered.exchange(true)) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - context->received).count();
  runtime_.metrics().AddRequest(context->route == nullptr ? "none" : context->route->name,
                                answer.status, seconds);
  if (answer.status >= 400) {
    if (Logs(LogLevel::kDebug)) {
      Log(LogLevel::kDebug, context->request.method + " " + std::string(context->request.Path()) +
                                " from " + context->request.peer + ": " +
                                std::to_string(answer.status));
    }
  }
  // Requests by keys that may do more than send events are written to the audit log. For changes
  // the entry is on disk before the answer is sent. If the disk fails, the service log says so.
  const bool audited =
      context->key != nullptr && (context->key->role != Role::kIngest || !context->route->roles[0]);
  if (!audited) return Finish(context, std::move(answer));
  if (context->request.method == "GET") {
    Audit(*context, answer.status, false);
    return Finish(context, std::move(answer));
  }
  const auto kept = std::make_shared<HttpAnswer>(std::move(answer));
  const auto finish = [this, context, kept] {
    Audit(*context, kept->status, true);
    Finish(context, std::move(*kept));
  };
  if (!runtime_.PostToWorker(finish)) finish();
}

void Responder::Finish(const ContextPtr& context, HttpAnswer answer) {
  --requests_;
  context->respond(std::move(answer));
}

void Responder::Audit(const RequestContext& context, int status, bool durable) {
  JsonObject line;
  line.Text("at", FormatRfc3339(runtime_.Now()));
  line.Text("key", context.key->id);
  line.Text("merchant", context.key->merchant);
  line.Text("role", NameOf(context.key->role));
  line.Text("method", context.request.method);
  line.Text("target", IsValidUtf8(context.request.target) ? context.request.target : "");
  line.Number("status", status);
  line.Text("peer", context.request.peer);
  if (Status kept = audit_.Write(line.Done() + "\n", durable); !kept) {
    Log(LogLevel::kError, kept.error().Text());
  }
}

std::optional<std::string> Responder::MerchantOf(const ContextPtr& context) {
  const std::string named = context->request.Query("merchant");
  if (!context->key->OfAll()) {
    if (named.empty() || named == context->key->merchant) return context->key->merchant;
    Answer(context, Problem(ErrorCode::kForbidden, "the key is of another merchant"));
    return std::nullopt;
  }
  if (!named.empty()) return named;
  Answer(context,
         Problem(ErrorCode::kUsage, "a key of all merchants must say which: ?merchant=NAME"));
  return std::nullopt;
}

}  // namespace holdfast
