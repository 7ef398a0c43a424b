// Prompt: the questions before an action, one after another, in the bottom line of the screen.
// Enter answers, Escape gives up. Threads: one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/cli/desk/line_edit.h"
#include "engine/cli/ui/key.h"

namespace holdfast::cli {

enum class Field : std::uint8_t {
  kReason,
  kNote,
  kSpan,
  kAmount,
  kReference,
  kRequest,
  kTag,
  kConfirm,
  kSearch,
};

struct Question {
  Field field;
  std::string text;
  // The answer is the number of a choice, accepted once no further digit can follow. Empty: a text.
  std::vector<std::string> choices = {};
  std::string otherwise = {};  // the answer when nothing is typed
  bool may_be_empty = false;
};

class Prompt {
 public:
  enum class State : std::uint8_t { kAsking, kDone, kGivenUp };

  // `action`: what is done with the answers: "released".
  Prompt(std::string action, std::vector<Question> questions);

  State Press(const Key& key);

  const std::string& action() const { return action_; }
  // The question that is asked now.
  const Question& question() const { return questions_[asked_]; }
  const LineEdit& line() const { return line_; }
  // Why the last answer was refused; empty: it was accepted.
  const std::string& fault() const { return fault_; }
  // Empty for a question that was not asked.
  std::string Answer(Field field) const;

 private:
  State PressChoice(const Key& key);
  State Take(std::string answer);
  State Refuse(std::string fault);

  std::string action_;
  std::vector<Question> questions_;
  std::size_t asked_ = 0;
  LineEdit line_;
  std::string fault_;
  std::map<Field, std::string> answers_;
};

}  // namespace holdfast::cli
