// Notes: what the buyer's note asks for, by lists of phrases.
//
// Method: the note in lower case, letters of double width as others, signs evened out; a phrase
// counts where it stands as whole words (in scripts without blanks: anywhere) with no punctuation
// within, and no negation stands just before it in the same clause ("no need to hurry"). `*` at a
// phrase's end lets its last word go on. Limits: what is said in other words, or about something
// else ("urgent care street"), is not told apart: weak evidence.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class NoteSense : std::uint8_t {
  kUrges,         // to ship soon
  kOtherAddress,  // send it somewhere else
  kOtherProduct,  // send something else
  kNegation,      // takes back what follows
  kCalm,          // takes back urging alone: "not urgent", but "can you not send it to ..."
};
inline constexpr std::size_t kNoteSenses = 5;

// "urges", "other_address", "other_product", "negation", "calm".
std::string_view NameOf(NoteSense sense);

class NotePhrases {
 public:
  NotePhrases();
  ~NotePhrases();

  // A phrase in any case. False for one without a letter. REQUIRES: before Seal.
  bool Add(NoteSense sense, std::string_view phrase);
  // Makes it ready to be asked. False when the phrases of a sense are too much together.
  bool Seal();

  // There are phrases of this sense.
  bool Knows(NoteSense sense) const { return !PhrasesOf(sense).empty(); }

  // Does the note say so? Nothing for a note of more than 4,096 bytes: who writes so much hides
  // something, or is an attack. REQUIRES: after Seal.
  std::optional<bool> Says(NoteSense sense, std::string_view note) const;

  // As they are compared.
  const std::vector<std::string>& PhrasesOf(NoteSense sense) const {
    return phrases_[static_cast<std::size_t>(sense)];
  }

 private:
  bool IsNegated(NoteSense sense, std::string_view before) const;

  struct Patterns;
  std::array<std::vector<std::string>, kNoteSenses> phrases_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace holdfast
