// Responder: answers requests, and runs their later steps in the worker's thread or with the engine
// that has the merchant's state. Threads: any.
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
  // Answers a request. A second answer is dropped. A request that may change something is written
  // to the audit log before its answer is sent.
  void Answer(const ContextPtr& context, HttpAnswer answer);

  // Runs `task` in the worker's thread, where the log may be read. Answers with an error when that
  // is not possible.
  void PostToWorker(const ContextPtr& context, std::function<void()> task);
  // Calls `look` with the engine that has the merchant's state, then `then` as PostToWorker does.
  void ReadState(const ContextPtr& context, const std::string& merchant,
                 std::function<void(const Engine& engine)> look, std::function<void()> then);
  // Wraps a task of a request for another thread: if it throws, the request is answered with an
  // error.
  std::function<void()> Task(const ContextPtr& context, std::function<void()> task);

  // The merchant that the request is about. Empty when it names none; the request is then answered.
  std::optional<std::string> MerchantOf(const ContextPtr& context);

  // After Drain no new requests are accepted; pending ones are answered.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }
  // True when no request is pending.
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
