#include "engine/server/api/ledger_json.h"

#include "engine/base/enum_names.h"
#include "engine/base/money.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/orders/order_ledger.h"

namespace holdfast {
namespace {

void AddAmount(std::string_view name, std::int64_t minor, Currency currency, JsonObject& json) {
  json.Text(name, FormatMinor(minor, currency));
}

std::string MovementJson(const Movement& movement, std::optional<Currency> currency) {
  JsonObject json;
  json.Text("kind", NameOf(movement.kind));
  json.Text("state", NameOf(movement.state));
  json.GivenText("reference", movement.reference);
  if (movement.amount && currency) AddAmount("amount", *movement.amount, *currency, json);
  json.Text("at", FormatRfc3339(movement.at));
  json.Text("source", NameOf(movement.source));
  return json.Done();
}

std::string CaseJson(const PaymentCase& one, std::optional<Currency> currency) {
  constexpr std::string_view kKinds[] = {"review", "inquiry", "warning", "dispute"};
  constexpr std::string_view kStates[] = {"open", "cleared", "lost"};
  JsonObject json;
  json.Text("kind", NameIn(kKinds, one.kind));
  json.Text("state", NameIn(kStates, one.state));
  json.GivenText("reference", one.reference);
  if (one.amount && currency) AddAmount("amount", *one.amount, *currency, json);
  json.Text("at", FormatRfc3339(one.at));
  return json.Done();
}

std::string PaymentJson(const LedgerPayment& payment, bool counts) {
  JsonObject json;
  json.Text("provider", payment.provider);
  json.GivenText("method", payment.method);
  json.Text("source", NameOf(payment.source));
  json.Raw("ids", JsonTexts(payment.names));
  // False for a shop's copy of what others report.
  json.Bool("counts", counts);
  if (payment.currency) {
    const PaymentAmounts& a = payment.amounts;
    json.Text("currency", payment.currency->code());
    for (const auto& [name, minor] : {std::pair("authorized", a.authorized),
                                      {"captured", a.captured},
                                      {"pending", a.capture_pending},
                                      {"refunded", a.refunded + a.refund_pending},
                                      {"taken_back", a.taken_back},
                                      {"disputed", a.disputed},
                                      {"in_review", a.in_review}}) {
      if (minor != 0) AddAmount(name, minor, *payment.currency, json);
    }
  }
  JsonList movements, cases;
  for (const Movement& movement : payment.movements) {
    movements.Add(MovementJson(movement, payment.currency));
  }
  for (const PaymentCase& one : payment.cases) cases.Add(CaseJson(one, payment.currency));
  json.Raw("movements", movements.Done());
  json.Raw("cases", cases.Done());
  return json.Done();
}

}  // namespace

std::string LedgerJson(const OrderState& state, const Pack& pack) {
  if (state.order == nullptr) return "null";
  const Funds& funds = state.funds;
  const Currency currency = *state.order->order->currency;
  JsonObject json;
  json.Text("certainty", NameOf(funds.certainty));
  json.Bool("enough", funds.enough);
  json.Bool("known", funds.known);
  json.Text("currency", currency.code());
  for (const auto& [name, minor] : {std::pair("due", funds.due),
                                    {"paid", funds.paid},
                                    {"authorized", funds.authorized},
                                    {"pending", funds.pending},
                                    {"refunded", funds.refunded},
                                    {"taken_back", funds.taken_back},
                                    {"disputed", funds.disputed},
                                    {"in_review", funds.in_review},
                                    {"overpaid", funds.overpaid}}) {
    AddAmount(name, minor, currency, json);
  }
  json.GivenText("paid_elsewhere", state.paid_elsewhere);
  json.GivenText("claimed_by", state.claimed_by);
  OrderLedger ledger;
  MakeLedger(state, pack.funds, *pack.amounts, ledger);
  JsonList payments;
  for (std::size_t i = 0; i < ledger.funds.payments.size(); ++i) {
    payments.Add(PaymentJson(ledger.funds.payments[i], ledger.funds.counts[i]));
  }
  json.Raw("payments", payments.Done());
  return json.Done();
}

}  // namespace holdfast
