// What the fuzz target of deliveries does with its bytes; the suite runs the same on a small corpus
// and on seeded noise. A finding aborts.
#pragma once

#include <string_view>

namespace holdfast::fuzz {

// `bytes`, the value of every header and, after a line end, the body, as a delivery of every
// provider: none is proved without the secret, and what it is mapped to is JSON that means the same
// when it is written again.
void FuzzWebhook(std::string_view bytes);

}  // namespace holdfast::fuzz
