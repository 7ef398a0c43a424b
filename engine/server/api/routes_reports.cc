#include "engine/server/api/routes_reports.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/orders/order_queries.h"
#include "engine/pipeline/replay.h"
#include "engine/review/stats.h"
#include "engine/server/api/problem.h"
#include "engine/signals/emails.h"

namespace holdfast {
namespace {

constexpr std::size_t kOrdersMost = 200;    // the latest orders of one buyer
constexpr std::size_t kAlertsMost = 1'000;  // the latest alerts of one merchant

// The alerts of one merchant, collected from the log.
class AlertBook {
 public:
  explicit AlertBook(std::string merchant) : merchant_(std::move(merchant)) {}

  // To be called with every record, in order.
  Status Add(const LogRecord& record) {
    // Most records are skipped without parsing.
    if (record.event.find("\"alert.") == record.event.npos) return {};
    auto event = ReadRecord(record);
    if (!event) return tl::unexpected(event.error());
    const bool mine = (*event)->merchant == merchant_;
    if (mine && (*event)->type == EventType::kAlertRaised) {
      alerts_[record.offset] = {std::move(*event), nullptr};
      if (alerts_.size() > kAlertsMost) LeaveOne();
    } else if (mine && (*event)->type == EventType::kAlertAcknowledged) {
      for (auto& [offset, entry] : alerts_) {
        if (entry.alert->id == (*event)->alert->of && entry.done == nullptr) entry.done = *event;
      }
    }
    return {};
  }

  std::string Json(bool all) const {
    JsonList list;
    for (auto at = alerts_.rbegin(); at != alerts_.rend(); ++at) {
      const auto& [alert, done] = at->second;
      if (done != nullptr && !all) continue;
      JsonObject one;
      one.Text("id", alert->id);
      one.Number("offset", at->first);
      one.Text("name", alert->alert->name);
      one.Text("at", FormatRfc3339(alert->occurred_at));
      one.GivenText("order_id", alert->order_id);
      one.Text("text", alert->alert->text);
      if (done != nullptr) {
        one.Text("acknowledged_by", done->alert->by);
        one.Text("acknowledged_at", FormatRfc3339(done->occurred_at));
        one.GivenText("note", done->alert->note);
      }
      list.Add(one.Done());
    }
    return JsonObject().Raw("alerts", list.Done()).Bool("more", left_out_ > 0).Done();
  }

 private:
  // Leaves out the oldest alert that was acknowledged, or else the oldest.
  void LeaveOne() {
    const auto done = std::find_if(alerts_.begin(), alerts_.end(),
                                   [](const auto& one) { return one.second.done != nullptr; });
    left_out_ += done == alerts_.end() ? 1 : 0;
    alerts_.erase(done == alerts_.end() ? alerts_.begin() : done);
  }

  struct Entry {
    EventPtr alert, done;  // done: the first alert.acknowledged of it; null: none
  };
  const std::string merchant_;
  std::map<std::uint64_t, Entry> alerts_;  // by offset
  std::size_t left_out_ = 0;               // that nobody had acknowledged
};

}  // namespace

struct Bought {
  std::string order_id, placed_at, total, currency;
};

void ReportRoutes::Report(const ContextPtr& context,
                          std::function<void(const EventLog& log)> report) {
  const bool taken =
      reports_.Do(responder_.Task(context, [this, context, report = std::move(report)] {
        const auto log = OpenEventLog(runtime_.config()->data, LogMode::kRead);
        if (!log) return responder_.Answer(context, Problem(log.error()));
        report(**log);
      }));
  if (!taken)
    responder_.Answer(context, Problem(ErrorCode::kTooMany, "other reports are being made"));
}

void ReportRoutes::GetStats(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  StatsAsked wanted;
  wanted.merchant = *merchant;
  wanted.now = runtime_.Now();
  for (const auto& [name, time] : {std::pair("from", &wanted.from), {"to", &wanted.to}}) {
    const std::string text = context->request.Query(name);
    if (text.empty()) continue;
    *time = ParseEventTime(text);
    if (!*time) {
      return responder_.Answer(
          context, Problem(ErrorCode::kUsage, std::string(name) + " must be a time such as "
                                                                  "2026-11-20T00:00:00Z"));
    }
  }
  Report(context, [this, context, wanted](const EventLog& log) {
    const auto pack = runtime_.pack();
    Stats stats(wanted, *pack->amounts);
    const Status read = ReplayLog(log, 1, [&](const Replayed& replayed) -> Status {
      if (responder_.draining())
        return Fail(ErrorCode::kUnavailable, {}, "the service is stopping");
      stats.Add(*replayed.event, replayed.decision);
      return {};
    });
    if (!read) return responder_.Answer(context, Problem(read.error()));
    HttpAnswer answer;
    answer.body = stats.Json();
    responder_.Answer(context, std::move(answer));
  });
}

void ReportRoutes::GetBuyer(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  Report(context, [this, context, merchant = *merchant](const EventLog& log) {
    const std::string& wanted = context->parts[0];
    const std::string mailbox = CanonicalEmail(wanted);
    const bool is_mailbox = wanted.find('@') != wanted.npos;
    std::string quoted;
    WriteJsonText(wanted, quoted);
    std::vector<Bought> orders;
    const Status read = log.Read(1, [&](const LogRecord& record) -> Status {
      if (responder_.draining())
        return Fail(ErrorCode::kUnavailable, {}, "the service is stopping");
      // Most records are skipped without parsing. A mailbox can be spelled in many ways, so it
      // cannot be searched as text.
      if (!is_mailbox && record.event.find(quoted) == record.event.npos) return {};
      const auto event = ReadRecord(record);
      if (!event) return tl::unexpected(event.error());
      const Order* order = (*event)->order;
      if ((*event)->type != EventType::kOrderPlaced || (*event)->merchant != merchant) return {};
      const bool same = order->buyer.id == wanted ||
                        (is_mailbox && CanonicalEmail(order->buyer.email) == mailbox);
      if (!same) return {};
      if (orders.size() == kOrdersMost) orders.erase(orders.begin());
      orders.push_back({std::string((*event)->order_id), FormatRfc3339(*order->placed_at),
                        FormatMinor(*order->total, *order->currency),
                        std::string(order->currency->code())});
      return {};
    });
    if (!read) return responder_.Answer(context, Problem(read.error()));
    if (orders.empty()) {
      return responder_.Answer(
          context, Problem(ErrorCode::kUnknownOrder,
                           "no order of a buyer with the id or e-mail '" + wanted + "'"));
    }
    TellBuyer(context, merchant, std::move(orders));
  });
}

// The latest alerts of the merchant, those that nobody has acknowledged or all, the last first.
void ReportRoutes::GetAlerts(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const std::string asked = context->request.Query("all");
  if (!asked.empty() && asked != "true" && asked != "false") {
    return responder_.Answer(context, Problem(ErrorCode::kUsage, "all must be true or false"));
  }
  const bool all = asked == "true";
  Report(context, [this, context, all, merchant = *merchant](const EventLog& log) {
    AlertBook book(merchant);
    const Status read = log.Read(1, [&](const LogRecord& record) -> Status {
      if (responder_.draining())
        return Fail(ErrorCode::kUnavailable, {}, "the service is stopping");
      return book.Add(record);
    });
    if (!read) return responder_.Answer(context, Problem(read.error()));
    HttpAnswer answer;
    answer.body = book.Json(all);
    responder_.Answer(context, std::move(answer));
  });
}

// The current state of each order, and what the latest of them says about the buyer.
void ReportRoutes::TellBuyer(const ContextPtr& context, const std::string& merchant,
                             std::vector<Bought> orders) {
  const auto json = std::make_shared<std::string>();
  responder_.ReadState(
      context, merchant,
      [orders = std::move(orders), merchant, json](const Engine& engine) {
        JsonList list;
        for (const Bought& bought : orders) {
          JsonObject one;
          one.Text("order_id", bought.order_id);
          one.Text("placed_at", bought.placed_at);
          one.Text("total", bought.total);
          one.Text("currency", bought.currency);
          const OrderState* state = engine.store().FindOrder(merchant, bought.order_id);
          if (state != nullptr && state->outcome) {
            one.Text("outcome", NameOf(*state->outcome));
            one.Text("funds", NameOf(CertaintyOf(*state)));
            one.Number("disputes", state->disputes.size());
            one.Number("refunds", state->refunds.size());
            one.Bool("dispatched", !state->dispatched.empty());
          }
          list.Add(one.Done());
        }
        JsonObject facts;
        for (const auto& [name, text] : engine.FactTexts(merchant, orders.back().order_id)) {
          if (name.starts_with("buyer.")) facts.Text(name, text);
        }
        *json = JsonObject().Raw("orders", list.Done()).Raw("facts", facts.Done()).Done();
      },
      [this, context, json] {
        HttpAnswer answer;
        answer.body = *json;
        responder_.Answer(context, std::move(answer));
      });
}

}  // namespace holdfast
