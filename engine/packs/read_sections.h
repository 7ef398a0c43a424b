// The sections of a pack but for tables, features and rules: head, funds, payments, thresholds,
// lists, review, packing.
#pragma once

#include "engine/packs/pack_draft.h"

namespace holdfast {

// What must be known before expressions are read. Findings go into `reader`.
void ReadHead(PackReader& reader, const YamlNode& root, PackDraft& draft);
void ReadFunds(PackReader& reader, const YamlNode& root, PackDraft& draft);
void ReadThresholds(PackReader& reader, const YamlNode& root, PackDraft& draft);
void ReadLists(PackReader& reader, const YamlNode& root, PackDraft& draft);
// What people may do, and what packers must show.
void ReadReview(PackReader& reader, const YamlNode& root, PackDraft& draft);
void ReadPacking(PackReader& reader, const YamlNode& root, PackDraft& draft);

}  // namespace holdfast
