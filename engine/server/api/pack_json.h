// JSON about the packs that were activated, for the routes and for commands that read a data
// folder.
#pragma once

#include <string>
#include <vector>

#include "engine/pipeline/pack_store.h"

namespace holdfast {

// The most activations that one answer has.
inline constexpr std::size_t kActivationsMost = 1'000;

// {"name":...,"version":...,"hash":...,"since":...,"offset":...} of the latest activation.
std::string ActivePackJson(const PackActivation& latest);
// Below, `activations` has the latest first, and `folder` is the data folder.
// The stored packs, each with its last activation.
std::string StoredPacksJson(const std::vector<PackActivation>& activations,
                            const std::string& active, const std::string& folder);
// The activations. `whole`: with who activated a pack and why.
std::string PackHistoryJson(const std::vector<PackActivation>& activations,
                            const std::string& folder, bool whole);

}  // namespace holdfast
