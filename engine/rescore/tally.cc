#include "engine/rescore/tally.h"

#include <algorithm>

#include "engine/base/number.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

// ---- to JSON ------------------------------------------------------------------------------------

std::string ToJson(const Sum& sum) {
  return "[" + std::to_string(sum.orders) + "," + std::to_string(sum.amount) + "]";
}

std::string ToJson(const ByLabel& sums) {
  JsonList list;
  for (const Sum& sum : sums.sums) list.Add(ToJson(sum));
  return list.Done();
}

std::string ToJson(const Slice& slice) {
  return JsonObject()
      .Raw("orders", ToJson(slice.orders))
      .Raw("stopped_before", ToJson(slice.stopped_before))
      .Raw("stopped_after", ToJson(slice.stopped_after))
      .Number("flipped", slice.flipped)
      .Done();
}

std::string ToJson(const RuleSums& rule) {
  return JsonObject()
      .Raw("hits", ToJson(rule.hits))
      .Raw("stops", ToJson(rule.stops))
      .Raw("needed", ToJson(rule.needed))
      .Raw("flips", ToJson(rule.flips))
      .Done();
}

template <typename Value>
std::string ToJson(const std::map<std::string, Value>& all) {
  JsonObject json;
  for (const auto& [name, value] : all) json.Raw(name, ToJson(value));
  return json.Done();
}

// ---- from JSON ----------------------------------------------------------------------------------

// Reads numbers and records whether all were present.
class Reader {
 public:
  bool ok() const { return ok_; }

  template <typename Number>
  void Read(const JsonValue& json, Number& number) requires std::integral<Number> {
    const auto given = ParseNumber<Number>(json.text());
    ok_ = ok_ && given.has_value();
    number = given.value_or(0);
  }
  void Read(const JsonValue& json, Sum& sum) {
    Read(json[std::size_t{0}], sum.orders);
    Read(json[std::size_t{1}], sum.amount);
    ok_ = ok_ && sum.amount >= 0;
  }
  void Read(const JsonValue& json, ByLabel& sums) {
    for (std::size_t i = 0; i < kLabels; ++i) Read(json[i], sums.sums[i]);
  }
  void Read(const JsonValue& json, Slice& slice) {
    Read(json["orders"], slice.orders);
    Read(json["stopped_before"], slice.stopped_before);
    Read(json["stopped_after"], slice.stopped_after);
    Read(json["flipped"], slice.flipped);
  }
  void Read(const JsonValue& json, RuleSums& rule) {
    Read(json["hits"], rule.hits);
    Read(json["stops"], rule.stops);
    Read(json["needed"], rule.needed);
    Read(json["flips"], rule.flips);
  }
  template <typename Value>
  void Read(const JsonValue& json, std::map<std::string, Value>& all) {
    ok_ = ok_ && json.IsMap();
    for (const auto& [name, value] : json.members()) Read(value, all[std::string(name)]);
  }

 private:
  bool ok_ = true;
};

template <typename Key, typename Value>
void AddAll(const std::map<Key, Value>& from, std::map<Key, Value>& to) {
  for (const auto& [key, value] : from) to[key] += value;
}

}  // namespace

Sum ByLabel::All() const {
  Sum all;
  for (const Sum& sum : sums) all += sum;
  return all;
}

void ByLabel::Add(Label label, std::int64_t amount) {
  sums[static_cast<std::size_t>(label)] += {1, amount};
}

ByLabel& ByLabel::operator+=(const ByLabel& other) {
  for (std::size_t i = 0; i < kLabels; ++i) sums[i] += other.sums[i];
  return *this;
}

Slice& Slice::operator+=(const Slice& other) {
  orders += other.orders;
  stopped_before += other.stopped_before;
  stopped_after += other.stopped_after;
  flipped += other.flipped;
  return *this;
}

RuleSums& RuleSums::operator+=(const RuleSums& other) {
  hits += other.hits;
  stops += other.stops;
  needed += other.needed;
  flips += other.flips;
  return *this;
}

Tally& Tally::operator+=(const Tally& other) {
  orders += other.orders;
  stopped_before += other.stopped_before;
  stopped_after += other.stopped_after;
  waiting_before += other.waiting_before;
  waiting_after += other.waiting_after;
  AddAll(other.moves, moves);
  flipped += other.flipped;
  other_cause += other.other_cause;
  for (std::size_t i = 0; i < 2; ++i) AddAll(other.causes[i], causes[i]);
  AddAll(other.merchants, merchants);
  AddAll(other.weeks, weeks);
  AddAll(other.rules, rules);
  AddAll(other.overlap, overlap);
  for (std::size_t label = 0; label < kLabels; ++label) {
    for (std::size_t way = 0; way < kWays; ++way) {
      for (std::size_t score = 0; score < kScores; ++score) {
        scores[label][way][score] += other.scores[label][way][score];
      }
    }
  }
  immature += other.immature;
  unsent += other.unsent;
  ending += other.ending;
  unpriced += other.unpriced;
  undecided += other.undecided;
  events += other.events;
  decisions += other.decisions;
  same += other.same;
  other_engines += other.other_engines;
  return *this;
}

std::string Tally::Json() const {
  JsonList both, by_score;
  for (const auto& [pair, sums] : overlap) {
    both.Add(JsonObject()
                 .Text("a", pair.first)
                 .Text("b", pair.second)
                 .Raw("orders", ToJson(sums))
                 .Done());
  }
  for (std::size_t label = 0; label < kLabels; ++label) {
    for (std::size_t way = 0; way < kWays; ++way) {
      for (std::size_t score = 0; score < kScores; ++score) {
        const Sum& sum = scores[label][way][score];
        if (sum.orders == 0) continue;
        by_score.Add(JsonObject()
                         .Number("label", label)
                         .Number("way", way)
                         .Number("score", score)
                         .Raw("orders", ToJson(sum))
                         .Done());
      }
    }
  }
  return JsonObject()
      .Number("events", events)
      .Number("decisions", decisions)
      .Number("same", same)
      .Number("other_engines", other_engines)
      .Raw("orders", ToJson(orders))
      .Raw("stopped_before", ToJson(stopped_before))
      .Raw("stopped_after", ToJson(stopped_after))
      .Raw("waiting_before", ToJson(waiting_before))
      .Raw("waiting_after", ToJson(waiting_after))
      .Raw("moves", ToJson(moves))
      .Number("flipped", flipped)
      .Number("other_cause", other_cause)
      .Raw("causes_before", ToJson(causes[0]))
      .Raw("causes_after", ToJson(causes[1]))
      .Raw("merchants", ToJson(merchants))
      .Raw("weeks", ToJson(weeks))
      .Raw("rules", ToJson(rules))
      .Raw("overlap", both.Done())
      .Raw("scores", by_score.Done())
      .Raw("immature", ToJson(immature))
      .Raw("unsent", ToJson(unsent))
      .Raw("ending", ToJson(ending))
      .Raw("unpriced", ToJson(unpriced))
      .Raw("undecided", ToJson(undecided))
      .Done();
}

Result<Tally> Tally::Read(const JsonValue& json) {
  Tally tally;
  Reader reader;
  reader.Read(json["events"], tally.events);
  reader.Read(json["decisions"], tally.decisions);
  reader.Read(json["same"], tally.same);
  reader.Read(json["other_engines"], tally.other_engines);
  reader.Read(json["orders"], tally.orders);
  reader.Read(json["stopped_before"], tally.stopped_before);
  reader.Read(json["stopped_after"], tally.stopped_after);
  reader.Read(json["waiting_before"], tally.waiting_before);
  reader.Read(json["waiting_after"], tally.waiting_after);
  reader.Read(json["moves"], tally.moves);
  reader.Read(json["flipped"], tally.flipped);
  reader.Read(json["other_cause"], tally.other_cause);
  reader.Read(json["causes_before"], tally.causes[0]);
  reader.Read(json["causes_after"], tally.causes[1]);
  reader.Read(json["merchants"], tally.merchants);
  reader.Read(json["weeks"], tally.weeks);
  reader.Read(json["rules"], tally.rules);
  for (const JsonValue& one : json["overlap"].list()) {
    reader.Read(one["orders"],
                tally.overlap[{std::string(one["a"].text()), std::string(one["b"].text())}]);
  }
  bool placed = true;
  for (const JsonValue& one : json["scores"].list()) {
    std::size_t label = 0, way = 0, score = 0;
    reader.Read(one["label"], label);
    reader.Read(one["way"], way);
    reader.Read(one["score"], score);
    placed = placed && label < kLabels && way < kWays && score < kScores;
    if (placed) reader.Read(one["orders"], tally.scores[label][way][score]);
  }
  reader.Read(json["immature"], tally.immature);
  reader.Read(json["unsent"], tally.unsent);
  reader.Read(json["ending"], tally.ending);
  reader.Read(json["unpriced"], tally.unpriced);
  reader.Read(json["undecided"], tally.undecided);
  if (!reader.ok() || !placed) {
    return Fail(ErrorCode::kCorrupt, "tally", "is not as `holdfast rescore` writes it");
  }
  return tally;
}

}  // namespace holdfast
