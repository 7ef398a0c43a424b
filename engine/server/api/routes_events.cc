#include "engine/server/api/routes_events.h"

#include <algorithm>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

// The offset of the decision that the client has seen, from the header If-Match: "OFFSET".
Result<std::optional<std::uint64_t>> SeenOf(const HttpRequest& request) {
  std::string_view text = Trim(request.Header("If-Match"));
  if (text.empty()) return std::nullopt;
  const bool quoted = text.size() > 2 && text.starts_with('"') && text.ends_with('"');
  if (quoted) text = text.substr(1, text.size() - 2);
  if (const auto offset = ParseNumber<std::uint64_t>(text)) return offset;
  return Fail(ErrorCode::kUsage, "If-Match", "must be the offset of a decision, such as \"123\"");
}

// The result of one input: {"id":...,"offset":...,"duplicate":...,"decision":...}. `brief`: without
// decisions.
std::string ResultJson(SubmissionResult& answer, const PermitSigner* signer, bool brief) {
  JsonObject json;
  if (answer.input.event != nullptr) json.Text("id", answer.input.event->id);
  const bool taken = !answer.taken.empty();
  json.Number("offset", answer.duplicate ? answer.first
                        : taken          ? answer.taken.back().applied.offset
                                         : 0);
  json.Bool("duplicate", answer.duplicate);
  if (taken && answer.taken.back().applied.parked) json.Raw("parked", "true");
  if (brief) return json.Done();
  std::vector<const std::string*> decisions;
  const std::string* own = nullptr;
  for (std::size_t i = 0; i < answer.taken.size(); ++i) {
    std::string& text = answer.taken[i].json;
    if (text.empty()) continue;
    SetPermit(signer, *answer.taken[i].applied.decision, text);
    (i + 1 == answer.taken.size() ? own : decisions.emplace_back()) = &text;
  }
  for (std::string& again : answer.again) {
    // A decision that is no longer valid gets no permit.
    const bool stands = answer.permit_stands && &again == &answer.again.back();
    SetPermit(stands ? signer : nullptr, again);
    decisions.push_back(&again);
  }
  if (answer.duplicate && !decisions.empty()) {
    own = decisions.back();
    decisions.pop_back();
  }
  json.Raw("decision", own == nullptr ? "null" : *own);
  if (!decisions.empty()) {
    JsonList before;
    for (const std::string* one : decisions) before.Add(*one);
    json.Raw("before", before.Done());
  }
  return json.Done();
}

bool WantsNoAnswer(const HttpRequest& request) {
  return ToLowerAscii(request.Header("Prefer")).find("respond-async") != std::string::npos;
}

bool IsLines(const HttpRequest& request) {
  const std::string type = ToLowerAscii(request.Header("Content-Type"));
  return type.starts_with("application/x-ndjson") || type.starts_with("application/ndjson") ||
         type.starts_with("application/jsonl");
}

HttpAnswer Full() { return Problem(ErrorCode::kTooMany, "too many events wait for their answer"); }

}  // namespace

std::shared_ptr<const Principal> EventRoutes::PrincipalOf(const ContextPtr& context) {
  auto principal = std::make_shared<Principal>();
  if (!context->key->OfAll()) principal->merchant = context->key->merchant;
  principal->types = TypesOf(context->key->role);
  principal->person = context->key->Person();
  principal->role = context->key->role == Role::kAdmin ? ReviewRole::kAdmin : ReviewRole::kReview;
  principal->is_reviewer = context->key->role == Role::kReview;
  principal->now = runtime_.Now();
  const auto permits = runtime_.permits();
  if (!permits->all().empty()) {
    principal->is_our_permit = [permits](std::string_view token) { return permits->Knows(token); };
  }
  // A data folder is worked with one key, and knows no other person.
  if (context->keys->all().size() > 1) {
    principal->is_person = [keys = context->keys, of = principal->merchant](std::string_view who) {
      return std::any_of(keys->all().begin(), keys->all().end(), [&](const ApiKey& key) {
        const bool mine = of.empty() || key.OfAll() || key.merchant == of;
        return mine && key.role != Role::kIngest && key.revoked_at.empty() && key.Person() == who;
      });
    };
  }
  if (context->route->name == "orders") principal->types = BitOf(EventType::kOrderPlaced);
  principal->geo = runtime_.config()->geo.trust_sent;
  // Allows for small differences between clocks.
  constexpr std::int64_t kAhead = 300 * kNanosPerSecond;
  principal->latest = EventTime{principal->now.nanos + kAhead};
  return principal;
}

void EventRoutes::Post(const ContextPtr& context) {
  if (IsLines(context->request)) return SubmitLines(context);
  SubmitOne(context, std::move(context->request.body));
}

void EventRoutes::SubmitOne(const ContextPtr& context, std::string text) {
  const auto seen = SeenOf(context->request);
  if (!seen) return responder_.Answer(context, Problem(seen.error()));
  std::vector<Submission> inputs(1);
  inputs[0].text = std::move(text);
  const auto principal = PrincipalOf(context);
  inputs[0].admission = principal;
  inputs[0].terms = {*seen, principal->is_reviewer};
  const bool taken = runtime_.Submit(
      context->Who(), std::move(inputs), [this, context](std::vector<SubmissionResult> answers) {
        SubmissionResult& answer = answers[0];
        if (answer.input.error) return responder_.Answer(context, Problem(*answer.input.error));
        HttpAnswer made;
        const bool brief = WantsNoAnswer(context->request);
        made.body = ResultJson(answer, runtime_.permits()->signer(), brief);
        if (brief) {
          made.status = 202;
          made.headers.push_back({"Preference-Applied", "respond-async"});
        }
        responder_.Answer(context, std::move(made));
      });
  if (!taken) responder_.Answer(context, Full());
}

// Each line is an event and has one line in the answer, whatever the result of the others.
void EventRoutes::SubmitLines(const ContextPtr& context) {
  const auto principal = PrincipalOf(context);
  const std::size_t most = LimitConfig::ShareOfOne(runtime_.config()->limits.in_flight);
  std::vector<Submission> inputs;
  std::string_view rest = context->request.body;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = Trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    if (inputs.size() == most) {
      return responder_.Answer(
          context,
          Problem(ErrorCode::kLimitExceeded, "more than " + std::to_string(most) +
                                                 " lines, which is half of the limit in_flight"));
    }
    Submission& input = inputs.emplace_back();
    input.text = line;
    input.admission = principal;
    input.terms.only_shipping_may_change = principal->is_reviewer;
  }
  if (inputs.empty()) {
    return responder_.Answer(context,
                             Problem(ErrorCode::kMalformedInput, "there is no line with an event"));
  }
  const bool taken = runtime_.Submit(
      context->Who(), std::move(inputs), [this, context](std::vector<SubmissionResult> answers) {
        const bool brief = WantsNoAnswer(context->request);
        HttpAnswer made;
        made.type = "application/x-ndjson";
        std::size_t refused = 0;
        const auto permits = runtime_.permits();
        for (std::size_t i = 0; i < answers.size(); ++i) {
          if (const auto& error = answers[i].input.error) {
            ++refused;
            made.body +=
                JsonObject().Number("line", i + 1).Raw("problem", ProblemJson(*error)).Done();
          } else {
            made.body += ResultJson(answers[i], permits->signer(), brief);
          }
          made.body += '\n';
        }
        if (brief) made.status = 202;
        made.headers.push_back({"Holdfast-Refused", std::to_string(refused)});
        responder_.Answer(context, std::move(made));
      });
  if (!taken) responder_.Answer(context, Full());
}

}  // namespace holdfast
