// PO boxes: does an address lead to a box at a post office?
//
// Method: the lines, as words without case and marks, are searched for what such a box is called.
// What is short or has another meaning too counts only before a number ("BP 12", "Apartado 4"), and
// where needed only in the countries that write it so ("Box 12" in Sweden).
// Limits: names of English, German, French, Spanish, Portuguese, Italian, Dutch, the Nordic
// languages, Polish, Czech, Slovak, Hungarian, Romanian, Turkish, Russian, Ukrainian, Greek,
// Arabic, Hebrew, Chinese, Japanese and Korean. Lockers and stations for parcels are no PO boxes.
#pragma once

#include "engine/model/address.h"

namespace holdfast {

// True when line1 or line2 names a PO box.
bool IsPoBox(const Address& address);

}  // namespace holdfast
