// What became of a message of the outbox at each of its receivers. Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "engine/server/service_runtime.h"

namespace holdfast {

// The deliveries of the message of the record `offset`, as a JSON list: endpoint, state (waiting,
// failing, delivered, given_up, not_sent), for failing also attempts and why, for given_up also
// why. May read the file of dead letters.
std::string DeliveriesJson(const ServiceRuntime& runtime, const std::string& merchant,
                           std::uint64_t offset);

}  // namespace holdfast
