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

void PutRuling(const Ruling& ruling, std::string& out) {
  out += static_cast<char>((ruling.given ? 1 : 0) | (ruling.ends ? 2 : 0));
  if (!ruling.given) return;
  out += static_cast<char>(ruling.outcome);
  out += static_cast<char>(ruling.cause);
  PutSigned(ruling.score, out);
  PutVarint(ruling.hits.size(), out);
  for (const RuleHit& hit : ruling.hits) {
    PutText(hit.rule, out);
    out += static_cast<char>(hit.effect);
    PutSigned(hit.points, out);
  }
}

Ruling GetRuling(ByteReader& in) {
  Ruling ruling;
  const std::uint8_t flags = in.Byte();
  ruling.given = (flags & 1) != 0;
  ruling.ends = (flags & 2) != 0;
  if (!ruling.given) return ruling;
  ruling.outcome = static_cast<Outcome>(in.Byte());
  ruling.cause = static_cast<Cause>(in.Byte());
  ruling.score = static_cast<int>(in.Signed());
  const std::size_t hits = in.Count();
  for (std::size_t i = 0; i < hits; ++i) {
    RuleHit& hit = ruling.hits.emplace_back();
    hit.rule = in.Text();
    hit.effect = static_cast<Effect>(in.Byte());
    hit.points = static_cast<int>(in.Signed());
  }
  return ruling;
}

}  // namespace holdfast
