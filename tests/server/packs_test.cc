// The packs of a service: which one is active, across starts, and how another becomes so.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "engine/codec/json_value.h"
#include "engine/packs/pack.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

std::string PackText(const std::string& limit) {
  return "pack: live\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\nrules:\n"
         "  - { id: large, when: order.total > " +
         limit + ", hold: review }\n";
}

std::string HashOf(const std::string& path) {
  Diagnostics diagnostics;
  const auto pack = LoadPack(path, diagnostics);
  REQUIRE(pack != nullptr);
  return pack->hash;
}

// A service whose folder of packs has `live` and `next`; `live` is configured.
struct Shop {
  Shop() {
    std::filesystem::create_directories(folder / "packs/live");
    std::filesystem::create_directories(folder / "packs/next");
    folder.Write("packs/live/pack.yaml", PackText("10.0"));
    folder.Write("packs/next/pack.yaml", PackText("20.0"));
    service = std::make_unique<Running>("packs: " + (folder / "packs") + "\n", std::string(),
                                        folder / "packs/live");
  }
  std::string data() const { return service->folder() + "data"; }
  // What a start says that is refused.
  Ran Refused(const std::string& options = {}) const {
    return Sh("timeout 20 " HOLDFAST_BINARY " serve --config " + service->folder() +
              "holdfast.yaml" + options);
  }
  std::string Active() const {
    const auto packs = JsonDocument::Parse(service->Get("/v1/packs", "review").body);
    REQUIRE(packs);
    return std::string(packs->root()["active"]["hash"].text());
  }
  std::vector<std::string> History(const char* part, const char* key = "all") const {
    const auto answer = JsonDocument::Parse(service->Get("/v1/packs/history", key).body);
    REQUIRE(answer);
    std::vector<std::string> texts;
    for (const JsonValue& one : answer->root()["activations"].list()) {
      texts.emplace_back(one[part].text());
    }
    return texts;
  }

  TempFolder folder;
  std::unique_ptr<Running> service;
};

using Texts = std::vector<std::string>;

TEST_CASE("server: a pack that is edited in place does not become active by a start or a signal") {
  const Shop shop;
  const std::string live = shop.folder / "packs/live", first = HashOf(live);
  CHECK(Eventually([&] { return shop.History("hash") == Texts{first}; }));
  CHECK(shop.History("by") == Texts{"holdfast"});
  CHECK(shop.Active() == first);
  shop.folder.Write("packs/live/pack.yaml", PackText("99.0"));
  const std::string edited = HashOf(live);
  shop.service->Signal(SIGHUP);
  CHECK(Eventually(
      [&] { return shop.service->Log().find("is not the active one") != std::string::npos; }));
  CHECK(shop.Active() == first);
  shop.service->Kill();
  for (const char* options : {"", " --check-config"}) {
    const Ran refused = shop.Refused(options);
    CAPTURE(refused.err);
    CHECK(refused.status == (std::string(options).empty() ? 3 : 1));
    for (const std::string& part :
         {std::string("error[other-pack]"), first, edited,
          "holdfast packs activate " + live + " --data " + shop.data() + " --no-service",
          std::string("--active-pack")}) {
      CHECK(refused.err.find(part) != std::string::npos);
    }
  }
  // Nor by a command that opens the folder.
  const std::string score = "holdfast score --data " + shop.data() + " --pack ";
  CHECK(Sh(score + live + " - < /dev/null").status == 3);
  CHECK(Sh(score + shop.data() + "/packs/" + first.substr(7) + " - < /dev/null").status == 0);
  CHECK(Sh("holdfast queue --data " + shop.data() + " --pack " + live).status == 3);
  CHECK(Sh("holdfast queue --data " + shop.data()).status == 0);
  // As it was, it is the active one.
  shop.folder.Write("packs/live/pack.yaml", PackText("10.0"));
  shop.service->Start();
  CHECK(shop.Active() == first);
  CHECK(shop.History("hash").size() == 1);
  shop.service->Kill();
  // Activated in the folder, the edited one starts.
  shop.folder.Write("packs/live/pack.yaml", PackText("99.0"));
  const std::string activate =
      "holdfast packs activate " + live + " --no-service --by eva --data " + shop.data();
  const Ran shut = Sh(activate);
  CHECK(shut.status == 1);
  CHECK(shut.err.find("it has no cases") != std::string::npos);
  CHECK(Sh(activate + " --reason 'a larger limit'").status == 0);
  shop.service->Start();
  CHECK(shop.Active() == edited);
  CHECK(shop.History("hash") == Texts{edited, first});
  CHECK(shop.History("by")[0] == "eva");
  CHECK(shop.History("reason")[0].starts_with("a larger limit (although "));
  CHECK(shop.History("gate")[0].starts_with("did not pass: "));
}

TEST_CASE("server: what was activated stays active, and its files are kept") {
  const Shop shop;
  const std::string first = HashOf(shop.folder / "packs/live"),
                    next = HashOf(shop.folder / "packs/next");
  REQUIRE(shop.service->Post("/v1/packs", "all", R"({"pack":"next"})").status == 200);
  CHECK(shop.Active() == next);
  // A text that is too long is refused before the pack changes.
  CHECK(shop.service
            ->Post("/v1/packs", "all",
                   R"({"pack":"live","reason":")" + std::string(2000, 'x') + "\"}")
            .status >= 400);
  CHECK(shop.Active() == next);
  shop.service->Kill();
  // Its folder may change or go; the configuration is as it was accepted.
  std::filesystem::remove_all(shop.folder / "packs/next");
  shop.service->Start();
  CHECK(shop.Active() == next);
  // The index is made from the log again.
  shop.service->Kill();
  std::filesystem::remove(shop.data() + "/active-pack.json");
  const Ran refused = shop.Refused();
  CHECK(refused.err.find("error[other-pack]") != std::string::npos);
  const Ran listed = Sh("holdfast packs list --json --data " + shop.data());
  CHECK(listed.out.find("\"active\":{\"name\":\"live\"") != std::string::npos);
  CHECK(listed.out.find(next) != std::string::npos);
  const Ran history = Sh("holdfast packs history --data " + shop.data());
  CHECK(history.out.find(next.substr(0, 19)) != std::string::npos);
  CHECK(history.out.find("reason: the pack of the configuration, at the first start") !=
        std::string::npos);
  const Ran diff =
      Sh("holdfast packs diff " + first.substr(7, 10) + " " + next + " --data " + shop.data());
  CHECK(diff.status == 1);
  CHECK(diff.out.find("changed rule large") != std::string::npos);
  CHECK(Sh("holdfast packs diff 00000000 " + next + " --data " + shop.data()).status == 2);
  CHECK(Sh("holdfast packs diff " + first + " " + next).status == 2);
  // Stored files that were changed are refused.
  std::ofstream(shop.data() + "/packs/" + next.substr(7) + "/pack.yaml") << PackText("1.0");
  const Ran changed = shop.Refused(" --active-pack");
  CHECK(changed.status == 3);
  CHECK(changed.err.find("was changed") != std::string::npos);
  std::filesystem::remove_all(shop.data() + "/packs/" + next.substr(7));
  CHECK(shop.Refused(" --active-pack").err.find("the files of the active pack") !=
        std::string::npos);
}

TEST_CASE("server: a rollback is an activation through the gate, with its permissions") {
  const Shop shop;
  const std::string first = HashOf(shop.folder / "packs/live"),
                    next = HashOf(shop.folder / "packs/next");
  const auto as = [&](const std::string& key, const std::string& command) {
    return Sh("HOLDFAST_KEY=" + shop.service->Key(key) + " HOLDFAST_URL=http://127.0.0.1:" +
              std::to_string(shop.service->port()) + " holdfast packs " + command);
  };
  const std::string back = "rollback --data " + shop.data();
  CHECK(as("all", back).err.find("has no other pack") != std::string::npos);
  REQUIRE(
      as("all", "activate " + (shop.folder / "packs/next") + " --reason a --data " + shop.data())
          .status == 0);
  CHECK(as("all", back).status == 1);  // the gate: no cases, no orders
  CHECK(shop.Active() == next);
  CHECK(as("admin", back + " --reason b").err.find("error[forbidden]") != std::string::npos);
  CHECK(as("review", back + " --reason b").err.find("error[forbidden]") != std::string::npos);
  const Ran done = as("all", back + " --reason 'too many holds' --json");
  CHECK(done.status == 0);
  CHECK(done.out.find("\"gate\":{\"open\":false,") != std::string::npos);
  CHECK(shop.Active() == first);
  CHECK(as("all", back + " " + next.substr(7, 12) + " --reason c").status == 0);
  CHECK(shop.Active() == next);
  CHECK(shop.History("hash") == Texts{next, first, next, first});
  CHECK(shop.History("reason")[1].starts_with("rollback: too many holds (although "));
  CHECK(as("all", "list").out.find("active: live version 1") != std::string::npos);
  CHECK(as("all", "history").out.find("too many holds") != std::string::npos);
  // Over HTTP, by the hash alone; and nothing but a stored pack.
  const auto by_hash = [&](const std::string& key, const std::string& hash) {
    return shop.service->Post("/v1/packs", key, R"({"hash":")" + hash + "\"}").status;
  };
  CHECK(by_hash("all", first) == 200);
  CHECK(by_hash("all", "sha256:" + std::string(64, '0')) == 404);
  CHECK(by_hash("admin", first) == 403);
  CHECK(shop.Active() == first);
  // Who and why is nothing for the key of one merchant.
  CHECK(shop.History("hash", "review").size() == 5);
  CHECK(shop.History("reason", "review")[0].empty());
  const std::string seen = shop.service->Get("/v1/packs/history", "admin").body;
  CHECK(seen.find("too many holds") == std::string::npos);
  CHECK(seen.find("\"by\"") == std::string::npos);
  CHECK(shop.service->Stop() == 0);
}

}  // namespace
}  // namespace holdfast::testing
