#include "engine/signals/name_index.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/signals/names.h"
#include "engine/signals/nicknames.h"

namespace holdfast {
namespace {

constexpr double kMay = .72;                 // see AlikeInNames
constexpr std::size_t kVisitMost = 200'000;  // entries looked through for one name
constexpr int kCompareMost = 16;             // candidates compared in full

std::uint32_t HashOf(char kind, std::string_view text) {
  thread_local std::string key;
  key.assign(1, kind);
  key += text;
  return static_cast<std::uint32_t>(Hash64(key));
}

// Kinds of keys.
constexpr char kWritten = 'w';  // a spelling, or one with a letter left out
constexpr char kSpoken = 's';   // consonants, of Latin words
constexpr char kLatin = 'l';    // classes of consonants, of Latin words
constexpr char kForeign = 'f';  // the same, of words of other scripts

// The consonants of a row of sounds, without repetitions.
std::string Consonants(std::string_view sounds) {
  std::string kept;
  for (const char c : sounds) {
    constexpr std::string_view kWeak = "aeiouyh";
    if (kWeak.find(c) == kWeak.npos && (kept.empty() || kept.back() != c)) kept += c;
  }
  return kept;
}

// The class of each consonant. Other scripts do not distinguish the members of a class.
std::string ClassesOf(std::string_view consonants) {
  std::string classes;
  for (const char c : consonants) {
    constexpr std::string_view kFrom = "bvwdgqcxzSZCJN", kTo = "pfftkkkssssssn";
    const std::size_t at = kFrom.find(c);
    const char of = at == kFrom.npos ? c : kTo[at];
    if (classes.empty() || classes.back() != of) classes += of;
  }
  return classes;
}

// Calls `visit` with the keys of a word as it is written.
template <typename Visit>
void ForWrittenKeys(const Word& word, Visit visit) {
  constexpr std::size_t kShort = 4;  // below, one letter makes another word
  constexpr std::size_t kSpellingLeast = 3;
  const std::string spelling = Spelling(word);
  visit(HashOf(kWritten, spelling));
  if (word.letters.size() < kShort || spelling.size() < kSpellingLeast) return;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    if (i > 0 && spelling[i] == spelling[i - 1]) continue;
    visit(HashOf(kWritten, std::string(spelling).erase(i, 1)));
  }
}

// The same for a word as it sounds. `asks`: the keys to search for, not those to store.
template <typename Visit>
void ForSpokenKeys(const Word& word, bool asks, Visit visit) {
  constexpr std::size_t kSpokenLeast = 3, kClassesLeast = 2;
  const std::string consonants = Consonants(word.sounds);
  const bool latin = word.hearing == Hearing::kLatin;
  if (latin && consonants.size() >= kSpokenLeast) visit(HashOf(kSpoken, consonants));
  const std::string classes = ClassesOf(consonants);
  if (classes.size() < kClassesLeast) return;
  if (!asks) return visit(HashOf(latin ? kLatin : kForeign, classes));
  visit(HashOf(kForeign, classes));
  if (!latin) visit(HashOf(kLatin, classes));
}

std::string Joined(const std::vector<Word>& words) {
  std::string all;
  for (const Word& word : words) all += word.letters;
  return all;
}

}  // namespace

// ---- the table of numbers -----------------------------------------------------------------------

void NameIndex::Numbers::Grow() {
  std::vector<Place> before = std::move(places_);
  std::size_t kept = 0;
  for (const Place& place : before) kept += place.number < kGone ? 1 : 0;
  constexpr std::size_t kLeastPlaces = 16;
  places_.assign(std::max(kLeastPlaces, std::bit_ceil(kept * 2 + 1)), {0, kFree});
  used_ = 0;
  for (const Place& place : before) {
    if (place.number < kGone) Add(place.hash, place.number);
  }
}

void NameIndex::Numbers::Add(std::uint32_t hash, std::uint32_t number) {
  if ((used_ + 1) * 4 > places_.size() * 3) Grow();
  std::size_t at = hash & (places_.size() - 1);
  while (places_[at].number != kFree) at = (at + 1) & (places_.size() - 1);
  places_[at] = {hash, number};
  ++used_;
}

template <typename Visit>
void NameIndex::Numbers::ForEach(std::uint32_t hash, Visit visit) const {
  if (places_.empty()) return;
  for (std::size_t at = hash & (places_.size() - 1); places_[at].number != kFree;
       at = (at + 1) & (places_.size() - 1)) {
    if (places_[at].hash == hash && places_[at].number != kGone) visit(places_[at].number);
  }
}

void NameIndex::Numbers::Remove(std::uint32_t hash, std::uint32_t number) {
  if (places_.empty()) return;
  for (std::size_t at = hash & (places_.size() - 1); places_[at].number != kFree;
       at = (at + 1) & (places_.size() - 1)) {
    if (places_[at].hash != hash || places_[at].number != number) continue;
    places_[at].number = kGone;
    return;
  }
}

// ---- the set ------------------------------------------------------------------------------------

std::string_view NameIndex::TextOf(std::uint32_t entry) const {
  const std::size_t begin = texts_[entry].text;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes_[begin + i]));
  };
  return {bytes_.data() + begin + 2, byte(0) | byte(1) << 8};
}

Word NameIndex::WordAt(std::uint32_t word) const {
  const DictionaryWord& stored = words_[word];
  const char* text = bytes_.data() + stored.text;
  const auto letters = static_cast<std::size_t>(static_cast<unsigned char>(text[0]));
  const auto sounds = static_cast<std::size_t>(static_cast<unsigned char>(text[1]));
  return {std::string(text + 2, letters), std::string(text + 2 + letters, sounds), stored.hearing};
}

std::uint32_t NameIndex::NumberOf(const Word& word) {
  std::uint32_t number = kNone;
  words_by_key_.ForEach(HashOf(kWritten, Spelling(word)), [&](std::uint32_t other) {
    if (number != kNone || words_[other].hearing != word.hearing) return;
    const Word stored = WordAt(other);
    if (stored.letters == word.letters && stored.sounds == word.sounds) number = other;
  });
  if (number != kNone) return number;
  number = static_cast<std::uint32_t>(words_.size());
  words_.push_back({bytes_.size(), word.hearing, {}});
  bytes_ += static_cast<char>(word.letters.size());
  bytes_ += static_cast<char>(word.sounds.size());
  bytes_ += word.letters;
  bytes_ += word.sounds;
  ForWrittenKeys(word, [&](std::uint32_t key) { words_by_key_.Add(key, number); });
  ForSpokenKeys(word, false, [&](std::uint32_t key) { words_by_sound_[key].push_back(number); });
  return number;
}

std::uint32_t NameIndex::EntryOf(std::string_view name) const {
  std::uint32_t entry = kNone;
  by_text_.ForEach(static_cast<std::uint32_t>(Hash64(name)), [&](std::uint32_t other) {
    if (TextOf(other) == name) entry = other;
  });
  return entry;
}

void NameIndex::Add(std::string_view name) {
  constexpr std::size_t kTextMost = 1 << 16;
  HOLDFAST_CHECK(name.size() < kTextMost && texts_.size() < kNone - 1 && words_.size() < kNone - 1);
  if (EntryOf(name) != kNone) return;
  std::vector<Word> words = TellingWords(name);
  auto entry = static_cast<std::uint32_t>(texts_.size());
  if (free_.empty()) {
    texts_.emplace_back();
    counts_.push_back(0);
  } else {
    entry = free_.back();
    free_.pop_back();
  }
  const std::uint64_t text = bytes_.size();
  bytes_ += static_cast<char>(name.size() & 0xFF);
  bytes_ += static_cast<char>(name.size() >> 8);
  bytes_ += name;
  texts_[entry] = {text, static_cast<std::uint32_t>(words_of_.size())};
  by_text_.Add(static_cast<std::uint32_t>(Hash64(name)), entry);
  if (words.size() > 1) joined_.Add(HashOf(kWritten, Joined(words)), entry);
  for (const Word& word : words) {
    const std::uint32_t number = NumberOf(word);
    std::vector<std::uint32_t>& in = words_[number].in;
    if (!in.empty() && in.back() == entry) continue;  // the same word twice
    in.push_back(entry);
    words_of_.push_back(number);
    ++counts_[entry];
  }
}

void NameIndex::Remove(std::string_view name) {
  const std::uint32_t entry = EntryOf(name);
  if (entry == kNone) return;
  by_text_.Remove(static_cast<std::uint32_t>(Hash64(name)), entry);
  if (const auto words = TellingWords(name); words.size() > 1) {
    joined_.Remove(HashOf(kWritten, Joined(words)), entry);
  }
  for (std::uint32_t i = 0; i < counts_[entry]; ++i) {
    std::vector<std::uint32_t>& in = words_[words_of_[texts_[entry].words + i]].in;
    in.erase(std::find(in.begin(), in.end(), entry));
  }
  counts_[entry] = 0;
  free_.push_back(entry);
  // The memory of removed entries is freed when as many were removed as are left.
  constexpr std::size_t kCompactLeast = 1'000;
  if (++removed_ >= std::max(kCompactLeast, size())) Compact();
}

void NameIndex::Compact() {
  std::vector<bool> gone(texts_.size());
  for (const std::uint32_t entry : free_) gone[entry] = true;
  NameIndex fresh;
  for (std::uint32_t entry = 0; entry < texts_.size(); ++entry) {
    if (!gone[entry]) fresh.Add(TextOf(entry));
  }
  *this = std::move(fresh);
}

std::size_t NameIndex::MemoryBytes() const {
  std::size_t bytes = bytes_.capacity() + texts_.capacity() * sizeof(Entry) + counts_.capacity() +
                      (words_of_.capacity() + free_.capacity()) * sizeof(std::uint32_t) +
                      words_.capacity() * sizeof(DictionaryWord) + words_by_key_.MemoryBytes() +
                      joined_.MemoryBytes() + by_text_.MemoryBytes();
  for (const DictionaryWord& word : words_) bytes += word.in.capacity() * sizeof(std::uint32_t);
  constexpr std::size_t kNode = 64;  // of the map, with its vector
  for (const auto& [key, words] : words_by_sound_) {
    bytes += kNode + words.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

// ---- searches -----------------------------------------------------------------------------------

// Ascending by number.
std::vector<NameIndex::Found> NameIndex::WordsLike(const Word& word) const {
  std::vector<std::uint32_t> numbers;
  const auto look_up = [&](std::uint32_t key) {
    words_by_key_.ForEach(key, [&](std::uint32_t number) { numbers.push_back(number); });
  };
  ForWrittenKeys(word, look_up);
  for (const std::string_view nickname : NicknamesOf(word.letters)) {
    look_up(HashOf(kWritten, Spelling({std::string(nickname), {}, Hearing::kLatin})));
  }
  ForSpokenKeys(word, true, [&](std::uint32_t key) {
    const auto at = words_by_sound_.find(key);
    if (at == words_by_sound_.end()) return;
    numbers.insert(numbers.end(), at->second.begin(), at->second.end());
  });
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<Found> found;
  for (const std::uint32_t number : numbers) {
    if (words_[number].in.empty()) continue;
    const double alike = AlikeInNames(word, WordAt(number));
    if (alike >= kMay) found.push_back({number, static_cast<float>(alike)});
  }
  return found;
}

// Entries that are the name but for blanks: "EvilCorp" and "Evil Corp".
void NameIndex::FindJoined(const std::vector<Word>& words,
                           std::vector<std::uint32_t>& entries) const {
  const std::string joined = Joined(words);
  const std::uint32_t key = HashOf(kWritten, joined);
  joined_.ForEach(key, [&](std::uint32_t entry) { entries.push_back(entry); });
  if (words.size() < 2) return;
  const Word whole{joined, {}, words.front().hearing};
  words_by_key_.ForEach(HashOf(kWritten, Spelling(whole)), [&](std::uint32_t number) {
    if (WordAt(number).letters != joined) return;
    entries.insert(entries.end(), words_[number].in.begin(), words_[number].in.end());
  });
}

// About the similarity that CompareNames gives, from the words alone.
double NameIndex::ScoreOf(std::uint32_t entry, std::size_t words,
                          const std::vector<Found>& found) const {
  double sum = 0;
  std::size_t matched = 0;
  const std::size_t count = counts_[entry];
  const std::uint32_t* numbers = words_of_.data() + texts_[entry].words;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at =
        std::lower_bound(found.begin(), found.end(), numbers[i],
                         [](const Found& one, std::uint32_t number) { return one.word < number; });
    if (at == found.end() || at->word != numbers[i]) continue;
    sum += at->alike;
    ++matched;
  }
  // Two words of the entry may be like one of the name.
  const double alike = sum / static_cast<double>(matched);
  matched = std::min(matched, words);
  const std::size_t rest = count - matched, lacks = words - matched;
  const auto weight = static_cast<double>(matched);
  const double score = alike * weight / (weight + .08 * static_cast<double>(std::max(rest, lacks)));
  return score * weight / (weight + static_cast<double>(std::min(rest, lacks)));
}

std::vector<NameIndex::Candidate> NameIndex::CandidatesFor(const std::vector<Word>& words,
                                                           Search& search) const {
  struct Group {
    std::vector<Found> found;
    std::size_t entries = 0;
  };
  std::vector<Group> groups;
  std::vector<Found> all;
  for (const Word& word : words) {
    Group group{WordsLike(word)};
    for (const Found& one : group.found) group.entries += words_[one.word].in.size();
    all.insert(all.end(), group.found.begin(), group.found.end());
    groups.push_back(std::move(group));
  }
  // Of a word that is similar to several words of the name, keep the greatest similarity.
  std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return a.word != b.word ? a.word < b.word : a.alike > b.alike;
  });
  all.erase(std::unique(all.begin(), all.end(),
                        [](const Found& a, const Found& b) { return a.word == b.word; }),
            all.end());
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.entries < b.entries; });

  search.masks.resize(texts_.size());
  search.touched.clear();
  std::size_t visited = 0, left_aside = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (visited > 0 && visited + groups[i].entries > kVisitMost) {
      ++left_aside;
      continue;
    }
    visited += groups[i].entries;
    for (const Found& one : groups[i].found) {
      for (const std::uint32_t entry : words_[one.word].in) {
        if (search.masks[entry] == 0) search.touched.push_back(entry);
        search.masks[entry] |= static_cast<std::uint8_t>(1U << i);
      }
    }
  }
  std::vector<Candidate> candidates;
  for (const std::uint32_t entry : search.touched) {
    const auto has = static_cast<std::size_t>(std::popcount(search.masks[entry])) + left_aside;
    search.masks[entry] = 0;
    constexpr std::size_t kEnough = 3;
    if (has < std::min<std::size_t>(words.size(), counts_[entry]) && has < kEnough) continue;
    const double score = ScoreOf(entry, words.size(), all);
    // Titles and initials, which the score ignores, change the similarity little.
    if (score >= kLeast - .1) candidates.push_back({score, entry});
  }
  std::vector<std::uint32_t> joined;
  FindJoined(words, joined);
  for (const std::uint32_t entry : joined) candidates.push_back({1, entry});
  return candidates;
}

double NameIndex::Likest(std::string_view name, Search& search,
                         const std::function<bool(std::string_view)>& leaves_out) const {
  const std::vector<Word> words = TellingWords(name);
  if (words.empty() || size() == 0) return 0;
  std::vector<Candidate> candidates = CandidatesFor(words, search);
  const auto later = [this](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score < b.score : TextOf(a.entry) > TextOf(b.entry);
  };
  std::make_heap(candidates.begin(), candidates.end(), later);
  double best = 0;
  for (int compared = 0; compared < kCompareMost && !candidates.empty() && best < 1;) {
    std::pop_heap(candidates.begin(), candidates.end(), later);
    const Candidate candidate = candidates.back();
    candidates.pop_back();
    const std::string_view text = TextOf(candidate.entry);
    if (leaves_out && leaves_out(text)) continue;
    best = std::max(best, CompareNames(name, text).similarity);
    ++compared;
  }
  return best >= kLeast ? best : 0;
}

}  // namespace holdfast
