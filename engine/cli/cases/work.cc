// release, reject, hold, approve, note, tag, ask, answer, amend, dispatch.
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/amendment.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/cases/order_command.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/codec/json_object.h"
#include "engine/packs/question_templates.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions, ReviewWords {
  std::vector<std::string> orders;
  std::string order, until_text, text, from, from_template, language;
  std::string carrier, tracking, parcel, permit;
  bool remove = false, dry_run = false, yes = false, no = false;
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

// ---- buyers, parcels ----------------------------------------------------------------------------

// The text of a template of the pack, filled in for the order.
Result<std::string> TemplateText(const Options& options, const JsonValue& root) {
  const JsonValue& templates = root["review"]["templates"];
  const JsonValue& languages = templates[options.from_template];
  if (!languages.IsMap()) {
    std::vector<std::string_view> names;
    for (const auto& [name, texts] : templates.members()) names.push_back(name);
    return Fail(ErrorCode::kUsage, "--template",
                "the pack has no template '" + options.from_template + "'" +
                    (names.empty() ? "; add it to review.templates" : "; it has " + OrList(names)));
  }
  const JsonValue& order = root["order"]["order"];
  std::string language = options.language;
  if (language.empty()) language = order["buyer"]["language"].text();
  if (language.empty()) language = order["attributes"]["language"].text();
  // "de-AT" is "de" where there is no text for it.
  std::string_view text = languages[language].text();
  if (text.empty()) text = languages[language.substr(0, language.find_first_of("-_"))].text();
  if (text.empty() && options.language.empty()) text = languages["en"].text();
  if (text.empty()) {
    std::vector<std::string_view> known;
    for (const auto& [name, one] : languages.members()) known.push_back(name);
    return Fail(ErrorCode::kUsage, "--language",
                "the template has no text in '" + (language.empty() ? "en" : language) +
                    "'; it has " + OrList(known));
  }
  const JsonValue& to = order["shipping"]["address"];
  return FillQuestion(text, [&](std::string_view name) {
    return std::string(name == "order_id"   ? root["order_id"].text()
                       : name == "total"    ? order["total"].text()
                       : name == "currency" ? order["currency"].text()
                       : name == "city"     ? to["city"].text()
                       : name == "country"  ? to["country"].text()
                                            : order["buyer"]["name"].text());
  });
}

int Ask(const Options& given) {
  Options options = given;
  if (options.text.empty() && options.from_template.empty()) {
    return ReportFailure({ErrorCode::kUsage, "--text or --template",
                          "is needed: what does the buyer read? Give one of the two"});
  }
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
  if (!options.from_template.empty()) {
    auto text = TemplateText(options, root);
    if (!text) return ReportFailure(text.error());
    options.note = std::move(*text);
  }
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

// Prints what an amendment would end; sends nothing. Returns 1 when it would end something.
int Preview(const Options& options, const JsonValue& root) {
  const auto effects = EffectsOf(options.amendment, root);
  if (!effects) return ReportFailure(effects.error());
  const int status = effects->ends.empty() ? 0 : 1;
  if (options.json) {
    std::printf("%s\n", JsonObject()
                            .Raw("ends", JsonTexts(effects->ends))
                            .Raw("holds", JsonTexts(effects->holds))
                            .Done()
                            .c_str());
    return status;
  }
  std::string text = effects->ends.empty() ? "It would end nothing.\n" : "It would end:\n";
  for (const std::string& one : effects->ends) text += "  " + one + "\n";
  if (!effects->holds.empty()) text += "The order would be held again for:\n";
  for (const std::string& rule : effects->holds) text += "  " + rule + "\n";
  text += "The order is decided again; what else rules then find is not known beforehand.\n";
  std::fputs(SafeLines(text).c_str(), stdout);
  return status;
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
  if (options.dry_run) return Preview(options, order->root());
  const auto result = SendAmendment(**client, wanted, order->root());
  if (!result) return ReportFailure(result.error());
  ReviewWords words;
  words.note = "amended";
  if (!options.note.empty()) words.note += ": " + options.note;
  const auto noted = SendReview(**client, options, "noted", options.order, words, nullptr);
  if (!noted) return ReportFailure(noted.error());
  return SayResult(*result, options.order, "", options.json, "Amendment");
}

// Errors: why the parcel must not be dispatched.
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
  AddOn<Options>(
      app, "release", "Have an order shipped, for the reasons that hold it now",
      [](Command command, Options& options) {
        TakeManyWithReason(command, options);
        command.Example("holdfast release 100045 --reason known_buyer --note \"called back\"");
      },
      [](const Options& options) { return Decide(options, "released"); });
  AddOn<Options>(app, "reject", "Have an order not shipped", &TakeManyWithReason,
                 [](const Options& options) { return Decide(options, "rejected"); });
  AddOn<Options>(
      app, "hold", "Hold an order until a person decides",
      [](Command command, Options& options) {
        TakeManyWithReason(command, options);
        command.Value("--until", options.until_text,
                      "When it comes to the front of the queue again: a time, or 90m, 24h, 3d");
      },
      [](const Options& options) { return Decide(options, "held"); });
  AddOn<Options>(app, "approve", "Approve what another person has released", &TakeMany,
                 [](const Options& options) { return Decide(options, "approved"); });
}

void AddRecords(Command app) {
  AddOn<Options>(
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
  AddOn<Options>(
      app, "note", "Write something down about an order",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("TEXT", options.note, "What").Required();
      },
      [](const Options& options) { return Say(options, "noted"); });
  AddOn<Options>(
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
  AddOn<Options>(
      app, "ask", "Ask the buyer, at the mailbox that the payment account is registered under",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command
            .Value("REQUEST", options.request,
                   "confirm_from_account_email, correct_address, send_documents, or as "
                   "rules ask")
            .Required();
        Option text = command.Value("--text", options.text, "What the buyer reads");
        Option from = command.Value("--template", options.from_template,
                                    "Or the text of the pack with this name");
        from.Excludes(text);
        command
            .Value("--language", options.language, "Of the template; default the order's, else en")
            .Needs(from);
      },
      &Ask);
  AddOn<Options>(
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
  AddOn<Options>(
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
        command.Flag("--dry-run", options.dry_run,
                     "Print what it would end (a release, answer, permit or packing check); send "
                     "nothing; exit code 1 if it would end something");
        command.Value("--note", options.note, "Why");
      },
      &Amend);
  AddOn<Options>(
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
