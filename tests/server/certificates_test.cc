// PayPal's certificates: which are known, and when they are asked for.
#include <doctest/doctest.h>

#include "engine/server/security/certificates.h"
#include "tests/cli/process.h"

namespace holdfast::testing {
namespace {

TEST_CASE("certificates: one that cannot be had is asked for once a minute") {
  Certificates certificates;
  const WebhookConfig fetched;
  // Nobody answers there, and a private address is not asked.
  const std::string url = "https://127.0.0.1:1/v1/notifications/certs/CERT-1";
  constexpr std::int64_t kNow = 1'795'161'600;
  CHECK_FALSE(certificates.Known(url, fetched, kNow));
  const auto failed = certificates.Fetch(url, kNow);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::kUnavailable);
  const auto known = certificates.Known(url, fetched, kNow + 59);
  REQUIRE(known);
  REQUIRE_FALSE(*known);
  CHECK(known->error().code == ErrorCode::kUnavailable);
  CHECK(certificates.Fetch(url, kNow + 59).error().detail.find("a moment ago") !=
        std::string::npos);
  CHECK_FALSE(certificates.Known(url, fetched, kNow + 60));
  CHECK_FALSE(certificates.IsDue(url, kNow + 60));
}

TEST_CASE("certificates: pinned ones come from their folder alone") {
  const TempFolder folder;
  folder.Write("CERT-1.pem", "the text");
  WebhookConfig pinned;
  pinned.pinned = folder / "";
  const Certificates certificates;
  const auto there = certificates.Known("https://api.paypal.com/a/CERT-1", pinned, 0);
  REQUIRE(there);
  CHECK(there->value() == "the text");
  const auto other = certificates.Known("https://api.paypal.com/a/CERT-2", pinned, 0);
  REQUIRE(other);
  REQUIRE_FALSE(*other);
  CHECK(other->error().code == ErrorCode::kBadSignature);
}

}  // namespace
}  // namespace holdfast::testing
