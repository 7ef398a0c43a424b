// The pack that the service uses: which one it is, and whether it can be used.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/packs/pack.h"
#include "engine/server/config.h"
#include "engine/server/security/permit_keys.h"

namespace holdfast {

// The path of the pack that was activated last, unless the configuration has named another since.
std::string ActivePackPath(const ServeConfig& config);
// Stores that the pack at `path` was activated. Errors: kIo.
Status KeepActivePack(const ServeConfig& config, const std::string& path);

// Loads the pack at `path`. Errors: kInvalidPack, with the findings in `diagnostics`; also when it
// needs permits that cannot be signed.
Result<std::shared_ptr<const Pack>> LoadServedPack(const std::string& path,
                                                   const ServeConfig& config,
                                                   const PermitKeys& permits,
                                                   Diagnostics& diagnostics);

// The keys that sign permits, as configured; without any, nothing is signed. Errors: those of
// PermitKeys::Load; kCorrupt for a file without a key to sign with.
Result<std::shared_ptr<const PermitKeys>> LoadPermitKeys(const ServeConfig& config);

}  // namespace holdfast
