// Responder: how the routes of a service answer, and where they go on: in the worker's thread, or
// at the engine that has a merchant's state. Threads: any.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "engine/server/api/request_context.h"
#include "engine/server/security/audit_log.h"
#include "engine/server/service_runtime.h"

namespace holdfast {

class Responder {
 public:
  // Both outlive this.
  Responder(ServiceRuntime& runtime, AuditLog& audit) : runtime_(runtime), audit_(audit) {}

  // To be called when a request comes in.
  void Begin() { ++requests_; }
  // Answers a request, once: what comes later is dropped. What changes something is in the audit
  // log before the answer leaves.
  void Answer(const ContextPtr& context, HttpAnswer answer);

  // Goes on in the worker's thread, where the log may be read; answers when that cannot be.
  void PostToWorker(const ContextPtr& context, std::function<void()> task);
  // Looks at the engine that has a merchant's state, and then goes on as PostToWorker does.
  void ReadState(const ContextPtr& context, const std::string& merchant,
                 std::function<void(const Engine& engine)> look, std::function<void()> then);
  // The task of a request for another thread: when it throws, that is answered.
  std::function<void()> Task(const ContextPtr& context, std::function<void()> task);

  // The merchant that a request is about; nothing, with the answer given, when it names none.
  std::optional<std::string> MerchantOf(const ContextPtr& context);

  // From Drain on only what is on its way is answered.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }
  // Nothing is on its way.
  bool idle() const { return requests_ == 0; }

 private:
  void Finish(const ContextPtr& context, HttpAnswer answer);
  void Audit(const RequestContext& context, int status, bool durable);

  ServiceRuntime& runtime_;
  AuditLog& audit_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> requests_ = 0;
};

}  // namespace holdfast
