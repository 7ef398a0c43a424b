// Finds the lists that speak for a buyer.
#pragma once

#include "engine/packs/pack.h"

namespace holdfast {

// Sets PackList::trusted of the lists whose entries speak for a buyer: being in the list makes a
// rule match that allows the order or takes points off. A list that is used both ways is trusted.
void MarkTrustedLists(Pack& pack);

}  // namespace holdfast
