// FileDelivery: messages as lines of a file, which is rotated at its size.
#pragma once

#include <cstddef>

#include "engine/outbox/delivery_method.h"
#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/endpoint_progress.h"
#include "engine/outbox/message_source.h"
#include "engine/outbox/replay_file.h"

namespace holdfast {

class FileDelivery : public DeliveryMethod {
 public:
  // All outlive it.
  FileDelivery(const EndpointConfig& config, const MessageSource& source, const ReplayFile& replays,
               EndpointProgress& progress)
      : config_(config), source_(source), replays_(replays), progress_(progress) {}

  bool DeliverSome() override;

 private:
  void Rotate(std::size_t more) const;

  const EndpointConfig& config_;
  const MessageSource& source_;
  const ReplayFile& replays_;
  EndpointProgress& progress_;
};

}  // namespace holdfast
