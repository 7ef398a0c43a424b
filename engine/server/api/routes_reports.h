// ReportRoutes: what is counted from the log: statistics, the orders of a buyer. The log is read in
// a thread of its own, while it is written. Threads: any.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/server/api/responder.h"

namespace holdfast {

struct Bought;  // an order of a buyer

class ReportRoutes {
 public:
  // Both outlive this.
  ReportRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetStats(const ContextPtr& context);
  void GetBuyer(const ContextPtr& context);

  // Ends what is under way.
  void Stop() { reports_.Stop(); }

 private:
  void Report(const ContextPtr& context, std::function<void(const EventLog& log)> report);
  void TellBuyer(const ContextPtr& context, const std::string& merchant,
                 std::vector<Bought> orders);

  Responder& responder_;
  ServiceRuntime& runtime_;

  Worker reports_{4};
};

}  // namespace holdfast
