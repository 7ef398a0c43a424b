// What is rescored from recorded facts is what a fold gives.
#include <doctest/doctest.h>

#include "engine/cel/eval/value_bytes.h"
#include "engine/codec/json_value.h"
#include "engine/decide/fact_row.h"
#include "engine/model/engine_version.h"
#include "engine/pipeline/pipeline.h"
#include "engine/rescore/from_facts.h"
#include "engine/rescore/rescore.h"
#include "engine/rescore/rows.h"
#include "engine/simulate/random.h"
#include "engine/upkeep/backup.h"
#include "engine/upkeep/verify.h"
#include "tests/cli/process.h"
#include "tests/pipeline/harness.h"
#include "tests/pipeline/traffic.h"

namespace holdfast {
namespace {

using testing::MakeEvent;
using testing::MakePack;
using testing::TempFolder;

// What the packs' conditions are made of; the first pack reads all of it.
const std::vector<std::string>& Atoms() {
  static const std::vector<std::string> atoms = {
      "order.total > 200.0",
      "order.total_base > 150.0",
      "all_1d > 8",
      "ip_1h > 1",
      "paid >= 1",
      "least < 60.0",
      "all_spend > 4000.0",
      "order.items.exists(i, i.quantity > 2)",
      "payments.exists(p, p.counts && p.status == 'completed' && p.paid > 50.0)",
      "order.items.exists(i, i.fragile && i.unit_price > 20.0)",
      "order.attributes.scenario == 'regular'",
      "has(order.attributes.nothing)",
      "payment.certainty == 'uncertain'",
      "payment.since > timestamp('2026-01-01T20:00:00Z')",
      "order.placed_at - order.buyer.registered_at < duration('2h')",
      "order.buyer.id in lists.watched",
      "order.ip in lists.nets",
      "size(verification.confirmed) > 0",
      "linked.ip.buyers > 1",
      "linked.device.orders > 0",
      "buyer.orders > 1",
      "buyer.disputes > 0",
      "linked.email.orders > 0",
      "linked.email.age_days > 3",
      "linked.phone.buyers > 0",
      "linked.account.buyers > 0",
      "buyer.orders_returned > 0",
      "buyer.median_order > 80.0",
      "buyer.last_order > buyer.average_order",
      "returned >= 1",
      "order.shipping.tax_id_check == 'wrong'",
      "order.weight_grams > 100",
      "address.po_box",
      "similarity.payer_to_consignee < 0.5",
      "match.payer_to_holder == 'same'",
      "phone.valid",
      "order.shipping.address.country != order.billing.address.country",
      "geo.country != order.shipping.address.country",
      "order.note.contains('gift')",
      "1.0 / order.total > payment.amount",
  };
  return atoms;
}

std::string Condition(Random& random) {
  const auto atom = [&] {
    const std::string& text = Atoms()[random.Below(Atoms().size())];
    return random.Chance(250) ? "!(" + text + ")" : "(" + text + ")";
  };
  std::string text = atom();
  for (std::uint64_t more = random.Below(3); more > 0; --more) {
    text = "(" + text + (random.Chance(500) ? " && " : " || ") + atom() + ")";
  }
  return text;
}

constexpr const char* kBegin = R"yaml(
rates: { EUR: 1.08, GBP: 1.25, CAD: 0.73, AUD: 0.66, JPY: 0.0067 }
lists: { watched: { type: text, dynamic: true }, nets: { type: ip, dynamic: true } }
features:
  ip_1h: { count: order.id, by: order.ip, over: 1h }
  all_1d: { count: order.id, by: order.merchant, over: 1d }
  all_spend: { sum: order.total_base, by: order.merchant, over: 7d }
  paid: { count: payment.status, by: order.buyer.id, on: payment, over: 7d }
  least: { min: order.total, by: order.currency, where: order.total > 5.0, over: 3d }
  returned: { count: order.id, by: order.buyer.id, on: shipment, where: "shipment.event == 'returned'", over: 30d }
)yaml";

std::string Head(int threshold, const std::string& evidence) {
  return kBegin + ("thresholds: { hold: " + std::to_string(threshold) +
                   " }\npacking: { evidence: \"" + evidence + "\" }\nrules:\n");
}

// That decides live.
std::string FirstPack() {
  std::string text = Head(50, "order.total > 300.0");
  text +=
      "  - { id: cool, when: all_1d > 8, hold: cooling_off, deadline: 2h, on_deadline: ship }\n"
      "  - { id: late, when: order.total > 250.0, hold: identity, deadline: 5h, on_deadline: "
      "reject }\n"
      "  - { id: asks, when: ip_1h > 1, hold: verification, ask: confirm }\n";
  for (std::size_t i = 0; i < Atoms().size(); ++i) {
    const std::string effect = i % 4 == 0 ? "points: " + std::to_string(10 + i) : "advise: \"a\"";
    text += "  - { id: a" + std::to_string(i) + ", when: \"" + Atoms()[i] + "\", " + effect +
            ", on_missing: skip }\n";
  }
  return text;
}

// Other rules of the same facts.
std::string OtherPack(Random& random) {
  const std::string evidence =
      random.Chance(500) ? "order.total > 100.0" : "order.items.exists(i, i.fragile)";
  std::string text = Head(static_cast<int>(random.Between(10, 90)),
                          random.Chance(700) ? evidence : "geo.country == 'FR'");
  for (int i = 0; i < 10; ++i) {
    std::string rule = "id: r" + std::to_string(i) + ", when: \"" + Condition(random) + "\", ";
    bool holds = false;
    switch (random.Below(8)) {
      case 0:
        rule += "reject: true";
        break;
      case 1:
        rule += "allow: true";
        break;
      case 2:
        rule += "advise: \"look\"";
        break;
      case 3:
      case 4:
        rule += "points: " + std::to_string(random.Between(-20, 60));
        break;
      default:
        holds = true;
        rule += random.Chance(500) ? "hold: geo" : "hold: identity";
    }
    if (holds && random.Chance(500)) {
      const char* ends[] = {"ship", "reject", "hold"};
      rule += std::string(", deadline: ") + (random.Chance(500) ? "2h" : "5h") +
              ", on_deadline: " + random.Pick(ends);
    }
    if (holds && random.Chance(300)) rule += ", ask: confirm";
    if (holds && random.Chance(200)) rule += ", hard: true";
    const char* missing[] = {"skip", "match", "hold"};
    rule += std::string(", on_missing: ") + random.Pick(missing);
    if (random.Chance(100)) rule += ", mode: shadow";
    text += "  - { " + rule + " }\n";
  }
  return text;
}

// Traffic, and what people, packers and buyers do to its orders.
std::vector<std::string> Lives(std::uint64_t seed, std::uint64_t orders) {
  Random random(seed);
  std::vector<std::string> lines;
  struct Known {
    std::string merchant, order, time;
  };
  std::vector<Known> known;
  for (std::string& line : testing::Traffic(seed, orders)) {
    const auto document = JsonDocument::Parse(line);
    if (document && document->root()["type"].text() == "order.placed") {
      known.push_back({std::string(document->root()["merchant"].text()),
                       std::string(document->root()["order_id"].text()),
                       std::string(document->root()["occurred_at"].text())});
    }
    lines.push_back(std::move(line));
    if (known.empty() || !random.Chance(400)) continue;
    const Known& one =
        known[known.size() - 1 - random.Below(std::min<std::size_t>(known.size(), 12))];
    const auto add = [&](const std::string& type, const std::string& payload) {
      lines.push_back(R"({"id":"x)" + std::to_string(lines.size()) + R"(","type":")" + type +
                      R"(","merchant":")" + one.merchant + R"(","occurred_at":")" +
                      known.back().time + R"(","order_id":")" + one.order + "\"," + payload + "}");
    };
    const auto review = [&](const std::string& type, const std::string& more) {
      add("review." + type, R"("review":{"by":"ana","role":"admin")" + more + "}");
    };
    switch (random.Below(11)) {
      case 0:
        review("released", R"(,"reason":"known_buyer","rules":["cool","late","asks","threshold"])");
        break;
      case 1:
        review("rejected", random.Chance(500) ? R"(,"reason":"fraud")" : R"(,"reason":"other")");
        break;
      case 2:
        review("held", R"(,"reason":"unclear")");
        break;
      case 3:
      case 4:
        review("asked", R"(,"request":"confirm","to":"pia@example.com")");
        break;
      case 5:
      case 6:
        add("payment.updated",
            R"("payment":{"provider":"paypal","status":"completed","amount":1,"currency":"USD",)"
            R"("payer":{"email":"pia@example.com"}})");
        add("buyer.confirmed",
            R"("confirmation":{"request":"confirm","from":"pia@example.com","confirmed":true})");
        break;
      case 7:
        add("shipment.packed",
            R"("shipment":{"items":[{"sku":"KNF-11","quantity":1}],"evidence":"v1"})");
        break;
      case 8:
        add("shipment.packed", R"("shipment":{"items":[{"sku":"KNF-11","quantity":1}]})");
        break;
      case 9:
        add("shipment.returned", R"("shipment":{"carrier":"DHL"})");
        break;
      default:
        add("dispute.opened", R"("dispute":{"id":"d1","kind":"chargeback","reason":"fraud"})");
    }
  }
  return lines;
}

// One that is no nonsense.
std::shared_ptr<const Pack> AnyPack(Random& random) {
  for (;;) {
    Diagnostics diagnostics;
    const auto pack =
        CompilePack("any.yaml", testing::kPackHead + OtherPack(random), ".", diagnostics);
    if (pack != nullptr) return pack;
  }
}

void Decide(const std::shared_ptr<const Pack>& pack, const std::string& folder,
            const std::vector<std::string>& lines, std::uint32_t shards) {
  PipelineOptions options;
  options.folder = folder;
  options.state.shards = shards;
  options.sync = Sync::kNever;
  auto pipeline =
      Pipeline::Open(pack, options, [](std::span<SubmissionResult>, bool) { return true; });
  REQUIRE_MESSAGE(pipeline.has_value(), pipeline.error().Text());
  for (const std::string& line : lines) {
    Submission input;
    input.text = line;
    REQUIRE((*pipeline)->Submit(std::move(input)));
  }
  REQUIRE((*pipeline)->Close().has_value());
}

struct Said {
  std::string all, why;
  std::uint64_t orders = 0, flipped = 0;
};

std::string Line(const OrderCase& order) {
  std::string line = order.merchant + " " + order.order_id + " " + std::to_string(order.offset) +
                     " " + std::to_string(order.placed_at.nanos) + " " +
                     std::to_string(order.amount.value_or(-1)) + " " +
                     std::string(NameOf(order.label)) + (order.sent ? " sent" : "") +
                     (order.immature ? " immature" : "");
  PutRuling(order.before(), line);
  PutRuling(order.after(), line);
  return line + "\n";
}

// Everything that a rescoring says of every order.
Said RescoreAll(const EventLog& log, RescoreOptions options, bool fold) {
  const TempFolder scratch;
  options.work = scratch / "work";
  options.fold = fold;
  Said outcome;
  const auto rescored = Rescore(log, options, {}, [&](const OrderCase& order) -> Status {
    outcome.all += Line(order);
    ++outcome.orders;
    return {};
  });
  REQUIRE_MESSAGE(rescored.has_value(), rescored.error().Text());
  outcome.all += rescored->tally.Json() + FormatRfc3339(rescored->as_of);
  outcome.why = rescored->why_folded;
  outcome.flipped = rescored->tally.flipped;
  return outcome;
}

TEST_SUITE_BEGIN("rescore");

// Goal:   where recorded facts are enough they give what a fold gives, of every order.
// Method: traffic with people, packers, buyers, deadlines, lists; random packs of the same facts.
TEST_CASE("rescore: from recorded facts as by folding") {
  std::uint64_t flipped = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const TempFolder folder;
    const std::string data = folder / "data";
    const auto first = MakePack(FirstPack());
    Decide(first, data, Lives(seed, 250), seed == 2 ? 3 : 1);
    // Folded again, the log leads to the facts that were recorded.
    const auto verified = VerifyFolder(data, first);
    REQUIRE(verified.has_value());
    CHECK(verified->ok());
    CHECK(verified->facts == verified->decisions);
    const auto log = OpenWholeLog(data, LogMode::kRead);
    REQUIRE(log.has_value());
    Random random(seed);
    for (int i = 0; i < 12; ++i) {
      RescoreOptions options;
      options.pack = AnyPack(random);
      CAPTURE(i);
      if (i % 4 == 1) options.baseline = AnyPack(random);
      if (i % 4 == 2) options.merchant = "bolt";
      if (i % 4 == 3) options.as_of = ParseEventTime("2026-01-02T00:00:00Z");
      const Said facts = RescoreAll(**log, options, false);
      const Said fold = RescoreAll(**log, options, true);
      CHECK(facts.why == "");
      CHECK(fold.why == "as asked for");
      CHECK(facts.orders > 20);
      CHECK(facts.all == fold.all);
      flipped += facts.flipped;
    }
  }
  CHECK(flipped > 500);
}

// Goal:   a fold that was stopped goes on from its last checkpoint, and ends as one that was not.
// Method: stopped again and again, whenever it tells how far it is, with checkpoints in between.
TEST_CASE("rescore: a fold goes on from its checkpoints") {
  const TempFolder folder;
  const std::string data = folder / "data";
  Decide(MakePack(FirstPack()), data, Lives(9, 3000), 1);
  const auto log = OpenWholeLog(data, LogMode::kRead);
  REQUIRE(log.has_value());
  Random random(9);
  RescoreOptions options;
  options.pack = AnyPack(random);
  const Said whole = RescoreAll(**log, options, true);
  for (const std::uint32_t jobs : {1U, 3U}) {
    options.jobs = jobs;
    options.fold = true;
    options.checkpoint = 1500;
    options.work = folder / ("work" + std::to_string(jobs));
    int stops = 0;
    std::uint64_t begun = 0;
    std::string all;
    for (;;) {
      all.clear();
      bool first = true;
      const auto rescored = Rescore(
          **log, options,
          [&](std::uint64_t done, std::uint64_t) {
            CHECK(done > begun);
            if (first) begun = done - 4096;
            first = false;
            return done < begun + 8000;
          },
          [&](const OrderCase& order) -> Status {
            all += Line(order);
            return {};
          });
      if (rescored) {
        all += rescored->tally.Json() + FormatRfc3339(rescored->as_of);
        break;
      }
      REQUIRE(rescored.error().code == ErrorCode::kInterrupted);
      REQUIRE(++stops < 20);
    }
    CHECK(stops >= 2);
    CHECK(all == whole.all);
  }
}

// Goal:   what was not recorded is folded, and the command says why.
TEST_CASE("rescore: what was not recorded is folded") {
  const TempFolder folder;
  const std::string data = folder / "data", copy = folder / "copy";
  Decide(MakePack(FirstPack()), data, Lives(5, 60), 1);
  REQUIRE(BackUp(data, copy).has_value());
  const auto why = [&](const std::string& from, const std::string& body) {
    const auto log = OpenWholeLog(from, LogMode::kRead);
    REQUIRE(log.has_value());
    RescoreOptions options;
    options.pack = MakePack(body);
    return RescoreAll(**log, options, false).why;
  };
  const auto changed = [](std::string from, const std::string& to) {
    std::string text = FirstPack();
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
  };
  CHECK(why(data, changed("hold: 50", "hold: 51")) == "");
  // A backup has the facts too.
  CHECK(why(copy, changed("hold: 50", "hold: 51")) == "");
  CHECK(why(data, changed("by: order.ip, over: 1h", "by: order.ip, over: 2h")) ==
        "'ip_1h' was not recorded, or has changed");
  CHECK(why(data, changed("by: order.ip, over: 1h", "by: order.buyer.id, over: 1h")) ==
        "'ip_1h' was not recorded, or has changed");
  CHECK(why(data, changed("phone.valid", "phone.country == 'FR'")) ==
        "'phone.country' was not recorded, or has changed");
  CHECK(why(data, changed("EUR: 1.08", "EUR: 1.09")).find("rates") == 0);
  CHECK(why(data, changed("deadline: 2h", "deadline: 3h")) == "a deadline is another");
  CHECK(why(data, FirstPack()).find("byte for byte") != std::string::npos);
  {
    const auto log = OpenWholeLog(data, LogMode::kRead);
    REQUIRE(log.has_value());
    RescoreOptions options;
    options.pack = MakePack(FirstPack());
    options.prove = false;
    const Said facts = RescoreAll(**log, options, false);
    CHECK(facts.why == "");
    CHECK(facts.flipped == 0);
    CHECK(facts.all == RescoreAll(**log, options, true).all);
  }
  // Two packs have decided, and one of them did not record what the third reads.
  Decide(MakePack(changed("phone.valid", "order.total > 1.0")), data, Lives(6, 60), 1);
  CHECK(why(data, changed("hold: 50", "hold: 51")) ==
        "'phone.valid' was not recorded, or has changed");
  // The last thousand records have it, but not all.
  Decide(MakePack(changed("hold: 50", "hold: 52")), data, Lives(7, 600), 1);
  CHECK(why(data, changed("hold: 50", "hold: 51")) ==
        "'phone.valid' was not recorded, or has changed");
  CHECK(why(data, changed("phone.valid", "order.total > 2.0")) == "");
}

// Goal:   what only the condition of evidence reads is kept as what rules read.
TEST_CASE("rescore: links that only the packing's evidence reads") {
  const TempFolder folder;
  const std::string data = folder / "data";
  const std::string first = std::string(kBegin) +
                            "packing: { evidence: \"linked.ip.orders > 0\" }\n"
                            "rules:\n  - { id: large, when: order.total > 300.0, hold: review }\n";
  std::vector<std::string> lines;
  for (int i = 0; i < 20; ++i) {
    lines.push_back(R"({"id":")" + std::to_string(i) +
                    R"(","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"10.00",)" +
                    R"("ip":"203.0.113.9","buyer":{"id":"b)" + std::to_string(i) + "\"}}");
  }
  Decide(MakePack(first), data, lines, 1);
  const auto log = OpenWholeLog(data, LogMode::kRead);
  REQUIRE(log.has_value());
  RescoreOptions options;
  options.pack = MakePack(first + "  - { id: seen, when: linked.ip.orders > 0, reject: true }\n");
  const Said facts = RescoreAll(**log, options, false);
  CHECK(facts.why == "");
  CHECK(facts.flipped == 19);
  CHECK(facts.all == RescoreAll(**log, options, true).all);
  // An empty list of domains says something, none says nothing.
  folder.Write("none.txt", "# none yet\n");
  Diagnostics diagnostics;
  const auto with = CompilePack(
      "with.yaml", testing::kPackHead + ("email_domains: { disposable: none.txt }\n" + first),
      folder / "", diagnostics);
  REQUIRE_MESSAGE(with != nullptr, RenderText(diagnostics));
  CHECK(with->fold != MakePack(first)->fold);
  options.pack = with;
  CHECK(RescoreAll(**log, options, false).why.find("e-mail domains") != std::string::npos);
}

// Goal:   facts that the log does not lead to are told.
TEST_CASE("rescore: verify compares the recorded facts") {
  const TempFolder folder;
  const std::string data = folder / "data", copy = folder / "copy";
  const auto pack = MakePack(FirstPack());
  Decide(pack, data, Lives(8, 40), 1);
  std::uint64_t changed = 0;
  {
    const auto from = OpenWholeLog(data, LogMode::kRead);
    const auto to = OpenEventLog(copy);
    REQUIRE(from.has_value());
    REQUIRE(to.has_value());
    const std::vector<std::string> schemas = (*from)->Schemas().value();
    for (const std::string& schema : schemas) REQUIRE((*to)->KeepSchema(schema));
    const Status read = (*from)->Read(1, [&](const LogRecord& record) -> Status {
      LogRecord other = record;
      std::string facts(record.facts);
      FactRow row;
      REQUIRE(GetFactRow(facts, row));
      if (changed == 0 && record.offset > 30 && row.judged) {
        changed = record.offset;
        facts.back() = static_cast<char>(facts.back() + 1);
      }
      other.facts = facts;
      return (*to)->Append(std::span(&other, 1), false);
    });
    REQUIRE(read.has_value());
  }
  const auto verified = VerifyFolder(copy, pack);
  REQUIRE(verified.has_value());
  CHECK_FALSE(verified->ok());
  CHECK(verified->facts_differ == changed);
}

// Goal:   what another version of the engine decided is told apart, and is no damage.
TEST_CASE("rescore: decisions of another version of the engine") {
  const TempFolder folder;
  const std::string data = folder / "data", copy = folder / "copy";
  const auto pack = MakePack(FirstPack());
  Decide(pack, data, Lives(8, 40), 1);
  std::uint64_t decided = 0;
  {
    const auto from = OpenWholeLog(data, LogMode::kRead);
    const auto to = OpenEventLog(copy);
    REQUIRE(from.has_value());
    REQUIRE(to.has_value());
    const std::string now = "\"engine\":" + std::to_string(kEngineVersion);
    const Status read = (*from)->Read(1, [&](const LogRecord& record) -> Status {
      LogRecord other = record;
      std::string decision(record.decision);
      other.facts = {};
      if (!decision.empty()) {
        const std::size_t at = decision.find(now);
        REQUIRE(at != decision.npos);
        // The eldest name none. What they decided is not what would be decided now.
        decision.replace(at, now.size() + 1, decided++ % 2 == 0 ? "" : "\"engine\":3,");
        const std::size_t score = decision.find("\"score\":");
        decision.replace(score, 9, "\"score\":1");
      }
      other.decision = decision;
      return (*to)->Append(std::span(&other, 1), false);
    });
    REQUIRE(read.has_value());
  }
  const auto verified = VerifyFolder(copy, pack);
  REQUIRE_MESSAGE(verified.has_value(), verified.error().Text());
  CHECK(verified->ok());
  CHECK(verified->decisions == 0);
  CHECK(verified->other_engines == decided);
  const auto log = OpenWholeLog(copy, LogMode::kRead);
  REQUIRE(log.has_value());
  RescoreOptions options;
  options.pack = pack;
  options.prove = true;
  options.work = folder / "work";
  const auto rescored = Rescore(**log, options, {}, [](const OrderCase&) { return Status(); });
  REQUIRE_MESSAGE(rescored.has_value(), rescored.error().Text());
  CHECK(rescored->tally.other_engines == decided);
  CHECK(rescored->tally.same == 0);
}

// Goal:   every kind of value comes back as it was; damaged bytes give an error, and no more.
TEST_CASE("rescore: values as bytes") {
  using cel::Value;
  Arena arena;
  const Value inner[] = {Value::Int(-7), Value::String("né"), Value::Unknown(nullptr, 0)};
  const cel::MapEntry entries[] = {{Value::String("k"), Value::List(inner, 2)}};
  const IpAddress address = *ParseIp("203.0.113.9");
  const std::uint32_t facts[] = {3, cel::kFailureFact};
  const Value values[] = {Value::Null(),
                          Value::Bool(true),
                          Value::Bool(false),
                          Value::Int(INT64_MIN),
                          Value::Uint(UINT64_MAX),
                          Value::Double(-0.5),
                          Value::String(""),
                          Value::Bytes("\xff"),
                          Value::Timestamp({-1, 999'999'999}),
                          Value::Duration(-1),
                          Value::List(inner, 3),
                          Value::Record(inner, 3),
                          Value::Map(entries, 1),
                          Value::None(),
                          Value::Optional(inner[0]),
                          Value::Ip(address),
                          Value::Cidr(address, 120),
                          Value::Error("why"),
                          Value::Unknown(facts, 2)};
  for (const Value& value : values) {
    std::string bytes, again;
    cel::PutValue(value, bytes);
    ByteReader in(bytes);
    const Value read = cel::GetValue(in, arena);
    CHECK(in.Done());
    CHECK(read.kind == value.kind);
    cel::PutValue(read, again);
    CHECK(again == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ByteReader cut(std::string_view(bytes).substr(0, size));
      (void)cel::GetValue(cut, arena);
      CHECK_FALSE(cut.ok());
    }
  }
  const std::string deep(100'000, '\x0b');  // lists in lists
  ByteReader in(deep);
  (void)cel::GetValue(in, arena);
  CHECK_FALSE(in.ok());
}

}  // namespace
}  // namespace holdfast
