#include <cstdio>
#include <memory>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/net/standard_webhooks.h"
#include "engine/outbox/dead_letters.h"
#include "engine/server/listener.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string data, name, secret;
  std::uint16_t port = 8643;
  std::vector<std::uint64_t> offsets;
  bool all = false, json = false;
  std::string Folder() const { return data + "/outbox"; }
};

int Dead(const Options& options) {
  const auto letters = ReadDeadLetters(options.Folder(), options.name);
  if (!letters && letters.error().code == ErrorCode::kNotFound) {
    std::fprintf(stderr, "no dead letters for %s\n", options.name.c_str());
    return 0;
  }
  if (!letters) return ReportError(letters.error());
  for (const DeadLetter& letter : *letters) {
    if (options.json) {
      std::printf("%s\n", JsonObject()
                              .Number("offset", letter.offset)
                              .Text("at", letter.at)
                              .Text("why", letter.why)
                              .Done()
                              .c_str());
    } else {
      std::printf("%12llu  %s  %s\n", static_cast<unsigned long long>(letter.offset),
                  letter.at.c_str(), Safe(letter.why).c_str());
    }
  }
  return letters->empty() ? 0 : 1;
}

int SendAgain(const Options& options) {
  std::vector<std::uint64_t> offsets = options.offsets;
  if (options.all) {
    const auto letters = ReadDeadLetters(options.Folder(), options.name);
    if (!letters) return ReportError(letters.error());
    for (const DeadLetter& letter : *letters) offsets.push_back(letter.offset);
  }
  if (offsets.empty()) {
    return ReportError({ErrorCode::kUsage, "--offset", "give records of the log, or --all"});
  }
  if (Status replayed = Resend(options.Folder(), options.name, offsets); !replayed) {
    return ReportError(replayed.error());
  }
  std::printf("%zu messages will be sent to %s once more\n", offsets.size(), options.name.c_str());
  return 0;
}

// A receiver to test an endpoint with. Verifies and prints the messages.
int Receive(const Options& options) {
  auto secret = ReadFile(options.secret, 64 << 10);
  if (!secret) return ReportError(secret.error());
  const std::string key(Trim(*secret));
  ServeConfig config;
  config.listen.port = options.port;
  auto listener = Listener::Open(config, [&key](HttpRequest request, Respond respond) {
    const Status genuine =
        VerifyStandardWebhook(key,
                              {request.Header("webhook-id"), request.Header("webhook-timestamp"),
                               request.Header("webhook-signature")},
                              request.body, WallTime());
    std::printf("%s %s %s\n", genuine ? "genuine" : "REFUSED",
                Safe(std::string(request.Header("webhook-id"))).c_str(),
                Safe(request.body).c_str());
    std::fflush(stdout);
    HttpAnswer answer;
    answer.status = genuine ? 204 : 401;
    respond(std::move(answer));
  });
  if (!listener) return ReportError(listener.error());
  std::fprintf(stderr, "receiving on http://127.0.0.1:%u/\n", (*listener)->port());
  (*listener)->Run(
      1, [] {}, [&listener](int) { (*listener)->Stop(); });
  return 0;
}

}  // namespace

void AddOutbox(Command app) {
  auto options = std::make_shared<Options>();
  Command outbox = app.Add("outbox", "Messages that did not arrive");
  outbox.NeedsCommand();
  const auto with_name = [&](Command command) {
    command.Value("--data", options->data, "The data folder").Folder().Required();
    command.Value("ENDPOINT", options->name, "Its name in the configuration").Required();
    return command;
  };
  Command dead = with_name(outbox.Add("dead", "The dead letters of an endpoint"));
  dead.Flag("--json", options->json, "One JSON object a line");
  dead.Does([options] { return Dead(*options); });
  Command replay = with_name(outbox.Add(
      "replay", "Send messages once more; a running service does so at once, others when started"));
  replay.Value("--offset", options->offsets, "Records of the log");
  replay.Flag("--all", options->all, "All dead letters");
  replay.Does([options] { return SendAgain(*options); });
  Command receive = outbox.Add(
      "receive", "Receive messages on this machine, check their signatures and show them");
  receive.Value("--port", options->port, "The port; 0 takes any that is free").ShowDefault();
  receive.Value("--secret-file", options->secret, "The endpoint's secret").File().Required();
  receive.Does([options] { return Receive(*options); });
}

}  // namespace holdfast::cli
