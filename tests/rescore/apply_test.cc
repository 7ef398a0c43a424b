// A pack through its gate, and what is still held decided again, against a running service.
#include <doctest/doctest.h>

#include "tests/server/running.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Running;
using testing::Sh;
using testing::TempFolder;

constexpr const char* kHead =
    "base_currency: USD\nfunds: { ship_when: [certain] }\nthresholds: { hold: 50 }\nrules:\n"
    "  - { id: firm, when: \"order.note == 'firm'\", hold: list, on_missing: skip }\n";

TEST_SUITE_BEGIN("rescore");

TEST_CASE("rescore: a pack goes through its gate, and what is held is decided again") {
  const TempFolder folder;
  Sh("mkdir -p " + (folder / "packs/next"));
  const std::string odd =
      "  - { id: odd, when: \"order.note == 'odd'\", hold: identity, on_missing: skip }\n"
      "  - { id: worse, when: \"order.note == 'worse'\", reject: true, on_missing: skip }\n";
  const std::string live =
      folder.Write("live.yaml", std::string("pack: live\nversion: 1\n") + kHead + odd);
  folder.Write("packs/next/pack.yaml", std::string("pack: live\nversion: 2\n") + kHead);
  Running service("packs: " + (folder / "packs") + "\n", {}, live);
  const auto place = [&](const std::string& id, const std::string& note,
                         const std::string& status) {
    REQUIRE(service
                .Post("/v1/orders", "ingest",
                      R"({"id":")" + id + R"(","placed_at":"2026-11-20T08:00:00Z","currency":)" +
                          R"("USD","total":"100.00","note":")" + note + "\"}")
                .status == 200);
    REQUIRE(service
                .Post("/v1/events", "ingest",
                      R"({"id":"p)" + id + R"(","type":"payment.updated","order_id":")" + id +
                          R"(","occurred_at":"2026-11-20T09:00:00Z","payment":{"provider":)" +
                          R"("paypal","status":")" + status +
                          R"(","amount":"100.00","currency":"USD"}})")
                .status == 200);
  };
  place("1", "odd", "completed");
  place("2", "odd", "completed");
  place("3", "odd", "under_review");
  place("4", "firm", "completed");
  place("5", "plain", "completed");
  place("6", "odd", "completed");
  REQUIRE(service
              .Post("/v1/events", "ingest",
                    R"({"id":"d6","type":"shipment.delivered","order_id":"6",)"
                    R"("occurred_at":"2026-11-20T09:30:00Z"})")
              .status == 200);
  place("7", "worse", "completed");
  for (int i = 0; i < 30; ++i) place("x" + std::to_string(i), "plain", "completed");
  const auto as = [&](const std::string& key, const std::string& command) {
    return Sh("HOLDFAST_KEY=" + service.Key(key) + " HOLDFAST_URL=http://127.0.0.1:" +
              std::to_string(service.port()) + " holdfast " + command);
  };
  const std::string data = service.folder() + "data", next = folder / "packs/next";
  const std::string plan = folder / "plan";
  REQUIRE(Sh("holdfast rescore --pack " + next + " --data " + data + " --out " + plan).status == 1);
  // The plan is for a pack that is not active: nothing happens.
  const Ran early = as("all", "rescore --apply " + plan);
  CHECK(early.status == 3);
  CHECK(early.err.find("is a plan for another pack") != std::string::npos);
  CHECK(as("review", "show 1").out.find("HOLD: identity") != std::string::npos);

  const std::string activate = "packs activate " + next + " --data " + data;
  CHECK(as("all", activate + " --max-flips 100").err.find("it has no cases") != std::string::npos);
  folder.Write("packs/next/a.cases.yaml",
               "cases:\n  - name: plain\n    events: [ { id: o, merchant: acme, placed_at: "
               "\"2026-11-20T08:00:00Z\", currency: USD, total: 10, note: x } ]\n    expect: { "
               "outcome: ship }\n");
  CHECK(as("all", activate + " --max-flips 100").err.find("1 of its 1 cases fail") !=
        std::string::npos);
  Sh("sed -i 's/outcome: ship/outcome: hold/' " + (folder / "packs/next/a.cases.yaml"));
  const Ran shut = as("all", activate);
  CHECK(shut.status == 1);
  CHECK(shut.err.find("10.8 % of the orders of the last 7 days end otherwise, more than 5.0 %") !=
        std::string::npos);
  // By rule, with examples.
  CHECK(shut.err.find("  odd: 3 orders\n") < shut.err.find("  worse: 1 order\n"));
  for (const char* order : {"1", "2", "6"}) {
    CHECK(shut.err.find(std::string("    order ") + order +
                        " of acme: hold identity -> ship, 100.00 USD\n") != std::string::npos);
  }
  CHECK(shut.err.find("    order 7 of acme: reject") != std::string::npos);
  const Ran judged = as("all", activate + " --json");
  CHECK(judged.status == 1);
  CHECK(judged.out.starts_with(R"({"active":null,"gate":{"open":false,"faults":["10.8 %)"));
  CHECK(judged.out.find(R"("rules":[{"rule":"odd","orders":3,"examples":[{"order_id":")") !=
        std::string::npos);
  CHECK(as("all", activate + " --max-flips 50 --rehearse").status == 0);
  CHECK(as("all", activate + " --max-flips nan --rehearse").status == 2);
  CHECK(as("all", activate + " --reason ' '").status == 2);
  // What it is tried on is the service's own log, and enough of it; history that nobody decided is
  // nothing to be compared with.
  Sh("holdfast simulate --orders 60 | holdfast log import --pack " + live + " --data " +
     (folder / "elsewhere") + " -");
  const Ran other =
      as("all", "packs activate " + next + " --max-flips 50 --data " + (folder / "elsewhere"));
  CHECK(other.err.find("--data is not the folder of the service's log") != std::string::npos);
  CHECK(other.err.find("there are only 0 orders to test it on") != std::string::npos);
  CHECK(as("all", "packs activate nosuch --data " + data).status == 3);
  CHECK(service.Get("/v1/packs", "review").body.find("\"version\":1") != std::string::npos);
  CHECK(as("admin", activate + " --max-flips 50").err.find("error[forbidden]") !=
        std::string::npos);
  // A pack that was changed since it was judged is another.
  CHECK(service.Post("/v1/packs", "all", R"({"pack":"next","hash":"sha256:00"})").status == 409);
  REQUIRE(as("all", activate + " --reason 'odd notes are fine'").status == 0);
  CHECK(Sh("holdfast log tail --data " + data).out.find("odd notes are fine (although 10.8 %") !=
        std::string::npos);

  CHECK(as("ana", "reject 2 --reason fraud").status == 0);
  CHECK(as("review", "rescore --apply " + plan).err.find("error[forbidden]") != std::string::npos);
  const Ran wide = as("all", "rescore --apply " + plan + " --max-changes 0");
  CHECK(wide.status == 3);
  CHECK(wide.err.find("nothing was done") != std::string::npos);
  const Ran applied = as("all", "rescore --apply " + plan);
  CHECK(applied.status == 0);
  // 2 was decided by a person under the new pack; 3 waits for its money whatever rules say; 6 has
  // left; 7 is rejected.
  CHECK(applied.out == "order 1: ship\n");
  CHECK(as("review", "show 2").out.find("REJECT") != std::string::npos);
  CHECK(as("review", "show 3").out.find("HOLD: funds") != std::string::npos);
  CHECK(as("review", "show 6").out.find("HOLD: identity") != std::string::npos);
  CHECK(as("review", "show 7").out.find("REJECT") != std::string::npos);
  CHECK(as("review", "show 4").out.find("HOLD: list") != std::string::npos);
  const Ran again = as("all", "rescore --apply " + plan + " --max-changes 0");
  CHECK(again.status == 0);
  CHECK(again.err.find("0 orders are to be decided again; 2 are to be shipped or have left") !=
        std::string::npos);
  // What is to be shipped, waits for its money, has left or is rejected is not decided again,
  // for any role.
  const std::string packs = service.Get("/v1/packs", "review").body;
  const std::string hash = packs.substr(packs.find("sha256:"), 7 + 64);
  for (const char* order : {"5", "3", "6", "7"}) {
    const auto forced = service.Post(
        "/v1/events", "admin",
        std::string(R"({"id":"x)") + order +
            R"(","type":"review.rescored","occurred_at":"2026-11-20T10:00:00Z","order_id":")" +
            order + R"(","review":{"reason":")" + hash + "\"}}");
    CHECK(forced.status == 409);
    const bool money = forced.body.find("the money is not certain") != std::string::npos;
    CHECK(money == (order[0] == '3'));
  }
  CHECK(service.Stop() == 0);
  CHECK(Sh("holdfast verify --pack " + next + " --data " + data).status == 0);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
