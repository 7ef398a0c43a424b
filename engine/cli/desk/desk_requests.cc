#include "engine/cli/desk/desk_requests.h"

#include <algorithm>
#include <utility>

#include "engine/base/url.h"
#include "engine/base/wall_time.h"

namespace holdfast::cli {

DeskRequests::DeskRequests(OpsClient& client, const OpsOptions& options, std::string more)
    : client_(client), options_(options), more_(std::move(more)) {}

DeskRequests::~DeskRequests() { GiveBack(); }

std::string DeskRequests::TargetOf(const QueueFilter& filter, int rows) const {
  std::string target = "/v1/queue?limit=" + std::to_string(rows) + filter.Query() + more_;
  if (!client_.merchant().empty()) target += "&" + client_.merchant();
  return target;
}

Result<JsonDocument> DeskRequests::Queue(const QueueFilter& filter) {
  return client_.Get(TargetOf(filter, kRows));
}

Result<JsonDocument> DeskRequests::Send(const std::string& type, const std::string& order,
                                        const ReviewWords& words, const JsonValue& looked_at) {
  // Notes, tags and questions are about the order, not about a decision of it.
  const bool about_order = type == "noted" || type == "tagged" || type == "asked";
  return SendReview(client_, options_, type, order, words, about_order ? nullptr : &looked_at);
}

Status DeskRequests::Claim(const std::string& order) {
  constexpr std::int64_t kLease = 15 * 60 * kNanosPerSecond;
  ReviewWords words;
  words.until = EventTime{WallTime().nanos + kLease};
  const auto claimed = SendReview(client_, options_, "claimed", order, words, nullptr);
  if (!claimed) return tl::unexpected(claimed.error());
  if (claimed_ != order) GiveBack();
  claimed_ = order;
  return {};
}

Result<std::string> DeskRequests::ClaimNext(const QueueFilter& filter,
                                            const std::vector<std::string>& passed) {
  constexpr int kLook = 50;
  std::string after;
  for (;;) {
    const auto queue =
        client_.Get(TargetOf(filter, kLook) + (after.empty() ? "" : "&after=" + EncodeUrl(after)));
    if (!queue) return tl::unexpected(queue.error());
    for (const JsonValue& one : queue->root()["orders"].list()) {
      std::string order(one["order_id"].text());
      if (std::find(passed.begin(), passed.end(), order) != passed.end()) continue;
      const Status claimed = Claim(order);
      if (claimed) return order;
      if (claimed.error().code != ErrorCode::kConflict) return tl::unexpected(claimed.error());
    }
    if (!queue->root()["more"].truth()) return std::string();
    after = queue->root()["next"].text();
  }
}

void DeskRequests::GiveBack() {
  if (claimed_.empty()) return;
  ReviewWords words;
  words.until = WallTime();
  (void)SendReview(client_, options_, "claimed", claimed_, words, nullptr);
  claimed_.clear();
}

}  // namespace holdfast::cli
