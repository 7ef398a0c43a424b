// DeskRequests: the requests of the review screen to the service, and its claim. Threads: one.
#pragma once

#include <string>
#include <vector>

#include "engine/cli/cases/ops_work.h"
#include "engine/cli/desk/queue_list.h"

namespace holdfast::cli {

class DeskRequests {
 public:
  // `more`: further parameters of the queue, each with a leading "&".
  DeskRequests(OpsClient& client, const OpsOptions& options, std::string more);
  // Gives the claim back.
  ~DeskRequests();
  DeskRequests(const DeskRequests&) = delete;
  DeskRequests& operator=(const DeskRequests&) = delete;

  // The first kRows orders of the queue.
  Result<JsonDocument> Queue(const QueueFilter& filter);
  Result<JsonDocument> Order(const std::string& order) { return FetchOrder(client_, order); }
  Result<JsonDocument> Send(const std::string& type, const std::string& order,
                            const ReviewWords& words, const JsonValue& looked_at);

  // Claims an order in place of the one that is claimed now. Errors: kConflict when another person
  // has claimed it.
  Status Claim(const std::string& order);
  // Claims the first order of the queue that no other person has claimed and that is not in
  // `passed`. Returns its id; empty: there is none.
  Result<std::string> ClaimNext(const QueueFilter& filter, const std::vector<std::string>& passed);
  void GiveBack();
  // Forgets the claim, which a decision has ended.
  void Forget() { claimed_.clear(); }

  static constexpr int kRows = 500;

 private:
  std::string TargetOf(const QueueFilter& filter, int rows) const;

  OpsClient& client_;
  const OpsOptions& options_;
  const std::string more_;
  std::string claimed_;  // the order; empty: none
};

}  // namespace holdfast::cli
