#include "engine/outbox/message.h"

#include "engine/base/hex.h"
#include "engine/base/time.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json_object.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

std::string DecisionData(const LogRecord& record, const Event& event,
                         const FinishDecision& finish) {
  std::string decision(record.decision);
  if (finish) finish(decision);
  if (event.type != EventType::kReviewAsked || event.review == nullptr) return decision;
  const Review& review = *event.review;
  return JsonObject()
      .Text("order_id", event.order_id)
      .Text("merchant", event.merchant)
      .Text("request", review.request)
      .Text("to", review.to)
      .Text("text", review.note)
      .Text("by", review.by)
      .Raw("decision", decision)
      .Done();
}

std::string DataOf(const LogRecord& record, const Event& event, const FinishDecision& finish) {
  if (!record.decision.empty()) return DecisionData(record, event, finish);
  if (event.type == EventType::kAlertRaised) {
    return JsonObject()
        .Text("name", event.alert->name)
        .Text("text", event.alert->text)
        .Text("merchant", event.merchant)
        .Text("order_id", event.order_id)
        .Number("offset", record.offset)
        .Done();
  }
  return JsonObject()
      .Text("name", event.pack->name)
      .Text("hash", event.pack->hash)
      .Number("offset", record.offset)
      .Done();
}

std::string TypeOf(const LogRecord& record, const Event& event) {
  if (record.decision.empty()) {
    if (event.type == EventType::kAlertRaised) return "alert.raised";
    return event.type == EventType::kPackActivated ? "pack.activated" : "";
  }
  if (event.type == EventType::kReviewAsked && event.review != nullptr) return "buyer.asked";
  return event.type == EventType::kOrderPlaced ? "order.decision.made" : "order.decision.changed";
}

}  // namespace

std::optional<MessageHead> ReadMessageHead(const LogRecord& record) {
  // Most records without a decision are skipped without parsing.
  const bool alert = record.event.find("\"type\":\"alert.raised\"") != record.event.npos;
  const bool pack = record.event.find("\"type\":\"pack.activated\"") != record.event.npos;
  if (record.decision.empty() && !alert && !pack) return std::nullopt;
  const auto event = ReadRecord(record);
  if (!event) return std::nullopt;
  MessageHead head{*event, TypeOf(record, **event)};
  if (head.type.empty()) return std::nullopt;
  return head;
}

OutboxMessage MakeMessage(const LogRecord& record, const MessageHead& head,
                          std::string_view log_name, bool cloud_event,
                          const FinishDecision& finish) {
  const Event& event = *head.event;
  const std::string data = DataOf(record, event, finish);
  EventTime time = event.occurred_at;
  if (const auto decision = ReadDecisionHead(record.decision)) time = decision->decided_at;
  OutboxMessage message;
  constexpr std::size_t kNameBytes = 6;
  message.id =
      "msg_" + EncodeHex(log_name.substr(0, kNameBytes)) + "_" + std::to_string(record.offset);
  if (!cloud_event) {
    message.content_type = "application/json";
    message.body = JsonObject()
                       .Text("type", head.type)
                       .Text("timestamp", FormatRfc3339(time))
                       .Raw("data", data)
                       .Done();
    return message;
  }
  message.content_type = "application/cloudevents+json";
  message.body = JsonObject()
                     .Text("specversion", "1.0")
                     .Text("id", message.id)
                     .Text("source", "/holdfast/" + std::string(event.merchant))
                     .Text("type", "io.holdfast." + head.type)
                     .Text("time", FormatRfc3339(time))
                     .GivenText("subject", event.order_id)
                     .Text("datacontenttype", "application/json")
                     .Raw("data", data)
                     .Done();
  return message;
}

}  // namespace holdfast
