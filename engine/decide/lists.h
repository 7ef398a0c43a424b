// Lists at work: what a pack's file says, with what events have added and removed since.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/value.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Answers `x in lists.NAME`. Texts are compared as NormaliseEntry writes them; of an IP list also
// whether a network holds the address (an IPv4 address mapped into IPv6 is the IPv4 address).
class ActiveList final : public cel::TextSet {
 public:
  // Both must outlive this.
  ActiveList(const PackList& list, const Store::ListEdits& edits);

  bool Contains(std::string_view text) const override;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};
    int prefix = 0;  // bits, of 128
  };
  const PackList& list_;
  const Store::ListEdits& edits_;
  std::vector<Network> networks_;
};

}  // namespace holdfast
