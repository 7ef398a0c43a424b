// What conditions and spans of time are called in texts for people.
#include "engine/decide/wording.h"

#include <doctest/doctest.h>

#include "engine/base/text.h"
#include "engine/base/time.h"

namespace holdfast {
namespace {

TEST_CASE("wording: a release path is told in sentences") {
  CHECK(SentenceOf("review.outcome == 'released'") == "A reviewer releases it");
  CHECK(SentenceOf("'confirm_from_account_email' in verification.confirmed") ==
        "The buyer confirms from the payment account's e-mail address");
  CHECK(SentenceOf("'send_id_card' in verification.confirmed") ==
        "The buyer answers: send id card");
  CHECK(SentenceOf("payment.certainty == 'certain'") == "The money has come");
  CHECK(SentenceOf("payment.certainty in ['reserved', 'certain']") ==
        "The money is authorised or has come");
  CHECK(SentenceOf("payment.certainty != 'contested'") == "The money is no longer disputed");
  CHECK(SentenceOf("!(payment.certainty in ['lost'])") ==
        "This holds: !(payment.certainty in ['lost'])");
  CHECK(SentenceOf("has(a) == has(b)") == "This holds: has(a) == has(b)");
  CHECK(SentenceOf("has(order.device_id)") == "The device id becomes known");
  CHECK(SentenceOf("order.total <= 500.0") == "The total is at most 500.0");
  CHECK(SentenceOf("payment.payer.country == 'US'") == "The payer country is US");
  CHECK(SentenceOf("packed as ordered") == "It is packed as ordered");
  CHECK(SentenceOf("a.b(c) == 1 || d") == "This holds: a.b(c) == 1 || d");
}

TEST_CASE("wording: facts and rules have names") {
  CHECK(NounOf("order.device_id") == "device id");
  CHECK(NounOf("payment.payer.country") == "payer country");
  CHECK(NounOf("match.payer_to_holder") == "match of payer and holder");
  CHECK(NounOf("order.items[].sku") == "items sku");
  CHECK(RuleInWords("many-buyers-on-device") == "many buyers on device");
}

TEST_CASE("wording: spans of time have two parts at most, amounts their thousands") {
  constexpr std::int64_t kSecond = kNanosPerSecond, kMinute = 60 * kSecond, kHour = 60 * kMinute;
  CHECK(DurationInWords(0) == "0 seconds");
  CHECK(DurationInWords(kSecond) == "1 second");
  CHECK(DurationInWords(2191 * kSecond + 17'839'863) == "37 minutes");
  CHECK(DurationInWords(kHour - kSecond) == "1 hour");
  CHECK(DurationInWords(kHour + 5 * kMinute) == "1 hour 5 minutes");
  CHECK(DurationInWords(24 * kHour - kSecond) == "1 day");
  CHECK(DurationInWords(32 * kHour) == "1 day 8 hours");
  CHECK(DurationInWords(-1) == "0 seconds");
  CHECK(DurationInWords(-90 * kMinute) == "-1 hour 30 minutes");
  CHECK(GroupedAmount("1234567.80") == "1,234,567.80");
  CHECK(GroupedAmount("-1234") == "-1,234");
  CHECK(GroupedAmount("999.99") == "999.99");
}

}  // namespace
}  // namespace holdfast
