// Wording: names of rules, facts and conditions in texts for people.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// A fact as a noun: "order.device_id" is "device id", "payment.payer.country" is "payer country",
// "match.payer_to_holder" is "match of payer and holder".
std::string NounOf(std::string_view fact);

// A rule by its id: "many-buyers-on-device" is "many buyers on device".
std::string RuleInWords(std::string_view rule);

// A condition of a release path as a sentence without a full stop:
//   review.outcome == 'released'     A reviewer releases it
//   payment.certainty == 'certain'   The money has come
//   order.total <= 500.0             The total is at most 500.0
// A condition of another form is told as it is: "This holds: ...".
std::string SentenceOf(std::string_view condition);

}  // namespace holdfast
