#include "engine/decide/lists.h"

#include <algorithm>

namespace holdfast {

bool ActiveList::Contains(std::string_view text) const {
  if (list_.type == ListType::kIp) {
    const auto address = ParseIp(text);
    return address && ContainsAddress(*address);
  }
  NormaliseEntry(list_.type, text, entry_);
  if (!edits_->removed.empty() && edits_->removed.contains(entry_)) return false;
  return list_.texts.Contains(entry_) || (!edits_->added.empty() && edits_->added.contains(entry_));
}

bool ActiveList::ContainsAddress(const IpAddress& address) const {
  const NetworkSet& removed = edits_->removed_networks;
  if (!removed.empty() && removed.Has(NetworkOf(address))) return false;
  if (!edits_->added_networks.empty() && edits_->added_networks.Holds(address)) return true;
  const bool held = list_.networks.Holds(address);
  if (!held || removed.empty()) return held;
  const auto holding = list_.networks.Holding(address);
  return std::any_of(holding.begin(), holding.end(),
                     [&removed](const IpNetwork& network) { return !removed.Has(network); });
}

}  // namespace holdfast
