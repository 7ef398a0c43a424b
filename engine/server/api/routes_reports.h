// ReportRoutes: reports that are computed from the log: statistics, and the orders of a buyer. They
// read the log in a separate thread while it is written. Threads: any.
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
  void GetAlerts(const ContextPtr& context);

  // Finishes the reports in progress.
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
