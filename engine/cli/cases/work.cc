// claim, release, reject, hold, approve, note, tag, ask, answer, amend, dispatch.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/codec/json_object.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions, ReviewWords {
  std::vector<std::string> orders;
  std::string order, until_text, lease = "15m", text, from, carrier, tracking, parcel, permit;
  bool next = false, give_back = false, remove = false, yes = false, no = false;
  int confirm = 0;
  std::uint64_t seen = 0;
  Amendment amendment;
};

// The outcome that a decision of this type requests.
std::string_view WantedBy(const std::string& type) {
  return type == "released" || type == "approved" ? "ship" : type == "rejected" ? "reject" : "hold";
}

// "2026-11-24T09:00:00Z", or "24h" from now.
Result<EventTime> TimeOf(const std::string& text, const char* option) {
  if (const auto time = ParseEventTime(text)) return *time;
  const auto span = ParseSpan(text);
  if (span) return EventTime{WallTime().nanos + *span};
  return Fail(ErrorCode::kUsage, option,
              "must be a time such as 2026-11-24T09:00:00Z, or 90m, 24h, 3d");
}

// Decides one order in its current state.
int DecideOne(OpsClient& client, const Options& options, const std::string& type,
              const std::string& order, const JsonDocument& looked_at) {
  const JsonValue& root = looked_at.root();
  if (options.seen != 0 && options.seen != SeenOf(root)) {
    return ReportFailure(
        {ErrorCode::kConflict,
         {},
         "order '" + order + "' was decided again since decision " + std::to_string(options.seen)});
  }
  const auto result = SendReview(client, options, type, order, options, &root);
  if (!result) return ReportFailure(result.error());
  if (type == "released" || type == "approved") {
    for (const JsonValue& reason : root["decision"]["reasons"].list()) {
      if (!Holds(reason)) continue;
      std::fprintf(stderr, "%s: %s\n", type.c_str(), Safe(reason["text"].text()).c_str());
    }
  }
  return SayResult(*result, order, WantedBy(type), options.json, "Decision");
}

// Shows the orders that would be decided together and asks for their number.
bool Confirms(const Options& options, const std::string& type,
              const std::vector<std::pair<std::string, JsonDocument>>& orders) {
  const int count = static_cast<int>(orders.size());
  std::vector<std::vector<std::string>> rows = {{"order", "is", "cause", "amount", "consignee"}};
  for (const auto& [id, document] : orders) {
    const JsonValue& root = document.root();
    const JsonValue& order = root["order"]["order"];
    rows.push_back(
        {id, std::string(root["decision"]["outcome"].text()),
         std::string(root["decision"]["cause"].text()),
         std::string(order["total"].text()) + " " + std::string(order["currency"].text()),
         std::string(order["shipping"]["name"].text())});
  }
  Screen screen(TerminalWidth(), false);
  screen.Table(rows);
  std::fputs(screen.text().c_str(), stderr);
  if (options.confirm == count) return true;
  if (options.confirm != 0 || !IsTerminal(0)) {
    std::fprintf(stderr, "This affects %d orders. Repeat with --confirm %d\n", count, count);
    return false;
  }
  std::fprintf(stderr, "%d orders would be %s. Type %d to go on: ", count, type.c_str(), count);
  std::string line;
  std::getline(std::cin, line);
  if (Trim(line) == std::to_string(count)) return true;
  std::fprintf(stderr, "nothing was done\n");
  return false;
}

int Decide(const Options& given, const std::string& type) {
  Options options = given;
  if (!options.until_text.empty()) {
    const auto until = TimeOf(options.until_text, "--until");
    if (!until) return ReportFailure(until.error());
    options.until = *until;
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  std::vector<std::pair<std::string, JsonDocument>> orders;
  // An order that is named twice is decided once.
  std::vector<std::string> ids;
  for (const std::string& id : options.orders) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (options.seen != 0 && ids.size() > 1) {
    return ReportFailure({ErrorCode::kUsage, "--seen", "is of one order"});
  }
  for (const std::string& id : ids) {
    auto order = FetchOrder(**client, id);
    if (!order) return ReportFailure(order.error());
    orders.emplace_back(id, std::move(*order));
  }
  if (orders.size() > 1 && !Confirms(options, type, orders)) return 2;
  int status = 0;
  for (const auto& [id, document] : orders) {
    status = std::max(status, DecideOne(**client, options, type, id, document));
  }
  return status;
}

// Sends notes and tags, for which the order need not be fetched.
int Say(const Options& options, const std::string& type) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto result = SendReview(**client, options, type, options.order, options, nullptr);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, type == "tagged" ? "Tags" : "Note");
}

// ---- claims -------------------------------------------------------------------------------------

Result<JsonDocument> ClaimOne(OpsClient& client, const Options& options, const std::string& order) {
  const auto span = ParseSpan(options.lease);
  if (!span) return Fail(ErrorCode::kUsage, "--for", "must be a time such as 15m or 1h");
  ReviewWords words;
  words.until = EventTime{WallTime().nanos + (options.give_back ? 0 : *span)};
  return SendReview(client, options, "claimed", order, words, nullptr);
}

int Claim(const Options& options) {
  if (options.next != options.order.empty()) {
    return ReportFailure({ErrorCode::kUsage, "ORDER", "give an order, or --next"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  if (!options.next) {
    const auto result = ClaimOne(**client, options, options.order);
    if (!result) return ReportFailure(result.error());
    return SayResult(*result, options.order, "", options.json,
                     options.give_back ? "End of the claim" : "Claim");
  }
  std::string target = "/v1/queue?workable=true&unclaimed=true&limit=20";
  if (!(*client)->merchant().empty()) target += "&" + (*client)->merchant();
  const auto queue = (*client)->Get(target);
  if (!queue) return ReportFailure(queue.error());
  // Another person may have claimed the first order meanwhile; try the next.
  for (const JsonValue& one : queue->root()["orders"].list()) {
    const std::string order(one["order_id"].text());
    const auto result = ClaimOne(**client, options, order);
    if (!result && result.error().code == ErrorCode::kConflict) continue;
    if (!result) return ReportFailure(result.error());
    if (options.json) return SayResult(*result, order, "", true, "Claim");
    std::printf("%s\n", Safe(order).c_str());
    return 0;
  }
  std::fprintf(stderr, "nothing waits that nobody has claimed\n");
  return 1;
}

// ---- buyers, parcels ----------------------------------------------------------------------------

int Ask(const Options& given) {
  Options options = given;
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportFailure(order.error());
  const JsonValue& root = order->root();
  options.to = PaymentOf(root)["payer"]["email"].text();
  if (options.to.empty()) {
    return ReportFailure(
        {ErrorCode::kInvalidInput, "payment.payer.email",
         "is not known, so an answer cannot be checked; note what the buyer says, and "
         "release the order yourself"});
  }
  options.note = options.text;
  const auto result = SendReview(**client, options, "asked", options.order, options, nullptr);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, "Question");
}

int Answer(const Options& options) {
  if (options.yes == options.no) {
    return ReportFailure({ErrorCode::kUsage, "--yes or --no",
                          "is needed: does the buyer confirm it? Give one of the two"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const std::string confirmation = JsonObject()
                                       .Text("request", options.request)
                                       .Text("from", options.from)
                                       .GivenText("text", options.text)
                                       .Bool("confirmed", options.yes)
                                       .Done();
  const auto result = (*client)->Send(
      NewEvent(options, "buyer.confirmed", options.order, "confirmation", confirmation));
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, "Answer");
}

// Records money that no provider reports.
int Paid(const Options& given) {
  Options options = given;
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportFailure(order.error());
  if (options.currency.empty()) {
    options.currency = order->root()["order"]["order"]["currency"].text();
  }
  const auto result = SendReview(**client, options, "paid", options.order, options, &order->root());
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "ship", options.json, "Payment");
}

int Amend(const Options& options) {
  const Amendment& wanted = options.amendment;
  if (wanted.shipping.empty() && wanted.parcels.empty() && wanted.file.empty()) {
    return ReportFailure(
        {ErrorCode::kUsage, "amend", "say what changes: --shipping, --parcel, --file"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportFailure(order.error());
  const auto result = SendAmendment(**client, wanted, order->root());
  if (!result) return ReportFailure(result.error());
  ReviewWords words;
  words.note = "amended";
  if (!options.note.empty()) words.note += ": " + options.note;
  const auto noted = SendReview(**client, options, "noted", options.order, words, nullptr);
  if (!noted) return ReportFailure(noted.error());
  return SayResult(*result, options.order, "", options.json, "Amendment");
}

// Why a parcel of the order must not leave. Success: it may.
Status MayLeave(const JsonValue& root, const std::string& order, const std::string& parcel) {
  const JsonValue& decision = root["decision"];
  const auto refuse = [&order](const std::string& why) {
    return Fail(ErrorCode::kConflict, {}, "order '" + order + "' " + why);
  };
  if (decision["outcome"].text() != "ship") {
    return refuse("is not to be shipped: " + std::string(decision["outcome"].text()) + " " +
                  std::string(decision["cause"].text()));
  }
  if (const std::string parcels = OtherParcels(root, parcel); !parcels.empty()) {
    return Fail(ErrorCode::kUsage, "--parcel", "the order goes in parcels: " + parcels);
  }
  for (const JsonValue& missing : root["evidence_missing"].list()) {
    if (missing.text() != parcel) continue;
    return refuse("needs evidence of its packing before it leaves: holdfast pack-check --evidence");
  }
  for (const JsonValue& left : root["dispatched"].list()) {
    const JsonValue& shipment = left["shipment"];
    if (shipment["parcel"].text() != parcel) continue;
    return refuse("has left already: " + std::string(shipment["carrier"].text()) + " " +
                  std::string(shipment["tracking"].text()));
  }
  return {};
}

int Dispatch(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  std::string permit = options.permit;
  if (permit.empty()) {
    const auto order = FetchOrder(**client, options.order);
    if (!order) return ReportFailure(order.error());
    if (const Status may = MayLeave(order->root(), options.order, options.parcel); !may) {
      return ReportFailure(may.error());
    }
    permit = order->root()["decision"]["permit"].text();
  }
  const std::string shipment = JsonObject()
                                   .Text("carrier", options.carrier)
                                   .Text("tracking", options.tracking)
                                   .GivenText("parcel", options.parcel)
                                   .GivenText("permit", permit)
                                   .Done();
  const auto result = (*client)->Send(
      NewEvent(options, "shipment.dispatched", options.order, "shipment", shipment));
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "ship", options.json, "Dispatch");
}

// Adds a command on orders. `describe` adds its options, `act` runs it.
template <typename Describe, typename Act>
void AddOn(Command app, const char* name, const char* what, Describe describe, Act act) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(name, what);
  describe(command, *options);
  AddOpsOptions(command, *options);
  command.Does([options, act] { return act(*options); });
}

void TakeOne(Command command, Options& options) {
  command.Value("ORDER", options.order, "Its id").Required();
}

void TakeMany(Command command, Options& options) {
  command.Value("ORDER", options.orders, "Their ids").Required();
  command.Value("--confirm", options.confirm,
                "Of several: how many they are, so that none is decided unseen");
  command.Value("--note", options.note, "For the next person who looks at it");
  command.Value("--seen", options.seen,
                "Of one order: the number of the decision that you looked at, as show has "
                "it; with a later one nothing is done");
}

void TakeManyWithReason(Command command, Options& options) {
  TakeMany(command, options);
  command.Value("--reason", options.reason, "Its code; a wrong one shows those there are")
      .Required();
}

void AddDecisions(Command app) {
  AddOn(
      app, "claim", "Claim an order, so that no other person decides it meanwhile",
      [](Command command, Options& options) {
        command.Value("ORDER", options.order, "Its id");
        command.Flag("--next", options.next,
                     "The next unclaimed order of the queue; prints its id");
        command.Value("--for", options.lease, "How long; at most 8h").ShowDefault();
        command.Flag("--give-back", options.give_back, "End your claim");
      },
      &Claim);
  AddOn(
      app, "release", "Have an order shipped, for the reasons that hold it now",
      [](Command command, Options& options) {
        TakeManyWithReason(command, options);
        command.Example("holdfast release 100045 --reason known_buyer --note \"called back\"");
      },
      [](const Options& options) { return Decide(options, "released"); });
  AddOn(app, "reject", "Have an order not shipped", &TakeManyWithReason,
        [](const Options& options) { return Decide(options, "rejected"); });
  AddOn(
      app, "hold", "Hold an order until a person decides",
      [](Command command, Options& options) {
        TakeManyWithReason(command, options);
        command.Value("--until", options.until_text,
                      "When it comes to the front of the queue again: a time, or 90m, 24h, 3d");
      },
      [](const Options& options) { return Decide(options, "held"); });
  AddOn(app, "approve", "Approve what another person has released", &TakeMany,
        [](const Options& options) { return Decide(options, "approved"); });
}

void AddRecords(Command app) {
  AddOn(
      app, "paid", "Record that money has come without a provider: a bank transfer, a cheque, cash",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("--amount", options.amount, "How much has come").Required();
        command.Value("--currency", options.currency, "Of the amount; default the order's");
        command
            .Value("--reference", options.reference,
                   "By which it is found again, such as the bank's; two persons who write the same "
                   "one and amount have seen the same money")
            .Required();
        command.Value("--reason", options.reason, "How you know: bank-statement, ...").Required();
        command.Value("--note", options.note, "For the next person who looks at it");
      },
      &Paid);
  AddOn(
      app, "note", "Write something down about an order",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("TEXT", options.note, "What").Required();
      },
      [](const Options& options) { return Say(options, "noted"); });
  AddOn(
      app, "tag", "Put tags on an order, or take them off",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("TAG", options.tags, "Which").Required();
        command.Flag("--remove", options.remove, "Take them off");
      },
      [](const Options& given) {
        Options options = given;
        if (options.remove) std::swap(options.tags, options.untag);
        return Say(options, "tagged");
      });
}

void AddQuestions(Command app) {
  AddOn(
      app, "ask", "Ask the buyer, at the mailbox that the payment account is registered under",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command
            .Value("REQUEST", options.request,
                   "confirm_from_account_email, correct_address, send_documents, or as "
                   "rules ask")
            .Required();
        command.Value("--text", options.text, "What the buyer reads");
      },
      &Ask);
  AddOn(
      app, "answer", "Record the buyer's answer to what was asked",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("REQUEST", options.request, "What was asked").Required();
        command.Value("--from", options.from, "The mailbox that it came from").Required();
        command.Value("--text", options.text, "What it says");
        command.Flag("--yes", options.yes, "The buyer confirms it");
        command.Flag("--no", options.no, "The buyer says no, or: it was not me");
      },
      &Answer);
}

void AddParcels(Command app) {
  AddOn(
      app, "amend", "Change where an order goes, its lines, or its parcels; it is decided again",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("--shipping", options.amendment.shipping,
                      "city=Berlin; name, phone, line1, line2, city, region, postal_code, "
                      "country");
        command.Value("--parcel", options.amendment.parcels,
                      "SKU=2 puts a line into parcel 2, SKU:3=2 three pieces of it");
        command
            .Value("--file", options.amendment.file,
                   "The whole order as JSON; - for standard input")
            .File();
        command.Value("--note", options.note, "Why");
      },
      &Amend);
  AddOn(
      app, "dispatch", "Say that a parcel has left, with its permit",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("--carrier", options.carrier, "Who carries it").Required();
        command.Value("--tracking", options.tracking, "Its number there").Required();
        command.Value("--parcel", options.parcel, "Which parcel, of an order that is split");
        command.Value("--permit", options.permit,
                      "Its permit; default that of the order as it stands");
      },
      &Dispatch);
}

}  // namespace

void AddWork(Command app) {
  AddDecisions(app);
  AddRecords(app);
  AddQuestions(app);
  AddParcels(app);
}

}  // namespace holdfast::cli
