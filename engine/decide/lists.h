// ActiveList: a list of a pack with a merchant's edits applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/eval/value.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Answers `x in lists.NAME`. Texts are compared as NormaliseEntry writes them; of an IP list also
// whether a network holds the address (an IPv4 address mapped into IPv6 is the IPv4 address).
// Threads: one, the decider's.
class ActiveList final : public cel::TextSet {
 public:
  // `list` must outlive this.
  explicit ActiveList(const PackList& list) : list_(list) {}

  // Sets the merchant's edits to apply. REQUIRES: called before Contains. `edits` must outlive its
  // use.
  void Use(const ListEdits& edits) { edits_ = &edits; }

  const std::string& name() const { return list_.name; }

  bool Contains(std::string_view text) const override;

 private:
  bool ContainsAddress(const IpAddress& address) const;

  const PackList& list_;
  const ListEdits* edits_ = nullptr;
  mutable std::string entry_;  // scratch
};

}  // namespace holdfast
