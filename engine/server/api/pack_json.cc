#include "engine/server/api/pack_json.h"

#include <set>

#include "engine/codec/json_object.h"

namespace holdfast {

std::string ActivePackJson(const PackActivation& latest) {
  return JsonObject()
      .Text("name", latest.name)
      .Number("version", latest.version)
      .Text("hash", latest.hash)
      .Text("since", FormatRfc3339(latest.at))
      .Number("offset", latest.offset)
      .Done();
}

std::string StoredPacksJson(const std::vector<PackActivation>& activations,
                            const std::string& active, const std::string& folder) {
  JsonList stored;
  std::set<std::string> seen;
  for (const PackActivation& one : activations) {
    if (!seen.insert(one.hash).second || !IsPackStored(folder, one.hash)) continue;
    stored.Add(JsonObject()
                   .Text("name", one.name)
                   .Number("version", one.version)
                   .Text("hash", one.hash)
                   .Text("activated_at", FormatRfc3339(one.at))
                   .Bool("active", one.hash == active)
                   .Done());
  }
  return stored.Done();
}

std::string PackHistoryJson(const std::vector<PackActivation>& activations,
                            const std::string& folder, bool whole) {
  JsonList list;
  for (const PackActivation& one : activations) {
    JsonObject json;
    json.Number("offset", one.offset).Text("at", FormatRfc3339(one.at));
    json.Text("name", one.name).Number("version", one.version).Text("hash", one.hash);
    if (whole) json.Text("by", one.by).Text("reason", one.reason).Text("gate", one.gate);
    json.Bool("stored", IsPackStored(folder, one.hash));
    list.Add(json.Done());
  }
  return JsonObject().Raw("activations", list.Done()).Done();
}

}  // namespace holdfast
