#include "engine/rescore/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "engine/base/money.h"
#include "engine/base/number.h"
#include "engine/codec/json_object.h"

namespace holdfast {
namespace {

// Shares and bounds with four decimals: exact enough for counts, and equal on all machines.
std::string Decimal(double value) { return fmt::format("{:.4f}", value); }

std::string ToJson(const Share& rate) {
  const Interval interval = WilsonOf(rate);
  return JsonObject()
      .Number("of", rate.of)
      .Number("all", rate.all)
      .Raw("value", rate.all == 0 ? "null" : Decimal(rate.value()))
      .Raw("low", Decimal(interval.low))
      .Raw("high", Decimal(interval.high))
      .Done();
}

class Writer {
 public:
  Writer(const SummaryHead& head, const Tally& tally)
      : head_(head), tally_(tally), base_(*Currency::Parse(head.base)) {}

  std::string Write();

 private:
  std::string Amount(std::int64_t minor) const { return FormatMinor(minor, base_); }
  void AddSums(const ByLabel& sums, JsonObject& json) const;
  std::string ConfusionJson(const Confusion& confusion, std::uint64_t waiting) const;
  std::string Moves() const;
  std::string Causes() const;
  std::string Rules() const;
  std::string WhyItMayGo(const RuleSums& rule) const;
  std::string Overlap() const;
  std::string Slices(const std::map<std::string, Slice>& slices, const char* name) const;
  std::string Curve() const;
  std::string Scores() const;
  std::vector<std::string> Warnings(const Confusion& after) const;

  const SummaryHead& head_;
  const Tally& tally_;
  const Currency base_;
};

void Writer::AddSums(const ByLabel& sums, JsonObject& json) const {
  const Sum all = sums.All();
  json.Number("orders", all.orders).Text("amount", Amount(all.amount));
  json.Number("fraud", sums[Label::kFraud].orders)
      .Number("good", sums[Label::kGood].orders)
      .Number("unknown", sums[Label::kUnknown].orders);
}

std::string Writer::ConfusionJson(const Confusion& confusion, std::uint64_t waiting) const {
  return JsonObject()
      .Number("stopped", confusion.stopped)
      .Number("fraud_stopped", confusion.fraud_stopped.orders)
      .Number("waiting", waiting)
      .Number("fraud_passed", confusion.fraud_passed.orders)
      .Number("good_stopped", confusion.good_stopped.orders)
      .Number("good_passed", confusion.good_passed.orders)
      .Raw("precision", ToJson(confusion.Precision()))
      .Raw("recall", ToJson(confusion.Recall()))
      .Raw("false_hold_rate", ToJson(confusion.FalseHolds()))
      .Text("money_saved", Amount(confusion.fraud_stopped.amount))
      .Text("money_lost", Amount(confusion.fraud_passed.amount))
      .Text("money_held_wrongly", Amount(confusion.good_stopped.amount))
      .Number("review_minutes",
              confusion.stopped * static_cast<std::uint64_t>(head_.review_minutes))
      .Done();
}

std::string Writer::Moves() const {
  JsonList list;
  for (const auto& [move, sums] : tally_.moves) {
    const std::size_t at = move.find('>');
    JsonObject one;
    one.Text("before", move.substr(0, at)).Text("after", move.substr(at + 1));
    AddSums(sums, one);
    list.Add(one.Done());
  }
  return list.Done();
}

std::string Writer::Causes() const {
  std::set<std::string> names;
  for (const auto& causes : tally_.causes) {
    for (const auto& [name, sums] : causes) names.insert(name);
  }
  JsonList list;
  for (const std::string& name : names) {
    JsonObject one;
    one.Text("cause", name);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto at = tally_.causes[i].find(name);
      JsonObject side;
      AddSums(at == tally_.causes[i].end() ? ByLabel() : at->second, side);
      one.Raw(i == 0 ? "before" : "after", side.Done());
    }
    list.Add(one.Done());
  }
  return list.Done();
}

std::string Writer::WhyItMayGo(const RuleSums& rule) const {
  constexpr std::uint64_t kEnough = 20;  // labelled orders, below which nothing is said
  const std::uint64_t labelled = rule.stops[Label::kFraud].orders + rule.stops[Label::kGood].orders;
  if (labelled < kEnough || rule.needed[Label::kFraud].orders > 0) return {};
  if (rule.stops[Label::kFraud].orders == 0) return "it stops no fraud";
  if (rule.needed.All().orders > 0) {
    return "the fraud that it stops other rules stop too; what only it stops is not known for "
           "fraud";
  }
  return "whatever it stops other rules stop too, and of those that stop the same one must stay";
}

std::string Writer::Rules() const {
  JsonList list;
  for (const auto& [name, rule] : tally_.rules) {
    const Share precision{rule.hits[Label::kFraud].orders,
                          rule.hits[Label::kFraud].orders + rule.hits[Label::kGood].orders};
    JsonObject one;
    one.Text("rule", name)
        .Number("hits", rule.hits.All().orders)
        .Number("fraud", rule.hits[Label::kFraud].orders)
        .Number("good", rule.hits[Label::kGood].orders)
        .Raw("precision", ToJson(precision))
        .Number("stops", rule.stops.All().orders)
        .Number("needed", rule.needed.All().orders)
        .Number("needed_fraud", rule.needed[Label::kFraud].orders)
        .Number("needed_good", rule.needed[Label::kGood].orders)
        .Text("money_saved", Amount(rule.needed[Label::kFraud].amount))
        .Text("money_held_wrongly", Amount(rule.needed[Label::kGood].amount))
        .Number("review_minutes",
                rule.needed.All().orders * static_cast<std::uint64_t>(head_.review_minutes))
        .Number("flips", rule.flips.All().orders)
        .GivenText("may_go", WhyItMayGo(rule));
    list.Add(one.Done());
  }
  return list.Done();
}

std::string Writer::Overlap() const {
  JsonList list;
  for (const auto& [pair, sums] : tally_.overlap) {
    JsonObject one;
    one.Text("a", pair.first).Text("b", pair.second);
    AddSums(sums, one);
    list.Add(one.Done());
  }
  return list.Done();
}

std::string Writer::Slices(const std::map<std::string, Slice>& slices, const char* name) const {
  JsonList list;
  for (const auto& [key, slice] : slices) {
    JsonObject one;
    one.Text(name, key);
    AddSums(slice.orders, one);
    list.Add(one.Number("stopped_before", slice.stopped_before.All().orders)
                 .Number("stopped_after", slice.stopped_after.All().orders)
                 .Number("good_stopped_after", slice.stopped_after[Label::kGood].orders)
                 .Number("fraud_stopped_after", slice.stopped_after[Label::kFraud].orders)
                 .Number("flipped", slice.flipped)
                 .Done());
  }
  return list.Done();
}

std::string Writer::Curve() const {
  JsonList list;
  constexpr int kStep = 5;
  for (int threshold = kStep; threshold <= 100; threshold += kStep) {
    const Confusion at = AtThreshold(tally_, threshold);
    list.Add(JsonObject()
                 .Number("threshold", threshold)
                 .Number("stopped", at.stopped)
                 .Number("fraud_stopped", at.fraud_stopped.orders)
                 .Number("good_stopped", at.good_stopped.orders)
                 .Raw("recall", ToJson(at.Recall()))
                 .Raw("false_hold_rate", ToJson(at.FalseHolds()))
                 .Text("money_saved", Amount(at.fraud_stopped.amount))
                 .Text("money_held_wrongly", Amount(at.good_stopped.amount))
                 .Done());
  }
  return list.Done();
}

std::string Writer::Scores() const {
  JsonList list;
  for (std::size_t score = 0; score < Tally::kScores; ++score) {
    std::array<std::uint64_t, kLabels> counts{};
    for (std::size_t label = 0; label < kLabels; ++label) {
      for (const auto& way : tally_.scores[label]) counts[label] += way[score].orders;
    }
    if (counts[0] + counts[1] + counts[2] == 0) continue;
    list.Add(JsonObject()
                 .Number("score", score)
                 .Number("fraud", counts[0])
                 .Number("good", counts[1])
                 .Number("unknown", counts[2])
                 .Done());
  }
  return list.Done();
}

std::vector<std::string> Writer::Warnings(const Confusion& after) const {
  std::vector<std::string> warnings;
  const std::uint64_t all = tally_.orders.All().orders;
  const std::uint64_t labelled =
      tally_.orders[Label::kFraud].orders + tally_.orders[Label::kGood].orders;
  if (labelled == 0) {
    warnings.push_back(
        "No order has a label: what a pack is worth cannot be told. Give --labels, or wait for "
        "deliveries, complaints and people's decisions.");
  }
  constexpr std::uint64_t kFew = 30;
  if (labelled > 0 && after.fraud_stopped.orders + after.fraud_passed.orders < kFew) {
    warnings.push_back("There are only " +
                       std::to_string(after.fraud_stopped.orders + after.fraud_passed.orders) +
                       " orders labelled fraud: rates are as uncertain as their intervals say.");
  }
  if (tally_.unsent.orders > 0) {
    warnings.push_back(std::to_string(tally_.unsent.orders) + " of " + std::to_string(all) +
                       " orders were never sent and have no label: an order that is never sent "
                       "has no chargeback, so what was stopped looks better than it is.");
  }
  if (head_.merchant.empty() && tally_.events < head_.last_record) {
    warnings.push_back("Of " + std::to_string(head_.last_record) + " records of the log " +
                       std::to_string(tally_.events) +
                       " were read: the others were trimmed, or are in parts that are not here.");
  }
  if (!head_.judged_by.empty()) {
    warnings.push_back("It was judged by " + head_.judged_by +
                       ": of older orders these know what was taken out, and a fold does not. "
                       "Compare it with no result that was folded, of parts for example.");
  }
  const auto warn = [&warnings](const Sum& sum, const char* what) {
    if (sum.orders > 0) warnings.push_back(std::to_string(sum.orders) + what);
  };
  warn(tally_.immature,
       " orders are too young for their silence to say anything; they count as unknown.");
  warn(tally_.unpriced, " orders are in a currency without a rate: their money counts as nothing.");
  warn(tally_.undecided,
       " orders were never decided (taken over as history, or exported without --full): there is "
       "nothing to compare them with.");
  if (tally_.other_engines > 0) {
    warnings.push_back(std::to_string(tally_.other_engines) +
                       " decisions were made by another version of Holdfast: what differs from "
                       "them may be the version's doing, not the pack's. Compare two packs with "
                       "--baseline.");
  }
  warn(tally_.ending, " orders would be held until a deadline, and then go on by themselves.");
  return warnings;
}

std::string PackJson(const PackName& pack) {
  return JsonObject()
      .Text("name", pack.name)
      .Number("version", pack.version)
      .Text("hash", pack.hash)
      .Done();
}

std::string Writer::Write() {
  const Confusion before = ConfusionOf(tally_.orders, tally_.stopped_before, tally_.waiting_before);
  const Confusion after = ConfusionOf(tally_.orders, tally_.stopped_after, tally_.waiting_after);
  JsonObject json;
  json.Raw("pack", PackJson(head_.pack))
      .Raw("compared_with", head_.baseline ? PackJson(*head_.baseline) : "\"recorded\"")
      .Text("base_currency", head_.base)
      .Number("threshold", head_.threshold)
      .GivenText("merchant", head_.merchant)
      .GivenText("from", head_.from)
      .GivenText("to", head_.to)
      .Text("as_of", head_.as_of)
      .Text("label_delay", head_.label_delay)
      .GivenText("labels", head_.labels)
      .GivenText("judged_by", head_.judged_by)
      .Number("minutes_a_review", head_.review_minutes)
      .Number("last_record", head_.last_record)
      .Number("events", tally_.events)
      .Number("decisions", tally_.decisions)
      .Number("same_decisions", tally_.same)
      .Number("other_engines", tally_.other_engines)
      .Number("orders", tally_.orders.All().orders)
      .Text("amount", Amount(tally_.orders.All().amount))
      .Number("flipped", tally_.flipped)
      .Number("other_cause", tally_.other_cause)
      .Raw("moves", Moves())
      .Raw("before", ConfusionJson(before, tally_.waiting_before.All().orders))
      .Raw("after", ConfusionJson(after, tally_.waiting_after.All().orders))
      .Raw("causes", Causes())
      .Raw("rules", Rules())
      .Raw("overlap", Overlap())
      .Raw("weeks", Slices(tally_.weeks, "week"))
      .Raw("merchants", Slices(tally_.merchants, "merchant"))
      .Raw("curve", Curve())
      .Raw("scores", Scores())
      .Raw("warnings", JsonTexts(Warnings(after)))
      .Raw("tally", tally_.Json());
  return json.Done();
}

PackName ReadPackName(const JsonValue& json) {
  return {std::string(json["name"].text()), std::string(json["hash"].text()),
          ParseNumber<decltype(PackName::version)>(json["version"].text()).value_or(0)};
}

}  // namespace

Interval WilsonOf(const Share& rate) {
  if (rate.all == 0) return {};
  constexpr double kZ = 1.959964;  // of 95 %
  const auto n = static_cast<double>(rate.all);
  const double p = rate.value();
  const double middle = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Share Confusion::Precision() const {
  return {fraud_stopped.orders, fraud_stopped.orders + good_stopped.orders};
}
Share Confusion::Recall() const {
  return {fraud_stopped.orders, fraud_stopped.orders + fraud_passed.orders};
}
Share Confusion::FalseHolds() const {
  return {good_stopped.orders, good_stopped.orders + good_passed.orders};
}

Confusion ConfusionOf(const ByLabel& orders, const ByLabel& stopped, const ByLabel& waiting) {
  const auto passed = [&](Label label) -> Sum {
    return {orders[label].orders - stopped[label].orders - waiting[label].orders,
            orders[label].amount - stopped[label].amount - waiting[label].amount};
  };
  return {stopped[Label::kFraud], passed(Label::kFraud), stopped[Label::kGood],
          passed(Label::kGood), stopped.All().orders};
}

Confusion AtThreshold(const Tally& tally, int threshold) {
  ByLabel stopped, waiting;
  for (std::size_t label = 0; label < kLabels; ++label) {
    const auto& ways = tally.scores[label];
    for (std::size_t score = 0; score < Tally::kScores; ++score) {
      const bool reached = threshold > 0 && score >= static_cast<std::size_t>(threshold);
      stopped.sums[label] += ways[Tally::kStopped][score];
      if (reached) stopped.sums[label] += ways[Tally::kByScore][score];
      (reached ? stopped : waiting).sums[label] += ways[Tally::kWaiting][score];
    }
  }
  return ConfusionOf(tally.orders, stopped, waiting);
}

PackName NameOfPack(const Pack& pack) { return {pack.name, pack.hash, pack.version}; }

std::string SummaryJson(const SummaryHead& head, const Tally& tally) {
  return Writer(head, tally).Write();
}

Result<SummaryHead> ReadSummaryHead(const JsonValue& json) {
  SummaryHead head;
  head.pack = ReadPackName(json["pack"]);
  if (json["compared_with"].IsMap()) head.baseline = ReadPackName(json["compared_with"]);
  head.base = json["base_currency"].text();
  head.merchant = json["merchant"].text();
  head.from = json["from"].text();
  head.to = json["to"].text();
  head.as_of = json["as_of"].text();
  head.label_delay = json["label_delay"].text();
  head.labels = json["labels"].text();
  head.judged_by = json["judged_by"].text();
  const auto number = [&]<typename Number>(const char* name, Number& out) {
    out = ParseNumber<Number>(json[name].text()).value_or(out);
  };
  number("threshold", head.threshold);
  number("minutes_a_review", head.review_minutes);
  number("last_record", head.last_record);
  if (head.pack.hash.empty() || !Currency::Parse(head.base)) {
    return Fail(ErrorCode::kCorrupt, "summary", "is not as `holdfast rescore` writes it");
  }
  return head;
}

}  // namespace holdfast
