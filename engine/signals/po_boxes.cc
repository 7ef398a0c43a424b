#include "engine/signals/po_boxes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/signals/words.h"

namespace holdfast {
namespace {

// Names of boxes that count anywhere, their words joined.
constexpr std::string_view kBoxNames[] = {"pobox",
                                          "postofficebox",
                                          "gpobox",
                                          "postalbox",
                                          "privatebag",
                                          "postfach",
                                          "boitepostale",
                                          "apartadopostal",
                                          "apartadocorreos",
                                          "apartadodecorreos",
                                          "apdopostal",
                                          "apdocorreos",
                                          "apdodecorreos",
                                          "casilladecorreo",
                                          "casilladecorreos",
                                          "casillapostal",
                                          "caixapostal",
                                          "casellapostale",
                                          "postbus",
                                          "postboks",
                                          "postilokero",
                                          "skrytkapocztowa",
                                          "postovniprihradka",
                                          "postovypriecinok",
                                          "postafiok",
                                          "casutapostala",
                                          "postakutusu"};

// Names that count only before a number. `countries`: where, with blanks around each; empty:
// anywhere.
struct NumberedBox {
  std::string_view name, countries;
};
constexpr NumberedBox kNumberedBoxes[] = {
    {"pob", ""},          {"bp", ""},      {"apartado", ""},          {"apdo", ""},
    {"casilla", ""},      {"box", " SE "}, {"boks", " NO DK GL FO "}, {"pl", " FI "},
    {"cp", " BR IT MZ "}, {"pk", " TR "},  {"pf", " DE AT CH HU "},   {"pb", " NL NO FI SE "},
    {"cas", " CL PE "},
};

// Names in other scripts, searched as they are written.
constexpr std::string_view kWrittenBoxes[] = {"а/я",
                                              "А/Я",
                                              "абонентский ящик",
                                              "Абонентский ящик",
                                              "абонентська скринька",
                                              "邮政信箱",
                                              "郵政信箱",
                                              "私書箱",
                                              "사서함",
                                              "ת.ד",
                                              "ת״ד",
                                              "ص.ب",
                                              "ص. ب",
                                              "صندوق بريد",
                                              "ταχυδρομική θυρίδα",
                                              "Ταχυδρομική Θυρίδα",
                                              "Τ.Θ."};

bool IsDigitOf(char c) { return c >= '0' && c <= '9'; }

// The words of a line; "box12" is two.
std::vector<std::string> BoxWords(std::string_view line) {
  constexpr std::size_t kMost = 24;
  std::vector<std::string> words;
  for (const Word& word : WordsOf(line, Digits::kDigits, kMost)) {
    const auto digit = std::find_if(word.letters.begin(), word.letters.end(), &IsDigitOf);
    if (digit != word.letters.begin()) words.emplace_back(word.letters.begin(), digit);
    if (digit != word.letters.end()) words.emplace_back(digit, word.letters.end());
  }
  return words;
}

// Do words from `at` on, written together, give `name`? Then `end` is behind them.
bool GiveName(const std::vector<std::string>& words, std::size_t at, std::string_view name,
              std::size_t& end) {
  for (end = at; end < words.size() && name.starts_with(words[end]); ++end) {
    name.remove_prefix(words[end].size());
    if (name.empty()) {
      ++end;
      return true;
    }
  }
  return false;
}

bool NamesBox(std::string_view line, std::string_view country) {
  for (const std::string_view written : kWrittenBoxes) {
    if (line.find(written) != line.npos) return true;
  }
  const std::vector<std::string> words = BoxWords(line);
  const std::string wanted = " " + std::string(country) + " ";
  std::size_t end = 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    for (const std::string_view name : kBoxNames) {
      if (GiveName(words, at, name, end)) return true;
    }
    for (const NumberedBox& box : kNumberedBoxes) {
      if (!box.countries.empty() && box.countries.find(wanted) == box.countries.npos) continue;
      if (GiveName(words, at, box.name, end) && end < words.size() && IsDigitOf(words[end][0])) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool IsPoBox(const Address& address) {
  return NamesBox(address.line1, address.country) || NamesBox(address.line2, address.country);
}

}  // namespace holdfast
