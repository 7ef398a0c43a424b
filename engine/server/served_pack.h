// The pack that a service decides by: which one it is, and whether it can be served.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/packs/pack.h"
#include "engine/server/config.h"
#include "engine/server/security/permit_keys.h"

namespace holdfast {

// The pack that was activated last, unless the configuration names another one since.
std::string ActivePackPath(const ServeConfig& config);
// Keeps that `path` was activated. Errors: kIo.
Status KeepActivePack(const ServeConfig& config, const std::string& path);

// Errors: kInvalidPack, with the findings, also for one that wants permits which cannot be signed.
Result<std::shared_ptr<const Pack>> LoadServedPack(const std::string& path,
                                                   const ServeConfig& config,
                                                   const PermitKeys& permits,
                                                   Diagnostics& diagnostics);

}  // namespace holdfast
