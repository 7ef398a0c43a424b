#include "engine/base/text.h"

#include <doctest/doctest.h>

#include "engine/base/result.h"
#include "engine/base/utf8.h"

namespace holdfast {
namespace {

TEST_CASE("base: UTF-8 is accepted when it is well formed, wherever the fault lies") {
  for (const char* good :
       {"", "plain", "\xC3\xBF", "\xE2\x82\xAC", "\xF0\x9F\x90\xB1", "\xED\x9F\xBF"}) {
    CHECK(IsValidUtf8(good));
  }
  const std::string_view bad[] = {
      "\xC0\x80",         "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
      "\xF4\x90\x80\x80", "\xFF",     "\x80",         "\xC3",         "\xE2\x82",
      "\xF0\x9F\x90"};
  for (const auto fault : bad) {
    // Before, within and after the sixty-four bytes that are taken at once.
    for (std::size_t before = 0; before < 140; ++before) {
      std::string text(before, 'a');
      text += fault;
      REQUIRE_FALSE(IsValidUtf8(text));
      text += std::string(70, 'b');
      REQUIRE_FALSE(IsValidUtf8(text));
    }
  }
}

TEST_CASE("base: a near word is suggested, a far one is not") {
  CHECK(DidYouMean("complted", {"pending", "completed", "denied"}) == "completed");
  CHECK(DidYouMean("recieved", {"received", "relieved"}) == "received");
  CHECK(DidYouMean("banana", {"pending", "completed"}).empty());
}

TEST_CASE("base: doubles are written short and without surprise") {
  CHECK(FormatDouble(412) == "412");
  CHECK(FormatDouble(0.1) == "0.1");
  CHECK(FormatDouble(-0.0045) == "-0.0045");
  CHECK(FormatDouble(1e21) == "1e+21");
}

TEST_CASE("base: every error has its row") {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const ErrorInfo& info = InfoOf(static_cast<ErrorCode>(code));
    CHECK(static_cast<int>(info.code) == code);
    CHECK(info.exit_code >= 1);
    CHECK(info.exit_code <= 3);
    CHECK(info.http_status >= 400);
    CHECK_FALSE(info.remedy.empty());
  }
}

}  // namespace
}  // namespace holdfast
