#include "engine/rescore/flips.h"

#include "engine/base/time.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

std::string_view CauseOf(const Ruling& ruling) {
  return ruling.cause == Cause::kNone ? std::string_view() : NameOf(ruling.cause);
}

std::string RulingJson(const Ruling& ruling) {
  return JsonObject()
      .Text("outcome", ruling.Word())
      .GivenText("cause", CauseOf(ruling))
      .Number("score", ruling.score)
      .Done();
}

// Text that a buyer wrote must not be read as a formula by a spreadsheet.
std::string Cell(std::string_view text) {
  std::string cell = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    cell += '\'';
  }
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

}  // namespace

std::string FlipJson(const OrderCase& order, Currency base) {
  return JsonObject()
      .Text("order_id", order.order_id)
      .Text("merchant", order.merchant)
      .Text("placed_at", FormatRfc3339(order.placed_at))
      .Text("amount", FormatMinor(order.amount.value_or(0), base))
      .Text("label", NameOf(order.label))
      .Number("offset", order.offset)
      .Raw("before", RulingJson(order.before()))
      .Raw("after", RulingJson(order.after()))
      .Raw("why", JsonTexts(Why(*order.rulings)))
      .Done();
}

std::string FlipCsv(const OrderCase& order, Currency base) {
  std::string why;
  for (const std::string& one : Why(*order.rulings)) why += (why.empty() ? "" : "; ") + one;
  std::string row = Cell(order.merchant) + "," + Cell(order.order_id) + "," +
                    FormatRfc3339(order.placed_at) + "," +
                    FormatMinor(order.amount.value_or(0), base);
  for (const std::string_view text :
       {NameOf(order.label), order.before().Word(), CauseOf(order.before()), order.after().Word(),
        CauseOf(order.after())}) {
    row += ",";
    row += text;
  }
  return row + "," + std::to_string(order.after().score) + "," + Cell(why) + "\n";
}

}  // namespace holdfast
