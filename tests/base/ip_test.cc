#include "engine/base/ip.h"

#include <doctest/doctest.h>

#include "engine/base/base64.h"

namespace holdfast {
namespace {

TEST_CASE("an IPv4 address is the same however it is written") {
  CHECK(*ParseIp("::ffff:192.0.2.7") == *ParseIp("192.0.2.7"));
  CHECK(FormatIp(*ParseIp("::ffff:c000:207")) == "192.0.2.7");
  CHECK(FormatIp(*ParseIp("2001:DB8:0:0::68")) == "2001:db8::68");
}

TEST_CASE("networks hold addresses of their own family alone") {
  const auto holds = [](const char* network, const char* address) {
    return ParseIpNetwork(network)->Holds(*ParseIp(address));
  };
  CHECK(holds("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  CHECK(holds("192.0.2.128/25", "192.0.2.129"));
  CHECK_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(holds("0.0.0.0/0", "203.0.113.9"));
  CHECK_FALSE(holds("::/0", "203.0.113.9"));
  CHECK(holds("::/0", "2001:db8::1"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK(FormatIpNetwork(Masked(*ParseIpNetwork("10.1.2.3/8"))) == "10.0.0.0/8");
  CHECK(FormatIpNetwork(Masked(*ParseIpNetwork("2001:db8:ffff::1/33"))) == "2001:db8:8000::/33");
}

TEST_CASE("what is no network is refused") {
  for (const char* text : {"192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                           "192.0.2.0/08", "::/129", "fe80::1%en0/24", "x/8", ""}) {
    CAPTURE(text);
    CHECK_FALSE(ParseIpNetwork(text).has_value());
  }
}

TEST_CASE("base64 reads what it writes, with padding or without") {
  for (const std::string text : {"", "a", "ab", "abc", "abcd", "\xff\x00\x7f"}) {
    const std::string encoded = EncodeBase64(text);
    CHECK(*DecodeBase64(encoded) == text);
    CHECK(*DecodeBase64(encoded.substr(0, encoded.find('='))) == text);
  }
  for (const char* text : {"a", "aGVsbG8=x", "aGVs bG8=", "aGVsbG8==", "=", "aGVs\n"}) {
    CAPTURE(text);
    CHECK_FALSE(DecodeBase64(text).has_value());
  }
}

}  // namespace
}  // namespace holdfast
