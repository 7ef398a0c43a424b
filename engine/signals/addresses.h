// Addresses: is it the same place?
//
// Method: country, postal code, city and first line are compared after dropping case, blanks and
// punctuation. different: the countries differ, or the postal codes and the cities both differ.
// same: postal code and first line agree, and no other part that both sides give differs.
// plausible: everything between. unknown: a side is missing, or nothing can be compared.
// Limits: no abbreviations (St for Street), no transliteration.
#pragma once

#include "engine/model/address.h"
#include "engine/signals/match.h"

namespace holdfast {

MatchGrade CompareAddresses(const Address& a, const Address& b);

}  // namespace holdfast
