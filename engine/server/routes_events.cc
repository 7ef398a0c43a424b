// Events in, decisions out.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/server/asked.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

constexpr std::uint32_t Bit(EventType type) { return 1U << static_cast<unsigned>(type); }

// What shops and providers may report.
constexpr std::uint32_t kReported =
    Bit(EventType::kOrderPlaced) | Bit(EventType::kOrderAmended) | Bit(EventType::kOrderCancelled) |
    Bit(EventType::kPaymentUpdated) | Bit(EventType::kRefundIssued) |
    Bit(EventType::kDisputeOpened) | Bit(EventType::kDisputeUpdated) |
    Bit(EventType::kDisputeClosed) | Bit(EventType::kBuyerMessage) |
    Bit(EventType::kBuyerConfirmed) | Bit(EventType::kShipmentPacked) |
    Bit(EventType::kShipmentDispatched) | Bit(EventType::kShipmentDelivered);
constexpr std::uint32_t kDecided =
    Bit(EventType::kReviewClaimed) | Bit(EventType::kReviewReleased) |
    Bit(EventType::kReviewRejected) | Bit(EventType::kReviewHeld) | Bit(EventType::kReviewNoted) |
    Bit(EventType::kReviewTagged) | Bit(EventType::kReviewAsked) | Bit(EventType::kReviewApproved) |
    Bit(EventType::kListChanged);

// What became of one input: {"id":...,"offset":...,"duplicate":...,"decision":...}. `brief`:
// without decisions.
std::string ResultJson(const Answer& answer, bool brief) {
  std::string json = "{";
  if (answer.input.event != nullptr) JsonMember("id", answer.input.event->id, json);
  const bool taken = !answer.taken.empty();
  JsonRaw("offset",
          std::to_string(answer.duplicate ? answer.first
                         : taken          ? answer.taken.back().applied.offset
                                          : 0),
          json);
  JsonRaw("duplicate", answer.duplicate ? "true" : "false", json);
  if (taken && answer.taken.back().applied.parked) JsonRaw("parked", "true", json);
  if (brief) return json + "}";
  std::vector<const std::string*> decisions;
  const std::string* own = nullptr;
  for (std::size_t i = 0; i < answer.taken.size(); ++i) {
    const std::string& text = answer.taken[i].json;
    if (text.empty()) continue;
    (i + 1 == answer.taken.size() ? own : decisions.emplace_back()) = &text;
  }
  for (const std::string& again : answer.again) decisions.push_back(&again);
  if (answer.duplicate && !decisions.empty()) {
    own = decisions.back();
    decisions.pop_back();
  }
  JsonRaw("decision", own == nullptr ? "null" : *own, json);
  if (!decisions.empty()) {
    std::string before = "[";
    for (const std::string* one : decisions) {
      if (before.size() > 1) before += ',';
      before += *one;
    }
    JsonRaw("before", before + "]", json);
  }
  return json + "}";
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

std::shared_ptr<const Sender> Service::SenderOf(const AskedPtr& asked) {
  auto sender = std::make_shared<Sender>();
  if (!asked->key->OfAll()) sender->merchant = asked->key->merchant;
  sender->types = kReported | (asked->key->role == Role::kAdmin ? kDecided : 0);
  if (asked->route->name == "orders") sender->types = Bit(EventType::kOrderPlaced);
  sender->geo = core_->config()->geo.trust_sent;
  // Clocks differ a little.
  constexpr std::int64_t kAhead = 300 * kNanosPerSecond;
  sender->latest = EventTime{core_->Now().nanos + kAhead};
  return sender;
}

void Service::PostEvents(const AskedPtr& asked) {
  if (IsLines(asked->request)) return SubmitLines(asked);
  SubmitOne(asked, std::move(asked->request.body));
}

// Orders alone: see SenderOf.
void Service::PostOrders(const AskedPtr& asked) {
  if (IsLines(asked->request)) return SubmitLines(asked);
  SubmitOne(asked, std::move(asked->request.body));
}

void Service::SubmitOne(const AskedPtr& asked, std::string text) {
  std::vector<Input> inputs(1);
  inputs[0].text = std::move(text);
  inputs[0].sender = SenderOf(asked);
  const bool taken = core_->Submit(
      asked->Who(), std::move(inputs), [this, asked](std::vector<holdfast::Answer> answers) {
        const holdfast::Answer& answer = answers[0];
        if (answer.input.error) return Answer(asked, Problem(*answer.input.error));
        HttpAnswer made;
        const bool brief = WantsNoAnswer(asked->request);
        made.body = ResultJson(answer, brief);
        if (brief) {
          made.status = 202;
          made.headers.push_back({"Preference-Applied", "respond-async"});
        }
        Answer(asked, std::move(made));
      });
  if (!taken) Answer(asked, Full());
}

// Each line is an event and has a line in the answer, whatever becomes of the others.
void Service::SubmitLines(const AskedPtr& asked) {
  const auto sender = SenderOf(asked);
  const std::size_t most = LimitConfig::ShareOfOne(core_->config()->limits.in_flight);
  std::vector<Input> inputs;
  std::string_view rest = asked->request.body;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = Trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    if (inputs.size() == most) {
      return Answer(asked, Problem(ErrorCode::kLimitExceeded,
                                   "more than " + std::to_string(most) +
                                       " lines, which is half of the limit in_flight"));
    }
    Input& input = inputs.emplace_back();
    input.text = line;
    input.sender = sender;
  }
  if (inputs.empty()) {
    return Answer(asked, Problem(ErrorCode::kMalformedInput, "there is no line with an event"));
  }
  const bool taken = core_->Submit(
      asked->Who(), std::move(inputs), [this, asked](std::vector<holdfast::Answer> answers) {
        const bool brief = WantsNoAnswer(asked->request);
        HttpAnswer made;
        made.type = "application/x-ndjson";
        std::size_t refused = 0;
        for (std::size_t i = 0; i < answers.size(); ++i) {
          if (const auto& error = answers[i].input.error) {
            ++refused;
            made.body += "{\"line\":" + std::to_string(i + 1) +
                         ",\"problem\":" + ProblemJson(*error) + "}\n";
          } else {
            made.body += ResultJson(answers[i], brief);
            made.body += '\n';
          }
        }
        if (brief) made.status = 202;
        made.headers.push_back({"Holdfast-Refused", std::to_string(refused)});
        Answer(asked, std::move(made));
      });
  if (!taken) Answer(asked, Full());
}

}  // namespace holdfast
