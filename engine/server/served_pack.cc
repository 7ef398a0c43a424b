#include "engine/server/served_pack.h"

namespace holdfast {
namespace {

// Loads the stored files of the active pack into `chosen`.
Status LoadActive(const ServeConfig& config, const PermitKeys& permits, Diagnostics& diagnostics,
                  ServedPack& chosen) {
  const std::string active(chosen.index.active());
  const bool stored = IsPackStored(config.data, active);
  chosen.path = stored ? StoredPackPath(config.data, active) : chosen.index.earlier_path;
  const auto missing = [&] {
    return Fail(ErrorCode::kNotFound, StoredPackPath(config.data, active),
                "is missing: the files of the active pack " + active +
                    ". Let the configuration name a folder with them, or activate another pack: "
                    "holdfast packs activate PACK --data " +
                    config.data + " --no-service");
  };
  if (chosen.path.empty()) return missing();
  auto pack = LoadServedPack(chosen.path, config, permits, diagnostics);
  if (!pack) return tl::unexpected(pack.error());
  chosen.pack = std::move(*pack);
  if (chosen.pack->hash == active) return {};
  if (!stored) return missing();
  return Fail(ErrorCode::kCorrupt, chosen.path,
              "was changed: it is the pack " + chosen.pack->hash +
                  " now. Remove it, and let the configuration name a folder with the pack " +
                  active);
}

// True when the configuration names the pack that it named when it was last accepted.
bool IsAsAccepted(const PackIndex& index, const ServeConfig& config, const Pack& pack) {
  if (!IsService(config) || index.configured != config.pack) return false;
  // An earlier version did not keep the hash.
  return index.configured_hash.empty() || index.configured_hash == pack.hash;
}

}  // namespace

bool IsService(const ServeConfig& config) { return !config.keys.empty(); }

Result<ServedPack> ChoosePack(const ServeConfig& config, const PermitKeys& permits, StartWith how,
                              Diagnostics& diagnostics) {
  ServedPack chosen;
  // Only services and activations make an index, so a command need not look for one in the log.
  if (IsService(config) || how == StartWith::kToActivate || MayHaveActivations(config.data)) {
    auto index = OpenPackIndex(config.data);
    if (!index) return tl::unexpected(index.error());
    chosen.index = std::move(*index);
  }
  const std::string_view active = chosen.index.active();
  const bool by_content = how == StartWith::kActive || config.pack.empty();
  if (!active.empty() && by_content) {
    const Status loaded = LoadActive(config, permits, diagnostics, chosen);
    if (!loaded) return tl::unexpected(loaded.error());
    // The next start need not be told again.
    Diagnostics ignored;
    const auto named = config.pack.empty() ? nullptr : LoadPack(config.pack, ignored);
    if (named != nullptr) chosen.configured_hash = named->hash;
    return chosen;
  }
  auto pack = LoadServedPack(config.pack, config, permits, diagnostics);
  if (pack) chosen.configured_hash = (*pack)->hash;
  if (active.empty() || how == StartWith::kToActivate || (pack && (*pack)->hash == active)) {
    if (!pack) return tl::unexpected(pack.error());
    chosen.pack = std::move(*pack);
    chosen.path = config.pack;
    return chosen;
  }
  if (!pack) return tl::unexpected(OtherPack(chosen.index, config.data, config.pack, {}));
  if (!IsAsAccepted(chosen.index, config, **pack)) {
    return tl::unexpected(OtherPack(chosen.index, config.data, config.pack, (*pack)->hash));
  }
  const Status loaded = LoadActive(config, permits, diagnostics, chosen);
  if (!loaded) return tl::unexpected(loaded.error());
  return chosen;
}

Result<std::shared_ptr<const Pack>> LoadServedPack(const std::string& path,
                                                   const ServeConfig& config,
                                                   const PermitKeys& permits,
                                                   Diagnostics& diagnostics) {
  auto pack = LoadPack(path, diagnostics);
  if (pack == nullptr) return Fail(ErrorCode::kInvalidPack, path, "the pack has errors");
  if (Status fine = CheckPermits(*pack, path, config, permits); !fine) {
    return tl::unexpected(fine.error());
  }
  return pack;
}

Status CheckPermits(const Pack& pack, const std::string& path, const ServeConfig& config,
                    const PermitKeys& permits) {
  if (!IsService(config) || !pack.permit_required || permits.signer() != nullptr) return {};
  return Fail(ErrorCode::kInvalidPack, path,
              "wants a permit of every parcel (packing.permit_required), but there is no key to "
              "sign permits with; make one with `holdfast permit keygen --key FILE` and say "
              "'permits: FILE' in the configuration");
}

Result<std::shared_ptr<const PermitKeys>> LoadPermitKeys(const ServeConfig& config) {
  if (config.permits.empty()) return std::make_shared<const PermitKeys>();
  auto keys = PermitKeys::Load(config.permits);
  if (!keys) return tl::unexpected(keys.error());
  if ((*keys)->signer() == nullptr) {
    return Fail(ErrorCode::kCorrupt, config.permits,
                "has no key to sign with; give the file that `holdfast permit keygen` made, not "
                "its .pub");
  }
  return std::shared_ptr<const PermitKeys>(*keys);
}

}  // namespace holdfast
