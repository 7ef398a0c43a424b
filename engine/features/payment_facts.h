// The fact `payments`: each payment of an order, as rules see it.
#pragma once

#include <memory>

#include "engine/cel/frontend/type.h"
#include "engine/features/facts.h"

namespace holdfast {

// The fields of a payment. Where a field of one is missing, MissingFact(kPaymentFactBase + its
// number) stands in its place.
const std::shared_ptr<const cel::RecordType>& PaymentRecord();

// The payments of the context's order, ordered by provider and id; a list of PaymentRecord.
cel::Value PaymentsOf(const FactContext& context);

}  // namespace holdfast
