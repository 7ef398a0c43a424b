#include <cstdio>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/server/security/permit_keys.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string file = "config/permit.keys", token, order;
  bool json = false;
};

int Add(const Options& options, bool rotate) {
  const auto id = AddPermitKey(options.file, rotate, WallTime());
  if (!id) return ReportFailure(id.error());
  std::printf("%s\n", id->c_str());
  std::fprintf(
      stderr,
      "%s signs permits from now on%s. Give %s.pub to the programs that check them; a running "
      "service reads the key with SIGHUP.\n",
      options.file.c_str(), rotate ? "; those of earlier keys stay good" : "",
      options.file.c_str());
  return 0;
}

// True when the order, as JSON, is what the permit was given for. Errors: it cannot be compared.
Result<bool> IsOf(const Permit& permit, const std::string& path) {
  const auto text = ReadFile(path, limits::kEventBytes);
  if (!text) return tl::unexpected(text.error());
  Event event;
  JsonEventParser parser;
  if (Status parsed = parser.Parse(*text, event); !parsed) return tl::unexpected(parsed.error());
  if (event.order == nullptr) return Fail(ErrorCode::kInvalidInput, path, "is no order");
  Order order = *event.order;
  // A shop's own copy need not name the merchant.
  if (order.merchant == kDefaultMerchant) order.merchant = permit.merchant;
  return OrderClaim(order) == permit.claims.order;
}

int Verify(const Options& options) {
  const auto keys = PermitKeys::Load(options.file);
  if (!keys) return ReportFailure(keys.error());
  const std::string token(Trim(options.token));
  const auto permit = ReadPermit(token);
  std::string fault;
  if (!permit) {
    fault = "this is no permit";
  } else if (!(*keys)->Knows(token)) {
    fault = "the permit is signed by none of these keys";
  } else if (!options.order.empty()) {
    const auto same = IsOf(*permit, options.order);
    if (!same) return ReportFailure(same.error());
    if (!*same) fault = "the order is not as it was when the permit was given";
  }
  if (options.json) {
    JsonObject json;
    json.Bool("valid", fault.empty()).GivenText("why", fault);
    if (permit) {
      json.Text("merchant", permit->merchant)
          .Text("order_id", permit->order_id)
          .Text("decided_at", permit->decided_at)
          .Text("key", permit->key)
          .Number("offset", permit->offset);
    }
    std::printf("%s\n", json.Done().c_str());
  } else if (fault.empty()) {
    std::printf("valid: order %s of %s, decided %s%s\n", Safe(permit->order_id).c_str(),
                Safe(permit->merchant).c_str(), Safe(permit->decided_at).c_str(),
                options.order.empty() ? "; compare the order with --order" : "");
  } else {
    std::printf("not valid: %s\n", fault.c_str());
  }
  return fault.empty() ? 0 : 1;
}

}  // namespace

void AddPermit(Command app) {
  auto options = std::make_shared<Options>();
  Command permit = app.Add("permit", "Permits to ship, and the keys that sign them");
  permit.NeedsCommand();
  const auto with_file = [&](Command command, const char* what) {
    command.Value("--key", options->file, what).File().ShowDefault();
    return command;
  };
  Command verify = with_file(permit.Add("verify", "Check a permit without asking the service"),
                             "The file of public keys (.pub)");
  verify.Value("TOKEN", options->token, "The permit, hfp1....").Required();
  verify.Value("--order", options->order, "The order as JSON, to be compared").File();
  verify.Flag("--json", options->json, "The result as one JSON object");
  verify.Footer("Exit codes: 0 valid, 1 not valid, 2 usage, 3 failed.");
  verify.Does([options] { return Verify(*options); });
  Command keygen = with_file(permit.Add("keygen", "Make the first key"),
                             "The file to make; FILE.pub holds the public key");
  keygen.Does([options] { return Add(*options, false); });
  Command rotate = with_file(permit.Add("rotate", "Make a key that takes the place of the last"),
                             "The file of keys");
  rotate.Does([options] { return Add(*options, true); });
}

}  // namespace holdfast::cli
