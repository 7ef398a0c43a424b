#include <doctest/doctest.h>

#include "engine/signals/notes.h"

namespace holdfast {
namespace {

TEST_CASE("notes: phrases as whole words, not where they are taken back") {
  NotePhrases phrases;
  for (const char* phrase : {"urgent*", "ship today", "as soon as possible", "尽快发货", "加急"}) {
    phrases.Add(NoteSense::kUrges, phrase);
  }
  for (const char* phrase : {"not", "no", "don't", "不用", "不"}) {
    phrases.Add(NoteSense::kNegation, phrase);
  }
  phrases.Seal();
  for (const char* note :
       {"Urgent!", "please SHIP\n today, thanks", "it's urgently needed", "As soon  as possible.",
        "你好，请尽快发货", "请加急处理", "not now... urgent", "This is not urgent, but ship today",
        "Hello, no, urgent", "No! Urgent.", "urgent，please", "URGENT！", "urgent…", "urgent🙏",
        "“urgent”", "urgent\u00A0please", "ｕｒｇｅｎｔ", "ur\u200Bgent",
        "不用加急，不过请尽快发货"}) {
    CHECK_MESSAGE(phrases.Says(NoteSense::kUrges, note) == true, note);
  }
  for (const char* note : {"", "insurgent", "Not urgent.", "No urgent need", "ship todays",
                           "as soon", "不用加急", "Don\u2019t ship today", "friendship today"}) {
    CHECK_MESSAGE(phrases.Says(NoteSense::kUrges, note) == false, note);
  }
  CHECK(phrases.Knows(NoteSense::kUrges));
  CHECK_FALSE(phrases.Knows(NoteSense::kOtherAddress));
  CHECK(phrases.Says(NoteSense::kOtherAddress, "urgent") == false);
}

TEST_CASE("notes: a phrase of signs is one of letters, and nothing breaks it") {
  NotePhrases phrases;
  phrases.Add(NoteSense::kUrges, "a.b now");
  CHECK_FALSE(phrases.Add(NoteSense::kUrges, "..."));  // nothing is left of it
  phrases.Seal();
  CHECK(phrases.Says(NoteSense::kUrges, "A.B now") == true);
  CHECK(phrases.Says(NoteSense::kUrges, "axb now") == false);
  std::string note;
  while (note.size() + 5 < 4096) note += "a b \xFF";
  CHECK(phrases.Says(NoteSense::kUrges, note) == false);
  // Too long to be read: not known.
  CHECK_FALSE(phrases.Says(NoteSense::kUrges, std::string(4097, ' ') + "a.b now").has_value());
}

}  // namespace
}  // namespace holdfast
