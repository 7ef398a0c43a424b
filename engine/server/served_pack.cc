#include "engine/server/served_pack.h"

#include "engine/base/file.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"

namespace holdfast {

std::string ActivePackPath(const ServeConfig& config) {
  const auto text = ReadFile(config.data + "/active-pack.json", 64 << 10);
  if (!text) return config.pack;
  const auto document = JsonDocument::Parse(*text);
  if (!document || document->root()["configured"].text() != config.pack) return config.pack;
  return std::string(document->root()["active"].text());
}

Status KeepActivePack(const ServeConfig& config, const std::string& path) {
  const std::string text =
      JsonObject().Text("configured", config.pack).Text("active", path).Done() + "\n";
  return ReplaceFile(config.data + "/active-pack.json", text);
}

Result<std::shared_ptr<const Pack>> LoadServedPack(const std::string& path,
                                                   const ServeConfig& config,
                                                   const PermitKeys& permits,
                                                   Diagnostics& diagnostics) {
  auto pack = LoadPack(path, diagnostics);
  if (pack == nullptr) return Fail(ErrorCode::kInvalidPack, path, "the pack has errors");
  // Without API keys there is no service, and no permit is given.
  const bool serves = !config.keys.empty();
  if (serves && pack->permit_required && permits.signer() == nullptr) {
    return Fail(ErrorCode::kInvalidPack, path,
                "wants a permit of every parcel (packing.permit_required), but there is no key to "
                "sign permits with; make one with `holdfast permit keygen --key FILE` and say "
                "'permits: FILE' in the configuration");
  }
  return pack;
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
