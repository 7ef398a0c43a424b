// Webhooks over HTTP: proved, joined, taken once, and nothing lost of what is not understood.
#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "engine/base/base64.h"
#include "engine/base/hash.h"
#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/codec/json_value.h"
#include "tests/report.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

const char kSecrets[] = R"(
webhooks:
  - provider: stripe
    merchant: acme
    secrets: [ { name: s, variable: HOLDFAST_TEST_SECRET } ]
  - provider: shopify
    merchant: acme
    secrets: [ { name: old, variable: HOLDFAST_TEST_OLD, not_after: 2020-01-01T00:00:00Z }, { name: new, variable: HOLDFAST_TEST_SECRET } ]
  - provider: woocommerce
    merchant: acme
    secrets: [ { name: s, variable: HOLDFAST_TEST_SECRET } ]
  - provider: adyen
    merchant: acme
    accounts: [m]
    secrets: [ { name: s, variable: HOLDFAST_TEST_HEX } ]
  - provider: paypal
    merchant: acme
    webhook_id: DEMO5971X0687430L
)";

struct Secrets {
  Secrets() {
    setenv("HOLDFAST_TEST_SECRET", "hush", 1);
    setenv("HOLDFAST_TEST_OLD", "old", 1);
    setenv("HOLDFAST_TEST_HEX", "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
           1);
  }
};

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Reply Stripe(const Running& service, const std::string& body, const std::string& secret = "hush",
             std::int64_t late = 0) {
  const std::string time = std::to_string(Now() - late);
  return service.Ask("POST", "/webhooks/stripe/acme", "", body,
                     {{"Stripe-Signature",
                       "t=" + time + ",v1=" + EncodeHex(HmacSha256(secret, time + "." + body))}});
}

Reply Shopify(const Running& service, const std::string& topic, const std::string& id,
              const std::string& body, const std::string& secret = "hush") {
  return service.Ask("POST", "/webhooks/shopify/acme", "", body,
                     {{"X-Shopify-Topic", topic},
                      {"X-Shopify-Webhook-Id", id},
                      {"X-Shopify-Hmac-Sha256", EncodeBase64(HmacSha256(secret, body))}});
}

std::string StatusOf(const Reply& reply) {
  const auto document = JsonDocument::Parse(reply.body);
  return document ? std::string(document->root()["status"].text()) : reply.body;
}

std::string Charge(const std::string& id, const std::string& status, const std::string& more) {
  return R"({"id":")" + id + R"(","object":"event","type":"charge.)" + status +
         R"(","created":1795161600,"data":{"object":{"id":"ch_1","object":"charge","amount":4000,)" +
         R"("currency":"usd","payment_intent":"pi_1","paid":true,"status":"succeeded",)" +
         R"("captured":true,"amount_refunded":0,"metadata":{)" + more + R"(}}}})";
}

std::uint32_t Crc(const std::string& text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

// `body` with a field more, so that its CRC-32 is that of `other`. A CRC is linear: each bit of the
// field changes it by what that bit alone would, and 32 bits that are independent reach any value.
std::string WithCrcOf(const std::string& other, std::string body) {
  constexpr std::size_t kBits = 64;
  const std::size_t at = body.find('{') + 1;
  body.insert(at, "\"x\":\"" + std::string(kBits, 'a') + "\",");
  const std::size_t first = at + 5;
  std::uint32_t wanted = Crc(body) ^ Crc(other);
  // Gauss: pairs of a change of the CRC and the bits that make it.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> basis;
  const std::string plain = body;
  for (std::size_t i = 0; i < kBits; ++i) {
    std::string changed = plain;
    changed[first + i] = 'c';
    std::uint32_t change = Crc(changed) ^ Crc(plain);
    std::uint64_t bits = 1ULL << i;
    for (const auto& [base, of] : basis) {
      if ((change ^ base) < change) {
        change ^= base;
        bits ^= of;
      }
    }
    if (change != 0) basis.emplace_back(change, bits);
    std::sort(basis.rbegin(), basis.rend());
  }
  std::uint64_t chosen = 0;
  for (const auto& [base, of] : basis) {
    if ((wanted ^ base) < wanted) {
      wanted ^= base;
      chosen ^= of;
    }
  }
  for (std::size_t i = 0; i < kBits; ++i) {
    if ((chosen >> i & 1) != 0) body[first + i] = 'c';
  }
  REQUIRE(Crc(body) == Crc(other));
  return body;
}

TEST_CASE("webhooks: money is what was taken, and only what is real") {
  const Secrets secrets;
  const Running service(kSecrets);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("1")).status == 200);
  const auto stands = [&](const char* what) {
    return service.Get("/v1/orders/1", "review").body.find(what) != std::string::npos;
  };
  const auto intent = [](const std::string& id, int second, const std::string& more) {
    return R"({"id":")" + id +
           R"(","object":"event","type":"payment_intent.succeeded","created":)" +
           std::to_string(1'795'161'600 + second) + more +
           R"(,"currency":"usd","status":"succeeded","metadata":{"order_id":"1"}}}})";
  };
  // A test is none.
  CHECK(StatusOf(
            Stripe(service, intent("e1", 1, R"(,"livemode":false,"data":{"object":{"id":"pi")"))) ==
        "ignored");
  CHECK(stands("\"funds\":\"none\""));
  // A tenth of what was asked for.
  CHECK(StatusOf(Stripe(service, intent("e2", 2,
                                        R"(,"data":{"object":{"id":"pi","amount":4000,)"
                                        R"("amount_received":400)"))) == "accepted");
  CHECK(stands("\"amount\":4.00"));
  CHECK(stands("\"outcome\":\"hold\""));
  // All of it, but under review: whatever else is said of the payment.
  const auto review = [](const std::string& id, const std::string& state) {
    return R"({"id":")" + id + R"(","object":"event","type":"review.x","created":1795161603,)" +
           R"("data":{"object":{"id":"prv","payment_intent":"pi",)" + state + "}}}";
  };
  CHECK(StatusOf(Stripe(service, review("e3", R"("open":true,"reason":"rule")"))) == "accepted");
  CHECK(StatusOf(Stripe(service, intent("e4", 60,
                                        R"(,"data":{"object":{"id":"pi","amount":4000,)"
                                        R"("amount_received":4000)"))) == "accepted");
  CHECK(stands("\"funds\":\"uncertain\""));
  CHECK(stands("\"outcome\":\"hold\""));
  CHECK(StatusOf(Stripe(service, review("e5", R"("open":false,"closed_reason":"approved")"))) ==
        "accepted");
  CHECK(stands("\"outcome\":\"ship\""));
}

TEST_CASE("webhooks: money that was taken back stays so until it is given back") {
  const Secrets secrets;
  const Running service(kSecrets);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("1")).status == 200);
  const auto funds = [&](const char* what) {
    return service.Get("/v1/orders/1", "review").body.find(std::string("\"funds\":\"") + what) !=
           std::string::npos;
  };
  const auto dispute = [](const std::string& id, const std::string& what, int second) {
    return R"({"id":")" + id + R"(","object":"event","type":"charge.dispute.)" + what +
           R"(","created":)" + std::to_string(1'795'161'600 + second) +
           R"(,"data":{"object":{"id":"dp","charge":"ch_1","metadata":{"order_id":"1"}}}})";
  };
  CHECK(StatusOf(Stripe(service, Charge("e1", "succeeded", R"("order_id":"1")"))) == "accepted");
  CHECK(funds("certain"));
  CHECK(StatusOf(Stripe(service, dispute("e2", "funds_withdrawn", 10))) == "accepted");
  CHECK(funds("lost"));
  // A later picture of the charge, which still says "succeeded".
  std::string picture = Charge("e3", "updated", R"("order_id":"1")");
  picture.replace(picture.find("1795161600"), 10, "1795161620");
  CHECK(StatusOf(Stripe(service, picture)) == "accepted");
  CHECK(funds("lost"));
  CHECK(StatusOf(Stripe(service, dispute("e4", "funds_reinstated", 15))) == "accepted");
  CHECK(funds("certain"));
  // A dispute that is prevented is one in which the money was given back.
  std::string prevented = dispute("e5", "created", 30);
  prevented.replace(prevented.find("\"charge\""), 8, "\"status\":\"prevented\",\"charge\"");
  CHECK(StatusOf(Stripe(service, prevented)) == "accepted");
  CHECK(funds("lost"));
}

TEST_CASE("webhooks: a provider is believed by its signature alone") {
  const Secrets secrets;
  const Running service(kSecrets);
  const std::string body = Charge("evt_1", "succeeded", R"("order_id":"1")");
  CHECK(Stripe(service, body, "wrong").status == 401);
  CHECK(Stripe(service, body, "hush", 400).status == 401);
  CHECK(Stripe(service, body, "hush", -400).status == 401);
  CHECK(service.Post("/webhooks/stripe/acme", "", body).status == 401);
  CHECK(Stripe(service, body).status == 200);
  CHECK(StatusOf(Stripe(service, body)) == "duplicate");
  // A secret that is no longer in force is none.
  const std::string order = R"({"id":5,"created_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                            R"("total_price":"40.00","financial_status":"pending"})";
  CHECK(Shopify(service, "orders/create", "w0", order, "old").status == 401);
  CHECK(StatusOf(Shopify(service, "orders/create", "w1", order)) == "accepted");
  // The same id with another body: kept apart, told, and nothing changed.
  const std::string changed = R"({"id":5,"created_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                              R"("total_price":"1.00","financial_status":"paid"})";
  CHECK(StatusOf(Shopify(service, "orders/create", "w1", changed)) == "quarantined");
  CHECK(Slurp(service.folder() + "/data/deliveries/quarantine.ndjson").find("shopify") !=
        std::string::npos);
  CHECK(service.Get("/v1/orders/5", "review").body.find("\"total\":40.00") != std::string::npos);
  // What is proved and not understood is kept, or refused clearly.
  CHECK(StatusOf(Shopify(service, "app/uninstalled", "w2", R"({"id":1})")) == "ignored");
  CHECK(Slurp(service.folder() + "/data/deliveries/ignored.ndjson").find("app/uninstalled") !=
        std::string::npos);
  CHECK(Shopify(service, "orders/create", "w3", "no JSON").status == 400);
  CHECK(StatusOf(Shopify(service, "orders/create", "w4", R"({"id":9,"currency":"XXX"})")) ==
        "quarantined");
  CHECK(service.Post("/webhooks/woocommerce/acme", "", "webhook_id=12").status == 200);
  CHECK(service
            .Ask("POST", "/webhooks/paypal/acme", "", "txn_id=1&payment_status=Completed",
                 {{"Content-Type", "application/x-www-form-urlencoded"}})
            .body.find("untrusted") != std::string::npos);
  CHECK(service.Log().find("hush") == std::string::npos);
}

TEST_CASE("webhooks: shops tell of an order in any order") {
  const Secrets secrets;
  const Running service(kSecrets);
  const auto order = [](const std::string& total, const std::string& status, int minute) {
    return R"({"id":7,"created_at":"2026-11-20T08:00:00Z","updated_at":"2026-11-20T09:0)" +
           std::to_string(minute) + R"(:00Z","currency":"USD","total_price":")" + total +
           R"(","financial_status":")" + status + R"(","browser_ip":"192.0.2.1"})";
  };
  // A change comes before the order that it is of, then the order, late.
  CHECK(StatusOf(Shopify(service, "orders/updated", "u1", order("50.00", "paid", 5))) ==
        "accepted");
  CHECK(StatusOf(Shopify(service, "orders/create", "c1", order("40.00", "pending", 1))) ==
        "accepted");
  const Reply stands = service.Get("/v1/orders/7", "review");
  CHECK(stands.body.find("\"total\":50.00") != std::string::npos);
  CHECK(stands.body.find("\"funds\":\"certain\"") != std::string::npos);
}

TEST_CASE("webhooks: money that comes before its order waits for it, and is decided once") {
  const Secrets secrets;
  const Running service(kSecrets);
  // The charge names no order; the intent does, later.
  const Reply parked = Stripe(service, Charge("evt_1", "succeeded", ""));
  CHECK(parked.body.find("\"parked\":true") != std::string::npos);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("77")).status == 200);
  CHECK(service.Get("/v1/orders/77", "review").body.find("\"funds\":\"none\"") !=
        std::string::npos);
  const std::string intent =
      R"({"id":"evt_2","object":"event","type":"payment_intent.created","created":1795161000,)"
      R"("data":{"object":{"id":"pi_1","object":"payment_intent","amount":4000,"currency":"usd",)"
      R"("status":"requires_payment_method","metadata":{"order_id":"77"}}}})";
  CHECK(StatusOf(Stripe(service, intent)) == "accepted");
  CHECK(service.Get("/v1/orders/77", "review").body.find("\"funds\":\"certain\"") !=
        std::string::npos);
  // A dispute names only the charge.
  const std::string dispute =
      R"({"id":"evt_3","object":"event","type":"charge.dispute.created","created":1795162000,)"
      R"("data":{"object":{"id":"dp_1","object":"dispute","amount":4000,"currency":"usd",)"
      R"("charge":"ch_1","status":"needs_response","reason":"fraudulent"}}})";
  CHECK(StatusOf(Stripe(service, dispute)) == "accepted");
  CHECK(service.Get("/v1/orders/77", "review").body.find("\"funds\":\"contested\"") !=
        std::string::npos);
}

// Goal:   each of Adyen's returns ends the taking and the dispute that bear its number, and no
// other.
TEST_CASE("webhooks: Adyen's chargebacks are ended by as much as was taken") {
  const Secrets secrets;
  const Running service(kSecrets);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("a1")).status == 200);
  const auto funds_after = [&](const std::string& psp, const std::string& code, int amount,
                               int minute) {
    const std::string original = psp == "P1" ? "" : "P1", minor = std::to_string(amount);
    const auto key = DecodeHex("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056");
    const std::string signature = EncodeBase64(
        HmacSha256(*key, psp + ":" + original + ":m:a1:" + minor + ":USD:" + code + ":true"));
    const Reply reply = service.Post(
        "/webhooks/adyen/acme", "",
        R"({"live":"true","notificationItems":[{"NotificationRequestItem":{"pspReference":")" +
            psp + R"(","originalReference":")" + original + R"(","eventCode":")" + code +
            R"(","merchantAccountCode":"m","merchantReference":"a1","amount":{"value":)" + minor +
            R"(,"currency":"USD"},"success":"true","eventDate":"2026-11-20T09:)" +
            std::to_string(minute) + R"(:00Z","additionalData":{"hmacSignature":")" + signature +
            R"("}}}]})");
    CHECK(reply.body == "[accepted]");
    const std::string order = service.Get("/v1/orders/a1", "review").body;
    const std::size_t at = order.find("\"funds\":\"") + 9;
    return order.substr(at, order.find('"', at) - at);
  };
  CHECK(funds_after("P1", "CAPTURE", 4200, 10) == "certain");
  CHECK(funds_after("D1", "NOTIFICATION_OF_CHARGEBACK", 3000, 20) == "contested");
  CHECK(funds_after("D1", "CHARGEBACK", 3000, 21) == "lost");
  CHECK(funds_after("D2", "CHARGEBACK", 1200, 22) == "lost");
  CHECK(funds_after("D1", "CHARGEBACK_REVERSED", 3000, 30) == "lost");  // D2's is still gone
  CHECK(funds_after("D2", "CHARGEBACK_REVERSED", 200, 31) == "lost");   // and now a part of it
  CHECK(funds_after("D2", "PREARBITRATION_WON", 1000, 32) == "certain");
}

TEST_CASE("webhooks: Adyen's items are each proved, and answered as Adyen wants it") {
  const Secrets secrets;
  const Running service(kSecrets);
  const auto item = [](const std::string& psp, const std::string& signature) {
    return R"({"NotificationRequestItem":{"pspReference":")" + psp +
           R"(","eventCode":"CAPTURE","merchantAccountCode":"m","merchantReference":"a1",)" +
           R"("amount":{"value":1000,"currency":"EUR"},"success":"true",)" +
           R"("eventDate":"2026-11-20T09:00:00Z","additionalData":{"hmacSignature":")" + signature +
           R"("}}})";
  };
  const auto sign = [](const std::string& psp) {
    const auto key = DecodeHex("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056");
    return EncodeBase64(HmacSha256(*key, psp + "::m:a1:1000:EUR:CAPTURE:true"));
  };
  const auto send = [&](const std::string& items) {
    return service.Post("/webhooks/adyen/acme", "",
                        R"({"live":"true","notificationItems":[)" + items + "]}");
  };
  CHECK(send(item("P1", sign("P1")) + "," + item("P2", sign("P1"))).status == 401);
  const Reply fine = send(item("P1", sign("P1")) + "," + item("P2", sign("P2")));
  CHECK(fine.status == 200);
  CHECK(fine.body == "[accepted]");
}

TEST_CASE("webhooks: PayPal by a pinned certificate") {
  if (Sh("command -v openssl gzip").status != 0) return Skip("openssl is not installed");
  const Secrets secrets;
  const TempFolder folder;
  REQUIRE(Sh("cp -r config/demo " + (folder / "demo") + " && HOLDFAST='" HOLDFAST_BINARY "' " +
             (folder / "demo/prepare"))
              .status == 0);
  const std::string config = kSecrets + ("    certificates: " + (folder / "demo/certificates")) +
                             "\n    roots: " + (folder / "demo/root.pem") + "\n";
  const Running service(config);
  const auto sign = [&](const std::string& name) {
    Headers headers;
    std::istringstream lines(Sh(folder / "demo/sign" + (" " + (folder / "demo/") + name)).out);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t colon = line.find(": ");
      headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    return headers;
  };
  const auto send = [&](const std::string& name, const std::string& body) {
    return service.Ask("POST", "/webhooks/paypal/acme", "", body, sign(name));
  };
  const std::string pending = Slurp(folder / "demo/capture-pending.json");
  const std::string completed = Slurp(folder / "demo/capture-completed.json");
  // Only what was signed, and only with a certificate that is pinned.
  CHECK(send("capture-pending.json", completed).status == 401);
  REQUIRE(service.Post("/v1/orders", "ingest", Slurp(folder / "demo/order.json")).status == 200);
  const Reply held = send("capture-pending.json", pending);
  CHECK(held.body.find("\"outcome\":\"hold\"") != std::string::npos);
  CHECK(service.Get("/v1/queue", "review").body.find("\"cause\":\"funds\"") != std::string::npos);
  const Reply paid = send("capture-completed.json", completed);
  CHECK(paid.body.find("\"outcome\":\"ship\"") != std::string::npos);
  // Another body with the same CRC-32, which is all that PayPal signs, under the transmission of
  // one that was taken, of one that was ignored, and of one that was a duplicate.
  const std::string plan = R"({"id":"WH-PLAN","event_type":"BILLING.PLAN.CREATED","resource":{}})";
  std::ofstream(folder / "demo/plan.json") << plan;
  for (const auto& [name, first] : {std::pair<std::string, std::string>{"plan.json", plan},
                                    {"capture-pending.json", pending}}) {
    const Headers headers = sign(name);
    CHECK(service.Ask("POST", "/webhooks/paypal/acme", "", first, headers).status == 200);
    const std::string forged = WithCrcOf(first, completed);
    REQUIRE(forged != first);
    const Reply refused = service.Ask("POST", "/webhooks/paypal/acme", "", forged, headers);
    CHECK(refused.status == 409);
    CHECK(service.Ask("POST", "/webhooks/paypal/acme", "", first, headers).status == 200);
  }
  // The pending one, late and again, undoes nothing.
  CHECK(StatusOf(send("capture-pending.json", pending)) == "duplicate");
  CHECK(service.Get("/v1/orders/100045", "review").body.find("\"outcome\":\"ship\"") !=
        std::string::npos);
  std::filesystem::remove(folder / "demo/certificates/CERT-demo.pem");
  CHECK(send("capture-completed.json", completed).status == 401);
}

}  // namespace
}  // namespace holdfast::testing
