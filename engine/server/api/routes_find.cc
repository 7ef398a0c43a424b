#include "engine/server/api/routes_find.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/pipeline/find.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

// A place as `next` of an answer. "g": the places after this one; "f": also this one.
std::string CursorOf(const PostingPlace& place) {
  std::string_view id = place.order_id;
  const bool after = id.ends_with('\0');
  if (after) id.remove_suffix(1);
  return (after ? "g" : "f") + std::to_string(place.newest) + "." + std::string(id);
}

std::optional<PostingPlace> ReadCursor(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (text.size() < 2 || dot == text.npos || (text[0] != 'f' && text[0] != 'g')) {
    return std::nullopt;
  }
  const auto newest = ParseNumber<std::uint64_t>(text.substr(1, dot - 1));
  if (!newest) return std::nullopt;
  PostingPlace place{*newest, std::string(text.substr(dot + 1))};
  if (text[0] == 'g') place.order_id += '\0';
  return place;
}

std::string MatchedJson(const std::vector<std::string>& tokens) {
  JsonList list;
  for (const std::string& token : tokens) {
    list.Add(JsonObject()
                 .Text("kind", NameOf(static_cast<FindKind>(token[0])))
                 .Text("text", TextOf(token))
                 .Done());
  }
  return list.Done();
}

std::string RowJson(const Engine& engine, const std::string& merchant, const FoundOrder& found) {
  JsonObject row;
  const std::string& order_id = found.place.order_id;
  row.Text("order_id", order_id);
  row.Text("merchant", merchant);
  const OrderState* state = engine.store().FindOrder(merchant, order_id);
  if (state != nullptr && state->order != nullptr) {
    const Order& order = *state->order->order;
    row.Text("placed_at", FormatRfc3339(*state->placed_at));
    row.Text("total", FormatMinor(*order.total, *order.currency));
    row.Text("currency", order.currency->code());
    row.Text("buyer", order.buyer.name.empty() ? order.shipping.name : order.buyer.name);
    row.Text("country", order.shipping.address.country);
    row.Bool("cancelled", state->cancelled);
    if (state->outcome) row.Text("outcome", NameOf(*state->outcome));
  }
  if (const auto held = engine.store().HeldOf(merchant, order_id)) {
    row.Text("cause", NameOf(held->cause));
  }
  row.Raw("matched", MatchedJson(found.matched));
  return row.Done();
}

// Runs in the fold, which waits meanwhile; limits::kFindPostings bounds it.
Result<std::string> AnswerOf(const Engine& engine, const std::string& merchant,
                             const FindQuery& query) {
  const auto found = FindOrders(engine.store(), query);
  if (!found) return tl::unexpected(found.error());
  JsonList orders;
  for (const FoundOrder& order : found->orders) orders.Add(RowJson(engine, merchant, order));
  JsonObject json;
  json.Raw("orders", orders.Done());
  json.Bool("more", found->more);
  if (found->more) json.Text("next", CursorOf(found->next));
  json.Bool("incomplete", found->incomplete);
  return json.Done();
}

}  // namespace

void FindRoutes::GetFind(const ContextPtr& context) {
  constexpr std::uint64_t kUsual = 25;
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const HttpRequest& request = context->request;
  const auto refuse = [&](std::string what) {
    responder_.Answer(context, Problem(ErrorCode::kUsage, std::move(what)));
  };
  const std::string text = request.Query("text");
  if (Trim(text).empty() || text.size() > limits::kTextBytes || !IsValidUtf8(text)) {
    return refuse("text must be what to find, such as an order number or a name, of at most " +
                  std::to_string(limits::kTextBytes) + " bytes in UTF-8");
  }
  PostingPlace from;
  if (const std::string after = request.Query("after"); !after.empty()) {
    const auto place = ReadCursor(after);
    if (!place) return refuse("after must be what `next` of an answer was");
    from = *place;
  }
  const std::size_t most =
      std::max<std::size_t>(QueryNumber(request, "limit", kUsual, limits::kFindOrders), 1);
  const auto json = std::make_shared<Result<std::string>>();
  responder_.ReadState(
      context, *merchant,
      [merchant = *merchant, text, from, most, json](const Engine& engine) {
        *json = AnswerOf(engine, merchant, {merchant, text, from, most});
      },
      [this, context, json] {
        if (!*json) return responder_.Answer(context, Problem(json->error()));
        HttpAnswer answer;
        answer.body = std::move(**json);
        responder_.Answer(context, std::move(answer));
      });
}

}  // namespace holdfast
