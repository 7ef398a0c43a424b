// TLS and more threads than one.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/report.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

void MakeCertificate(const TempFolder& folder, const std::string& name) {
  const std::string key = folder / (name + ".key"), certificate = folder / (name + ".pem");
  const Ran made = Sh("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name +
                      " -addext subjectAltName=IP:127.0.0.1 -keyout " + key + " -out " +
                      certificate + " 2>/dev/null");
  REQUIRE(made.status == 0);
}

// Goal:   with TLS nothing is answered without it or with an old version of it; another certificate
//         is taken with SIGHUP by connections to come, and a bad one leaves the old one.
TEST_CASE("server: TLS by the certificate that is there now") {
  if (Sh("command -v openssl curl").status != 0) return Skip("openssl or curl is not installed");
  const TempFolder folder;
  MakeCertificate(folder, "one");
  MakeCertificate(folder, "two");
  const auto use = [&](const std::string& name) {
    for (const char* ending : {".key", ".pem"}) {
      std::filesystem::copy_file(folder / (name + ending), folder / (std::string("used") + ending),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  };
  use("one");
  const Running service({}, ", tls: { certificate: " + (folder / "used.pem") +
                                ", key: " + (folder / "used.key") + " }");
  const std::string address = "https://127.0.0.1:" + std::to_string(service.port());
  const auto asks = [&](const std::string& root, const std::string& more = {}) {
    return Sh("curl -sf -m 20 --cacert " + (folder / (root + ".pem")) + " " + more + " " + address +
              "/healthz")
        .status;
  };
  CHECK(asks("one") == 0);
  CHECK(asks("two") != 0);
  CHECK(asks("one", "--tlsv1.0 --tls-max 1.1") != 0);
  const Ran order = Sh("curl -s --cacert " + (folder / "one.pem") + " -H 'Authorization: Bearer " +
                       service.Key("ingest") + "' --data-binary '" + OrderText("1") + "' " +
                       address + "/v1/orders");
  CHECK(order.out.find("\"outcome\":\"hold\"") != std::string::npos);
  CHECK(service.Get("/healthz", "").status == 0);  // in the clear

  use("two");
  service.Signal(SIGHUP);
  CHECK(Eventually([&] { return asks("two") == 0; }));
  std::ofstream(folder / "used.pem") << "no certificate";
  service.Signal(SIGHUP);
  CHECK(Eventually([&] { return service.Log().find("used.pem") != std::string::npos; }));
  CHECK(asks("two") == 0);
}

TEST_CASE("server: with more threads the answers and the log are as good") {
  Running service("threads: { io: 3, parsers: 2, shards: 3 }\n");
  constexpr int kClients = 6, kOrders = 60;
  std::vector<std::thread> clients;
  std::vector<int> held(kClients, 0);
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      const char* const key = client % 2 == 0 ? "ingest" : "other";
      for (int i = 0; i < kOrders; ++i) {
        const std::string id = std::to_string(client) + "-" + std::to_string(i);
        const Reply reply = service.Post("/v1/orders", key, OrderText(id));
        const bool mine = reply.status == 200 &&
                          reply.body.find("\"order_id\":\"" + id + "\"") != std::string::npos &&
                          reply.body.find("\"outcome\":\"hold\"") != std::string::npos;
        held[static_cast<std::size_t>(client)] += mine ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  for (const int count : held) CHECK(count == kOrders);
  CHECK(service.Stop() == 0);
  CHECK(Sh("holdfast verify --pack rules/starter --data " + service.folder() + "/data").status ==
        0);
}

}  // namespace
}  // namespace holdfast::testing
