// NameIndex: a large set of names that is searched for the name most similar to a given one.
//
// Method: a dictionary holds the distinctive words of all entries (see TellingWords). A word is
// found by its spelling with at most one letter changed, by its nicknames, by its consonants as
// they sound, and, from another script, by the classes of these. Candidates are the entries that
// have all words of the shorter name, or three of them; those with the most similar words are
// compared with CompareNames. The result depends on the set of names alone, not on the order in
// which they came. Limits: a word with two wrong letters is found only if it sounds the same; names
// without a distinctive word are not found; a search reads at most 200,000 entries, rarest word
// first, and leaves out the words beyond that, but never the rarest; the 16 best candidates are
// compared. Memory: about 80 bytes and its text an entry, and 250 bytes a distinct word.
//
// Threads: any number of readers, each with its own Search, while no thread changes the index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/signals/words.h"

namespace holdfast {

class NameIndex {
 public:
  // Similarities below this are given as 0.
  static constexpr double kLeast = .7;

  // Scratch memory of one reader, reused by its searches.
  struct Search {
    std::vector<std::uint8_t> masks;     // by entry: which words of the name it has; zeros
    std::vector<std::uint32_t> touched;  // entries that have any
  };

  // Adds a name; does nothing when it is there. REQUIRES: less than 64 KiB, and fewer than four
  // billion names and words.
  void Add(std::string_view name);
  // Removes a name; does nothing when it is not there.
  void Remove(std::string_view name);

  std::size_t size() const { return texts_.size() - free_.size(); }
  std::size_t MemoryBytes() const;

  // The greatest similarity (as of CompareNames) that an entry has to `name`, or 0. Entries of
  // which `leaves_out` is true do not count.
  double Likest(std::string_view name, Search& search,
                const std::function<bool(std::string_view)>& leaves_out = {}) const;

 private:
  struct Found {  // a word of the dictionary that may be a word of the name
    std::uint32_t word;
    float alike;
  };
  struct Candidate {
    double score;
    std::uint32_t entry;
  };
  struct Entry {
    std::uint64_t text = 0;   // where it begins in `bytes_`; two bytes of length first
    std::uint32_t words = 0;  // where they begin in `words_of_`
  };
  struct DictionaryWord {
    std::uint64_t text = 0;  // in `bytes_`: lengths of letters and sounds, letters, sounds
    Hearing hearing = Hearing::kLatin;
    std::vector<std::uint32_t> in;  // entries that have it
  };
  // An open table from hashes to numbers; several numbers may have one hash.
  class Numbers {
   public:
    void Add(std::uint32_t hash, std::uint32_t number);
    void Remove(std::uint32_t hash, std::uint32_t number);
    template <typename Visit>
    void ForEach(std::uint32_t hash, Visit visit) const;
    std::size_t MemoryBytes() const { return places_.capacity() * sizeof(Place); }

   private:
    struct Place {
      std::uint32_t hash;
      std::uint32_t number;
    };
    static constexpr std::uint32_t kFree = ~std::uint32_t{0}, kGone = kFree - 1;
    void Grow();

    std::vector<Place> places_;
    std::size_t used_ = 0;  // places that are not free
  };

  std::string_view TextOf(std::uint32_t entry) const;
  Word WordAt(std::uint32_t word) const;
  std::uint32_t NumberOf(const Word& word);
  // The number of the entry with exactly this text, or kNone.
  std::uint32_t EntryOf(std::string_view name) const;
  std::vector<Found> WordsLike(const Word& word) const;
  void FindJoined(const std::vector<Word>& words, std::vector<std::uint32_t>& entries) const;
  std::vector<Candidate> CandidatesFor(const std::vector<Word>& words, Search& search) const;
  double ScoreOf(std::uint32_t entry, std::size_t words, const std::vector<Found>& found) const;
  // Writes the names that are left into new memory.
  void Compact();

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::string bytes_;
  std::vector<Entry> texts_;
  std::vector<std::uint8_t> counts_;  // words of each entry; every candidate reads only this
  std::vector<std::uint32_t> free_;   // numbers of removed entries
  std::size_t removed_ = 0;           // since the last Compact
  std::vector<std::uint32_t> words_of_;
  std::vector<DictionaryWord> words_;
  Numbers words_by_key_;  // as they are written
  // As they sound; many words have one key.
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> words_by_sound_;
  Numbers joined_;   // entries by their words without blanks
  Numbers by_text_;  // entries by their whole text
};

}  // namespace holdfast
