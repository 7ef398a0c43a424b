// FileDelivery: messages as lines of a file, which is rotated at its size.
#pragma once

#include <cstddef>

#include "engine/outbox/delivery_method.h"
#include "engine/outbox/endpoint_config.h"
#include "engine/outbox/endpoint_progress.h"
#include "engine/outbox/message_source.h"
#include "engine/outbox/resend_file.h"

namespace holdfast {

class FileDelivery : public DeliveryMethod {
 public:
  // All outlive it.
  FileDelivery(const EndpointConfig& config, const MessageSource& source, const ResendFile& resends,
               EndpointProgress& progress)
      : config_(config), source_(source), resends_(resends), progress_(progress) {}

  bool DeliverSome() override;

 private:
  void Rotate(std::size_t more) const;

  const EndpointConfig& config_;
  const MessageSource& source_;
  const ResendFile& resends_;
  EndpointProgress& progress_;
};

}  // namespace holdfast
