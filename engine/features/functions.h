// Functions that conditions have beside those of the language: names and addresses compared,
// numbers with check digits; and advice for words that people expect the language to have.
#pragma once

#include "engine/cel/frontend/environment.h"

namespace holdfast {

// The name of the function that compares two names, or a name with a list.
inline constexpr const char* kSimilarity = "similarity";

void DeclareFunctions(cel::Environment& environment);

// To be called after the facts are declared: words that are facts get no advice.
void DeclareAdvice(cel::Environment& environment);

}  // namespace holdfast
