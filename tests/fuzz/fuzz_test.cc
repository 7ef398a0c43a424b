// The fuzz targets on their corpus and on seeded noise. `./dev fuzz` runs them for longer.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "engine/base/file.h"
#include "engine/simulate/random.h"
#include "tests/fuzz/language_fuzz.h"
#include "tests/fuzz/webhook_fuzz.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

template <typename Target>
void RunCorpus(const char* name, Target target) {
  std::vector<fs::path> files;
  const fs::path folder = fs::path(HOLDFAST_SOURCE) / "tests/fuzz/corpus" / name;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(!files.empty());
  for (const fs::path& file : files) {
    CAPTURE(file.string());
    const auto bytes = ReadFile(file.string(), 1 << 20);
    REQUIRE(bytes.has_value());
    target(*bytes);
  }
}

TEST_CASE("fuzz: the corpus of the front end") { RunCorpus("front", &fuzz::FuzzFront); }
TEST_CASE("fuzz: the corpus of deliveries") { RunCorpus("webhook", &fuzz::FuzzWebhook); }

// Goal:   no delivery breaks a provider's reader.
// Method: the corpus with seeded changes: bytes exchanged, cut out and doubled.
TEST_CASE("fuzz: deliveries with changes") {
  std::vector<std::string> texts;
  RunCorpus("webhook", [&](const std::string& bytes) { texts.push_back(bytes); });
  Random random(31);
  for (int round = 0; round < 3'000; ++round) {
    std::string text = texts[random.Below(texts.size())];
    for (std::uint64_t changes = 1 + random.Below(4); changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random.Below(text.size());
      const std::size_t length = std::min<std::size_t>(random.Below(12), text.size() - at);
      if (random.Chance(400)) {
        text[at] = static_cast<char>(random.Below(256));
      } else if (random.Chance(500)) {
        text.erase(at, length);
      } else {
        text.insert(at, text.substr(random.Below(text.size()), length));
      }
    }
    fuzz::FuzzWebhook(text);
  }
}

TEST_CASE("fuzz: the corpus of the machine") { RunCorpus("machine", &fuzz::FuzzMachine); }

// Goal:   predicate, machine and a plain walk of the tree agree on every condition.
// Method: seeded random conditions over random facts, of which some are missing.
TEST_CASE("fuzz: compiled conditions mean what the tree means") {
  Random random(19);
  std::string bytes(96, '\0');
  int compared = 0;
  for (int round = 0; round < 30'000; ++round) {
    for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
    compared += fuzz::FuzzMachine(bytes) ? 1 : 0;
  }
  CHECK(compared > 20'000);
}

// Goal:   what is said to be certain before any order is seen holds on every order.
// Method: the same conditions, in pairs, over facts that are all known.
TEST_CASE("fuzz: certain conditions are certain") {
  Random random(29);
  std::string bytes(96, '\0');
  for (int round = 0; round < 30'000; ++round) {
    for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
    fuzz::FuzzLogic(bytes);
  }
}

// Goal:   no text breaks the front end, and what it accepts survives being written again.
// Method: seeded random pieces of expressions in a row.
TEST_CASE("fuzz: texts made of pieces of expressions") {
  constexpr std::string_view kPieces[] = {"i.a",
                                          "d.a",
                                          "s.a",
                                          "b.a",
                                          "items",
                                          "map",
                                          ".?",
                                          ".",
                                          "[?",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          "(",
                                          ")",
                                          ",",
                                          ":",
                                          "?",
                                          "&&",
                                          "||",
                                          "!",
                                          "-",
                                          "==",
                                          "<",
                                          "in",
                                          "+",
                                          "1",
                                          "2.5",
                                          "'x'",
                                          "r'",
                                          "\\",
                                          "x",
                                          "has(",
                                          "cel.bind(",
                                          "exists(",
                                          "math.greatest(",
                                          "true",
                                          "null",
                                          "b'\\377'",
                                          "1u",
                                          "0x1F",
                                          "//",
                                          "\n",
                                          "`a-b`",
                                          "optional.of(",
                                          "transformMap(",
                                          "k, v, "};
  Random random(23);
  for (int round = 0; round < 30'000; ++round) {
    std::string text;
    for (std::uint64_t pieces = random.Below(14); pieces > 0; --pieces) {
      text += random.Pick(kPieces);
      if (random.Chance(300)) text += ' ';
    }
    fuzz::FuzzFront(text);
  }
}

}  // namespace
}  // namespace holdfast
