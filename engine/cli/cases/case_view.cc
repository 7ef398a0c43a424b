#include "engine/cli/cases/case_view.h"

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"
#include "engine/cli/ui/duration.h"
#include "engine/decide/wording.h"
#include "engine/features/link_kinds.h"
#include "engine/model/names.h"

namespace holdfast::cli {
namespace {

using Row = std::vector<std::string>;

std::string TextOf(const JsonValue& value) { return std::string(value.text()); }

std::string Or(std::string text, const char* otherwise = "-") {
  return text.empty() ? otherwise : text;
}

std::string AddressLine(const JsonValue& address) {
  std::string line;
  for (const char* part : {"line1", "line2", "postal_code", "city", "region", "country"}) {
    const std::string text = TextOf(address[part]);
    if (text.empty()) continue;
    if (!line.empty()) line += std::string_view(part) == "city" ? " " : ", ";
    line += text;
  }
  return Or(line);
}

Colour ColourOf(std::string_view outcome) {
  return outcome == "ship" ? Colour::kGreen : outcome == "hold" ? Colour::kYellow : Colour::kRed;
}

// Whether a question has reached the receivers of messages.
std::string DeliveryOf(const JsonValue& asked) {
  std::string text;
  for (const JsonValue& one : asked["deliveries"].list()) {
    const std::string_view state = one["state"].text();
    const std::string why = one["why"].text().empty() ? "" : ", " + TextOf(one["why"]);
    text += text.empty() ? "" : "; ";
    text += TextOf(one["endpoint"]) + ": ";
    text += state == "delivered"  ? "delivered"
            : state == "failing"  ? "not delivered, " + TextOf(one["attempts"]) + " tries" + why
            : state == "given_up" ? "not delivered, given up" + why
            : state == "not_sent" ? "not sent, the endpoint was added later"
                                  : "not sent yet";
  }
  return text.empty() ? "no receiver of messages is configured" : text;
}

void ShowQuestions(const JsonValue& review, EventTime now, Screen& screen) {
  for (const JsonValue& asked : review["asked"].list()) {
    screen.Item("", "asked " + AgeOf(asked["at"].text(), now) + " ago by " + TextOf(asked["by"]) +
                        " (" + TextOf(asked["request"]) + "): " + DeliveryOf(asked));
  }
  for (const JsonValue& answer : review["answers"].list()) {
    const std::string_view standing = answer["standing"].text();
    std::string text = "answer to " + TextOf(answer["request"]) + " from " + TextOf(answer["from"]);
    if (!answer["by"].text().empty()) text += ", recorded by " + TextOf(answer["by"]);
    screen.Item("", text + (standing == "confirmed"   ? ": confirmed"
                            : standing == "not_valid" ? ": no confirmation"
                                                      : ": a second person must record the same"));
  }
}

// Who may release an order that is held or rejected.
std::string WhoMayRelease(const JsonValue& root) {
  for (const JsonValue& reason : root["decision"]["reasons"].list()) {
    if (reason["code"].text() == "SECOND_PERSON") return "a second person approves the release";
  }
  const JsonValue& release = root["release"];
  std::string who = release["role"].text() == "review" ? "a reviewer" : "an administrator";
  if (release["second_person"].truth()) who += ", then a second person";
  return who;
}

// Shows the parcels that were dispatched or delivered.
void ShowSent(const JsonValue& root, Screen& screen) {
  const auto show = [&screen](const JsonValue& event) {
    const JsonValue& shipment = event["shipment"];
    std::string line = event["type"].text() == "shipment.delivered" ? "DELIVERED" : "SENT";
    line += " " + ShortTime(event["occurred_at"].text());
    for (const auto& [name, member] : {std::pair(" with ", "carrier"),
                                       {", tracking ", "tracking"},
                                       {", parcel ", "parcel"},
                                       {", by ", "by"}}) {
      if (!shipment[member].text().empty()) line += name + TextOf(shipment[member]);
    }
    screen.Item("", line, Colour::kBold);
  };
  for (const JsonValue& event : root["dispatched"].list()) show(event);
  for (const JsonValue& entry : root["events"].list()) {
    const JsonValue& event = entry["event"];
    const auto left = root["dispatched"].list();
    const bool shown = std::any_of(left.begin(), left.end(), [&event](const JsonValue& one) {
      return one["id"].text() == event["id"].text();
    });
    if (event["type"].text() == "shipment.delivered" && !shown) show(event);
  }
}

void ShowLinks(const JsonValue& links, Screen& screen) {
  const std::string order = TextOf(links["order"]);
  if (order.empty() && links["payments"].list().empty()) return;
  screen.Heading("Elsewhere");
  if (!order.empty()) screen.Item("  order    ", order);
  for (const JsonValue& payment : links["payments"].list()) {
    screen.Item("  payment  ", TextOf(payment["url"]) + "  (" + TextOf(payment["provider"]) + " " +
                                   TextOf(payment["transaction_id"]) + ")");
  }
}

void ShowReasons(const JsonValue& decision, Screen& screen) {
  screen.Heading("Why");
  if (decision["reasons"].list().empty()) screen.Line("  nothing speaks against it");
  for (const JsonValue& reason : decision["reasons"].list()) {
    const std::string_view effect = reason["effect"].text();
    const bool grave = IsHolding(ValueOf<Effect>(effect));
    std::string mark = "  " + std::string(effect);
    if (effect == "points") mark += " " + TextOf(reason["points"]);
    mark.resize(std::max<std::size_t>(mark.size() + 2, 14), ' ');
    std::string text = TextOf(reason["text"]);
    if (!reason["ask"].text().empty()) text += " (ask: " + TextOf(reason["ask"]) + ")";
    screen.Item(mark, text + "  [" + TextOf(reason["rule"]) + "]",
                effect == "reject" ? Colour::kRed
                : grave            ? Colour::kYellow
                                   : Colour::kNone);
  }
  for (const JsonValue& missing : decision["missing"].list()) {
    std::string facts;
    for (const JsonValue& fact : missing["facts"].list()) {
      const bool failed = fact.text().starts_with("error: ");
      facts += (facts.empty() ? "" : ", ") +
               (failed ? std::string(fact.text()) : "no " + NounOf(fact.text()));
    }
    screen.Item("  Not checked  ", RuleInWords(missing["rule"].text()) + " (" + facts + ")",
                Colour::kDim);
  }
  if (decision["release_paths"].list().empty()) return;
  screen.Heading("What would release it");
  for (const JsonValue& path : decision["release_paths"].list()) {
    std::string text;
    for (const JsonValue& condition : path.list()) {
      text += (text.empty() ? "" : "; ") + SentenceOf(condition.text());
    }
    screen.Item("  - ", text);
  }
}

std::string MoneyOf(const JsonValue& of, const char* name, const JsonValue& currency) {
  return TextOf(of[name]) + " " + TextOf(currency);
}

// Shows what is due and what has arrived, and each payment with its movements.
void ShowLedger(const JsonValue& funds, Screen& screen) {
  if (!funds.IsMap()) return;
  screen.Heading("Money");
  const JsonValue& currency = funds["currency"];
  std::string sums =
      MoneyOf(funds, "paid", currency) + " of " + MoneyOf(funds, "due", currency) + " paid";
  for (const char* name :
       {"authorized", "pending", "in_review", "disputed", "refunded", "taken_back", "overpaid"}) {
    const std::string amount = TextOf(funds[name]);
    if (amount.find_first_of("123456789") == amount.npos) continue;
    sums += ", " + amount + " " +
            (name == std::string("in_review")    ? "in review"
             : name == std::string("taken_back") ? "taken back"
                                                 : name);
  }
  screen.Item("  ", sums + ": " + TextOf(funds["certainty"]));
  if (!funds["known"].truth()) screen.Item("  ", "not all amounts are known", Colour::kYellow);
  for (const JsonValue& payment : funds["payments"].list()) {
    std::string line = Or(TextOf(payment["provider"]));
    for (const JsonValue& id : payment["ids"].list()) line += " " + TextOf(id);
    line += "  (reported by the " + TextOf(payment["source"]) + ")";
    screen.Item("  ", line);
    const auto part = [&](const JsonValue& one) {
      const std::string amount = TextOf(one["amount"]);
      const std::string reference = TextOf(one["reference"]);
      screen.Item("    ",
                  TextOf(one["kind"]) + " " + TextOf(one["state"]) +
                      (amount.empty() ? "" : "  " + amount + " " + TextOf(payment["currency"])) +
                      "  " + ShortTime(one["at"].text()) +
                      (reference.empty() ? "" : "  " + reference));
    };
    for (const JsonValue& movement : payment["movements"].list()) part(movement);
    for (const JsonValue& one : payment["cases"].list()) part(one);
  }
}

// The map `member` of the main payment, else of the last payment that has it.
const JsonValue& LastNamed(const JsonValue& root, const char* member) {
  const JsonValue* found = &PaymentOf(root)[member];
  if (found->IsMap()) return *found;
  for (const JsonValue& entry : root["events"].list()) {
    const JsonValue& event = entry["event"];
    for (const JsonValue* payment : {&event["payment"], &event["order"]["payment"]}) {
      if ((*payment)[member].IsMap()) found = &(*payment)[member];
    }
  }
  return *found;
}

void ShowPayment(const JsonValue& root, Screen& screen) {
  const JsonValue& payment = PaymentOf(root);
  screen.Heading("Payment");
  screen.Item("  ", Or(TextOf(payment["provider"])) + " " + TextOf(payment["method"]) + "  " +
                        Or(TextOf(payment["status"])) + " " + TextOf(payment["pending_reason"]) +
                        "  " + TextOf(payment["amount"]) + " " + TextOf(payment["currency"]) +
                        "  protection " + Or(TextOf(payment["seller_protection"])) + "  " +
                        TextOf(payment["transaction_id"]));
  const JsonValue& card = LastNamed(root, "card");
  const JsonValue& risk = LastNamed(root, "provider_risk");
  std::string line;
  const auto add = [&line](const char* name, const std::string& text) {
    if (!text.empty()) line += (line.empty() ? "" : "  ") + std::string(name) + " " + text;
  };
  add("card of", TextOf(card["country"]));
  add("card", TextOf(card["funding"]));
  add("AVS", TextOf(card["avs"]));
  add("CVC", TextOf(card["cvc"]));
  add("3-D Secure", TextOf(card["three_d_secure"]));
  if (card["liability_shift"].kind() == JsonValue::Kind::kBool) {
    add("liability", card["liability_shift"].truth() ? "the issuer's" : "the seller's");
  }
  add("instalments", TextOf(payment["instalments"]));
  add("attempts", TextOf(payment["attempts"]));
  add("provider's risk", TextOf(risk["level"]));
  add("provider's score", TextOf(risk["score"]));
  if (!line.empty()) screen.Item("  ", line);
}

// The counts of `part` ("before" or "since" of an order's `history`) whose names begin with
// `prefix`: "orders 2  delivered 1". `zeros`: also those that are 0.
std::string CountsText(const JsonValue& part, std::string_view prefix, bool zeros) {
  std::string line;
  for (const auto& [name, count] : part.members()) {
    if (!name.starts_with(prefix) || (!zeros && count.text() == "0")) continue;
    line +=
        (line.empty() ? "" : "  ") + std::string(name.substr(prefix.size())) + " " + TextOf(count);
  }
  return line;
}

void ShowBuyerHistory(const JsonValue& root, Screen& screen) {
  const JsonValue& history = root["history"];
  screen.Heading("Buyer before this order");
  std::string before = CountsText(history["before"], "buyer.", true);
  const std::string_view first = root["facts"]["buyer.first_seen"].text();
  if (!first.empty()) before += "  first seen " + ShortTime(first);
  screen.Item("  ", Or(before, "the order does not say who the buyer is"));
  const std::string since = CountsText(history["since"], "buyer.", false);
  if (since.empty()) return;
  screen.Heading("Buyer since this order");
  screen.Item("  ", since);
}

void ShowShared(const JsonValue& root, Screen& screen) {
  const JsonValue& facts = root["facts"];
  const auto show = [&](const char* when) {
    const JsonValue& part = root["history"][when];
    bool any = false;
    for (const Link link : kLinks) {
      const std::string at = "linked." + std::string(NameOf(link)) + ".";
      const std::string counts = CountsText(part, at, false);
      if (counts.empty()) continue;
      if (!any) screen.Heading("Shared with other buyers " + std::string(when) + " this order");
      any = true;
      const bool hub = facts[at + "hub"].text() == "true";
      screen.Item(
          "  ", std::string(NameOf(link)) + ": " + counts + (hub ? "  (a hub: says little)" : ""));
    }
    return any;
  };
  const bool before = show("before"), since = show("since");
  if (before || since) return;
  screen.Heading("Shared with other buyers");
  screen.Line("  nothing");
}

// Shows payer, account holder and consignee, their locations, and what they did.
void ShowFacts(const JsonValue& root, Screen& screen) {
  const JsonValue& order = root["order"]["order"];
  const JsonValue& payment = PaymentOf(root);
  const JsonValue& payer = payment["payer"];
  const JsonValue& facts = root["facts"];
  const auto fact = [&](const char* name) { return Or(TextOf(facts[name])); };
  screen.Heading("Who");
  const Row who_head = {"", "payer", "account holder", "consignee", "buyer"};
  const Row names = {"name", Or(TextOf(payer["name"])), Or(TextOf(payer["account_holder"])),
                     Or(TextOf(order["shipping"]["name"])), Or(TextOf(order["buyer"]["name"]))};
  const Row mail = {"e-mail", Or(TextOf(payer["email"])), "-", "-",
                    Or(TextOf(order["buyer"]["email"]))};
  const Row phone = {"phone", "-", "-", Or(TextOf(order["shipping"]["phone"])),
                     Or(TextOf(order["buyer"]["phone"]))};
  const Row matches = {"matches", "holder: " + fact("match.payer_to_holder"),
                       "consignee: " + fact("match.holder_to_consignee"),
                       "payer: " + fact("match.payer_to_consignee"),
                       Or(TextOf(payer["account_status"]))};
  const auto show = [&](std::vector<Row> rows) {
    constexpr int kWide = 100;
    if (screen.width() >= kWide) return screen.Table(rows);
    // On a narrow terminal columns are shown below each other.
    std::vector<Row> turned;
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
      Row& row = turned.emplace_back();
      for (const Row& old : rows) row.push_back(old[i]);
    }
    screen.Table(turned);
  };
  show({who_head, names, mail, phone, matches});
  screen.Heading("Where");
  show({{"", "IP", "account", "shipping", "billing"},
        {"country", fact("geo.country"), Or(TextOf(payer["country"])),
         Or(TextOf(order["shipping"]["address"]["country"])),
         Or(TextOf(order["billing"]["address"]["country"]))},
        {"address", Or(TextOf(order["ip"])), AddressLine(payer["address"]),
         AddressLine(order["shipping"]["address"]), AddressLine(order["billing"]["address"])},
        {"matches", fact("geo.status"), "shipping: " + fact("match.shipping_to_payment"),
         "billing: " + fact("match.shipping_to_billing"), "-"}});
  ShowPayment(root, screen);
  ShowBuyerHistory(root, screen);
  ShowShared(root, screen);
}

void ShowItems(const JsonValue& root, Screen& screen) {
  const JsonValue& order = root["order"]["order"];
  screen.Heading("Lines");
  std::vector<Row> rows = {{"qty", "SKU", "variant", "price", "", "title"}};
  for (const JsonValue& item : order["items"].list()) {
    std::string variant = TextOf(item["variant"]["colour"]);
    if (!item["variant"]["size"].text().empty()) {
      variant += (variant.empty() ? "" : ", ") + TextOf(item["variant"]["size"]);
    }
    std::string marks = item["fragile"].truth() ? "fragile " : "";
    if (item["gift"].truth()) marks += "gift ";
    if (!item["parcel"].text().empty()) marks += "parcel " + TextOf(item["parcel"]);
    rows.push_back({Or(TextOf(item["quantity"]), "1"), Or(TextOf(item["sku"])), variant,
                    TextOf(item["unit_price"]), marks, TextOf(item["title"])});
  }
  screen.Table(rows);
  if (!order["shipping_fee"].text().empty()) {
    screen.Item("  ", "shipping fee " + MoneyOf(order, "shipping_fee", order["currency"]));
  }
  for (const JsonValue& advice : root["decision"]["handling"].list()) {
    screen.Item("  ! ", TextOf(advice));
  }
  if (!order["note"].text().empty()) screen.Item("  buyer's note: ", TextOf(order["note"]));
}

// What an event says, in a few words.
std::string Summary(const JsonValue& event) {
  const auto of = [&](const char* payload, const char* member) {
    return TextOf(event[payload][member]);
  };
  const std::string_view type = event["type"].text();
  if (type.starts_with("payment.")) {
    return of("payment", "provider") + " " + of("payment", "status") + " " +
           of("payment", "pending_reason");
  }
  if (type.starts_with("review.")) {
    std::string text = "by " + of("review", "by");
    const std::string person = of("review", "person");
    if (!person.empty()) {
      text += (type == "review.claimed" ? ", ends the claim of " : ", to ") + person;
    } else if (type == "review.assigned") {
      text += ", to nobody";
    }
    for (const char* member : {"amount", "currency", "reference", "reason", "request", "note"}) {
      if (!event["review"][member].text().empty()) text += ", " + of("review", member);
    }
    const auto until = ParseEventTime(of("review", "until"));
    const auto at = ParseEventTime(event["occurred_at"].text());
    if (until && at && *until <= *at) {
      text += ", given back";
    } else if (until) {
      text += ", until " + ShortTime(of("review", "until"));
    }
    for (const JsonValue& tag : event["review"]["tags"].list()) text += " #" + TextOf(tag);
    for (const JsonValue& tag : event["review"]["untag"].list()) text += " without #" + TextOf(tag);
    return text;
  }
  if (type == "buyer.message") return of("message", "text");
  if (type == "buyer.confirmed") {
    std::string text = of("confirmation", "request") + " from " + of("confirmation", "from") + " " +
                       of("confirmation", "text");
    if (!of("confirmation", "by").empty()) text += ", recorded by " + of("confirmation", "by");
    return text;
  }
  if (type.starts_with("dispute."))
    return of("dispute", "kind") + " " + of("dispute", "reason") + " " + of("dispute", "outcome");
  if (type == "refund.issued") {
    return of("refund", "amount") + " " + of("refund", "currency") + " " + of("refund", "reason");
  }
  if (type.starts_with("shipment.")) {
    std::string text;
    for (const char* member : {"parcel", "carrier", "tracking", "evidence"}) {
      if (const std::string said = of("shipment", member); !said.empty()) {
        text += (text.empty() ? "" : " ") + said;
      }
    }
    const std::string by = of("shipment", "by");
    return text + (by.empty() ? "" : ", by " + by);
  }
  if (type == "alert.acknowledged") return "by " + of("alert", "by") + ": " + of("alert", "note");
  if (type == "alert.raised") return of("alert", "text");
  return {};
}

// What an amendment changes of an order.
std::string Changes(const JsonValue& before, const JsonValue& after) {
  std::string text;
  const auto add = [&text](const std::string& change) {
    text += (text.empty() ? "" : "; ") + change;
  };
  const auto differ = [&](const char* member) {
    std::string a, b;
    WriteJson(before[member], a);
    WriteJson(after[member], b);
    return a != b;
  };
  if (differ("shipping")) {
    add("to " + Or(TextOf(after["shipping"]["name"])) + ", " +
        AddressLine(after["shipping"]["address"]));
  }
  if (differ("total")) add("total " + TextOf(after["total"]));
  if (differ("items")) add("other lines or parcels");
  if (differ("billing") || differ("buyer")) add("other buyer");
  return text;
}

}  // namespace

const JsonValue& PaymentOf(const JsonValue& order) {
  const JsonValue& own = order["payment"]["payment"];
  return own.IsMap() ? own : order["payment"]["order"]["payment"];
}

std::string AgeOf(std::string_view since, EventTime now) {
  const auto time = ParseEventTime(since);
  if (!time) return "-";
  return DurationText((now.nanos - time->nanos) / kNanosPerSecond);
}

std::string ShortTime(std::string_view rfc3339) {
  const auto time = ParseEventTime(rfc3339);
  if (!time) return rfc3339.empty() ? "-" : std::string(rfc3339);
  std::string text = FormatRfc3339(*time);
  constexpr std::size_t kToMinutes = sizeof("2026-11-20T08:15") - 1, kDate = 10;
  text.resize(kToMinutes);
  text[kDate] = ' ';
  return text;
}

std::vector<TimelineEntry> TimelineOf(const JsonValue& root) {
  static const JsonValue kNone;
  const JsonValue* order = &kNone;
  std::vector<TimelineEntry> timeline;
  for (const JsonValue& entry : root["events"].list()) {
    const JsonValue& event = entry["event"];
    std::string summary(Trim(Summary(event)));
    // A bare order has no event around it.
    const bool alone = event["type"].text().empty();
    if (alone || event["order"].IsMap()) {
      const JsonValue& now = alone ? event : event["order"];
      if (event["type"].text() == "order.amended") summary = Changes(*order, now);
      order = &now;
    }
    timeline.push_back({TextOf(entry["offset"]), TextOf(event[alone ? "placed_at" : "occurred_at"]),
                        alone ? "order.placed" : TextOf(event["type"]), std::move(summary),
                        TextOf(entry["outcome"]), TextOf(entry["cause"])});
  }
  return timeline;
}

void ShowTimeline(const JsonValue& root, Screen& screen) {
  for (const TimelineEntry& entry : TimelineOf(root)) {
    std::string text = entry.type;
    if (!entry.summary.empty()) text += ": " + entry.summary;
    if (!entry.outcome.empty()) text += "  -> " + entry.outcome + " " + entry.cause;
    screen.Item("  " + ShortTime(entry.at) + "  ", text);
  }
}

void ShowCaseHead(const JsonValue& root, EventTime now, Screen& screen) {
  const JsonValue& order = root["order"]["order"];
  const JsonValue& decision = root["decision"];
  screen.Line("Order " + TextOf(root["order_id"]) + "   " + TextOf(root["merchant"]) + "   " +
                  TextOf(order["total"]) + " " + TextOf(order["currency"]) + "   placed " +
                  ShortTime(order["placed_at"].text()) + "   (all times are UTC)",
              Colour::kBold);
  ShowSent(root, screen);
  std::string line = TextOf(decision["outcome"]);
  for (char& c : line) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const JsonValue& held = root["held"];
  if (held.IsMap()) {
    line += ": " + TextOf(held["cause"]) + ", for " + AgeOf(held["since"].text(), now) +
            ", review due " + ShortTime(held["review_by"].text());
    const auto due = ParseEventTime(held["review_by"].text());
    if (due && *due <= now) line += " (overdue)";
  }
  line += "   score " + TextOf(decision["score"]) + "   funds " + TextOf(decision["funds"]);
  if (root["cancelled"].truth()) line += "   cancelled";
  line += "   decision " + TextOf(decision["offset"]);
  const JsonValue& pack = decision["pack"];
  if (pack.IsMap()) line += "   pack " + TextOf(pack["name"]) + " " + TextOf(pack["version"]);
  screen.Item("", line, ColourOf(decision["outcome"].text()));
  const std::string_view outcome = decision["outcome"].text();
  if (outcome == "hold" || outcome == "reject") {
    screen.Item("", "May be released by: " + WhoMayRelease(root));
  }
  if (!decision["deadline"].text().empty()) {
    const std::string_view then = decision["on_deadline"].text();
    screen.Item("", "Waiting period ends " + ShortTime(decision["deadline"].text()) + "; then it " +
                        (then == "ship"     ? "ships unless something else holds it"
                         : then == "reject" ? "is rejected"
                                            : "stays held"));
  }
  const JsonValue& review = root["review"];
  const auto until = ParseEventTime(review["claimed_until"].text());
  if (until && *until > now) {
    screen.Item("", "claimed by " + TextOf(review["claimed_by"]) + " until " +
                        ShortTime(review["claimed_until"].text()));
  }
  if (!review["assigned_to"].text().empty()) {
    screen.Item("", "assigned to " + TextOf(review["assigned_to"]) + " by " +
                        TextOf(review["assigned_by"]));
  }
  if (!review["escalated_by"].text().empty()) {
    screen.Item("", "escalated by " + TextOf(review["escalated_by"]) + ": " +
                        TextOf(review["escalated_why"]));
  }
  std::string tags;
  for (const JsonValue& tag : review["tags"].list()) tags += " #" + TextOf(tag);
  if (!tags.empty()) screen.Item("", "tags" + tags);
  ShowQuestions(review, now, screen);
}

void ShowCase(const JsonValue& root, EventTime now, Screen& screen) {
  ShowCaseHead(root, now, screen);
  ShowCaseBody(root, screen);
}

void ShowCaseBody(const JsonValue& root, Screen& screen) {
  ShowLinks(root["links"], screen);
  ShowReasons(root["decision"], screen);
  ShowLedger(root["funds"], screen);
  ShowFacts(root, screen);
  ShowItems(root, screen);
  screen.Heading("What happened");
  ShowTimeline(root, screen);
}

}  // namespace holdfast::cli
