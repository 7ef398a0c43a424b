// Postings in memory, against a set of their keys.
#include "engine/store/postings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "engine/base/utf8.h"
#include "engine/simulate/random.h"
#include "engine/store/state_disk.h"
#include "tests/rounds.h"

namespace holdfast {
namespace {

void AddText(Tokens& tokens, const std::string& text) {
  tokens.Add(text[0], [&text](std::string& out) { out += text.substr(1); });
}

std::string KeyOf(const std::string& merchant, const std::string& token, EventTime at,
                  const std::string& order) {
  std::string key = merchant + '\0' + token + '\0';
  PutBig64(NewestFirst(at), key);
  return key + order;
}

TEST_CASE("store: tokens are cut between characters, and empty ones are none") {
  Tokens tokens;
  AddText(tokens, "N");
  CHECK(tokens.size() == 0);
  AddText(tokens, "Nann");
  AddText(tokens, "o" + std::string(200, 'x'));
  std::string wide = "o";
  for (int i = 0; i < 100; ++i) wide += "王";
  AddText(tokens, wide);
  AddText(tokens, "Nbert");
  REQUIRE(tokens.size() == 4);
  CHECK(tokens[0] == "Nann");
  CHECK(tokens[1].size() == kTokenBytes);
  CHECK(tokens[2].size() == 127);  // 42 characters of three bytes
  CHECK(IsValidUtf8(tokens[2]));
  CHECK(tokens[3] == "Nbert");
  tokens.Clear();
  CHECK(tokens.size() == 0);
}

TEST_CASE("store: postings in memory are sorted, unique and found") {
  Random random(testing::Seed("postings"));
  const std::vector<std::string> merchants = {"a", "ab", "b"},
                                 texts = {"Nann",     "Nanna",   "Nannabel", "Nan",   "oann", "o",
                                          "oannabel", "oannabe", "Pann",     "oanna", "o1"};
  PostingBuffer buffer;
  // What a search finds now, of postings that were added before and since the last one.
  const auto check = [&buffer](const std::set<std::string>& all, const std::string& merchant,
                               const std::string& text) {
    const bool prefix = text[0] != 'o' && text.size() >= kPrefixBytes;
    for (const bool whole : {true, false}) {
      if (!whole && !prefix) continue;
      PostingBuffer* const buffers[] = {&buffer};
      const auto cursor = MergePostings(merchant, text, whole, buffers, nullptr);
      std::vector<std::string> found, wanted;
      for (; cursor->valid(); cursor->Next()) {
        std::string key = merchant + '\0' + std::string(cursor->token()) + '\0';
        PutBig64(cursor->newest(), key);
        found.push_back(key + std::string(cursor->order_id()));
      }
      const std::string begin = merchant + '\0' + text + (whole ? std::string(1, '\0') : "");
      std::copy_if(all.begin(), all.end(), std::back_inserter(wanted),
                   [&begin](const std::string& key) { return key.starts_with(begin); });
      CAPTURE(merchant);
      CAPTURE(text);
      CHECK(found == wanted);
    }
  };
  for (int round = 0; round < 3; ++round) {
    std::set<std::string> all;
    CHECK(buffer.empty());
    for (int i = 0; i < 2'000; ++i) {
      const std::string& merchant = merchants[random.Below(merchants.size())];
      const std::string order = std::to_string(random.Below(50));
      const EventTime at{random.Between(-3, 3)};
      Tokens tokens;
      for (std::uint64_t count = random.Below(5); count > 0; --count) {
        const std::string& text = texts[random.Below(texts.size())];
        AddText(tokens, text);
        if (text.size() > 1) all.insert(KeyOf(merchant, text, at, order));
      }
      buffer.Add(merchant, order, at, tokens);
      if (i % 50 == 0) check(all, merchant, texts[random.Below(texts.size())]);
    }
    std::vector<std::string> sorted;
    buffer.ForSorted([&sorted](std::string_view key) {
      sorted.emplace_back(key);
      return true;
    });
    CHECK(sorted == std::vector<std::string>(all.begin(), all.end()));
    for (const std::string& merchant : merchants) {
      for (const std::string& text : texts) check(all, merchant, text);
    }
    buffer.Clear();
  }
}

}  // namespace
}  // namespace holdfast
