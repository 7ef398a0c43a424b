// The pack that the service uses: which one it is, and whether it can be used.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/packs/pack.h"
#include "engine/pipeline/pack_store.h"
#include "engine/server/config.h"
#include "engine/server/security/permit_keys.h"

namespace holdfast {

// The pack to start with. kConfigured: the one of the configuration, if it is the active one of the
// data folder, or none is active; the active one, if the configuration has not changed since it was
// accepted. kActive: the active one, whatever is configured. kToActivate: the configured one,
// because it is about to be activated.
enum class StartWith : std::uint8_t { kConfigured, kActive, kToActivate };

struct ServedPack {
  std::shared_ptr<const Pack> pack;
  std::string path;
  PackIndex index;              // of the data folder
  std::string configured_hash;  // of the pack that is configured; empty: it was not read
};

// True when the configuration is a service's. Otherwise a command has opened the folder: it gives
// no permits and activates no pack by its start.
bool IsService(const ServeConfig& config);

// Loads the pack to start with; reads the data folder, and changes nothing. `config.pack` may be
// empty where a pack is active. Errors: kOtherPack; kNotFound when the files of the active pack are
// nowhere; kCorrupt when its stored files were changed; as LoadServedPack and OpenPackIndex.
Result<ServedPack> ChoosePack(const ServeConfig& config, const PermitKeys& permits, StartWith how,
                              Diagnostics& diagnostics);

// Loads the pack at `path`. Errors: kInvalidPack, with the findings in `diagnostics`; as
// CheckPermits.
Result<std::shared_ptr<const Pack>> LoadServedPack(const std::string& path,
                                                   const ServeConfig& config,
                                                   const PermitKeys& permits,
                                                   Diagnostics& diagnostics);

// Errors: kInvalidPack when the pack at `path` needs permits that cannot be signed.
Status CheckPermits(const Pack& pack, const std::string& path, const ServeConfig& config,
                    const PermitKeys& permits);

// The keys that sign permits, as configured; without any, nothing is signed. Errors: those of
// PermitKeys::Load; kCorrupt for a file without a key to sign with.
Result<std::shared_ptr<const PermitKeys>> LoadPermitKeys(const ServeConfig& config);

}  // namespace holdfast
