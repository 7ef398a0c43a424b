// block, trust: entries of the lists that a pack names for them.
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/packs/keys.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string kind, value, order, span, reason;
  bool remove = false;
};

// The value of this kind in an order, as rules read it.
std::string ValueIn(const JsonValue& root, const std::string& kind) {
  const JsonValue& order = root["order"]["order"];
  return std::string(kind == "buyer"     ? order["buyer"]["id"].text()
                     : kind == "email"   ? order["buyer"]["email"].text()
                     : kind == "card"    ? PaymentOf(root)["card"]["fingerprint"].text()
                     : kind == "address" ? root["facts"]["address.key"].text()
                     : kind == "device"  ? order["device_id"].text()
                                         : order["ip"].text());
}

Result<std::string> ValueFor(OpsClient& client, const Options& options) {
  if (options.order.empty()) return options.value;
  const auto order = FetchOrder(client, options.order);
  if (!order) return tl::unexpected(order.error());
  std::string value = ValueIn(order->root(), options.kind);
  if (!value.empty()) return value;
  return Fail(ErrorCode::kNotFound, "--order",
              "order '" + options.order + "' gives no " + options.kind);
}

// The list of the active pack for this kind. `role`: "blocks" or "trusts".
Result<std::string> ListFor(OpsClient& client, const Options& options, const char* role) {
  const std::string query = client.merchant().empty() ? "" : "?" + client.merchant();
  const auto lists = client.Get("/v1/lists" + query);
  if (!lists) return tl::unexpected(lists.error());
  std::string others;
  for (const JsonValue& list : lists->root()["lists"].list()) {
    const std::string_view kind = list[role].text();
    if (kind == options.kind) return std::string(list["name"].text());
    if (!kind.empty()) others += (others.empty() ? "" : ", ") + std::string(kind);
  }
  const std::string key = role == std::string("blocks") ? "block_lists" : "trust_lists";
  return Fail(ErrorCode::kNotFound, "KIND",
              "the pack names no list for '" + options.kind + "'; add it to review." + key +
                  ", with a rule that reads the list" +
                  (others.empty() ? "" : " (it has: " + others + ")"));
}

int Change(const Options& options, const char* role) {
  if (options.value.empty() == options.order.empty()) {
    return ReportFailure({ErrorCode::kUsage, "VALUE", "give a value, or --order"});
  }
  JsonObject body;
  if (!options.span.empty()) {
    const auto span = ParseSpan(options.span);
    if (!span || options.remove) {
      return ReportFailure(
          {ErrorCode::kUsage, "--for", "must be a time such as 12h or 30d, without --remove"});
    }
    body.Text("until", FormatRfc3339(EventTime{WallTime().nanos + *span}));
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto list = ListFor(**client, options, role);
  if (!list) return ReportFailure(list.error());
  const auto value = ValueFor(**client, options);
  if (!value) return ReportFailure(value.error());
  body.Raw(options.remove ? "remove" : "add", JsonTexts(std::vector<std::string>{*value}));
  body.Text("reason", options.reason);
  const std::string query = (*client)->merchant().empty() ? "" : "?" + (*client)->merchant();
  const auto answer = (*client)->Post("/v1/lists/" + EncodeUrl(*list) + query, body.Done());
  if (!answer) return ReportFailure(answer.error());
  if (options.json) return SayResult(*answer, *value, "", true, "Change");
  std::printf("%s\n",
              Safe(options.kind + " " + *value + (options.remove ? " taken off " : " put on ") +
                   *list + (options.span.empty() ? "" : " for " + options.span))
                  .c_str());
  std::fputs(
      "Orders that were decided before keep their decision and permit until their next event; "
      "`holdfast find` finds them.\n",
      stderr);
  return 0;
}

void AddOne(Command app, const char* name, const char* what, const char* role) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(name, what);
  command.Value("KIND", options->kind, "What the value is")
      .Required()
      .OneOf({BlockKinds().begin(), BlockKinds().end()});
  command.Value("VALUE", options->value, "The value");
  command.Value("--order", options->order, "Or take the value from this order");
  command.Value("--for", options->span, "How long: 12h, 30d; default without an end");
  command.Value("--reason", options->reason, "Why").Required();
  command.Flag("--remove", options->remove, "Take it off the list");
  AddOpsOptions(command, *options);
  command.Does([options, role] { return Change(*options, role); });
}

}  // namespace

void AddBlock(Command app) {
  AddOne(app, "block", "Block a buyer, e-mail address, card, address, device or IP address",
         "blocks");
  AddOne(app, "trust", "Trust a buyer, e-mail address, card, address, device or IP address",
         "trusts");
}

}  // namespace holdfast::cli
