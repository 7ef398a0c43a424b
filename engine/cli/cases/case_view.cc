#include "engine/cli/cases/case_view.h"

#include <algorithm>
#include <cctype>
#include <ctime>

#include "engine/base/text.h"
#include "engine/decide/release_paths.h"
#include "engine/decide/wording.h"

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

// Who can let an order ship that does not ship now. The answer does not tell which rules are hard.
std::string WhoMayRelease(const JsonValue& decision) {
  const auto reasons = decision["reasons"].list();
  const auto any = [&](auto&& is) { return std::any_of(reasons.begin(), reasons.end(), is); };
  if (any([](const JsonValue& reason) { return reason["code"].text() == "SECOND_PERSON"; })) {
    return "a second person approves the release";
  }
  if (any([](const JsonValue& reason) { return reason["effect"].text() == "funds"; })) {
    return "an administrator, until the money has come";
  }
  bool by_reviewer = false;
  for (const JsonValue& path : decision["release_paths"].list()) {
    for (const JsonValue& condition : path.list()) {
      if (condition.text() == kByAdmin) return "an administrator";
    }
    by_reviewer = by_reviewer || (path.list().size() == 1 && path[0].text() == kByReview);
  }
  const bool above = any([](const JsonValue& reason) {
    return reason["effect"].text() == "reject" || reason["rule"].text() == "packing";
  });
  if (above || decision["outcome"].text() == "reject") return "an administrator";
  return by_reviewer ? "a reviewer" : "a reviewer, or an administrator where a rule is hard";
}

void ShowReasons(const JsonValue& decision, Screen& screen) {
  screen.Heading("Why");
  if (decision["reasons"].list().empty()) screen.Line("  nothing speaks against it");
  for (const JsonValue& reason : decision["reasons"].list()) {
    const std::string_view effect = reason["effect"].text();
    const bool grave = effect == "hold" || effect == "funds" || effect == "threshold";
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
    screen.Item("  Not checked  ", WordsOf(missing["rule"].text()) + " (" + facts + ")",
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

// Shows payer, account holder and consignee, and their locations.
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
  screen.Heading("Payment");
  screen.Item("  ", Or(TextOf(payment["provider"])) + " " + TextOf(payment["method"]) + "  " +
                        Or(TextOf(payment["status"])) + " " + TextOf(payment["pending_reason"]) +
                        "  " + TextOf(payment["amount"]) + " " + TextOf(payment["currency"]) +
                        "  protection " + Or(TextOf(payment["seller_protection"])) + "  " +
                        TextOf(payment["transaction_id"]));
  screen.Heading("Buyer before this order");
  screen.Item("  ", "orders " + fact("buyer.orders") + "  delivered " + fact("buyer.delivered") +
                        "  cancelled " + fact("buyer.cancelled") + "  refunds " +
                        fact("buyer.refunds") + "  disputes " + fact("buyer.disputes") +
                        "  chargebacks " + fact("buyer.chargebacks") + "  first seen " +
                        ShortTime(facts["buyer.first_seen"].text()));
  screen.Heading("Shared with other buyers");
  bool any = false;
  for (const char* link : {"ip", "device", "card", "address"}) {
    const std::string at = "linked." + std::string(link) + ".";
    const std::string buyers = TextOf(facts[at + "buyers"]);
    if (buyers.empty() || buyers == "0") continue;
    any = true;
    screen.Item("  ", std::string(link) + ": " + buyers + " buyers, " +
                          TextOf(facts[at + "orders"]) + " orders, " +
                          TextOf(facts[at + "disputes"]) + " disputed, " +
                          TextOf(facts[at + "chargebacks"]) + " charged back" +
                          (facts[at + "hub"].text() == "true" ? " (a hub: says little)" : ""));
  }
  if (!any) screen.Line("  nothing");
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
    return of("confirmation", "request") + " from " + of("confirmation", "from") + " " +
           of("confirmation", "text");
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
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  const std::int64_t seconds = (now.nanos - time->nanos) / kNanosPerSecond;
  if (seconds < kMinute) return std::to_string(std::max<std::int64_t>(seconds, 0)) + " s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < kDay) {
    return std::to_string(seconds / kHour) + " h " + std::to_string(seconds % kHour / kMinute) +
           " min";
  }
  return std::to_string(seconds / kDay) + " d " + std::to_string(seconds % kDay / kHour) + " h";
}

std::string ShortTime(std::string_view rfc3339) {
  const auto time = ParseEventTime(rfc3339);
  if (!time) return rfc3339.empty() ? "-" : std::string(rfc3339);
  const std::time_t seconds = time->nanos / kNanosPerSecond;
  std::tm local{};
  char text[64];
  localtime_r(&seconds, &local);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &local)};
}

void ShowTimeline(const JsonValue& root, Screen& screen) {
  static const JsonValue kNone;
  const JsonValue* order = &kNone;
  for (const JsonValue& entry : root["events"].list()) {
    const JsonValue& event = entry["event"];
    std::string text = TextOf(event["type"]);
    std::string summary(Trim(Summary(event)));
    if (event["order"].IsMap()) {
      if (event["type"].text() == "order.amended") summary = Changes(*order, event["order"]);
      order = &event["order"];
    }
    if (!summary.empty()) text += ": " + summary;
    if (!entry["outcome"].text().empty()) {
      text += "  -> " + TextOf(entry["outcome"]) + " " + TextOf(entry["cause"]);
    }
    screen.Item("  " + ShortTime(event["occurred_at"].text()) + "  ", text);
  }
}

void ShowCaseHead(const JsonValue& root, EventTime now, Screen& screen) {
  const JsonValue& order = root["order"]["order"];
  const JsonValue& decision = root["decision"];
  screen.Line("Order " + TextOf(root["order_id"]) + "   " + TextOf(root["merchant"]) + "   " +
                  TextOf(order["total"]) + " " + TextOf(order["currency"]) + "   placed " +
                  ShortTime(order["placed_at"].text()),
              Colour::kBold);
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
  screen.Item("", line + "   decision " + TextOf(decision["offset"]),
              ColourOf(decision["outcome"].text()));
  const std::string_view outcome = decision["outcome"].text();
  if (outcome == "hold" || outcome == "reject") {
    screen.Item("", "May be released by: " + WhoMayRelease(decision));
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
  std::string tags;
  for (const JsonValue& tag : review["tags"].list()) tags += " #" + TextOf(tag);
  if (!tags.empty()) screen.Item("", "tags" + tags);
}

void ShowCase(const JsonValue& root, EventTime now, Screen& screen) {
  ShowCaseHead(root, now, screen);
  ShowCaseBody(root, screen);
}

void ShowCaseBody(const JsonValue& root, Screen& screen) {
  ShowReasons(root["decision"], screen);
  ShowLedger(root["funds"], screen);
  ShowFacts(root, screen);
  ShowItems(root, screen);
  screen.Heading("What happened");
  ShowTimeline(root, screen);
}

}  // namespace holdfast::cli
