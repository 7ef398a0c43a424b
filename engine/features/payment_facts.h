// The fact `payments`: each payment of an order, as rules see it.
#pragma once

#include <memory>

#include "engine/cel/frontend/type.h"
#include "engine/features/facts.h"

namespace holdfast {

// The fields of a payment. A missing field holds MissingFact(kPaymentFactBase + its number).
const std::shared_ptr<const cel::RecordType>& PaymentRecord();

// The payments of the context's order, ordered by provider and id; a list of PaymentRecord.
cel::Value PaymentsOf(const FactContext& context);

}  // namespace holdfast
