#include "engine/signals/names.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/signals/nicknames.h"
#include "engine/signals/words.h"

namespace holdfast {
namespace {

constexpr double kMay = .72, kAre = .86;  // see Alike

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

// Titles, which do not identify a person. Sorted.
constexpr std::array<std::string_view, 25> kTitles = {
    "capt", "dipl",      "dr",       "frau",  "fraulein", "herr", "jr",  "madame",    "miss",
    "mlle", "mme",       "monsieur", "mr",    "mrs",      "ms",   "phd", "prasident", "president",
    "prof", "professor", "rev",      "senor", "senora",   "sir",  "sr"};
// Titles that are also given names. Sorted.
constexpr std::array<std::string_view, 5> kTitlesOrNames = {"dame", "don", "dona", "hon", "lord"};
// Legal forms of businesses. Sorted.
constexpr std::array<std::string_view, 42> kForms = {
    "ab",           "ag",      "aktiengesellschaft",
    "as",           "bv",      "co",
    "company",      "corp",    "corporation",
    "eurl",         "gbr",     "gmbh",
    "group",        "holding", "inc",
    "incorporated", "kft",     "kg",
    "kk",           "lda",     "limited",
    "llc",          "llp",     "lp",
    "ltd",          "ltda",    "nv",
    "oao",          "ood",     "ooo",
    "oy",           "oyj",     "pao",
    "plc",          "pte",     "pty",
    "pvt",          "sa",      "sarl",
    "spa",          "srl",     "zao"};
// Parts of a family name that are often left out or moved. Sorted.
constexpr std::array<std::string_view, 27> kParticles = {
    "abd", "abu", "al", "ap", "bin",  "bint", "da", "das", "de",  "del", "della", "der", "di", "do",
    "dos", "du",  "e",  "el", "haji", "ibn",  "la", "le",  "ter", "van", "von",   "y",   "zu"};

struct Name {
  std::vector<Word> words;  // without titles, legal forms and repeated words
  bool business = false;
};

bool IsParticle(const Word& word) { return IsOneOf(kParticles, word.letters); }

Name NameOf(std::string_view text) {
  Name name;
  std::vector<Word> words = WordsOf(text);
  // Some forms may be names (Grace Co, Sa Nguyen): they are forms at the end of three words.
  const auto is_form = [&words](const Word& word) {
    const bool may_be_name = word.letters == "as" || word.letters == "co" || word.letters == "sa";
    const bool sure = !may_be_name || (words.size() > 2 && &word == &words.back());
    return sure && IsOneOf(kForms, word.letters);
  };
  const auto says = [&is_form](const Word& word) {
    return !IsOneOf(kTitles, word.letters) && !is_form(word);
  };
  // "O Brien" is O'Brien.
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    constexpr std::size_t kLong = 4;
    Word& next = words[i + 1];
    if (words[i].letters != "o" || next.letters.size() < kLong || next.hearing != Hearing::kLatin) {
      continue;
    }
    next.letters.insert(0, "o");
    next.sounds = SoundsOf(next.letters, Hearing::kLatin);
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
  }
  // A name that consists only of such words keeps them.
  const auto saying = std::count_if(words.begin(), words.end(), says);
  for (Word& word : words) {
    name.business = name.business || is_form(word);
    if (saying > 0 && !says(word)) continue;
    if (saying > 2 && IsOneOf(kTitlesOrNames, word.letters)) continue;
    const bool twice = std::any_of(name.words.begin(), name.words.end(), [&](const Word& other) {
      return other.letters == word.letters && !word.initial();
    });
    if (!twice) name.words.push_back(std::move(word));
  }
  return name;
}

std::string Joined(const std::vector<Word>& words) {
  std::string all;
  for (const Word& word : words) all += word.letters;
  return all;
}

// Compares the words joined together, in order or with the last one first: "Sergei Lavrov" and
// "SergeiLavrov", or Wang Xiaoming, which is one word in Chinese.
double AlikeTogether(const std::vector<Word>& a, const std::vector<Word>& b) {
  if (a.size() > b.size()) return AlikeTogether(b, a);
  const std::string left = Joined(a);
  const auto sounds = [](const std::vector<Word>& words) {
    std::string all;
    for (const Word& word : words) all += word.sounds;
    return all;
  };
  double best = 0;
  std::vector<Word> other = b;
  for (std::size_t turn = 0; turn < std::min<std::size_t>(b.size(), 3); ++turn) {
    const Hearing of_a = a.front().hearing, of_b = b.front().hearing;
    if (of_a == of_b) {
      if (a.size() == b.size()) break;  // comparing single words is more exact
      const double alike = AlikeInWriting(left, Joined(other));
      // Two long joined names are similar too easily.
      best = std::max(best, alike >= .9 ? alike : alike * .75);
    } else {
      const Word x{left, sounds(a), of_a}, y{Joined(other), sounds(other), of_b};
      best = std::max(best, Alike(x, y));
    }
    std::rotate(other.begin(), other.begin() + 1, other.end());
  }
  return best;
}

// How much a word contributes to identifying a person.
double WeightOf(const Word& word) {
  if (IsParticle(word)) return .25;
  return word.initial() ? .5 : 1;
}

// "JC" for Jean-Claude: true when the word consists of the initials of unmatched words.
bool AreInitials(const Word& word, const std::vector<Word>& others, const std::vector<bool>& taken,
                 std::vector<bool>& used) {
  if (word.letters.size() < 2 || word.letters.size() > 3) return false;
  std::size_t next = 0;
  for (std::size_t i = 0; i < others.size() && next < word.letters.size(); ++i) {
    if (taken[i]) continue;
    if (others[i].letters[0] != word.letters[next]) return false;
    used[i] = true;
    ++next;
  }
  return next == word.letters.size();
}

struct Pair {
  double alike;
  std::size_t i, j;
};

// Pairs of words that may be the same name, most similar first.
std::vector<Pair> PairsOf(const std::vector<Word>& x, const std::vector<Word>& y) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j) {
      const double alike = AlikeInNames(x[i], y[j]);
      if (alike >= kMay) pairs.push_back({alike, i, j});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& p, const Pair& q) { return p.alike > q.alike; });
  return pairs;
}

// Matches words that are initials with the words that they stand for. True when there is one.
bool PairInitials(const std::vector<Word>& words, std::vector<bool>& mine,
                  const std::vector<Word>& others, std::vector<bool>& its) {
  bool any = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::vector<bool> used = its;
    if (mine[i] || !AreInitials(words[i], others, its, used)) continue;
    mine[i] = any = true;
    its = used;
  }
  return any;
}

// The weight of the unmatched words.
double RestOf(const std::vector<Word>& words, const std::vector<bool>& has) {
  double left_over = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!has[i]) left_over += WeightOf(words[i]);
  }
  return left_over;
}

}  // namespace

std::vector<Word> TellingWords(std::string_view name) {
  std::vector<Word> words = NameOf(name).words;
  std::erase_if(words, [](const Word& word) { return WeightOf(word) < 1; });
  return words;
}

double AlikeInNames(const Word& a, const Word& b) {
  const double alike = Alike(a, b);
  if (alike >= kAre) return alike;
  if (a.letters.size() > 1 && b.letters.size() > 1 && AreNicknames(a.letters, b.letters))
    return .88;
  // Novak and Novakova.
  for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    if (one->letters.size() > 3 && other->letters == one->letters + "ova") return .8;
  }
  // In a short word one letter makes a different name.
  const std::size_t shorter = std::min(a.letters.size(), b.letters.size());
  if (a.hearing == b.hearing && shorter <= 3 && !a.initial() && !b.initial()) return alike * .85;
  return alike;
}

std::string Spelling(const Word& word) {
  std::string spelling;
  for (const char c : word.letters) {
    const char last = spelling.empty() ? '\0' : spelling.back();
    if (c == last || (c == 'e' && (last == 'a' || last == 'o' || last == 'u'))) continue;
    if (c == 'h' && last == 'p') {
      spelling.back() = 'f';
    } else {
      spelling += c == 'y' ? 'i' : c == 'w' ? 'v' : c;
    }
  }
  return spelling;
}

Match CompareNames(std::string_view a, std::string_view b) {
  const Name left = NameOf(a), right = NameOf(b);
  const std::vector<Word>&x = left.words, &y = right.words;
  if (x.empty() || y.empty()) return {};

  std::vector<bool> has_x(x.size()), has_y(y.size());
  double sum = 0, weight = 0;
  bool same_words = true;
  int whole = 0;  // matched words that identify the person
  for (const Pair& pair : PairsOf(x, y)) {
    if (has_x[pair.i] || has_y[pair.j]) continue;
    has_x[pair.i] = has_y[pair.j] = true;
    const double w = std::min(WeightOf(x[pair.i]), WeightOf(y[pair.j]));
    sum += w * pair.alike;
    weight += w;
    if (w > .25) same_words = same_words && Spelling(x[pair.i]) == Spelling(y[pair.j]);
    whole += w == 1 ? 1 : 0;
  }
  if (PairInitials(x, has_x, y, has_y) || PairInitials(y, has_y, x, has_x)) {
    sum += .5 * .8;
    weight += .5;
    same_words = false;
  }
  const double rest_x = RestOf(x, has_x), rest_y = RestOf(y, has_y);
  const bool contradicts = rest_x >= .5 && rest_y >= .5;
  const double together = AlikeTogether(x, y);
  double similarity = weight > 0 ? sum / (weight + .08 * std::max(rest_x, rest_y)) : 0;
  if (contradicts) similarity *= weight / (weight + std::min(rest_x, rest_y));
  if (weight == 0) similarity = std::min(together, .5);
  similarity = std::clamp(std::max(similarity, together), 0.0, 1.0);

  // ---- the verdict -----------------------------------------------------------------------------
  const bool of_other_script = x.front().hearing != y.front().hearing;
  const bool silent =
      of_other_script && (x.front().hearing == Hearing::kHan || y.front().hearing == Hearing::kHan);
  if (together >= .9 || (!contradicts && whole > 0)) {
    const bool all = rest_x < .5 && rest_y < .5;
    const bool same = (all && same_words && !of_other_script) || together >= .97;
    return {same ? MatchGrade::kSame : MatchGrade::kPlausible, similarity};
  }
  if (together >= kMay && of_other_script) return {MatchGrade::kPlausible, similarity};
  if (silent) return {};
  if (whole == 0 && !contradicts) return {};  // initials and particles alone
  // A person and a business may belong together if they share the family name.
  if (left.business != right.business && (left.business ? has_y.back() : has_x.back())) {
    return {MatchGrade::kPlausible, similarity};
  }
  return {MatchGrade::kDifferent, similarity};
}

}  // namespace holdfast
