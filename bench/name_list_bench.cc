// Lists of names: the time of a similarity search among a million names, compared with an exact
// lookup; its percentiles; and the memory of the index.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/ratios.h"
#include "engine/base/text_table.h"
#include "engine/signals/name_index.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

constexpr std::size_t kNames = 1'000'000, kQuestions = 4'000;

// Few words are in many names, most in few, as in lists of parties: of `count` words, the n-th
// about 1/n as often as the first.
std::size_t Rank(Random& random, std::size_t count) {
  const double even = static_cast<double>(random.Below(1'000'000)) / 1e6;
  return static_cast<std::size_t>(std::pow(static_cast<double>(count), even)) % count;
}

std::string WordOf(std::size_t number) {
  constexpr std::string_view kHeads[] = {"ka",  "ro", "mi",  "te", "ve", "so",  "ba", "nu",
                                         "shi", "al", "gre", "pe", "du", "han", "jo", "li"};
  constexpr std::string_view kTails[] = {"n", "r", "ski", "m", "vic", "s", "ta", "lo"};
  std::string word;
  Random random(number + 1);
  for (auto parts = random.Between(1, 4); parts > 0; --parts) word += random.Pick(kHeads);
  return word + std::string(random.Pick(kTails));
}

// Two persons in three, and businesses.
std::string RandomName(Random& random) {
  constexpr std::size_t kGiven = 5'000, kFamily = 300'000, kTrade = 2'000;
  constexpr std::string_view kForms[] = {"ltd", "llc", "gmbh", "sa", "trading co", "holding"};
  if (random.Chance(667)) {
    std::string name = WordOf(Rank(random, kGiven));
    if (random.Chance(300)) name += " " + WordOf(Rank(random, kGiven));
    return name + " " + WordOf(kGiven + Rank(random, kFamily));
  }
  return WordOf(kGiven + Rank(random, kFamily)) + " " +
         WordOf(kGiven + kFamily + Rank(random, kTrade)) + " " + std::string(random.Pick(kForms));
}

struct World {
  World() {
    Random random(1);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kNames; ++i) {
      names.push_back(RandomName(random));
      index.Add(names.back());
      table.Add(names.back());
    }
    // A quarter is on the list in another order, a quarter with a letter wrong, half is not.
    for (std::size_t i = 0; i < kQuestions; ++i) {
      std::string asked = names[random.Below(names.size())];
      const std::size_t blank = asked.find(' ');
      if (i % 4 == 0) asked = asked.substr(blank + 1) + ", " + asked.substr(0, blank);
      if (i % 4 == 1) asked[random.Below(asked.size())] = 'x';
      if (i % 4 > 1) asked = RandomName(random) + WordOf(random.Next());
      questions.push_back(std::move(asked));
    }
  }
  NameIndex index;
  TextTable table;
  std::vector<std::string> questions;
};

const World& TheWorld() {
  static const World world;
  return world;
}

void LookUp(benchmark::State& state) {
  const World& world = TheWorld();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.table.Contains(world.questions[next]));
    next = (next + 1) % kQuestions;
  }
}
BENCHMARK(LookUp);

void Likest(benchmark::State& state) {
  const World& world = TheWorld();
  NameIndex::Search search;
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.index.Likest(world.questions[next], search));
    next = (next + 1) % kQuestions;
  }
}
BENCHMARK(Likest);

// A name that comes and goes, as a list.changed event makes it.
void AddAndRemove(benchmark::State& state) {
  NameIndex index = TheWorld().index;
  for (auto _ : state) {
    index.Add("newly denied party");
    index.Remove("newly denied party");
  }
}
BENCHMARK(AddAndRemove);

void PrintPercentiles() {
  const auto start = std::chrono::steady_clock::now();
  const World& world = TheWorld();
  const std::chrono::duration<double> load = std::chrono::steady_clock::now() - start;
  NameIndex::Search search;
  std::vector<double> micros;
  std::size_t found = 0;
  for (const std::string& question : world.questions) {
    const auto begin = std::chrono::steady_clock::now();
    found += world.index.Likest(question, search) > 0 ? 1 : 0;
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::sort(micros.begin(), micros.end());
  std::printf("\n%zu names in %.1f s, %zu MB; of %zu questions %zu have an answer\n",
              world.index.size(), load.count(), world.index.MemoryBytes() >> 20, kQuestions, found);
  std::printf("a question: p50 %.0f us, p99 %.0f us, most %.0f us (aim: p99 at most 1,000 us)\n",
              micros[kQuestions / 2], micros[kQuestions * 99 / 100], micros.back());
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  holdfast::PrintPercentiles();
  return holdfast::bench::Run(
      argc, argv,
      {{"the most similar of a million names, to a look-up", "Likest", "LookUp", 0},
       {"a name added and removed, to a look-up", "AddAndRemove", "LookUp", 0}});
}
