// Accuracy: how names and addresses of other people's data are judged. `./dev test accuracy` prints
// it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "engine/signals/addresses.h"
#include "engine/signals/names.h"
#include "engine/simulate/random.h"
#include "tests/report.h"
#include "tests/shared.h"
#include "tests/signals/table.h"

namespace holdfast {
namespace {

using Rows = CsvRows;
using testing::Say;

struct Counts {
  int right = 0, wrong = 0, missed = 0, refused = 0;

  void Add(bool said, bool is) { ++(said ? (is ? right : wrong) : (is ? missed : refused)); }
  double precision() const { return right / std::max(1.0, 0.0 + right + wrong); }
  double recall() const { return right / std::max(1.0, 0.0 + right + missed); }
  double f1() const { return 2 * precision() * recall() / std::max(1e-9, precision() + recall()); }
  std::string Text() const {
    return fmt::format("precision {:.3f}, recall {:.3f}, F1 {:.3f} ({} of {} matches, {} false)",
                       precision(), recall(), f1(), right, right + missed, wrong);
  }
};

bool Agrees(const Match& match) {
  return match.grade == MatchGrade::kSame || match.grade == MatchGrade::kPlausible;
}

bool Shown() { return std::getenv("HOLDFAST_SHOW") != nullptr; }

// The share of `matches` above what only one in a thousand of `others` reaches.
double RecallAt(std::vector<double> matches, std::vector<double> others, double rate) {
  std::sort(others.rbegin(), others.rend());
  const double bound = others[static_cast<std::size_t>(static_cast<double>(others.size()) * rate)];
  const auto above =
      std::count_if(matches.begin(), matches.end(), [&](double m) { return m > bound; });
  return static_cast<double>(above) / static_cast<double>(matches.size());
}

TEST_CASE("accuracy: labelled pairs of names") {
  const auto path = testing::Shared("data/names/pairs.csv");
  if (!path) return;
  std::map<std::string, Counts> counts;
  for (const auto& row : testing::ReadTable(*path)) {
    const bool is = row[3] == "true";
    const Match match = CompareNames(row[1], row[2]);
    counts[row[0]].Add(Agrees(match), is);
    if (Shown() && Agrees(match) != is) {
      Say(fmt::format("{} {:.2f} {} | {} | {}", is ? "missed" : "wrong ", match.similarity, row[0],
                      row[1], row[2]));
    }
  }
  for (const auto& [schema, count] : counts) Say("names, pairs, " + schema + ": " + count.Text());
  CHECK(counts["Person"].f1() > 0.742);
}

TEST_CASE("accuracy: names across scripts") {
  const auto path = testing::Shared("data/names/transliterated.csv");
  if (!path) return;
  std::map<std::string, Rows> by_language;
  for (const auto& row : testing::ReadTable(*path)) {
    if (row.size() == 3 && row[0].size() == 2) by_language[row[0]].push_back(row);
  }
  for (const auto& [language, rows] : by_language) {
    Random random(1);
    std::vector<double> matches, others;
    Counts counts;
    for (const auto& row : rows) {
      const Match match = CompareNames(row[1], row[2]);
      matches.push_back(match.similarity);
      counts.Add(Agrees(match), true);
      for (int i = 0; i < 10; ++i) {
        const auto& other = rows[random.Below(rows.size())];
        if (other[1] == row[1] || other[2] == row[2]) continue;
        const Match wrong = CompareNames(row[1], other[2]);
        others.push_back(wrong.similarity);
        counts.Add(Agrees(wrong), false);
      }
    }
    Say(
        fmt::format("names, {}: recall {:.3f} at a false-match rate of 0.1 %, as graded {:.3f} at "
                    "{:.2f} %",
                    language, RecallAt(matches, others, .001), counts.recall(),
                    100.0 * counts.wrong / static_cast<double>(others.size())));
  }
}

TEST_CASE("accuracy: persons with errors") {
  const auto path = testing::Shared("data/names/febrl3.csv");
  if (!path) return;
  std::map<std::string, std::vector<std::string>> persons;
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& row : testing::ReadTable(*path)) {
    const std::string id = row[0].substr(0, row[0].find('-', 4));
    const std::string name = row[1] + " " + row[2];
    if (row[1].empty() || row[2].empty()) continue;
    persons[id].push_back(name);
    all.emplace_back(id, name);
  }
  Random random(1);
  std::vector<double> matches, others;
  Counts counts;
  for (const auto& [id, names] : persons) {
    for (std::size_t i = 1; i < names.size(); ++i) {
      const Match match = CompareNames(names[0], names[i]);
      counts.Add(Agrees(match), true);
      matches.push_back(match.similarity);
      if (Shown() && !Agrees(match)) {
        Say(fmt::format("missed {:.2f} {} | {}", match.similarity, names[0], names[i]));
      }
    }
    for (int i = 0; i < 10; ++i) {
      const auto& other = all[random.Below(all.size())];
      if (other.first == id) continue;
      const Match match = CompareNames(names[0], other.second);
      counts.Add(Agrees(match), false);
      others.push_back(match.similarity);
    }
  }
  Say("names, febrl3: " + counts.Text());
  Say(fmt::format("names, febrl3: recall {:.3f} at a false-match rate of 0.1 %",
                  RecallAt(matches, others, .001)));
}

TEST_CASE("accuracy: street addresses") {
  const auto path = testing::Shared("data/addresses/us_pairs.csv");
  if (!path) return;
  Counts counts;
  for (const auto& row : testing::ReadTable(*path)) {
    Address a, b;
    a.line1 = row[0];
    a.city = row[1];
    b.line1 = row[2];
    b.city = row[3];
    const AddressMatch match = CompareAddresses(a, b);
    const bool is = row[4] == "1";
    counts.Add(Agrees(match), is);
    if (Shown() && Agrees(match) != is) {
      Say(fmt::format("{} {:.2f} {} | {} || {} | {}", is ? "missed" : "wrong ", match.similarity,
                      row[0], row[1], row[2], row[3]));
    }
  }
  Say("addresses, us_pairs: " + counts.Text());
  // House number and words in common: precision 0.83, recall 0.91. What is false here is one
  // address of two restaurants.
  CHECK(counts.f1() > .868);
  CHECK(counts.recall() > .91);
}

}  // namespace
}  // namespace holdfast
