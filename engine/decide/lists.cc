#include "engine/decide/lists.h"

#include "engine/base/check.h"

namespace holdfast {

bool ActiveList::Contains(std::string_view text) const {
  HOLDFAST_CHECK(edits_ != nullptr);
  if (list_.type == ListType::kIp) {
    const auto address = ParseIp(text);
    return address && ContainsAddress(*address);
  }
  NormaliseEntry(list_.type, text, entry_);
  if (!edits_->removed.empty() && edits_->removed.contains(entry_)) return false;
  return list_.texts.Contains(entry_) || (!edits_->added.empty() && edits_->added.contains(entry_));
}

bool ActiveList::ContainsAddress(const IpAddress& address) const {
  HOLDFAST_CHECK(edits_ != nullptr);
  return edits_->networks.Find(address).value_or(list_.networks.Holds(address));
}

}  // namespace holdfast
