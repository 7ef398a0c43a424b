// Lists at work: what a pack's file says, with what events have added and removed since.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ip.h"
#include "engine/cel/value.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Answers `x in lists.NAME`. Texts are compared as NormaliseEntry writes them; of an IP list also
// whether a network holds the address (an IPv4 address mapped into IPv6 is the IPv4 address).
class ActiveList final : public cel::TextSet {
 public:
  // `list` must outlive this.
  explicit ActiveList(const PackList& list);

  // Whose edits count from now on. REQUIRES: called before Contains; `edits` outlives its use.
  void Use(const Store::ListEdits& edits) { edits_ = &edits; }

  const std::string& name() const { return list_.name; }

  bool Contains(std::string_view text) const override;

 private:
  const PackList& list_;
  const Store::ListEdits* edits_ = nullptr;
  std::vector<IpNetwork> networks_;
};

}  // namespace holdfast
