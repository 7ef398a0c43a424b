#include <chrono>
#include <cstdio>
#include <memory>

#include "engine/base/wall_time.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/net/standard_webhooks.h"
#include "engine/server/security/api_keys.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string file = "config/keys.ndjson";
  std::string merchant, role = "ingest", note, person, id;
  bool json = false;
};

int Create(const Options& options) {
  const auto token = CreateKey(
      options.file, {options.merchant, *RoleOf(options.role), options.note, options.person},
      WallTime());
  if (!token) return ReportError(token.error());
  std::printf("%s\n", token->c_str());
  std::fprintf(stderr,
               "A key of the role %s for %s. It is shown this once; %s holds only its hash. A "
               "running service reads it with SIGHUP.\n",
               options.role.c_str(), options.merchant.c_str(), options.file.c_str());
  return 0;
}

int Revoke(const Options& options) {
  if (Status revoked = RevokeKey(options.file, options.id, WallTime()); !revoked) {
    return ReportError(revoked.error());
  }
  std::printf("%s is revoked; a running service reads it with SIGHUP\n", options.id.c_str());
  return 0;
}

int List(const Options& options) {
  const auto keys = ApiKeys::Load(options.file);
  if (!keys) return ReportError(keys.error());
  if (!options.json) {
    std::printf("%-14s %-20s %-8s %-12s %-22s %-22s %s\n", "key", "merchant", "role", "person",
                "made", "revoked", "note");
  }
  for (const ApiKey& key : (*keys)->all()) {
    const std::string role(NameOf(key.role));
    if (options.json) {
      std::printf("%s\n", JsonObject()
                              .Text("id", key.id)
                              .Text("merchant", key.merchant)
                              .Text("role", role)
                              .Text("created_at", key.created_at)
                              .Text("revoked_at", key.revoked_at)
                              .Text("person", key.person)
                              .Text("note", key.note)
                              .Done()
                              .c_str());
    } else {
      std::printf("%-14s %-20s %-8s %-12s %-22s %-22s %s\n", key.id.c_str(), key.merchant.c_str(),
                  role.c_str(), key.person.empty() ? "-" : Safe(key.person).c_str(),
                  key.created_at.c_str(), key.revoked_at.empty() ? "-" : key.revoked_at.c_str(),
                  Safe(key.note).c_str());
    }
  }
  return 0;
}

}  // namespace

void AddKeys(Command app) {
  auto options = std::make_shared<Options>();
  Command keys = app.Add("keys", "API keys of the service");
  keys.NeedsCommand();
  const auto with_file = [&](Command command) {
    command.Value("--file", options->file, "The file of keys").File().ShowDefault();
    return command;
  };
  Command create = with_file(keys.Add("create", "Make a key, and show it this once"));
  create.Value("--merchant", options->merchant, "Whose data it is for; '*' for all").Required();
  create
      .Value("--role", options->role,
             "ingest (sends events, reads decisions), review (works held orders; reads lists "
             "and packs) or admin (all)")
      .OneOf({"ingest", "review", "admin"})
      .ShowDefault();
  create.Value("--person", options->person,
               "Who has it: decisions of held orders stand under this name");
  create.Value("--note", options->note, "What it is for");
  create.Example("holdfast keys create --merchant acme --role review --person ana");
  create.Does([options] { return Create(*options); });
  Command revoke = with_file(keys.Add("revoke", "Take a key back"));
  revoke.Value("KEY", options->id, "Its id, as `holdfast keys list` shows it").Required();
  revoke.Does([options] { return Revoke(*options); });
  Command list = with_file(keys.Add("list", "The keys, without what is secret"));
  list.Flag("--json", options->json, "One JSON object a line");
  list.Does([options] { return List(*options); });
  Command secret =
      keys.Add("secret", "Make a secret for an endpoint of the outbox (Standard Webhooks)");
  secret.Does([] {
    std::printf("%s\n", NewWebhookSecret().c_str());
    return 0;
  });
}

}  // namespace holdfast::cli
