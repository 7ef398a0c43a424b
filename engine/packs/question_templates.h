// Templates of questions to buyers (review.templates): texts with placeholders in braces, such as
// "Is order {order_id}, {total} {currency}, yours?". Pure functions; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace holdfast {

// What is wrong with a template: it is empty, or longer than half of limits::kLongTextBytes, has an
// unknown placeholder, or a brace is not closed. Empty: nothing.
std::string FaultOfQuestion(std::string_view text);

// The template with its placeholders filled in. `value_of` gives the text for a placeholder's name.
// Control characters in these texts become blanks. REQUIRES: FaultOfQuestion finds nothing.
std::string FillQuestion(std::string_view text,
                         const std::function<std::string(std::string_view name)>& value_of);

}  // namespace holdfast
