// Finds the lists whose entries can help a buyer.
#pragma once

#include "engine/packs/pack.h"

namespace holdfast {

// Sets PackList::trusted of the lists whose entries can help a buyer: those of review.trust_lists,
// and those where being in the list makes a rule match that allows the order or takes points off,
// or keeps another rule or the demand of evidence from matching. A list that is used both ways is
// trusted.
void MarkTrustedLists(Pack& pack);

}  // namespace holdfast
