#include "engine/outbox/message.h"

#include "engine/base/hex.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted;
  WriteJsonText(text, quoted);
  return quoted;
}

}  // namespace

std::optional<OutboxMessage> MessageOf(const LogRecord& record, std::string_view log_name,
                                       bool cloud_event, const FinishDecision& finish) {
  // Most records that have no decision are passed over unread.
  const bool alert = record.event.find("\"type\":\"alert.raised\"") != record.event.npos;
  const bool pack = record.event.find("\"type\":\"pack.activated\"") != record.event.npos;
  if (record.decision.empty() && !alert && !pack) return std::nullopt;
  const auto event = ReadRecord(record);
  if (!event) return std::nullopt;
  std::string type, data;
  EventTime time = (*event)->occurred_at;
  if (!record.decision.empty()) {
    type = (*event)->type == EventType::kOrderPlaced ? "order.decision.made"
                                                     : "order.decision.changed";
    data = record.decision;
    if (finish) finish(data);
    if (const auto head = ReadDecisionHead(record.decision)) time = head->decided_at;
    if ((*event)->type == EventType::kReviewAsked && (*event)->review != nullptr) {
      const Review& review = *(*event)->review;
      type = "buyer.asked";
      data = "{\"order_id\":" + Quoted((*event)->order_id) +
             ",\"merchant\":" + Quoted((*event)->merchant) +
             ",\"request\":" + Quoted(review.request) + ",\"to\":" + Quoted(review.to) +
             ",\"text\":" + Quoted(review.note) + ",\"by\":" + Quoted(review.by) +
             ",\"decision\":" + data + "}";
    }
  } else if ((*event)->type == EventType::kAlertRaised) {
    type = "alert.raised";
    data = "{\"name\":" + Quoted((*event)->alert->name) +
           ",\"text\":" + Quoted((*event)->alert->text) +
           ",\"merchant\":" + Quoted((*event)->merchant) +
           ",\"order_id\":" + Quoted((*event)->order_id) +
           ",\"offset\":" + std::to_string(record.offset) + "}";
  } else if ((*event)->type == EventType::kPackActivated) {
    type = "pack.activated";
    data = "{\"name\":" + Quoted((*event)->pack->name) +
           ",\"hash\":" + Quoted((*event)->pack->hash) +
           ",\"offset\":" + std::to_string(record.offset) + "}";
  } else {
    return std::nullopt;
  }
  OutboxMessage message;
  constexpr std::size_t kNameBytes = 6;
  message.id =
      "msg_" + EncodeHex(log_name.substr(0, kNameBytes)) + "_" + std::to_string(record.offset);
  message.merchant = (*event)->merchant;
  message.order_id = (*event)->order_id;
  const std::string at = FormatRfc3339(time);
  if (cloud_event) {
    message.content_type = "application/cloudevents+json";
    message.body = R"({"specversion":"1.0","id":)" + Quoted(message.id) +
                   ",\"source\":" + Quoted("/holdfast/" + message.merchant) +
                   ",\"type\":" + Quoted("io.holdfast." + type) + ",\"time\":\"" + at + "\"" +
                   (message.order_id.empty() ? "" : ",\"subject\":" + Quoted(message.order_id)) +
                   ",\"datacontenttype\":\"application/json\",\"data\":" + data + "}";
  } else {
    message.content_type = "application/json";
    message.body = "{\"type\":\"" + type + "\",\"timestamp\":\"" + at + "\",\"data\":" + data + "}";
  }
  return message;
}

}  // namespace holdfast
