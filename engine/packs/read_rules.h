// The rules of a pack: read, checked one by one, and compiled.
#pragma once

#include "engine/packs/pack_draft.h"

namespace holdfast {

// Findings go into `reader`.
void ReadRules(PackReader& reader, const YamlNode& root, PackDraft& draft);

}  // namespace holdfast
