#include "engine/decide/lists.h"

namespace holdfast {

ActiveList::ActiveList(const PackList& list) : list_(list) {
  for (const std::string& text : list.networks) networks_.push_back(*ParseIpNetwork(text));
}

bool ActiveList::Contains(std::string_view text) const {
  const std::string entry = NormaliseEntry(list_.type, text);
  if (edits_->removed.contains(entry)) return false;
  if (list_.texts.contains(entry) || edits_->added.contains(entry)) return true;
  if (list_.type != ListType::kIp) return false;
  const auto address = ParseIp(entry);
  if (!address) return false;
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    if (networks_[i].Holds(*address) && !edits_->removed.contains(list_.networks[i])) return true;
  }
  for (const std::string& added : edits_->added) {
    const auto network = ParseIpNetwork(added);
    if (network && network->Holds(*address)) return true;
  }
  return false;
}

}  // namespace holdfast
