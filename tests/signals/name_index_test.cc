// The index of names against every entry compared one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/signals/name_index.h"
#include "engine/signals/names.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

double Ask(const NameIndex& index, std::string_view name) {
  NameIndex::Search search;
  const double alike = index.Likest(name, search);
  // The memory of the search is as it was: a second question gives the same.
  CHECK(index.Likest(name, search) == alike);
  return alike;
}

std::string RandomName(Random& random) {
  constexpr std::string_view kGiven[] = {"maria", "john", "mohammed", "anna", "sergei", "li"};
  constexpr std::string_view kSyllables[] = {"ka", "ro", "mi", "ten", "vel", "sor", "ba", "nuk"};
  std::string name(random.Pick(kGiven));
  name += ' ';
  for (auto count = random.Between(2, 3); count > 0; --count) name += random.Pick(kSyllables);
  if (random.Chance(200)) name += " trading ltd";
  return name;
}

TEST_CASE("name index: a party is found however it is written") {
  NameIndex index;
  for (const char* name : {"EVIL CORP LTD", "José María García López", "Иван Петров",
                           "Sergei Lavrov", "Friedrich Müller", "Robert Stanfield"}) {
    index.Add(name);
  }
  for (const char* name :
       {"EVIL Corp. Limited", "Evil Corporation", "evil, ltd.", "Evil", "Jose Garcia Lopez",
        "Garcia Lopez, Jose Maria", "Ivan Petrov", "PETROV IVAN", "SergeiLavrov", "Sergej Lavrov",
        "Mr Sergei Lavrow", "Friedrich Mueller", "Fridrich Muller", "Bob Stanfield"}) {
    CAPTURE(name);
    CHECK(Ask(index, name) >= .8);
  }
  CHECK(Ask(index, "EVIL Corp. Limited") == 1);
  for (const char* name : {"Ann Lee", "Good Company Ltd", "Sergei", "", "Ltd", "...", "J."}) {
    CAPTURE(name);
    CHECK(Ask(index, name) < .95);
  }
  CHECK(Ask(index, "Ann Lee") == 0);
}

TEST_CASE("name index: it finds what comparing every entry finds") {
  Random random(3);
  std::vector<std::string> names;
  NameIndex index;
  for (int i = 0; i < 400; ++i) {
    names.push_back(RandomName(random));
    index.Add(names.back());
  }
  int alike = 0, missed = 0;
  for (int i = 0; i < 600; ++i) {
    std::string asked = i % 3 == 0 ? RandomName(random) : names[random.Below(names.size())];
    if (i % 3 == 1) {  // one letter wrong
      char& letter = asked[random.Below(asked.size())];
      if (letter != ' ') letter = 'e';
    }
    double best = 0;
    for (const std::string& name : names) {
      best = std::max(best, CompareNames(asked, name).similarity);
    }
    const double found = Ask(index, asked);
    REQUIRE_MESSAGE(found <= best, asked);
    if (i % 3 == 2) REQUIRE_MESSAGE(found >= best - 1e-9, asked);
    if (best < .9) continue;
    ++alike;
    missed += found < .9 ? 1 : 0;
  }
  CHECK(alike > 300);
  CHECK(missed * 20 <= alike);
}

TEST_CASE("name index: the order of changes does not matter") {
  Random random(9);
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i) names.push_back(RandomName(random));
  NameIndex straight, shuffled;
  std::set<std::string> left;
  for (const std::string& name : names) {
    shuffled.Add(name);
    shuffled.Add(name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % 4 != 0) shuffled.Remove(names[i]);
  }
  shuffled.Remove("not there");
  for (std::size_t i = names.size(); i-- > 0;) {
    if (i % 8 == 1) shuffled.Add(names[i]);
  }
  std::set<std::string> removed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % 4 != 0) removed.insert(names[i]);
  }
  for (const std::string& name : names) {
    if (!removed.contains(name)) left.insert(name);
  }
  for (std::size_t i = 1; i < names.size(); i += 8) left.insert(names[i]);
  for (const std::string& name : left) straight.Add(name);
  CHECK(straight.size() == shuffled.size());
  for (int i = 0; i < 500; ++i) {
    const std::string asked = RandomName(random);
    REQUIRE_MESSAGE(Ask(straight, asked) == Ask(shuffled, asked), asked);
  }
}

TEST_CASE("name index: entries that are left out do not count") {
  NameIndex index;
  index.Add("evil corp");
  NameIndex::Search search;
  CHECK(index.Likest("Evil Corp Ltd", search) == 1);
  CHECK(index.Likest("Evil Corp Ltd", search,
                     [](std::string_view name) { return name == "evil corp"; }) == 0);
  index.Remove("evil corp");
  CHECK(index.size() == 0);
  CHECK(index.Likest("Evil Corp Ltd", search) == 0);
}

TEST_CASE("name index: names that come and go leave no memory behind") {
  NameIndex index;
  index.Add("evil corp");
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "party number" + std::to_string(i);
    index.Add(name);
    index.Remove(name);
    if (i == 5'000) most = index.MemoryBytes();
  }
  CHECK(index.MemoryBytes() <= 2 * most);
  CHECK(Ask(index, "Evil Corp") == 1);
}

}  // namespace
}  // namespace holdfast
