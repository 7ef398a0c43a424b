#include "engine/features/payment_facts.h"

#include "engine/features/fact_values.h"
#include "engine/orders/order_ledger.h"

namespace holdfast {
namespace {

using namespace facts;

// The state of a payment as a payment status.
PaymentStatus StandingOf(const LedgerPayment& payment) {
  const PaymentAmounts& a = payment.amounts;
  if (payment.has_captured) {
    if (payment.all_gone) {
      return a.taken_back > 0 ? PaymentStatus::kChargedBack : PaymentStatus::kRefunded;
    }
    if (payment.all_disputed || a.disputed > 0) return PaymentStatus::kDisputed;
  }
  if (payment.all_in_review || a.in_review > 0) return PaymentStatus::kUnderReview;
  if (payment.has_captured) {
    const bool part = a.refunded + a.refund_pending > 0 || payment.part_refunded;
    return part ? PaymentStatus::kPartiallyRefunded : PaymentStatus::kCompleted;
  }
  if (payment.has_pending) return PaymentStatus::kPending;
  if (payment.has_authorized) return PaymentStatus::kAuthorized;
  return a.voided > 0 ? PaymentStatus::kVoided : PaymentStatus::kFailed;
}

struct PaymentContext {
  const FactContext& context;
  const LedgerPayment& payment;
  const Payment* described = nullptr;  // null: no event describes it further
  bool counts = true;
};
using OnePayment = const PaymentContext&;

Value AmountOf(OnePayment p, std::int64_t minor) {
  return p.payment.amounts.known ? MoneyOf(minor, p.payment.currency) : Missing();
}

struct PaymentField {
  const char* name;
  cel::TypeKind type;
  std::span<const std::string_view> words;
  Value (*get)(OnePayment);
};

std::span<const PaymentField> Fields() {
  using enum cel::TypeKind;
#define HOLDFAST_OF(expression) [](OnePayment p) -> Value { return expression; }
#define HOLDFAST_SAID(expression) \
  [](OnePayment p) -> Value { return p.described == nullptr ? Missing() : (expression); }
  // clang-format off: one row a field
  static const PaymentField fields[] = {
      {"provider", kString, {}, HOLDFAST_OF(TextOf(p.payment.provider))},
      {"method", kString, {}, HOLDFAST_OF(TextOf(p.payment.method))},
      {"status", kString, GivenWords<PaymentStatus>(), HOLDFAST_OF(WordOf(StandingOf(p.payment)))},
      {"source", kString, GivenWords<ReportSource>(), HOLDFAST_OF(WordOf(p.payment.source))},
      {"counts", kBool, {}, HOLDFAST_OF(Value::Bool(p.counts))},
      {"transaction_id", kString, {}, HOLDFAST_SAID(TextOf(p.described->transaction_id))},
      {"currency",
       kString,
       {},
       HOLDFAST_OF(p.payment.currency ? TextOf(p.payment.currency->code()) : Missing())},
      {"paid",
       kDouble,
       {},
       HOLDFAST_OF(AmountOf(p, std::max<std::int64_t>(0, p.payment.amounts.kept())))},
      {"paid_base",
       kDouble,
       {},
       HOLDFAST_OF(p.payment.amounts.known
                       ? BaseOf(p.context, std::max<std::int64_t>(0, p.payment.amounts.kept()),
                                p.payment.currency)
                       : Missing())},
      {"authorized", kDouble, {}, HOLDFAST_OF(AmountOf(p, p.payment.amounts.authorized))},
      {"pending", kDouble, {}, HOLDFAST_OF(AmountOf(p, p.payment.amounts.capture_pending))},
      {"refunded",
       kDouble,
       {},
       HOLDFAST_OF(AmountOf(p, p.payment.amounts.refunded + p.payment.amounts.refund_pending))},
      {"taken_back", kDouble, {}, HOLDFAST_OF(AmountOf(p, p.payment.amounts.taken_back))},
      {"disputed", kDouble, {}, HOLDFAST_OF(AmountOf(p, p.payment.amounts.disputed))},
      {"in_review", kDouble, {}, HOLDFAST_OF(AmountOf(p, p.payment.amounts.in_review))},
      {"payer_name", kString, {}, HOLDFAST_SAID(TextOf(p.described->payer.name))},
      {"payer_email", kString, {}, HOLDFAST_SAID(TextOf(p.described->payer.email))},
      {"payer_account_id", kString, {}, HOLDFAST_SAID(TextOf(p.described->payer.account_id))},
      {"payer_country", kString, {}, HOLDFAST_SAID(TextOf(p.described->payer.country))},
      {"card_fingerprint", kString, {}, HOLDFAST_SAID(TextOf(p.described->card.fingerprint))},
      {"card_bin", kString, {}, HOLDFAST_SAID(TextOf(p.described->card.bin))},
      {"card_country", kString, {}, HOLDFAST_SAID(TextOf(p.described->card.country))},
      {"card_funding", kString, GivenWords<CardFunding>(),
       HOLDFAST_SAID(WordOf(p.described->card.funding))},
      {"card_avs", kString, GivenWords<CheckResult>(),
       HOLDFAST_SAID(WordOf(p.described->card.avs))},
      {"card_cvc", kString, GivenWords<CheckResult>(),
       HOLDFAST_SAID(WordOf(p.described->card.cvc))},
      {"card_three_d_secure", kString, GivenWords<ThreeDSecure>(),
       HOLDFAST_SAID(WordOf(p.described->card.three_d_secure))},
      {"card_liability_shift",
       kBool,
       {},
       HOLDFAST_SAID(TruthOf(p.described->card.liability_shift))},
      {"risk_level", kString, GivenWords<RiskLevel>(),
       HOLDFAST_SAID(WordOf(p.described->provider_risk.level))},
      {"risk_score",
       kInt,
       {},
       HOLDFAST_SAID(p.described->provider_risk.score
                         ? Value::Int(*p.described->provider_risk.score)
                         : Missing())},
  };
  // clang-format on
#undef HOLDFAST_OF
#undef HOLDFAST_SAID
  return fields;
}

}  // namespace

const std::shared_ptr<const cel::RecordType>& PaymentRecord() {
  static const auto record = [] {
    auto made = std::make_shared<cel::RecordType>();
    made->name = "payment";
    for (const PaymentField& field : Fields()) {
      made->fields.push_back(
          {field.name, cel::Type(field.type), {field.words.begin(), field.words.end()}});
    }
    return std::shared_ptr<const cel::RecordType>(std::move(made));
  }();
  return record;
}

Value PaymentsOf(const FactContext& context) {
  OrderLedger ledger;
  MakeLedger(*context.state, *context.terms, *context.amounts, ledger);
  const auto& payments = ledger.funds.payments;
  const auto fields = Fields();
  Arena& arena = *context.arena;
  auto* records = arena.AllocateArray<Value>(payments.size());
  auto* values = arena.AllocateArray<Value>(payments.size() * fields.size());
  for (std::size_t i = 0; i < payments.size(); ++i) {
    const EventPtr event = DescriptionOf(ledger, i, *context.state);
    const PaymentContext one{context, payments[i], PaymentIn(event.get()), ledger.funds.counts[i]};
    Value* mine = values + i * fields.size();
    for (std::size_t k = 0; k < fields.size(); ++k) {
      Value value = fields[k].get(one);
      // The text belongs to the ledger, which is destroyed on return.
      if (value.Is(cel::Kind::kString)) value = Value::String(arena.Copy(value.AsText()));
      new (mine + k) Value(value);
    }
    NumberMissing(mine, fields.size(), kPaymentFactBase, arena);
    new (records + i) Value(Value::Record(mine, fields.size()));
  }
  return Value::List(records, payments.size());
}

}  // namespace holdfast
