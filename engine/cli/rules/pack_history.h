// The commands that show the packs of a service or a data folder.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/cli/commands.h"
#include "engine/pipeline/pack_store.h"

namespace holdfast::cli {

// Adds list, history and diff.
void AddPacksHistory(Command packs);

// The hash in `index` that is or begins with `text`, which has eight hexadecimal digits or more,
// with or without "sha256:". Errors: kUsage for none or several.
Result<std::string> FindPackHash(const PackIndex& index, std::string_view text);

}  // namespace holdfast::cli
