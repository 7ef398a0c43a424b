// Deliveries that did not become events.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "engine/base/file.h"
#include "engine/server/archive.h"
#include "tests/cli/process.h"

namespace holdfast::testing {
namespace {

TEST_CASE("archive: what is kept is whole, and what nobody needs does not fill the disk") {
  const TempFolder folder;
  const auto archive = Archive::Open(folder / "deliveries", 1000);
  REQUIRE(archive);
  constexpr int kCount = 200;
  const std::pair<std::string_view, std::string_view> headers[] = {{"Authorization", "secret"},
                                                                   {"X-Topic", "orders/other"}};
  for (const char* drawer : {"ignored", "untrusted", "quarantine"}) {
    for (int i = 0; i < kCount; ++i) {
      const std::string body = "body " + std::to_string(i);
      // Many of one moment.
      const Delivery delivery{headers, body, EventTime{1'795'161'600'000'000'000 + i / 50}};
      REQUIRE((*archive)->Keep(drawer, "shopify", "acme", "no \"use\"", delivery));
    }
  }
  std::map<std::string, int> files, lines;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "deliveries")) {
    const std::string name = entry.path().filename();
    const std::string drawer = name.substr(0, name.find('.'));
    ++files[drawer];
    const auto text = ReadFile(entry.path(), 1 << 20);
    REQUIRE(text);
    lines[drawer] += static_cast<int>(std::count(text->begin(), text->end(), '\n'));
    CHECK(text->find("secret") == std::string::npos);
    CHECK(text->find(R"("why":"no \"use\"")") != std::string::npos);
    CHECK(text->size() <= 1000);
  }
  CHECK(files["ignored"] == 17);
  CHECK(files["untrusted"] == 2);
  CHECK(lines["quarantine"] == kCount);
}

}  // namespace
}  // namespace holdfast::testing
