#include "engine/outbox/outbox.h"

#include <filesystem>
#include <system_error>

namespace holdfast {

Result<std::unique_ptr<Outbox>> Outbox::Start(const EventLog& log, const std::string& folder,
                                              const std::vector<EndpointConfig>& endpoints,
                                              const FinishDecision& finish) {
  std::unique_ptr<Outbox> outbox(new Outbox());
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  for (const EndpointConfig& config : endpoints) {
    outbox->endpoints_.push_back(std::make_unique<Endpoint>(log, folder, config, finish));
    if (Status loaded = outbox->endpoints_.back()->Load(); !loaded) {
      return tl::unexpected(loaded.error());
    }
  }
  for (const auto& endpoint : outbox->endpoints_) endpoint->Run();
  return outbox;
}

Outbox::~Outbox() {
  for (const auto& endpoint : endpoints_) endpoint->Stop();
}

std::vector<DeliveryStatus> Outbox::DeliveriesOf(std::string_view merchant,
                                                 std::uint64_t offset) const {
  std::vector<DeliveryStatus> all;
  for (const auto& endpoint : endpoints_) {
    if (endpoint->Takes(merchant)) all.push_back(endpoint->StatusOf(offset));
  }
  return all;
}

std::vector<EndpointState> Outbox::States() const {
  std::vector<EndpointState> states;
  for (const auto& endpoint : endpoints_) states.push_back(endpoint->State());
  return states;
}

}  // namespace holdfast
