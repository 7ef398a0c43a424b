// Harness: packs and events as text, decisions as values.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/pipeline/engine.h"

namespace holdfast::testing {

// Whatever a test's pack is about.
inline constexpr const char* kPackHead =
    "pack: test\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n";

// A pack of `body` (features, rules, ...) under a head that any test may use.
inline std::shared_ptr<const Pack> MakePack(const std::string& body) {
  Diagnostics diagnostics;
  const auto pack = CompilePack("test.yaml", kPackHead + body, ".", diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  return pack;
}

inline std::shared_ptr<Event> MakeEvent(const std::string& json) {
  auto event = std::make_shared<Event>();
  JsonEventParser parser;
  const Status status = parser.Parse(json, *event);
  REQUIRE_MESSAGE(status.has_value(), status.error().Text() << " in " << json);
  return event;
}

// An order placed `minute` minutes after eight o'clock.
inline std::string OrderJson(const std::string& id, int minute, const std::string& more = "") {
  const std::string time =
      "2026-11-20T08:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z";
  return R"({"id":")" + id + R"(","merchant":"acme","placed_at":")" + time +
         R"(","currency":"USD","total":100)" + (more.empty() ? "" : "," + more) + "}";
}

inline std::string PaymentJson(const std::string& event_id, const std::string& order, int minute,
                               const std::string& status, const std::string& more = "") {
  const std::string time =
      "2026-11-20T09:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z";
  return R"({"id":")" + event_id +
         R"(","type":"payment.updated","merchant":"acme","occurred_at":")" + time +
         R"(","order_id":")" + order + R"(","payment":{"provider":"paypal","status":")" + status +
         "\"" + (more.empty() ? "" : "," + more) + "}}";
}

// Applies events in turn; the last decision.
class Desk {
 public:
  explicit Desk(const std::string& pack_body) : Desk(MakePack(pack_body)) {}
  explicit Desk(std::shared_ptr<const Pack> pack) : engine_(std::move(pack), MakeMemoryStore()) {}
  Desk(const std::string& pack_body, std::unique_ptr<Store> store)
      : engine_(MakePack(pack_body), std::move(store)) {}

  const Decision& operator()(const std::string& json) {
    auto applied = engine_.Apply(MakeEvent(json));
    REQUIRE_MESSAGE(applied.has_value(), applied.error().Text());
    if (applied->decision) last_ = std::move(*applied->decision);
    return last_;
  }
  std::string Refusal(const std::string& json) {
    auto applied = engine_.Apply(MakeEvent(json));
    return applied ? "accepted" : applied.error().Text();
  }
  Engine& engine() { return engine_; }

 private:
  Engine engine_;
  Decision last_;
};

// "hold identity 35 [a b]": outcome, cause, score and the rules of the reasons.
inline std::string Short(const Decision& decision) {
  std::string text(NameOf(decision.outcome));
  if (decision.cause != Cause::kNone) text += " " + std::string(NameOf(decision.cause));
  text += " " + std::to_string(decision.score) + " [";
  for (const Reason& reason : decision.reasons) {
    text += (text.back() == '[' ? "" : " ") + reason.rule;
  }
  return text + "]";
}

inline std::string Json(const Decision& decision) {
  std::string json;
  WriteDecision(decision, json);
  return json;
}

}  // namespace holdfast::testing
