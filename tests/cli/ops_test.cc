// What operators do, through the commands and a running service.
#include <doctest/doctest.h>

#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/server/running.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Running;
using testing::Sh;
using testing::Slurp;
using testing::TempFolder;

constexpr const char* kPack = R"(pack: ops
version: 1
base_currency: USD
funds: { ship_when: [certain] }
thresholds: { hold: 50 }
review:
  second_person_above: { review: 500 }
  templates: { confirm: { en: "Is {order_id}, {total} {currency}, yours?", de: "Ist {order_id} von {name}?" } }
packing:
  evidence: "order.total > 400.0"
  permit_required: true
rules:
  - id: payer-differs
    when: match.payer_to_holder == 'different'
    hold: identity
    ask: confirm_from_account_email
    on_missing: skip
    reason: "Payer {payment.payer.name} is not {payment.payer.account_holder}"
  - { id: odd, when: "order.note == 'odd'", hold: address, on_missing: skip }
)";

// A shop with its service, its pack and its people.
class Shop {
 public:
  explicit Shop(const std::string& more = {})
      : service_("permits: " + (folder_ / "permit.keys") + "\n" + more, {}, Prepare()) {}

  // A command by one of the people, with the service's address and the person's key.
  Ran operator()(const std::string& who, const std::string& command,
                 const std::string& before = {}) {
    return Sh(before + "HOLDFAST_KEY=" + service_.Key(who) + " HOLDFAST_URL=http://127.0.0.1:" +
              std::to_string(service_.port()) + " COLUMNS=100 holdfast " + command);
  }

  void Place(const std::string& id, const std::string& total, const std::string& more = {}) {
    const auto reply = service_.Post(
        "/v1/orders", "ingest",
        R"({"id":")" + id + R"(","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":")" +
            total + "\"" + (more.empty() ? "" : "," + more) + "}");
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
  }
  void Pay(const std::string& id, const std::string& status, const std::string& more = {}) {
    static int count = 0;
    ++count;
    const auto reply = service_.Post(
        "/v1/events", "ingest",
        R"({"id":"pay-)" + std::to_string(count) + R"(","type":"payment.updated","occurred_at":)" +
            "\"2026-11-20T09:" + std::to_string(10 + count % 50) + R"(:00Z","order_id":")" + id +
            R"(","payment":{"provider":"paypal","status":")" + status + "\"" +
            (more.empty() ? "" : "," + more) + "}}");
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
  }

  Running& service() { return service_; }
  const TempFolder& folder() const { return folder_; }

 private:
  // The key that signs permits, and the pack; its path.
  std::string Prepare() {
    REQUIRE(Sh("holdfast permit keygen --key " + (folder_ / "permit.keys")).status == 0);
    return folder_.Write("pack.yaml", kPack);
  }

  TempFolder folder_;
  Running service_;
};

std::string Trimmed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST_SUITE_BEGIN("ops");

// The scenario of an order from PayPal's review to the parcel that leaves.
TEST_CASE(
    "ops: under review, completed, payer differs, asked, confirmed, released, packed wrongly, "
    "corrected, dispatched") {
  Shop shop;
  const std::string payer =
      R"("amount":"412.00","currency":"USD","transaction_id":"T1","payer":{"name":"Ada Lovelace",)"
      R"("email":"ada@pay.example","account_holder":"Grace Hopper"})";
  shop.Place("100045", "412.00",
             R"("note":"odd","shipping":{"name":"Ada Lovelace","address":{"line1":"Main 1",)"
             R"("city":"Berlin","country":"DE"}},"items":[{"sku":"A-1","quantity":2,)"
             R"("unit_price":"200.00","variant":{"colour":"red"}},)"
             R"({"sku":"G-1","unit_price":"12.00","gift":true}])");
  shop.Pay("100045", "under_review", payer);
  // Nobody can do anything but wait.
  CHECK(shop("ana", "queue").out.find("100045") == std::string::npos);
  CHECK(shop("ana", "queue --funds").out.find("100045") != std::string::npos);
  const Ran early = shop("ana", "release 100045 --reason known_buyer");
  CHECK(early.status == 3);
  CHECK(early.err.find("error[forbidden]: the money is not certain (uncertain)") !=
        std::string::npos);

  shop.Pay("100045", "completed", payer);
  CHECK(Trimmed(shop("ana", "claim --next").out) == "100045");
  const std::string shown = shop("ana", "show 100045").out;
  for (const char* part :
       {"HOLD: identity", "claimed by ana", "Payer Ada Lovelace is not Grace Hopper",
        "The buyer confirms from the payment account's e-mail address", "holder: different",
        "payment.updated: paypal completed"}) {
    CAPTURE(shown);
    CHECK(shown.find(part) != std::string::npos);
  }
  const Ran asked =
      shop("ana", "ask 100045 confirm_from_account_email --text 'Is this order yours?'");
  CHECK(asked.status == 0);
  CHECK(asked.out.find("hold (verification)") != std::string::npos);
  // A text is no answer: --yes or --no is.
  for (const char* both : {"", " --yes --no"}) {
    const Ran unclear =
        shop("ingest", std::string("answer 100045 confirm_from_account_email ") +
                           "--from Ada@Pay.example --text 'No! I never did'" + both);
    CHECK(unclear.status == 2);
    CHECK(unclear.err.find("--yes or --no") != std::string::npos);
  }
  const Ran denied = shop("ingest",
                          "answer 100045 confirm_from_account_email --from Ada@Pay.example --no "
                          "--text 'yes? no!'");
  CHECK(denied.status == 0);
  CHECK(denied.out.find("hold (verification)") != std::string::npos);
  // From another mailbox it is no answer.
  CHECK(shop("ingest", "answer 100045 confirm_from_account_email --from mallory@evil.example --yes")
            .out.find("is no confirmation") != std::string::npos);
  const Ran confirmed = shop(
      "ingest", "answer 100045 confirm_from_account_email --from Ada@Pay.example --yes --text yes");
  CHECK(confirmed.out.find("hold (address)") != std::string::npos);  // the odd note is left
  const Ran released = shop("ana", "release 100045 --reason confirmed_by_buyer --note 'by mail'");
  CHECK(released.status == 0);
  CHECK(released.out == "order 100045: ship\n");

  const std::string wrong = shop.folder().Write(
      "wrong.json", R"([{"sku":"A-1","quantity":2,"variant":{"colour":"blue"}},{"sku":"G-1"}])");
  const Ran packed = shop("ben", "pack-check 100045 --evidence cam/1.mp4 --file " + wrong);
  CHECK(packed.status == 1);
  CHECK(packed.out ==
        "order 100045: hold (packing)\n"
        "  The parcel is not what was ordered: A-1 (blue): 2 packed, 0 ordered; A-1 (red): 0 "
        "packed, 2 ordered; G-1: 1 packed, 0 ordered; G-1 as a gift: 0 packed, 1 ordered\n");
  // What is held for its packing does not leave.
  const std::string gone = "dispatch 100045 --carrier dhl --tracking 1Z";
  CHECK(shop("ben", gone).status == 3);
  CHECK(shop("ben", "dispatch 100045").err.find("--carrier is required") != std::string::npos);
  const Ran scanned = shop("ben", "pack-check 100045 --evidence cam/2.mp4",
                           "printf 'a-1\\nA-1\\nG-1\\nG-1\\n-\\ndone\\n' | ");
  CHECK(scanned.status == 0);
  CHECK(scanned.out.find("TOO MANY: G-1 gift") != std::string::npos);
  CHECK(scanned.out.find("removed: G-1 gift") != std::string::npos);
  CHECK(scanned.out.ends_with("order 100045: ship\n"));
  CHECK(shop("ben", gone + " --parcel two").err.find("the order goes in parcels: one without") !=
        std::string::npos);
  CHECK(shop("ben", gone).out == "Dispatch saved on 100045\n");
  CHECK(shop("ben", gone).err.find("has left already: dhl 1Z") != std::string::npos);
  const std::string after = shop("ana", "show 100045").out;
  CHECK_MESSAGE(after.find("shipment.dispatched: dhl 1Z, by ben") != std::string::npos, after);
  CHECK(shop("ana", "show 100045 --json").out.find("shipped-while-held") == std::string::npos);
  // Without its permit it should not have.
  const auto forged = shop.service().Post(
      "/v1/events", "ingest",
      R"({"id":"d2","type":"shipment.dispatched","occurred_at":"2026-11-20T10:00:00Z",)"
      R"("order_id":"100045","shipment":{"permit":"hfp1.e30.AAAA"}})");
  CHECK(forged.status == 200);
  CHECK(shop("ana", "history 100045 --json").out.find("with a permit that is none of ours") !=
        std::string::npos);

  const std::string stats = shop("ana", "stats").out;
  CHECK(stats.find("1 held: 1 released, 0 rejected") != std::string::npos);
  CHECK(stats.find("1 packed wrongly, 1 shipped while held") != std::string::npos);
  const std::string page = shop.folder() / "stats.html";
  CHECK(shop("ana", "stats --limit 'Visa=0.9' --html " + page).status == 0);
  CHECK(Slurp(page).find("<svg") != std::string::npos);
  CHECK(Slurp(page).find("http") == std::string::npos);  // needs nothing from anywhere
}

// Goal:   of two people who look at one order, one decides.
// Method: both send their decision at the same time, many times over; with one shard, and with
//         several, of which another takes a third merchant's orders meanwhile.
TEST_CASE("ops: two people cannot decide the same order") {
  for (const char* threads : {"", "threads: { io: 2, shards: 3 }\n"}) {
    Shop shop(threads);
    for (int i = 0; i < 8; ++i) {
      const std::string id = "r" + std::to_string(i);
      shop.Place(id, "100.00", R"("note":"odd")");
      shop.Pay(id, "completed", R"("amount":"100.00","currency":"USD")");
      const auto looked = shop.service().Get("/v1/orders/" + id, "ana");
      const std::size_t at = looked.body.rfind("\"offset\":", looked.body.find("\"decided_at\":"));
      const std::string seen = std::to_string(std::atoi(looked.body.c_str() + at + 9));
      const auto decide = [&](const char* who, const std::string& type,
                              const std::string& payload) {
        return shop.service()
            .Ask("POST", "/v1/events", who,
                 R"({"id":"d-)" + id + who + R"(","type":"review.)" + type +
                     R"(","occurred_at":"2026-11-20T10:00:00Z","order_id":")" + id +
                     R"(","review":{)" + payload + "}}",
                 {{"Content-Type", "application/json"}, {"If-Match", "\"" + seen + "\""}})
            .status;
      };
      int first = 0, second = 0;
      std::thread other([&] { first = decide("ben", "rejected", R"("reason":"fraud")"); });
      (void)shop.service().Post("/v1/orders", "other",
                                R"({"id":"o)" + id + R"(","placed_at":"2026-11-20T08:00:00Z"})");
      second = decide("ana", "released", R"("reason":"low_risk","rules":["odd"])");
      other.join();
      CHECK(first + second == 200 + 409);
    }
  }
  Shop shop;
  // Through the commands: what was seen is no longer so.
  shop.Place("c", "100.00", R"("note":"odd")");
  shop.Pay("c", "completed", R"("amount":"100.00","currency":"USD")");
  CHECK(shop("ana", "claim c --for 1h").status == 0);
  const Ran refused = shop("ben", "reject c --reason fraud");
  CHECK(refused.status == 3);
  CHECK(refused.err.find("error[conflict]: ana has claimed the order until") != std::string::npos);
  CHECK(shop("ana", "claim c --give-back").status == 0);
  CHECK(shop("ben", "reject c --reason fraud").status == 0);
  // Without saying what was seen nobody decides.
  const auto blind = shop.service().Post(
      "/v1/events", "ana",
      R"({"id":"blind","type":"review.released","occurred_at":"2026-11-20T10:00:00Z",)"
      R"("order_id":"c","review":{"reason":"low_risk","rules":["review"]}})");
  CHECK(blind.status == 422);
  CHECK(blind.body.find("If-Match") != std::string::npos);
}

TEST_CASE("ops: a claim ends by itself") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  REQUIRE(shop("ana", "claim 1 --for 2s").status == 0);
  CHECK(shop("ben", "claim 1").status == 3);
  CHECK(shop("ana", "queue --mine").out.find("ana") != std::string::npos);
  CHECK(testing::Eventually([&] { return shop("ben", "claim 1").status == 0; }));
  CHECK(shop("ana", "queue --mine").out.find("100.00") == std::string::npos);
  CHECK(shop("ben", "claim 1 --for 9h").err.find("more than 8 hours") != std::string::npos);
}

TEST_CASE(
    "ops: a large order wants a second person, and an administrator's word is said to be one") {
  Shop shop;
  shop.Place("1", "600.00", R"("note":"odd")");
  shop.Pay("1", "completed", R"("amount":"600.00","currency":"USD")");
  const Ran waits = shop("ana", "release 1 --reason known_buyer");
  CHECK(waits.status == 1);
  CHECK(waits.out.find("a second person must approve 600.00 USD, above 500.00") !=
        std::string::npos);
  CHECK(shop("ana", "approve 1").err.find("you released it yourself") != std::string::npos);
  CHECK(shop("ben", "approve 1").out == "order 1: ship\n");
  CHECK(shop("ana", "stats").out.find("ben") != std::string::npos);

  shop.Place("2", "50.00");
  shop.Pay("2", "under_review");
  CHECK(shop("eva", "release 2 --reason known_buyer").out == "order 2: ship\n");
  CHECK(shop("eva", "show 2").out.find("an administrator, although") != std::string::npos);
}

TEST_CASE("ops: permits are checked without the service") {
  Shop shop;
  shop.Place("1", "100.00", R"("items":[{"sku":"A","unit_price":"100.00"}])");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  const std::string keys = shop.folder() / "permit.keys";
  const std::string token =
      Trimmed(shop("ana", "show 1 --json | sed 's/.*\"permit\":\"\\([^\"]*\\)\".*/\\1/'").out);
  REQUIRE(token.starts_with("hfp1."));
  CHECK(Sh("holdfast permit verify --key " + keys + ".pub " + token).status == 0);
  const std::string same = shop.folder().Write(
      "same.json",
      R"({"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"100.00",)"
      R"("items":[{"sku":"A","unit_price":"100.00"}]})");
  CHECK(Sh("holdfast permit verify --key " + keys + ".pub --order " + same + " " + token).status ==
        0);
  const std::string other = shop.folder().Write(
      "other.json",
      R"({"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"100.00",)"
      R"("items":[{"sku":"B","unit_price":"100.00"}]})");
  const Ran changed =
      Sh("holdfast permit verify --key " + keys + ".pub --order " + other + " " + token);
  CHECK(changed.status == 1);
  CHECK(changed.out == "not valid: the order is not as it was when the permit was given\n");
  // Keys that are replaced still prove what they signed.
  CHECK(Sh("holdfast permit keygen --key " + keys).status == 2);
  CHECK(Sh("holdfast permit rotate --key " + keys).status == 0);
  CHECK(Sh("holdfast permit verify --key " + keys + ".pub " + token).status == 0);
  shop.service().Signal(SIGHUP);
  CHECK(testing::Eventually([&] {
    const std::string now = shop("ana", "show 1 --json").out;
    return now.find("\"permit\":\"hfp1.") != std::string::npos &&
           now.find(token) == std::string::npos;
  }));
  CHECK(Slurp(keys).find("\"private\":\"\"") != std::string::npos);
  CHECK(Slurp(keys + ".pub").find("private") == std::string::npos);
}

TEST_CASE("ops: an answer that is given again signs no permit that is void") {
  Shop shop;
  shop.Place("1", "100.00");
  const auto pay = [&shop] {
    return shop.service().Post(
        "/v1/events", "ingest",
        R"({"id":"p1","type":"payment.updated","occurred_at":"2026-11-20T09:00:00Z",)"
        R"("order_id":"1","payment":{"provider":"paypal","status":"completed",)"
        R"("amount":"100.00","currency":"USD"}})");
  };
  const std::string first = pay().body;
  CHECK(first.find(R"("permit":"hfp1.)") != std::string::npos);
  std::string again = pay().body;
  CHECK(again.find(R"("duplicate":true)") != std::string::npos);
  CHECK(again.substr(again.find(R"("decision":)")) == first.substr(first.find(R"("decision":)")));
  shop.Pay("1", "reversed");
  again = pay().body;
  CHECK(again.find(R"("outcome":"ship")") != std::string::npos);
  CHECK(again.find(R"("permit":null)") != std::string::npos);
}

TEST_CASE("ops: a pack that wants permits is not served without a key for them") {
  const TempFolder folder;
  const std::string pack = folder.Write("pack.yaml", kPack);
  const std::string keys = folder.Write("keys.ndjson", "");
  const std::string config =
      folder.Write("holdfast.yaml", "data: " + (folder / "data") + "\npack: " + pack +
                                        "\nkeys: " + keys + "\nlisten: { port: 0 }\n");
  const Ran refused = Sh("holdfast serve --config " + config);
  CHECK(refused.status == 1);
  CHECK(refused.err.find("there is no key to sign permits with") != std::string::npos);
}

TEST_CASE("ops: what is amended is verified again, and its permit is void") {
  Shop shop;
  shop.Place("1", "100.00",
             R"("shipping":{"name":"A","address":{"line1":"B 1","city":"Berlin","country":"DE"}},)"
             R"("items":[{"sku":"A","quantity":3,"unit_price":"33.00"}])");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  const Ran amended = shop("ana",
                           "amend 1 --shipping city=Hamburg --shipping 'line1=C 2' "
                           "--parcel A:1=one --parcel A=two --note 'buyer moved'");
  CHECK(amended.status == 0);
  const std::string shown = shop("ana", "show 1 --json").out;
  for (const char* part :
       {"\"city\":\"Hamburg\"", "\"quantity\":1,", "\"parcel\":\"one\"", "\"quantity\":2,",
        "\"parcel\":\"two\"", "\"voids\":{\"order\":", "amended: buyer moved"}) {
    CAPTURE(shown);
    CHECK(shown.find(part) != std::string::npos);
  }
  CHECK(shop("ana", "amend 1 --parcel X=1").err.find("no line with this SKU") != std::string::npos);
  CHECK(shop("ana", "amend 1 --shipping planet=Mars").err.find("is not one of") !=
        std::string::npos);
  CHECK(shop("ana", "amend 1").status == 2);
}

TEST_CASE("ops: several at once, seen and counted") {
  Shop shop;
  for (const char* id : {"1", "2", "3"}) {
    shop.Place(id, "100.00", R"("note":"odd")");
    shop.Pay(id, "completed", R"("amount":"100.00","currency":"USD")");
  }
  const Ran unsure = shop("ana", "release 1 2 3 --reason low_risk", "true | ");
  CHECK(unsure.status == 2);
  CHECK(unsure.err.find("This affects 3 orders. Repeat with --confirm 3") != std::string::npos);
  CHECK(shop("ana", "release 1 2 3 --reason low_risk --confirm 2", "true | ").status == 2);
  CHECK(shop("ana", "queue").out.find("held: 3 address") != std::string::npos);
  CHECK(shop("ana", "release 1 2 3 --reason low_risk --confirm 3").out ==
        "order 1: ship\norder 2: ship\norder 3: ship\n");
}

TEST_CASE("ops: the queue is ranked, filtered and paged") {
  Shop shop;
  shop.Place("cheap", "10.00", R"("note":"odd")");
  shop.Place("dear", "450.00", R"("note":"odd")");
  shop.Place("waits", "450.00");
  for (const char* id : {"cheap", "dear"}) shop.Pay(id, "completed");
  const std::string all = shop("ana", "queue --all").out;
  CHECK(all.find("dear") < all.find("cheap"));
  CHECK(all.find("cheap") < all.find("waits"));
  CHECK(shop("ana", "queue --min 100").out.find("cheap") == std::string::npos);
  CHECK(shop("ana", "queue --max 100").out.find("dear") == std::string::npos);
  CHECK(shop("ana", "queue --cause identity").out.find("dear") == std::string::npos);
  CHECK(shop("ana", "queue --held-for 1d").out.find("dear") != std::string::npos);
  CHECK(shop("ana", "queue --cause nonsense").status == 2);
  const std::string page = shop("ana", "queue --limit 1").out;
  const std::size_t at = page.find("--after '");
  REQUIRE(at != std::string::npos);
  const std::string next = page.substr(at + 9, page.find('\'', at + 9) - at - 9);
  CHECK(shop("ana", "queue --limit 1 --after '" + next + "'").out.find("cheap") !=
        std::string::npos);
  CHECK(shop("ana", "tag cheap vip call-back").status == 0);
  CHECK(shop("ana", "tag cheap vip --remove").status == 0);
  CHECK(shop("ana", "queue").out.find("call-back") != std::string::npos);
  CHECK(shop("ana", "queue --json").out.find("\"held\":{") != std::string::npos);
}

TEST_CASE("ops: an order is found by whatever a person has of it") {
  Shop shop;
  const std::string jane =
      R"("buyer":{"id":"b-7","email":"jane@mail.example","name":"Jane Doe"},"shipping":)"
      R"({"name":"Jane Doe","phone":"+49 171 2345678","address":{"line1":"Main 1","city":"Berlin",)"
      R"("country":"DE"}})";
  shop.Place("100", "50.00", jane);
  shop.Place("200", "60.00", jane + R"(,"note":"odd","ip":"192.0.2.7")");
  shop.Pay("200", "completed",
           R"("transaction_id":"5O190127","payer":{"email":"max@pay.example"})");
  const Ran both = shop("ana", "find jane ber");
  CHECK(both.status == 0);
  for (const char* part :
       {"100", "200", "what matched", "name jane, address berlin", "60.00 USD"}) {
    CAPTURE(both.out);
    CHECK(both.out.find(part) != std::string::npos);
  }
  const Ran page = shop("ana", "find Jane --limit 1");
  const std::size_t at = page.out.find("--after '");
  REQUIRE(at != std::string::npos);
  const std::string next = page.out.substr(at + 9, page.out.find('\'', at + 9) - at - 9);
  CHECK(shop("ana", "find Jane --limit 1 --after '" + next + "'").status == 0);
  CHECK(shop("ana", "find 192.0.2.7 --json").out.find("\"kind\":\"ip\"") != std::string::npos);
  CHECK(shop("ana", "find nobody").status == 1);
  CHECK(shop("ana", "find ' '").status == 2);
  // show: the one that is meant, or the list of them.
  CHECK(shop("ana", "show 5o190127").out.find("paypal completed") != std::string::npos);
  const Ran list = shop("ana", "show '0171 2345678'");
  CHECK(list.status == 1);
  CHECK(list.out.find("what matched") != std::string::npos);
  CHECK(shop("ana", "show nobody").err.find("'nobody'") != std::string::npos);
  // history: of the order, or of the buyer.
  CHECK(shop("ana", "history 192.0.2.7").out.find("payment.updated") != std::string::npos);
  CHECK(shop("ana", "history max@pay.example").out.find("payment.updated") != std::string::npos);
  CHECK(shop("ana", "history jane@mail.example").out.find("Before the last of them") !=
        std::string::npos);
  CHECK(shop("ana", "history b-7").out.find("Before the last of them") != std::string::npos);
  CHECK(shop("ana", "history berlin").status == 1);
  CHECK(shop("ana", "history nobody").status == 1);
  // The same of a data folder, with state that is made again from the log.
  REQUIRE(shop.service().Stop() == 0);
  std::filesystem::remove_all(shop.service().folder() + "data/state");
  const std::string folder = " --merchant acme --pack " + (shop.folder() / "pack.yaml") +
                             " --data " + shop.service().folder() + "data";
  CHECK(Sh("holdfast find max@pay.example" + folder).out.find("200") != std::string::npos);
  CHECK(Sh("holdfast verify" + folder.substr(folder.find(" --pack"))).status == 0);
}

TEST_CASE("ops: a data folder is worked as a service is, and refused while one has it open") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  const std::string folder = " --merchant acme --pack " + (shop.folder() / "pack.yaml") +
                             " --data " + shop.service().folder() + "data";
  const Ran busy = Sh("holdfast queue" + folder);
  CHECK(busy.status == 3);
  CHECK(busy.err.find("if a service has it open, ask that with --url") != std::string::npos);
  REQUIRE(shop.service().Stop() == 0);
  CHECK(Sh("holdfast queue" + folder).out.find("100.00 USD") != std::string::npos);
  CHECK(Sh("holdfast release 1 --reason low_risk --by zoe" + folder).out == "order 1: ship\n");
  // What the release covers is known again from the log, without deciding again.
  std::filesystem::remove_all(shop.service().folder() + "data/state");
  CHECK(Sh("holdfast history 1" + folder).out.find("by zoe, low_risk") != std::string::npos);
  CHECK(Sh("holdfast verify" + folder.substr(folder.find(" --pack"))).status == 0);
  CHECK(Sh("holdfast queue --data x").err.find("--pack: is missing") != std::string::npos);
  CHECK(Sh("HOLDFAST_URL= HOLDFAST_KEY= HOME=/nowhere holdfast queue").status == 2);
}

// ---- a terminal ---------------------------------------------------------------------------------

// A terminal of its own, with keys typed into it and its screen read.
class Terminal {
 public:
  Terminal(int columns, const std::string& command, int rows = 60) {
    static int count = 0;
    name_ = "holdfast-" + std::to_string(getpid()) + "-" + std::to_string(++count);
    const std::string script =
        folder_.Write("run.sh", command + "\nprintf 'ended %d\\n' $?\nsleep 60\n");
    REQUIRE(Tmux("-f /dev/null new-session -d -x " + std::to_string(columns) + " -y " +
                 std::to_string(rows) + " 'bash " + script + "'")
                .status == 0);
  }
  ~Terminal() { Tmux("kill-server"); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void Type(const std::string& keys) { Tmux("send-keys " + keys); }
  void Resize(int columns, int rows) {
    Tmux("resize-window -x " + std::to_string(columns) + " -y " + std::to_string(rows));
  }
  std::string Screen(bool colours = false) {
    return Tmux(std::string("capture-pane -p") + (colours ? " -e" : "")).out;
  }
  bool Shows(const std::string& text) {
    return testing::Eventually([&] { return Screen().find(text) != std::string::npos; });
  }

 private:
  Ran Tmux(const std::string& command) { return Sh("tmux -u -L " + name_ + " " + command); }

  TempFolder folder_;
  std::string name_;
};

// Columns that a text takes, as the system's library counts them.
int ColumnsOf(const std::string& text) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  std::wstring wide(text.size() + 1, L'\0');
  const std::size_t letters = std::mbstowcs(wide.data(), text.c_str(), wide.size());
  REQUIRE(letters != static_cast<std::size_t>(-1));
  const int columns = wcswidth(wide.data(), letters);
  std::setlocale(LC_CTYPE, "C");
  return columns;
}

std::string Command(Shop& shop, const std::string& who, const std::string& command,
                    const std::string& variables = {}) {
  return "export LC_ALL=C.UTF-8 " + variables + " HOLDFAST_KEY=" + shop.service().Key(who) +
         " HOLDFAST_URL=http://127.0.0.1:" + std::to_string(shop.service().port()) + "; " +
         HOLDFAST_BINARY + " " + command;
}

// Goal:   what is given up is not sent.
// Method: Ctrl-C at the last prompt of each action of the walk, and with something typed.
// Goal:   money that no provider tells of is recorded by people, and stays with the order.
TEST_CASE("ops: money has come without a provider") {
  Shop shop;
  shop.Place("1", "900");
  const std::string paid = "paid 1 --amount 900.00 --reference RF18 --reason bank-statement";
  // Above the limit of the pack a second person must have seen it.
  CHECK(shop("ana", paid).out.find("hold (funds)") != std::string::npos);
  CHECK(shop("ana", paid).status == 1);
  const Ran second = shop("ben", paid);
  CHECK(second.out == "order 1: ship\n");
  CHECK(second.status == 0);
  const Ran shown = shop("ana", "show 1");
  CHECK(shown.out.find("offline RF18") != std::string::npos);
  CHECK(shown.out.find("900.00 USD of 900.00 USD paid: certain") != std::string::npos);
  CHECK(shop("ana", "paid 1 --amount 9 --reference R --reason \"\"").status != 0);
  // And by a data folder that is opened again.
  const TempFolder folder;
  std::ofstream(folder / "pack.yaml") << kPack;
  std::ofstream(folder / "order.ndjson")
      << R"({"id":"1","merchant":"default","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"90"})"
      << "\n";
  const std::string where = " --data " + (folder / "data") + " --pack " + (folder / "pack.yaml");
  CHECK(Sh("holdfast score" + where + " " + (folder / "order.ndjson")).status == 0);
  CHECK(Sh("holdfast paid 1 --by ann --amount 90 --reference RF --reason cheque" + where).out ==
        "order 1: ship\n");
  CHECK(Sh("holdfast show 1" + where).out.find("offline RF") != std::string::npos);
}

TEST_CASE("ops: orders are assigned, escalated, and taken back") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  CHECK(shop("ana", "assign 1 ben --note 'knows the buyer'").out ==
        "Assignment to ben saved on 1\n");
  CHECK(shop("ben", "queue --mine").out.find("ben") != std::string::npos);
  CHECK(shop("ana", "queue --mine --json").out.find("\"orders\":[]") != std::string::npos);
  CHECK(shop("ana", "assign 1").status == 2);
  // The next order for ana is not one that is ben's to do.
  CHECK(shop("ana", "claim --next").status == 1);
  CHECK(shop("ben", "claim --next").out == "1\n");
  CHECK(shop("ben", "claim 1 --give-back").status == 0);
  CHECK(shop("ana", "escalate 1").status == 2);
  CHECK(shop("ben", "escalate 1 --note 'too large'").status == 0);
  CHECK(shop("eva", "queue --escalated").out.find("ESCALATED") != std::string::npos);
  CHECK(shop("ana", "show 1").out.find("escalated by ben: too large") != std::string::npos);

  CHECK(shop("ana", "claim 1").status == 0);
  CHECK(shop("ben", "claim 1 --break").err.find("only an administrator may") != std::string::npos);
  CHECK(shop("eva", "claim 1 --break --note 'on leave'").out ==
        "End of the claim of ana saved on 1\n");
  CHECK(shop("ana", "history 1").out.find("by eva, ends the claim of ana") != std::string::npos);
  CHECK(shop("eva", "claim 1 --break").err.find("not claimed") != std::string::npos);

  CHECK(shop("ana", "reject 1 --reason fraud").status == 0);
  CHECK(shop("ben", "undo 1").err.find("ana has rejected the order") != std::string::npos);
  CHECK(shop("ana", "undo 1").out.find("order 1: hold (address)") == 0);
  CHECK(shop("ana", "queue").out.find("100.00") != std::string::npos);
}

// Goal:   nothing of a file is lost, and what is wrong in it is told by its line.
// Method: a file with more lines than a request has, one of them broken, and one that the service
//         has already; again, from a line on; and to a service that is gone.
TEST_CASE("ops: a file of events is sent, and sent again") {
  Shop shop;
  std::string text;
  for (int i = 0; i < 1200; ++i) {
    text += i == 700 ? "{\"id\":7}\n\n"
                     : R"({"id":"f)" + std::to_string(i) +
                           R"(","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"5"})" +
                           "\n";
  }
  text += R"({"id":"f0","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"5"})";
  const std::string file = shop.folder().Write("events.ndjson", text);
  const Ran sent = shop("ingest", "send " + file);
  CHECK(sent.status == 1);
  CHECK(sent.out.find("line 701: ") == 0);
  CHECK(sent.out.ends_with("1,199 accepted, 1 repeated, 1 refused\n"));
  const Ran again = shop("ingest", "send --from 703 --json - < " + file);
  CHECK(again.status == 0);
  CHECK(again.out == "{\"accepted\":0,\"repeated\":500,\"refused\":0}\n");
  CHECK(shop("ana", "send --from 1201 " + file).out.find("line 1201: forbidden") == 0);
  shop.service().Kill();
  const Ran gone = shop("ingest", "send --from 5 " + file);
  CHECK(gone.status == 3);
  CHECK(gone.err.find("continue with --from 5\n") != std::string::npos);
}

TEST_CASE("ops: values are blocked and trusted as the pack has it") {
  const Running service;  // the starter pack
  const auto run = [&](const std::string& who, const std::string& command) {
    return Sh("HOLDFAST_KEY=" + service.Key(who) + " HOLDFAST_URL=http://127.0.0.1:" +
              std::to_string(service.port()) + " holdfast " + command);
  };
  CHECK(run("ana", "block device d1 --reason fraud").status == 3);
  CHECK(run("eva", "block phone d1 --reason fraud").status == 2);
  CHECK(run("eva", "block device --reason fraud").status == 2);
  CHECK(run("eva", "trust device d1 --reason known").err.find("names no list for 'device'") !=
        std::string::npos);
  REQUIRE(service
              .Post("/v1/orders", "ingest",
                    testing::OrderText("1", R"("device_id":"d1","ip":"192.0.2.7")"))
              .status == 200);
  CHECK(run("eva", "block device --order 1 --for 30d --reason fraud").out ==
        "device d1 put on blocked_devices for 30d\n");
  CHECK(run("eva", "block card --order 1 --reason fraud").err.find("gives no card") !=
        std::string::npos);
  const auto second =
      service.Post("/v1/orders", "ingest", testing::OrderText("2", R"("device_id":"d1")"));
  CHECK(second.body.find("\"outcome\":\"reject\"") != std::string::npos);
  const std::string list = service.Get("/v1/lists/blocked_devices", "eva").body;
  CHECK(list.find(R"("timed":[{"entry":"d1","until":)") != std::string::npos);
  CHECK(run("eva", "block device d1 --remove --reason mistaken").status == 0);
  const auto third =
      service.Post("/v1/orders", "ingest", testing::OrderText("3", R"("device_id":"d1")"));
  CHECK(third.body.find("\"outcome\":\"reject\"") == std::string::npos);
}

TEST_CASE("ops: alerts are listed, acknowledged once, and not lost") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  CHECK(shop("ana", "alerts").out.find("shipped-while-held") == std::string::npos);
  REQUIRE(shop.service()
              .Post("/v1/events", "ingest",
                    R"({"id":"gone","type":"shipment.dispatched","order_id":"1",)"
                    R"("occurred_at":"2026-11-20T10:00:00Z","shipment":{"carrier":"dhl"}})")
              .status == 200);
  const std::string listed = shop("ana", "alerts --json").out;
  const std::size_t name = listed.find("\"name\":\"shipped-while-held\"");
  REQUIRE(name != std::string::npos);
  const std::size_t at = listed.rfind("\"offset\":", name) + 9;
  const std::string number = listed.substr(at, listed.find(',', at) - at);
  CHECK(shop("ana", "alerts ack 999 --note x").err.find("is no alert") != std::string::npos);
  CHECK(shop("ana", "alerts ack " + number).status == 2);
  CHECK(shop("ana", "alerts ack " + number + " --note 'stopped at the depot'").out ==
        "alert " + number + " acknowledged\n");
  CHECK(shop("ben", "alerts ack " + number + " --note x").err.find("ana has acknowledged it") !=
        std::string::npos);
  shop.service().Stop();
  shop.service().Start();
  // Other alerts may be open, such as of orders whose review is overdue.
  CHECK(shop("ben", "alerts").out.find("shipped-while-held") == std::string::npos);
  const std::string all = shop("ben", "alerts --all").out;
  CHECK(all.find("ana ") != std::string::npos);
  CHECK(all.find("stopped at the depot") != std::string::npos);
  const auto fake = shop.service().Post(
      "/v1/events", "ana",
      R"({"id":"f","type":"alert.acknowledged","occurred_at":"2026-11-20T10:00:00Z",)"
      R"("alert":{"name":"x","of":"alert x","by":"eva"}})");
  CHECK(fake.status == 422);
}

// Method: without a receiver; with one that the message has reached; with one that refuses it.
TEST_CASE("ops: a question is asked by a template, and its delivery is shown") {
  const TempFolder folder;
  Shop shop("outbox:\n  - { name: mailer, file: " + (folder / "mail.ndjson") + " }\n");
  const std::string payer = R"("amount":"100.00","currency":"USD","payer":{"name":"Ada",)"
                            R"("email":"ada@pay.example","account_holder":"Bob"})";
  shop.Place("1", "100.00", R"("language":"de-AT","buyer":{"name":"Ada\nLovelace"})");
  shop.Place("2", "100.00");
  shop.Pay("1", "completed", payer);
  shop.Pay("2", "completed", payer);
  const std::string ask = "ask 1 confirm_from_account_email --template ";
  CHECK(shop("ana", ask + "none").err.find("it has confirm") != std::string::npos);
  CHECK(shop("ana", ask + "confirm --language fr").err.find("it has") != std::string::npos);
  CHECK(shop("ana", ask + "confirm --text x").status == 2);
  CHECK(shop("ana", ask + "confirm").status == 0);
  CHECK(shop("ana", "ask 2 confirm_from_account_email --template confirm").status == 0);
  const std::string first = shop("ana", "show 1 --json").out;
  CHECK(first.find("Ist 1 von Ada Lovelace?") != std::string::npos);
  CHECK(shop("ana", "show 2 --json").out.find("Is 2, 100.00 USD, yours?") != std::string::npos);
  CHECK(testing::Eventually(
      [&] { return shop("ana", "show 1").out.find("mailer: delivered") != std::string::npos; }));
  Shop silent;
  silent.Place("1", "100.00");
  silent.Pay("1", "completed", payer);
  silent("ana", "ask 1 confirm_from_account_email --text 'yours?'");
  CHECK(silent("ana", "show 1").out.find("no receiver of messages is configured") !=
        std::string::npos);
}

TEST_CASE("ops: what an amendment would end is said before") {
  Shop shop;
  shop.Place("1", "100.00",
             R"("note":"odd","shipping":{"name":"A","address":{"line1":"B 1","city":"Berlin",)"
             R"("country":"DE"}},"items":[{"sku":"A","quantity":2,"unit_price":"50.00"}])");
  shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
  CHECK(shop("ana", "release 1 --reason known_buyer").status == 0);
  const std::string parcel = shop.folder().Write("one.json", R"([{"sku":"A","quantity":2}])");
  CHECK(shop("ben", "pack-check 1 --file " + parcel).status == 0);
  const Ran moved = shop("ana", "amend 1 --shipping city=Hamburg --dry-run");
  CHECK(moved.status == 1);
  CHECK(moved.out ==
        "It would end:\n  the release by ana\n  the permit of the order as it is\n"
        "The order would be held again for:\n  odd\n"
        "The order is decided again; what else rules then find is not known beforehand.\n");
  const std::string split = shop("ana", "amend 1 --parcel A:1=x --parcel A=y --dry-run --json").out;
  CHECK(split.find("release") == std::string::npos);
  CHECK(split.find("the packing check of the parcel") != std::string::npos);
  CHECK(split.find("\"holds\":[\"packing\"]") != std::string::npos);
  CHECK(shop("ana", "show 1 --json").out.find("Hamburg") == std::string::npos);
  CHECK(shop("ana", "amend 1 --shipping city=Hamburg").out.find("order 1: hold (address)") == 0);
}

TEST_CASE(
    "ops: an order is assigned to a person with a key, and a list is changed as it was meant") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  shop.Pay("1", "completed");
  CHECK(shop("ana", "assign 1 nobody-here").err.find("of whom no key is a reviewer's") !=
        std::string::npos);
  CHECK(shop("ana", "assign 1 ben").status == 0);
  for (const char* until : {"{}", "[\"2026-11-24T09:00:00Z\"]", "true", "\"soon\"", "\"\"", "7"}) {
    CAPTURE(until);
    const auto changed = shop.service().Post("/v1/lists/known", "eva",
                                             R"({"add":["x"],"until":)" + std::string(until) + "}");
    CHECK(changed.status >= 400);
    CHECK(changed.body.find("until") != std::string::npos);
  }
  for (const char* body : {R"({"add":["x"],"remove":"y"})", R"({"add":"x"})", R"({"add":[1]})"}) {
    CAPTURE(body);
    CHECK(shop.service().Post("/v1/lists/known", "eva", body).status >= 400);
  }
  CHECK(shop.service().Get("/v1/queue?mine=1", "ana").status == 400);
  CHECK(shop.service().Get("/v1/queue?country=99", "ana").status == 400);
}

// The log keeps who recorded it, whatever the event says.
TEST_CASE("ops: reviewers record answers") {
  Shop shop;
  const std::string payer =
      R"("currency":"USD","payer":{"name":"Ada","email":"ada@pay.example","account_holder":"Bob"})";
  const std::string answer = " confirm_from_account_email --from ada@pay.example --yes";
  shop.Place("1", "100.00");
  shop.Pay("1", "completed", R"("amount":"100.00",)" + payer);
  CHECK(shop("ana", "answer 1" + answer).out == "order 1: ship\n");
  const std::string shown = shop("ana", "show 1 --json").out;
  CHECK(shown.find(R"("by":"ana","role":"review")") != std::string::npos);
  CHECK(shown.find(R"("standing":"confirmed")") != std::string::npos);
  shop.Place("2", "900.00");
  shop.Pay("2", "completed", R"("amount":"900.00",)" + payer);
  CHECK(shop("ana", "answer 2" + answer).out.find("hold (identity)") != std::string::npos);
  const std::string half = shop("ana", "show 2").out;
  CHECK_MESSAGE(half.find("recorded by ana: a second person must") != std::string::npos, half);
  CHECK(shop("ben", "answer 2" + answer).out == "order 2: ship\n");
  // A key that sends is no person.
  const auto sent = shop.service().Post(
      "/v1/events", "ingest",
      R"({"id":"fake","type":"buyer.confirmed","occurred_at":"2026-11-20T10:00:00Z",)"
      R"("order_id":"2","confirmation":{"request":"other","from":"ada@pay.example",)"
      R"("by":"eva","role":"admin","confirmed":true}})");
  CHECK(sent.status == 200);
  const std::string faked = shop("ana", "show 2 --json").out;
  CHECK_MESSAGE(faked.find("\"eva\"") == std::string::npos, faked);
}

TEST_CASE("ops: Ctrl-C at a prompt sends nothing, and ends the walk") {
  using Steps = std::vector<std::pair<const char*, const char*>>;  // keys, and what they lead to
  const Steps actions[] = {{{"r", "reason, 1 to"}, {"1", "note (Enter: none):"}},
                           {{"j", "reason, 1 to"}, {"1", "note (Enter: none):"}},
                           {{"h", "reason, 1 to"}, {"1", "for how long"}},
                           {{"n", "\nnote:"}, {"x", "note: x"}},
                           {{"t", "\ntag:"}, {"x", "tag: x"}},
                           {{"p", "y approves order 1"}}};
  for (const Steps& steps : actions) {
    CAPTURE(steps[0].first);
    Shop shop;
    shop.Place("1", "100.00", R"("note":"odd")");
    shop.Pay("1", "completed", R"("amount":"100.00","currency":"USD")");
    Terminal terminal(100, Command(shop, "ana", "review"));
    REQUIRE(terminal.Shows("[r]elease"));
    for (const auto& [keys, seen] : steps) {
      terminal.Type(keys);
      REQUIRE(terminal.Shows(seen));
    }
    terminal.Type("C-c");
    REQUIRE(terminal.Shows("ended "));
    const std::string shown = shop("ana", "show 1").out;
    CHECK(shown.find("HOLD: address") != std::string::npos);
    for (const char* sent : {"review.released", "review.rejected", "review.noted", "review.held",
                             "review.tagged", "review.approved"}) {
      CHECK(shown.find(sent) == std::string::npos);
    }
  }
}

// Goal:   an amendment is of the time at which it is made.
// Method: one with a time from before the buyer's answer, by a key that works orders.
TEST_CASE("ops: an amendment cannot be dated back behind the buyer's answer") {
  Shop shop;
  const std::string order = R"("shipping":{"name":"Ada Lovelace","address":{"line1":"Main 1",)"
                            R"("city":"Berlin","country":"DE"}})";
  shop.Place("1", "100.00", order);
  shop.Pay("1", "completed",
           R"("amount":"100.00","currency":"USD","payer":{"name":"Ada Lovelace",)"
           R"("email":"ada@pay.example","account_holder":"Grace Hopper"})");
  CHECK(shop("ana", "ask 1 confirm_from_account_email").err.find("--text or --template") !=
        std::string::npos);
  REQUIRE(shop("ana", "ask 1 confirm_from_account_email --text 'yours?'").status == 0);
  REQUIRE(shop("ingest", "answer 1 confirm_from_account_email --yes --from ada@pay.example").out ==
          "order 1: ship\n");
  const auto looked = shop.service().Get("/v1/orders/1", "ana");
  const std::size_t at = looked.body.rfind("\"offset\":", looked.body.find("\"decided_at\":"));
  const std::string seen = std::to_string(std::atoi(looked.body.c_str() + at + 9));
  const auto amended = shop.service().Ask(
      "POST", "/v1/events", "ana",
      R"({"id":"x","type":"order.amended","occurred_at":"2026-11-20T09:30:00Z","order":{"id":"1",)"
      R"("placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"100.00","shipping":{"name":)"
      R"("Ada Lovelace","address":{"line1":"66 Thief Lane","city":"Arad","country":"RO"}}}})",
      {{"Content-Type", "application/json"}, {"If-Match", "\"" + seen + "\""}});
  CHECK(amended.status == 200);
  CHECK(amended.body.find("\"outcome\":\"hold\"") != std::string::npos);
  CHECK(shop("ana", "history 1").out.find("to Ada Lovelace, 66 Thief Lane") != std::string::npos);
  // What only a carrier can know, who works orders does not say.
  CHECK(shop.service()
            .Post("/v1/events", "ana",
                  R"({"id":"y","type":"shipment.delivered","occurred_at":"2026-11-20T09:30:00Z",)"
                  R"("order_id":"1"})")
            .status == 403);
  CHECK(Sh("holdfast keys create --file " + (shop.folder() / "k") + " --merchant a --person 'ana '")
            .status == 2);
}

// Goal:   the walk through the queue is one key an action, in one pane and in two.
TEST_CASE("ops: review walks the queue, one key an action") {
  for (const int columns : {80, 160}) {
    CAPTURE(columns);
    Shop shop;
    for (const char* id : {"dear", "cheap"}) {
      shop.Place(id, id == std::string("dear") ? "450.00" : "10.00", R"("note":"odd")");
      shop.Pay(id, "completed");
    }
    Terminal terminal(columns, Command(shop, "ana", "review"));
    REQUIRE(terminal.Shows("Order dear"));
    CHECK(shop("ben", "queue").out.find("ana") != std::string::npos);  // it is claimed
    terminal.Type("n");
    REQUIRE(terminal.Shows("\nnote:"));
    terminal.Type("'called back' Enter");
    REQUIRE(terminal.Shows("note saved on dear"));
    terminal.Type("End");
    REQUIRE(terminal.Shows("review.noted: by ana, called back"));
    terminal.Type("r");
    REQUIRE(terminal.Shows("3 known_buyer"));
    terminal.Type("3");
    REQUIRE(terminal.Shows("note (Enter: none):"));
    terminal.Type("Enter");
    REQUIRE(terminal.Shows("Order cheap"));
    CHECK(terminal.Shows("order dear: ship"));
    terminal.Type("s");  // the last: skipped, so nothing is left
    REQUIRE(terminal.Shows("no order is waiting for you"));
    CHECK(terminal.Shows("ended 0"));
    CHECK(shop("ana", "show dear").out.find("by ana, known_buyer") != std::string::npos);
    CHECK(shop("ana", "queue").out.find("ana") == std::string::npos);  // given back
  }
}

// Goal:   a day's work needs few keys.
// Method: twenty orders, released, rejected and held, one with a note; the keys are counted.
TEST_CASE("ops: twenty orders are worked with at most four keys each" * doctest::timeout(300)) {
  Shop shop;
  constexpr int kOrders = 20;
  for (int i = 0; i < kOrders; ++i) {
    const std::string id = "order-" + std::to_string(10 + i);
    shop.Place(id, "100.00", R"("note":"odd")");
    shop.Pay(id, "completed");
  }
  Terminal terminal(80, Command(shop, "ana", "review"), 24);
  int keys = 0;
  std::string before;
  for (int i = 0; i < kOrders; ++i) {
    std::string order;
    REQUIRE(testing::Eventually([&] {
      const std::string screen = terminal.Screen();
      const std::size_t at = screen.find("Order order-");
      order = at == std::string::npos ? "" : screen.substr(at + 6, 8);
      return !order.empty() && order != before;
    }));
    before = order;
    std::vector<std::string> typed = {"r", "3", "Enter"};
    if (i % 5 == 3) typed[0] = "h";
    if (i % 5 == 4) typed[0] = "j";
    if (i == 0) typed.insert(typed.begin() + 2, {"o", "k"});
    for (const std::string& key : typed) terminal.Type(key);
    keys += static_cast<int>(typed.size());
  }
  REQUIRE(terminal.Shows("no order is waiting for you"));
  CHECK(keys <= 4 * kOrders);
  int released = 0, held = 0, rejected = 0;
  for (int i = 0; i < kOrders; ++i) {
    const std::string shown = shop("ana", "show order-" + std::to_string(10 + i)).out;
    released += shown.find("review.released: by ana, known_buyer") != std::string::npos ? 1 : 0;
    held += shown.find("review.held: by ana") != std::string::npos ? 1 : 0;
    rejected += shown.find("review.rejected: by ana") != std::string::npos ? 1 : 0;
  }
  CHECK(released == 12);
  CHECK(held == 4);
  CHECK(rejected == 4);
}

// Goal:   SIGTERM ends the walk as q does.
// Method: the claim and the settings of the terminal are looked at afterwards.
TEST_CASE("ops: a review that is ended gives back its claim and the terminal") {
  Shop shop;
  shop.Place("1", "100.00", R"("note":"odd")");
  shop.Pay("1", "completed");
  const std::string pid = shop.folder() / "pid";
  std::string command = Command(shop, "ana", "review");
  command.insert(command.find(HOLDFAST_BINARY), "exec ");
  Terminal terminal(
      100, "bash -c 'echo $$ > " + pid + "; " + command + "'; status=$?; stty -a; (exit $status)");
  REQUIRE(terminal.Shows("Order 1"));
  CHECK(shop("ben", "queue").out.find("ana") != std::string::npos);
  REQUIRE(Sh("kill -TERM $(cat " + pid + ")").status == 0);
  REQUIRE(terminal.Shows("ended 0"));
  const std::string screen = terminal.Screen();
  CHECK(screen.find(" icanon") != std::string::npos);
  CHECK(screen.find("-icanon") == std::string::npos);
  CHECK(screen.find("[r]elease") == std::string::npos);
  CHECK(shop("ben", "queue").out.find("ana") == std::string::npos);
}

// Goal:   columns stand below each other whatever is written in them, and what a buyer calls
//         himself does nothing to a terminal.
TEST_CASE("ops: names of all scripts stand in columns, hostile ones do no harm") {
  Shop shop;
  const std::pair<const char*, const char*> names[] = {
      {"latin", "Ada Lovelace"},
      {"chinese", "\u674e\u4f1f\u5149"},
      {"arabic", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a"},
      {"combining", "Jose\\u0301 N\\u0303un\\u0303ez"},
      {"hostile", "\\u001b[2J\\u001b]0;owned\\u0007\\u202eevil\\u009b31m"}};
  for (const auto& [id, name] : names) {
    shop.Place(id, "100.00",
               std::string(R"("note":"odd","shipping":{"address":{"country":"FR"}},)") +
                   R"("buyer":{"name":")" + name + "\"}");
    shop.Pay(id, "completed");
  }
  for (const int columns : {80, 160}) {
    for (const bool colour : {true, false}) {
      CAPTURE(columns);
      Terminal terminal(columns, Command(shop, "ana", "queue", colour ? "" : "NO_COLOR=1"));
      REQUIRE(terminal.Shows("ended 0"));
      const std::string screen = terminal.Screen();
      CAPTURE(screen);
      CHECK(screen.find("?[2J") != std::string::npos);  // as text
      CHECK(screen.find('\x1b') == std::string::npos);
      // The column behind the names begins in the same place of the screen in every row.
      int at = -1, rows = 0;
      std::istringstream lines(screen);
      for (std::string line; std::getline(lines, line);) {
        const std::size_t fr = line.find(" FR");
        if (fr == std::string::npos) continue;
        ++rows;
        const int column = ColumnsOf(line.substr(0, fr));
        if (at < 0) at = column;
        CHECK(column == at);
      }
      CHECK(rows == 5);
      CHECK((terminal.Screen(true).find("\x1b[2m") != std::string::npos) == colour);
    }
  }
  Terminal terminal(80, Command(shop, "ana", "show hostile"));
  REQUIRE(terminal.Shows("ended 0"));
}

// True when each row between the title and the status has a line between the panes at `column`.
bool IsDividedAt(const std::string& screen, int column) {
  std::istringstream in(screen);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  for (std::size_t row = 1; row + 2 < lines.size(); ++row) {
    bool found = false;
    for (std::size_t at = 0; (at = lines[row].find('|', at)) != std::string::npos && !found; ++at) {
      found = ColumnsOf(lines[row].substr(0, at)) == column;
    }
    if (!found) return false;
  }
  return true;
}

// Goal:   the full screen keeps its form at each size, whatever buyers call themselves.
// Method: the columns of the divider, the rows of the keys; what is left of escape sequences.
TEST_CASE("ops: the full screen stands at each size with names of all scripts" *
          doctest::timeout(300)) {
  Shop shop;
  const std::pair<const char*, const char*> names[] = {
      {"chinese", "\u674e\u4f1f\u5149\u5317\u4eac\u5e02\u671d\u9633\u533a"},
      {"arabic", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a"},
      {"combining", "Jose\\u0301 N\\u0303un\\u0303ez"},
      {"hostile", "\\u001b[2J\\u001b]0;owned\\u0007\\u202eevil\\u009b31m"}};
  for (const auto& [id, name] : names) {
    shop.Place(id, "100.00", std::string(R"("note":"odd","buyer":{"name":")") + name + "\"}");
    shop.Pay(id, "completed");
  }
  struct Size {
    int columns, rows, divider;  // -1: one pane
  };
  for (const Size size : {Size{80, 24, -1}, {120, 40, 48}, {200, 50, 80}}) {
    CAPTURE(size.columns);
    Terminal terminal(size.columns, Command(shop, "ana", "queue --watch --every 1", "NO_COLOR=1"),
                      size.rows);
    REQUIRE(terminal.Shows("> "));
    REQUIRE(terminal.Shows("[Enter] open"));
    for (const auto& [id, name] : names) {
      CAPTURE(id);
      // By the search, so that its place in the list does not matter.
      terminal.Type("/ " + std::string(id) + " Enter Enter");
      REQUIRE(terminal.Shows("Order " + std::string(id)));
      CHECK(terminal.Shows("May be released by: a reviewer"));
      CHECK(terminal.Shows("A reviewer releases it"));
      CHECK(terminal.Shows("[r]elease"));
      const std::string screen = terminal.Screen();
      CAPTURE(screen);
      CHECK(screen.find('\x1b') == std::string::npos);
      CHECK(screen.find("HOLD: address") != std::string::npos);
      if (size.divider >= 0) CHECK(IsDividedAt(screen, size.divider));
      // Without colours, attributes and words say the same.
      const std::string styled = terminal.Screen(true);
      for (const char* colour : {"\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
        CHECK(styled.find(colour) == std::string::npos);
      }
      CHECK(styled.find("\x1b[7m") != std::string::npos);
      terminal.Type("q Escape");
      REQUIRE(terminal.Shows("[Enter] open"));
    }
    CHECK(terminal.Shows("?[2J"));  // as text
    terminal.Type("?");
    CHECK(terminal.Shows("Esc gives up"));
    terminal.Type("x q");
    CHECK(terminal.Shows("ended 0"));
  }
}

TEST_CASE("ops: queue --watch shows it again until it is stopped") {
  Shop shop;
  Terminal terminal(100, Command(shop, "ana", "queue --watch --every 1"), 24);
  REQUIRE(terminal.Shows("no held order fits the filter"));
  shop.Place("new", "100.00", R"("note":"odd")");
  shop.Pay("new", "completed");
  REQUIRE(terminal.Shows("> new"));
  // What comes in before it leaves it selected.
  shop.Place("dear", "450.00", R"("note":"odd")");
  shop.Pay("dear", "completed");
  REQUIRE(terminal.Shows("  dear"));
  CHECK(terminal.Shows("> new"));
  terminal.Type("/ dea");
  REQUIRE(terminal.Shows("> dear"));
  terminal.Type("Escape");
  REQUIRE(terminal.Shows("  new"));
  terminal.Type("s");
  CHECK(terminal.Shows("by amount"));
  terminal.Type("m");
  CHECK(terminal.Shows("workable, mine"));
  CHECK(terminal.Shows("no held order fits the filter"));
  terminal.Type("m");
  REQUIRE(terminal.Shows("> "));
  // Another size is drawn at once.
  terminal.Resize(120, 40);
  CHECK(terminal.Shows("May be released by: a reviewer"));
  terminal.Resize(80, 24);
  terminal.Type("C-c");
  CHECK(terminal.Shows("ended 0"));
  // Into a pipe it is printed again and again.
  const Ran piped = Sh("HOLDFAST_KEY=" + shop.service().Key("ana") +
                       " HOLDFAST_URL=http://127.0.0.1:" + std::to_string(shop.service().port()) +
                       " timeout -s INT 3 " HOLDFAST_BINARY " queue --watch --every 1 | cat");
  const std::size_t first = piped.out.find("held: 2 address");
  CHECK(first != std::string::npos);
  CHECK(piped.out.find("held: 2 address", first + 1) != std::string::npos);
}

}  // namespace
}  // namespace holdfast
