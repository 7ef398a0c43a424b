#include "engine/decide/question_holds.h"

#include <string>
#include <tuple>
#include <utility>

#include "engine/orders/answers.h"

namespace holdfast {
namespace {

// Whether the last answer since the question is valid.
AnswerStanding AnswerTo(const OrderState& state, const std::string& request, const Event& asked,
                        const Pack& pack) {
  const auto answer = state.answers.find(request);
  const bool came =
      answer != state.answers.end() && answer->second->occurred_at >= asked.occurred_at;
  return came ? StandingOf(state, request, pack.funds, *pack.amounts) : AnswerStanding::kNone;
}

// The code and the text of the reason.
std::pair<std::string, std::string> Say(const OrderState& state, const std::string& request,
                                        const Event& asked, AnswerStanding standing) {
  switch (standing) {
    case AnswerStanding::kNeedsSecond:
      return {"ANSWER_NEEDS_SECOND", "The buyer's answer to " + request + " was recorded by " +
                                         std::string(state.answers.at(request)->confirmation->by) +
                                         "; a second person must record the same"};
    case AnswerStanding::kInvalid:
      return {"ANSWER_NOT_VALID", "The buyer's answer to " + request +
                                      " is no confirmation: refused, not from the payment "
                                      "account's mailbox, or given before the order was changed"};
    default:
      return {"WAITS_FOR_BUYER",
              std::string(asked.review->by) + " has asked the buyer: " + request};
  }
}

}  // namespace

bool IsAnswered(const OrderState& state, const std::string& request, const Event& asked,
                const Pack& pack) {
  return AnswerTo(state, request, asked, pack) == AnswerStanding::kConfirmed;
}

std::vector<EngineHold> QuestionHolds(const OrderState& state, const Pack& pack) {
  std::vector<EngineHold> holds;
  for (const auto& [request, asked] : state.review.asked) {
    const AnswerStanding standing = AnswerTo(state, request, *asked, pack);
    if (standing == AnswerStanding::kConfirmed) continue;
    EngineHold& hold = holds.emplace_back();
    hold.cause = Cause::kVerification;
    hold.cover = AskedCover(request);
    hold.reason.rule = kAskedReason;
    hold.reason.effect = Effect::kHold;
    std::tie(hold.reason.code, hold.reason.text) = Say(state, request, *asked, standing);
    hold.ways = {{"'" + request + "' in verification.confirmed"}};
  }
  return holds;
}

}  // namespace holdfast
