#include "engine/decide/lists.h"

#include <algorithm>
#include <functional>

#include "engine/base/check.h"
#include "engine/signals/canonical_text.h"

namespace holdfast {

void ActiveList::Use(std::string_view merchant, const ListEdits& edits, EventTime now) {
  edits_ = &edits;
  now_ = now;
  if (list_.type == ListType::kName && merchant_ != merchant) merchant_ = merchant;
}

void ActiveList::Follow(const ListChange& change) {
  HOLDFAST_CHECK(edits_ != nullptr);
  const auto names = added_names_.find(merchant_);
  if (names == added_names_.end()) return;
  for (const auto* texts : {&change.add, &change.remove}) {
    for (const std::string_view text : *texts) {
      NormaliseEntry(list_.type, text, entry_);
      if (edits_->added.contains(entry_) || edits_->timed.contains(entry_)) {
        names->second->Add(entry_);
      } else {
        names->second->Remove(entry_);
      }
    }
  }
}

bool ActiveList::Contains(std::string_view text) const {
  HOLDFAST_CHECK(edits_ != nullptr);
  if (list_.type == ListType::kIp) {
    const auto address = ParseIp(text);
    return address && ContainsAddress(*address);
  }
  // A text that only looks like an entry must not be trusted as one.
  if (list_.trusted && !IsWrittenPlainly(text)) return false;
  NormaliseEntry(list_.type, text, entry_);
  return ContainsEntry();
}

bool ActiveList::ContainsEntry() const {
  if (!edits_->timed.empty()) {
    const auto timed = edits_->timed.find(entry_);
    if (timed != edits_->timed.end() && now_ < timed->second) return true;
  }
  if (!edits_->removed.empty() && edits_->removed.contains(entry_)) return false;
  return list_.texts.Contains(entry_) || (!edits_->added.empty() && edits_->added.contains(entry_));
}

double ActiveList::Similarity(std::string_view text) const {
  HOLDFAST_CHECK(edits_ != nullptr);
  if (list_.type != ListType::kName) return Contains(text) ? 1 : 0;
  if (list_.trusted && !IsWrittenPlainly(text)) return 0;
  NormaliseEntry(list_.type, text, entry_);
  if (ContainsEntry()) return 1;
  std::function<bool(std::string_view)> removed;
  if (!edits_->removed.empty()) {
    removed = [this](std::string_view entry) { return edits_->removed.contains(entry); };
  }
  const double alike = list_.names.Likest(entry_, search_, removed);
  if ((edits_->added.empty() && edits_->timed.empty()) || alike >= 1) return alike;
  std::function<bool(std::string_view)> over;
  if (!edits_->timed.empty()) {
    over = [this](std::string_view entry) {
      const auto timed = edits_->timed.find(entry);
      return !edits_->added.contains(entry) && timed != edits_->timed.end() &&
             timed->second <= now_;
    };
  }
  return std::max(alike, AddedNames().Likest(entry_, search_added_, over));
}

const NameIndex& ActiveList::AddedNames() const {
  auto names = added_names_.find(merchant_);
  if (names == added_names_.end()) {
    names = added_names_.emplace(merchant_, std::make_unique<NameIndex>()).first;
    for (const std::string& entry : edits_->added) names->second->Add(entry);
    for (const auto& [entry, until] : edits_->timed) {
      if (!edits_->added.contains(entry)) names->second->Add(entry);
    }
  }
  return *names->second;
}

bool ActiveList::ContainsAddress(const IpAddress& address) const {
  HOLDFAST_CHECK(edits_ != nullptr);
  return edits_->networks.Find(address, now_.nanos).value_or(list_.networks.Holds(address));
}

ActiveLists::ActiveLists(const Pack& pack, const Store& store) : store_(store) {
  for (const PackList& list : pack.lists) lists_.push_back(std::make_unique<ActiveList>(list));
}

void ActiveLists::Use(std::string_view merchant, EventTime now) {
  for (const auto& list : lists_) list->Use(merchant, store_.Edits(merchant, list->name()), now);
}

void ActiveLists::Follow(const Event& event) {
  for (const auto& list : lists_) {
    if (list->name() != event.list->name) continue;
    list->Use(event.merchant, store_.Edits(event.merchant, list->name()), event.occurred_at);
    list->Follow(*event.list);
  }
}

}  // namespace holdfast
