// The tables of a pack that signals read: rates and tiers of amounts, risk classes of products,
// domains of e-mail addresses, phrases of notes.
#pragma once

#include <functional>
#include <string_view>

#include "engine/packs/pack.h"
#include "engine/packs/pack_reader.h"

namespace holdfast {

// Reads them from the pack's sections into `pack`, findings into `reader`.
void ReadTables(PackReader& reader, const YamlNode& root, Pack& pack);

// Calls `add` with all that they hold, in one order: see Pack::fold.
void AddTables(const Pack& pack, const std::function<void(std::string_view)>& add);

}  // namespace holdfast
