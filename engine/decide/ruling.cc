#include "engine/decide/ruling.h"

#include <algorithm>

#include "engine/model/names.h"

namespace holdfast {
namespace {

bool Stops(const RuleHit& hit) {
  return hit.effect == Effect::kHold || hit.effect == Effect::kReject ||
         hit.effect == Effect::kThreshold;
}

}  // namespace

bool Ruling::Stopped() const {
  return given && outcome != Outcome::kShip && std::any_of(hits.begin(), hits.end(), Stops);
}

bool Ruling::Reached() const {
  return std::any_of(hits.begin(), hits.end(),
                     [](const RuleHit& hit) { return hit.effect == Effect::kThreshold; });
}

std::string_view Ruling::Word() const { return given ? NameOf(outcome) : "none"; }

Ruling RulingOf(const Decision& decision) {
  Ruling ruling;
  ruling.given = true;
  ruling.outcome = decision.outcome;
  ruling.cause = decision.cause;
  ruling.score = decision.score;
  ruling.ends = decision.deadline.has_value();
  for (const Reason& reason : decision.reasons) {
    if (reason.effect == Effect::kAdvise) continue;
    ruling.hits.push_back({reason.rule, reason.effect, reason.points});
  }
  return ruling;
}

void PutRulingHead(const RulingHead& head, std::string& out) {
  out += static_cast<char>(1 | (head.ends ? 2 : 0));
  out += static_cast<char>(head.outcome);
  out += static_cast<char>(head.cause);
  PutSigned(head.score, out);
  PutVarint(head.hits, out);
}

void PutHit(std::string_view rule, Effect effect, int points, std::string& out) {
  PutText(rule, out);
  out += static_cast<char>(effect);
  PutSigned(points, out);
}

void PutRuling(const Ruling& ruling, std::string& out) {
  if (!ruling.given) {
    out += '\0';
    return;
  }
  PutRulingHead({ruling.outcome, ruling.cause, ruling.score, ruling.ends, ruling.hits.size()}, out);
  for (const RuleHit& hit : ruling.hits) PutHit(hit.rule, hit.effect, hit.points, out);
}

namespace {

// Reads an enum value. `in` fails when it is greater than `last`.
template <typename Enum>
Enum GetEnum(ByteReader& in, Enum last) {
  const auto value = static_cast<Enum>(in.Byte());
  if (value <= last) return value;
  in.Fail();
  return last;
}

}  // namespace

Ruling GetRuling(ByteReader& in) {
  Ruling ruling;
  const std::uint8_t flags = in.Byte();
  ruling.given = (flags & 1) != 0;
  ruling.ends = (flags & 2) != 0;
  if (!ruling.given) return ruling;
  ruling.outcome = GetEnum(in, Outcome::kReject);
  ruling.cause = GetEnum(in, Cause::kReview);
  ruling.score = static_cast<int>(in.Signed());
  const std::size_t hits = in.Count();
  for (std::size_t i = 0; i < hits; ++i) {
    RuleHit& hit = ruling.hits.emplace_back();
    hit.rule = in.Text();
    hit.effect = GetEnum(in, Effect::kThreshold);
    hit.points = static_cast<int>(in.Signed());
  }
  return ruling;
}

}  // namespace holdfast
