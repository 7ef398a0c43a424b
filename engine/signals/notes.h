// Notes: what the buyer's note asks for, by lists of phrases.
//
// Method: the note in lower case (ASCII), blanks and punctuation evened out; a phrase counts where
// it stands as whole words (in scripts without blanks: anywhere), and no negation stands just
// before it ("not urgent", "no need to hurry"). `*` at a phrase's end lets its last word go on.
// Limits: what is said in other words, or about something else ("urgent care street"), is not told
// apart: weak evidence.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class NoteSense : std::uint8_t {
  kUrges,         // to ship soon
  kOtherAddress,  // send it somewhere else
  kOtherProduct,  // send something else
  kNegation,      // takes back what follows
};
inline constexpr std::size_t kNoteSenses = 4;

// "urges", "other_address", "other_product", "negation".
std::string_view NameOf(NoteSense sense);

class NotePhrases {
 public:
  NotePhrases();
  ~NotePhrases();

  // A phrase in any case. REQUIRES: before Seal.
  void Add(NoteSense sense, std::string_view phrase);
  // Makes it ready to be asked.
  void Seal();

  // There are phrases of this sense.
  bool Knows(NoteSense sense) const { return !PhrasesOf(sense).empty(); }

  // Does the note say so? At most its first 4,096 bytes are read. REQUIRES: after Seal.
  bool Says(NoteSense sense, std::string_view note) const;

  // As they are compared.
  const std::vector<std::string>& PhrasesOf(NoteSense sense) const {
    return phrases_[static_cast<std::size_t>(sense)];
  }

 private:
  bool IsNegated(std::string_view before) const;

  struct Patterns;
  std::array<std::vector<std::string>, kNoteSenses> phrases_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace holdfast
