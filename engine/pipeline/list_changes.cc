#include "engine/pipeline/list_changes.h"

#include <algorithm>
#include <string>
#include <utility>

namespace holdfast {

Status CheckListChange(const Event& event, const Pack& pack) {
  const auto list = std::find_if(pack.lists.begin(), pack.lists.end(),
                                 [&](const PackList& l) { return l.name == event.list->name; });
  if (list == pack.lists.end() || !list->dynamic) {
    return Fail(ErrorCode::kInvalidInput, "list.name",
                "the pack has no dynamic list '" + std::string(event.list->name) + "'");
  }
  if (event.list->until && event.list->add.empty()) {
    return Fail(ErrorCode::kInvalidInput, "list.until", "needs entries in list.add");
  }
  if (event.list->until && *event.list->until <= event.occurred_at) {
    return Fail(ErrorCode::kInvalidInput, "list.until", "has passed already");
  }
  for (const auto& [texts, name] :
       {std::pair(event.list->add, "add"), {event.list->remove, "remove"}}) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string fault = FaultOfEntry(list->type, NormaliseEntry(list->type, texts[i]));
      if (fault.empty()) continue;
      return Fail(ErrorCode::kInvalidInput,
                  "list." + std::string(name) + "[" + std::to_string(i) + "]", fault);
    }
  }
  return {};
}

void KeepListChange(const Event& event, const Pack& pack, Store& store) {
  const auto list = std::find_if(pack.lists.begin(), pack.lists.end(),
                                 [&](const PackList& l) { return l.name == event.list->name; });
  if (list == pack.lists.end()) return;
  ListEdits& edits = store.ChangeEdits(event.merchant, event.list->name);
  const auto& until = event.list->until;
  const auto edit = [&](std::string_view text, bool add) {
    const std::string entry = NormaliseEntry(list->type, text);
    if (!FaultOfEntry(list->type, entry).empty()) return;
    const bool timed = add && until;
    if (list->type == ListType::kIp) {
      const IpNetwork network = *NetworkOfEntry(entry);
      return timed ? edits.networks.AddUntil(network, until->nanos)
             : add ? edits.networks.Add(network)
                   : edits.networks.Remove(network);
    }
    if (timed) {
      edits.timed[entry] = *until;
      return;
    }
    edits.timed.erase(entry);
    (add ? edits.removed : edits.added).erase(entry);
    (add ? edits.added : edits.removed).insert(entry);
  };
  for (const std::string_view text : event.list->add) edit(text, true);
  for (const std::string_view text : event.list->remove) edit(text, false);
}

}  // namespace holdfast
