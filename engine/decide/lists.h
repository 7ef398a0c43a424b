// ActiveList, ActiveLists: the lists of a pack with a merchant's edits applied.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/eval/value.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/signals/name_index.h"
#include "engine/store/store.h"

namespace holdfast {

// Answers `x in lists.NAME` and, of a list of names, `similarity(x, lists.NAME)`. Texts are
// compared as NormaliseEntry writes them; of an IP list also whether a network holds the address
// (an IPv4 address mapped into IPv6 is the IPv4 address). Threads: one, the decider's.
class ActiveList final : public cel::TextSet {
 public:
  // `list` must outlive this.
  explicit ActiveList(const PackList& list) : list_(list) {}

  // Sets the merchant whose edits apply, and the time as of which they count. REQUIRES: called
  // before Contains. `edits` must outlive its use.
  void Use(std::string_view merchant, const ListEdits& edits, EventTime now);

  // Updates the names after a change that the edits in use already contain.
  void Follow(const ListChange& change);

  const std::string& name() const { return list_.name; }

  bool Contains(std::string_view text) const override;
  double Similarity(std::string_view text) const override;

 private:
  bool ContainsAddress(const IpAddress& address) const;
  bool ContainsEntry() const;  // entry_
  // The names that the merchant's events have added.
  const NameIndex& AddedNames() const;

  const PackList& list_;
  std::string merchant_;  // of a list of names
  const ListEdits* edits_ = nullptr;
  EventTime now_;
  // By merchant; built at the first search, then updated by Follow.
  mutable std::map<std::string, std::unique_ptr<NameIndex>, std::less<>> added_names_;
  mutable NameIndex::Search search_, search_added_;
  mutable std::string entry_;  // scratch
};

// The lists of a pack, for one merchant at a time. Threads: one, the decider's.
class ActiveLists {
 public:
  // `pack` and `store` must outlive this.
  ActiveLists(const Pack& pack, const Store& store);

  // Selects the merchant whose edits apply, and the time as of which they count. To be called
  // before each event of `merchant`.
  void Use(std::string_view merchant, EventTime now);

  // Updates the lists after the store has applied a list.changed event.
  void Follow(const Event& event);

  // The list at `index` in the pack.
  const ActiveList& At(std::size_t index) const { return *lists_[index]; }

 private:
  const Store& store_;
  std::vector<std::unique_ptr<ActiveList>> lists_;
};

}  // namespace holdfast
