// The features of a pack: read, compiled, and put into series that several of them share.
#pragma once

#include "engine/packs/pack_draft.h"

namespace holdfast {

// Findings go into `reader`.
void ReadFeatures(PackReader& reader, const YamlNode& root, PackDraft& draft);

}  // namespace holdfast
