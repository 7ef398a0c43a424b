// Templates of reasons: texts with expressions in braces.
#pragma once

#include <string_view>

#include "engine/packs/pack_draft.h"

namespace holdfast {

// "Paid {order.total} of ..."; '{{' is a brace. Findings go into `reader`.
Template ReadTemplate(PackReader& reader, PackDraft& draft, const YamlNode& node);

// Is the expression one fact or feature that is an amount in base currency?
bool IsMoney(const PackDraft& draft, std::string_view name);

}  // namespace holdfast
