#include "engine/cli/desk/prompt.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/time.h"

namespace holdfast::cli {

Prompt::Prompt(std::string action, std::vector<Question> questions)
    : action_(std::move(action)), questions_(std::move(questions)) {
  HOLDFAST_CHECK(!questions_.empty());
}

Prompt::State Prompt::Press(const Key& key) {
  fault_.clear();
  if (key.kind == Key::Kind::kEscape) return State::kGivenUp;
  if (question().field == Field::kConfirm) {
    if (key.kind != Key::Kind::kText) return State::kAsking;
    return key.text == U'y' ? Take("yes") : State::kGivenUp;
  }
  if (!question().choices.empty()) return PressChoice(key);
  if (key.kind != Key::Kind::kEnter) {
    line_.Press(key);
    return State::kAsking;
  }
  std::string answer(Trim(line_.text()));
  if (answer.empty()) answer = question().otherwise;
  if (answer.empty() && !question().may_be_empty) return State::kGivenUp;
  if (question().field == Field::kSpan && !ParseSpan(answer)) {
    return Refuse("write a time such as 90m, 4h or 2d");
  }
  return Take(std::move(answer));
}

Prompt::State Prompt::PressChoice(const Key& key) {
  const bool digit = key.kind == Key::Kind::kText && key.text >= U'0' && key.text <= U'9';
  const bool enter = key.kind == Key::Kind::kEnter;
  if (digit || key.kind == Key::Kind::kBackspace) line_.Press(key);
  if (!digit && !enter) return State::kAsking;
  const std::vector<std::string>& choices = question().choices;
  const std::size_t number = ParseNumber<std::size_t>(line_.text()).value_or(0);
  if (number < 1 || number > choices.size()) {
    return Refuse("choose a number from 1 to " + std::to_string(choices.size()));
  }
  constexpr std::size_t kBase = 10;
  if (!enter && number * kBase <= choices.size()) return State::kAsking;
  return Take(choices[number - 1]);
}

Prompt::State Prompt::Take(std::string answer) {
  answers_[question().field] = std::move(answer);
  line_.Clear();
  if (asked_ + 1 == questions_.size()) return State::kDone;
  ++asked_;
  return State::kAsking;
}

Prompt::State Prompt::Refuse(std::string fault) {
  line_.Clear();
  fault_ = std::move(fault);
  return State::kAsking;
}

std::string Prompt::Answer(Field field) const {
  const auto at = answers_.find(field);
  return at == answers_.end() ? std::string() : at->second;
}

}  // namespace holdfast::cli
