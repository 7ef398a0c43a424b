#include "engine/signals/sounds.h"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast {
namespace {

constexpr std::size_t kLongest = 24;
constexpr std::string_view kVowels = "aeiou";

bool IsVowel(char c) { return kVowels.find(c) != kVowels.npos; }

// A spelling and its sound.
struct Spelling {
  std::string_view letters, sounds;
};

// The longest match counts.
constexpr Spelling kLatinSpellings[] = {
    {"tsch", "C"}, {"dsch", "J"}, {"sch", "S"}, {"tch", "C"}, {"ch", "C"}, {"sh", "S"},
    {"cz", "C"},   {"sz", "S"},   {"zh", "Z"},  {"ph", "f"},  {"th", "t"}, {"dh", "d"},
    {"kh", "x"},   {"gh", "g"},   {"tz", "c"},  {"ts", "c"},  {"ck", "k"}, {"qu", "kw"},
    {"dj", "J"},   {"wh", "w"},   {"x", "ks"},  {"q", "k"},   {"j", "J"}};
// Romanised text uses each letter for one sound.
constexpr Spelling kAlphabetSpellings[] = {{"ts", "c"}, {"h", "x"},  {"y", "i"},  {"kh", "x"},
                                           {"ch", "C"}, {"sh", "S"}, {"zh", "Z"}, {"ph", "f"},
                                           {"th", "t"}, {"dz", "J"}, {"gh", "g"}, {"c", "c"}};
constexpr Spelling kPinyinSpellings[] = {{"zh", "J"}, {"ch", "C"}, {"sh", "S"}, {"q", "C"},
                                         {"x", "S"},  {"j", "J"},  {"y", "j"}};

// The cost of replacing one sound by another, from 0 (free) to 1, and of leaving one out.
class Model {
 public:
  explicit Model(Hearing hearing) {
    for (auto& row : pair_) row.fill(kNone);
    for (int c = 0; c < 128; ++c) skip_[c] = IsVowel(static_cast<char>(c)) ? 0.35F : 1.0F;
    for (int c = 0; c < 128; ++c) pair_[c][c] = 0;
    Common();
    switch (hearing) {
      case Hearing::kLatin:
      case Hearing::kAlphabet:
        Alphabet();
        break;
      case Hearing::kArabic:
        Arabic();
        break;
      case Hearing::kHebrew:
        Hebrew();
        break;
      case Hearing::kKana:
        Kana();
        break;
      case Hearing::kHan:
        Han();
        break;
      case Hearing::kHangul:
        Hangul();
        break;
    }
  }

  float Skip(char c) const { return skip_[Index(c)]; }
  float Swap(char a, char b) const {
    const float cost = pair_[Index(a)][Index(b)];
    return cost == kNone ? Skip(a) + Skip(b) : cost * std::max(Skip(a), Skip(b));
  }

 private:
  static constexpr float kNone = 9;
  static std::size_t Index(char c) { return static_cast<unsigned char>(c) & 127; }

  void Near(char a, char b, float cost) {
    float& there = pair_[Index(a)][Index(b)];
    there = std::min(there, cost);
    pair_[Index(b)][Index(a)] = there;
  }
  // Pairs "ab cd", each at `cost`.
  void Pairs(std::string_view pairs, float cost) {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 3) Near(pairs[i], pairs[i + 1], cost);
  }
  // Each with each.
  void Class(std::string_view sounds, float cost) {
    for (const char a : sounds) {
      for (const char b : sounds) {
        if (a != b) Near(a, b, cost);
      }
    }
  }
  void Skips(float vowels, std::initializer_list<std::pair<char, float>> others) {
    for (const char c : kVowels) skip_[Index(c)] = vowels;
    for (const auto& [c, cost] : others) skip_[Index(c)] = cost;
  }

  void Common() {
    Class("aeiou", .25F);
    Pairs("ij iy uw oa ei uo", .15F);
    Class("kgx", .35F);
    Class("ckz", .6F);
    Class("szcSZCJ", .4F);
    Class("dt", .4F);
    Class("bp", .4F);
    Class("fvw", .3F);
    Class("mnN", .5F);
    Class("lr", .6F);
    Pairs("xh wv", .1F);
    Pairs("nN", .15F);
    Pairs("cz sz hx JZ", .2F);
    Pairs("gh gJ pf JC xC Sk", .5F);
    Pairs("Jj xC", .25F);
    Pairs("cC wo je Zz SC JC", .3F);
    Pairs("sS gJ kC", .35F);
    Pairs("bv uv", .4F);
    Pairs("ja je jo ju hJ xJ", .5F);
    Pairs("kh", .6F);
    Skips(.35F, {{'h', .4F}, {'j', .3F}, {'w', .5F}});
  }

  void Alphabet() {
    Pairs("wv", 0);
    Pairs("hx ji", .05F);
    Pairs("hg ei Jj", .1F);
    Pairs("JZ kx eo ae uo", .2F);
    Skips(.3F, {{'h', .3F}, {'j', .15F}, {'w', .5F}});
  }

  void Arabic() {
    Pairs("pb vf gJ wu wo ji ie ou", 0);
    Pairs("je gJ wv ZJ", .05F);
    Pairs("CS", .1F);
    Pairs("gk Jj xh", .15F);
    Pairs("vb sc zs xk ia ea", .2F);
    Pairs("JC", .25F);
    Pairs("wf gx Ji", .3F);
    Pairs("td", .35F);
    Pairs("JS hC", .4F);
    Pairs("Ct", .5F);
    Skips(.12F, {{'h', .25F}, {'j', .2F}, {'w', .25F}});
  }

  // One letter for p and f, b and v, k and ch; tsadi is romanised as s.
  void Hebrew() {
    Pairs("pf bv kx wv wu wo ji ie ou xh", 0);
    Pairs("gJ sc", .1F);
    Pairs("je ia ea zc ZJ hx Jj", .15F);
    Pairs("Jz Ji hC xC kC", .2F);
    Pairs("bp", .7F);
    Pairs("sS sC cC", .35F);
    Skips(.12F, {{'h', .25F}, {'j', .2F}, {'w', .2F}});
  }

  void Kana() {
    Pairs("lr ji", 0);
    Pairs("Nn ZJ", .05F);
    Pairs("vb vw sS xh wu", .1F);
    Pairs("fh zJ Jj", .15F);
    Pairs("tc tC dJ zs ae au oa ie", .2F);
    Pairs("mn CS", .25F);
    Pairs("dz cs kC", .3F);
    Pairs("ts", .35F);
    Pairs("gJ", .4F);
    Skips(.15F, {{'h', .3F}, {'j', .15F}, {'w', .3F}, {'r', .45F}, {'l', .8F}, {'g', .7F}});
  }

  void Han() {
    Pairs("lr vw hx nN ji wu", 0);
    Pairs("fv bp dt gk wo", .1F);
    Pairs("xk jJ", .15F);
    Class("aeiou", .15F);
    Class("szcSJCZ", .2F);
    Pairs("kC", .2F);
    Pairs("gJ tC dJ mn", .25F);
    Pairs("kJ gC kh hS xS wh fh bv pf ts tz", .3F);
    Pairs("gh bw", .4F);
    Skips(.12F, {{'h', .3F},
                 {'j', .12F},
                 {'w', .2F},
                 {'r', .3F},
                 {'l', .6F},
                 {'n', .5F},
                 {'N', .4F},
                 {'t', .8F},
                 {'d', .7F}});
  }

  void Hangul() {
    // Vowels are written as they are spoken.
    for (const char a : kVowels) {
      for (const char b : kVowels) {
        if (a != b) pair_[Index(a)][Index(b)] = .6F;
      }
    }
    Pairs("ou eu", .2F);
    Pairs("ei", .2F);
    Pairs("lr ji wu", 0);
    Pairs("gk dt bp JC", .1F);
    Pairs("fp vb zJ sS oe ae", .15F);
    Pairs("fh eo nN", .2F);
    Skips(.3F, {{'h', .3F}, {'j', .15F}, {'w', .3F}, {'r', .6F}});
  }

  std::array<std::array<float, 128>, 128> pair_;
  std::array<float, 128> skip_;
};

const Model& ModelOf(Hearing hearing) {
  static const std::array<Model, 7> kModels = {Model(Hearing::kLatin),  Model(Hearing::kAlphabet),
                                               Model(Hearing::kArabic), Model(Hearing::kHebrew),
                                               Model(Hearing::kKana),   Model(Hearing::kHan),
                                               Model(Hearing::kHangul)};
  return kModels[static_cast<std::size_t>(hearing)];
}

}  // namespace

std::string SoundsOf(std::string_view word, Hearing hearing) {
  std::string sounds;
  const auto put = [&sounds](std::string_view more) {
    for (const char c : more) {
      // A doubled sound counts once.
      if (sounds.empty() || sounds.back() != c) sounds += c;
    }
  };
  const auto spell = [&](const auto& spellings, std::size_t at) -> std::size_t {
    const Spelling* best = nullptr;
    for (const Spelling& s : spellings) {
      if (s.letters[0] == word[at] && word.substr(at).starts_with(s.letters) &&
          (best == nullptr || s.letters.size() > best->letters.size())) {
        best = &s;
      }
    }
    if (best == nullptr) return 0;
    put(best->sounds);
    return best->letters.size();
  };
  const auto at = [&](std::size_t i) { return i < word.size() ? word[i] : '\0'; };
  for (std::size_t i = 0; i < word.size() && sounds.size() < kLongest;) {
    const char c = word[i];
    std::size_t used = 0;
    if (c == 'n' && at(i + 1) == 'g' && !IsVowel(at(i + 2))) {
      put("N");
      i += 2;
      continue;
    }
    // Greek has no letters for b, d and g at the beginning.
    const std::string_view two = word.substr(i, 2);
    if (hearing == Hearing::kAlphabet && i == 0 && (two == "mp" || two == "nt" || two == "gk")) {
      put(two == "mp" ? "b" : two == "nt" ? "d" : "g");
      used = 2;
    } else if (hearing == Hearing::kHan) {
      used = spell(kPinyinSpellings, i);
    } else if (hearing == Hearing::kAlphabet) {
      used = c == 'j' ? (put("j"), 1) : spell(kAlphabetSpellings, i);
    } else {
      used = spell(kLatinSpellings, i);
      if (used == 0 && c == 'c') {
        put(at(i + 1) == 'e' || at(i + 1) == 'i' || at(i + 1) == 'y' ? "s" : "k");
        used = 1;
      }
      if (used == 0 && c == 'y') {
        const bool glide = IsVowel(at(i + 1)) && (i == 0 || IsVowel(word[i - 1]));
        put(glide ? "j" : "i");
        used = 1;
      }
    }
    if (used == 0) {
      put(word.substr(i, 1));
      used = 1;
    }
    i += used;
  }
  sounds.resize(std::min(sounds.size(), kLongest));
  return sounds;
}

double Alike(std::string_view latin, std::string_view other, Hearing hearing) {
  std::string_view a = latin.substr(0, kLongest), b = other.substr(0, kLongest);
  if (a.empty() || b.empty()) return 0;
  if (hearing == Hearing::kHangul && a.size() > 1) {
    // Surnames keep an old l or r that is no longer written (Lee, Lim) or has become an n (Roh),
    // and an h that marks a long vowel (Oh).
    const bool old = a[0] == 'l' || a[0] == 'r';
    if (old && (b[0] == 'i' || b[0] == 'j')) a.remove_prefix(1);
    if (old && b[0] == 'n' && b.size() > 1) {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    if (a.size() > 1 && a.back() == 'h' && b.back() != 'h') a.remove_suffix(1);
  }
  const Model& model = ModelOf(hearing);
  std::array<float, kLongest + 1> row{};
  float all = 0;
  for (std::size_t j = 0; j < b.size(); ++j) row[j + 1] = row[j] + model.Skip(b[j]);
  all += row[b.size()];
  for (const char c : a) {
    const float skip = model.Skip(c);
    all += skip;
    float diagonal = row[0];
    row[0] += skip;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const float swap = diagonal + (c == b[j] ? 0 : model.Swap(c, b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({swap, row[j + 1] + skip, row[j] + model.Skip(b[j])});
    }
  }
  return std::max(0.0, 1.0 - 2.0 * static_cast<double>(row[b.size()]) / static_cast<double>(all));
}

}  // namespace holdfast
