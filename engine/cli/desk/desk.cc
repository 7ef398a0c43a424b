#include "engine/cli/desk/desk.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/base/enum_names.h"
#include "engine/base/text.h"
#include "engine/cli/cases/case_view.h"

namespace holdfast::cli {
namespace {

using Kind = Key::Kind;
using What = DeskTask::What;

constexpr const char* kSearch = "search";

bool IsText(const Key& key, char32_t c) { return key.kind == Kind::kText && key.text == c; }

std::vector<std::string> TextsOf(const JsonValue& list) {
  std::vector<std::string> texts;
  for (const JsonValue& one : list.list()) texts.emplace_back(one.text());
  return texts;
}

}  // namespace

Desk::Desk(Mode mode, QueueFilter filter)
    : mode_(mode),
      filter_(std::move(filter)),
      pane_(mode == Mode::kWalk ? Pane::kDetail : Pane::kList) {}

const JsonValue& Desk::document() const {
  HOLDFAST_CHECK(document_.has_value());
  return document_->root();
}

void Desk::Resize(int columns, int rows) {
  columns_ = columns;
  rows_ = rows;
  found_ = -1;  // the lines change with the width
  Render();
}

void Desk::SetOrder(JsonDocument order) {
  const std::string id(order.root()["order_id"].text());
  if (id != order_) {
    scroll_ = 0;
    found_ = -1;
  }
  order_ = id;
  asked_for_ = id;
  document_ = std::move(order);
  if (opening_) pane_ = Pane::kDetail;
  opening_ = false;
  list_.Select(order_);
  Render();
}

void Desk::Say(std::string text) {
  said_ = std::move(text);
  opening_ = false;
}

void Desk::Render() {
  head_.clear();
  body_.clear();
  layout_ = LayoutOf(columns_, rows_, 0);
  if (document_) {
    Screen head(layout_.detail_width, false), body(layout_.detail_width, false);
    ShowCaseHead(document_->root(), now_, head);
    ShowCaseBody(document_->root(), body);
    head_ = head.lines();
    body_ = body.lines();
    layout_ = LayoutOf(columns_, rows_, static_cast<int>(head_.size()));
    // Lines that do not fit the head scroll with the body.
    const auto kept = head_.begin() + layout_.head_rows;
    body_.insert(body_.begin(), kept, head_.end());
    head_.erase(kept, head_.end());
  }
  Scroll(0);
}

DeskTask Desk::Idle() {
  const bool follows = layout_.side_by_side && mode_ == Mode::kWatch && pane_ == Pane::kList;
  const std::string selected = list_.Selected();
  if (!follows || prompt_ || selected.empty() || selected == asked_for_) return {};
  asked_for_ = selected;
  return {What::kOpen, selected};
}

DeskTask Desk::Press(const Key& key) {
  if (help_) {
    help_ = false;
    return {};
  }
  said_.clear();
  if (prompt_) return PressPrompt(key);
  if (IsText(key, U'?')) {
    help_ = true;
    return {};
  }
  if (IsText(key, U'/')) {
    prompt_.emplace(kSearch, std::vector<Question>{
                                 {Field::kSearch, "search: ", {}, {}, /*may_be_empty=*/true}});
    return {};
  }
  return pane_ == Pane::kList ? PressList(key) : PressDetail(key);
}

int Desk::StepOf(const Key& key, int rows) {
  constexpr int kFar = std::numeric_limits<int>::max() / 2;
  switch (key.kind) {
    case Kind::kUp:
      return -1;
    case Kind::kDown:
      return 1;
    case Kind::kPageUp:
      return -std::max(rows - 1, 1);
    case Kind::kPageDown:
      return std::max(rows - 1, 1);
    case Kind::kHome:
      return -kFar;
    case Kind::kEnd:
      return kFar;
    default:
      return IsText(key, U' ') ? std::max(rows - 1, 1) : 0;
  }
}

void Desk::Scroll(int by) {
  const int last = std::max(static_cast<int>(body_.size()) - layout_.body_rows, 0);
  scroll_ = std::clamp(scroll_ + by, 0, last);
}

DeskTask Desk::PressList(const Key& key) {
  const int step = StepOf(key, layout_.pane_rows - 1);
  if (step != 0) {
    list_.Move(step);
    return {};
  }
  switch (key.kind) {
    case Kind::kEnter:
    case Kind::kRight:
      return Open(list_.Selected());
    case Kind::kTab:
      // The detail follows the selection with a delay.
      if (list_.Selected() != order_) return Open(list_.Selected());
      if (!order_.empty()) pane_ = Pane::kDetail;
      return {};
    case Kind::kEscape:
      if (!list_.search().empty()) {
        list_.Search({});
      } else if (mode_ == Mode::kWalk && !order_.empty()) {
        pane_ = Pane::kDetail;
      }
      return {};
    case Kind::kText:
      return Filter(key.text);
    default:
      return {};
  }
}

DeskTask Desk::Open(const std::string& order) {
  if (order.empty()) return {};
  opening_ = true;
  asked_for_ = order;
  return {What::kOpen, order};
}

// Handles a letter key in the list.
DeskTask Desk::Filter(char32_t key) {
  switch (key) {
    case U'q':
      if (mode_ == Mode::kWatch || order_.empty()) return {What::kQuit};
      pane_ = Pane::kDetail;
      return {};
    case U's': {
      constexpr int kSorts = EnumCount<QueueSort>();
      list_.Sort(static_cast<QueueSort>((static_cast<int>(list_.sort()) + 1) % kSorts));
      return {};
    }
    case U'c': {
      // Select the next cause that holds orders; after the last, all.
      const auto& held = list_.held();
      auto next = std::find_if(held.begin(), held.end(),
                               [&](const auto& one) { return one.first == filter_.cause; });
      next = next == held.end() ? held.begin() : next + 1;
      filter_.cause = next == held.end() ? "" : next->first;
      return {What::kReload};
    }
    case U'm':
      filter_.mine = !filter_.mine;
      return {What::kReload};
    case U'u':
      filter_.unclaimed = !filter_.unclaimed;
      return {What::kReload};
    case U'a':
      filter_.approval = !filter_.approval;
      return {What::kReload};
    case U'w': {
      constexpr int kWaits = EnumCount<QueueFilter::Waiting>();
      filter_.cause.clear();
      filter_.waiting =
          static_cast<QueueFilter::Waiting>((static_cast<int>(filter_.waiting) + 1) % kWaits);
      return {What::kReload};
    }
    default:
      return {};
  }
}

DeskTask Desk::PressDetail(const Key& key) {
  const int step = StepOf(key, layout_.body_rows);
  if (step != 0) {
    Scroll(step);
    return {};
  }
  const bool quits = mode_ == Mode::kWalk && IsText(key, U'q');
  if (quits) return {What::kQuit};
  if (key.kind == Kind::kEscape || key.kind == Kind::kLeft || key.kind == Kind::kTab ||
      IsText(key, U'q')) {
    pane_ = Pane::kList;
    return {};
  }
  if (key.kind != Kind::kText || order_.empty()) return {};
  if (key.text == U's' && mode_ == Mode::kWalk) return {What::kSkip, order_};
  Ask(key.text);
  return {};
}

// Opens the prompt for the action of a key.
void Desk::Ask(char32_t key) {
  const Question note{
      Field::kNote, order_ + ": note (Enter: none): ", {}, {}, /*may_be_empty=*/true};
  const auto ask = [this](const char* action, std::vector<Question> questions) {
    prompt_.emplace(action, std::move(questions));
  };
  switch (key) {
    case U'r':
      return AskReason("released", "release_reasons", note);
    case U'j':
      return AskReason("rejected", "reject_reasons", note);
    case U'h':
      return AskReason("held", "hold_reasons",
                       {Field::kSpan, "for how long (4h, 2d; Enter: 1d): ", {}, "1d"});
    case U'p':
      // Two keys, because an approval takes effect at once.
      return ask("approved", {{Field::kConfirm, "y approves order " + order_ + ": "}});
    case U'm':
      return ask("paid", {{Field::kAmount, "amount that has come: "},
                          {Field::kReference, "the bank's reference: "},
                          {Field::kReason, "how you know: "}});
    case U'a':
      return AskBuyer();
    case U'n':
      return ask("noted", {{Field::kNote, "note: "}});
    case U't':
      return ask("tagged", {{Field::kTag, "tag: "}});
    default:
      return;
  }
}

void Desk::AskReason(const char* action, const char* codes, Question then) {
  std::vector<std::string> reasons = TextsOf(document()["review"][codes]);
  if (reasons.empty()) return Say("the pack has no " + std::string(codes) + ": add them there");
  const std::string text = order_ + ": reason, 1 to " + std::to_string(reasons.size()) + ": ";
  prompt_.emplace(
      action, std::vector<Question>{{Field::kReason, text, std::move(reasons)}, std::move(then)});
}

void Desk::AskBuyer() {
  if (PaymentOf(document())["payer"]["email"].text().empty()) {
    return Say("the mailbox of the payment account is not known, so the buyer cannot be asked");
  }
  constexpr const char* kUsual = "confirm_from_account_email";
  prompt_.emplace(
      "asked", std::vector<Question>{
                   {Field::kRequest, "ask for (Enter: " + std::string(kUsual) + "): ", {}, kUsual},
                   {Field::kNote, "what the buyer reads: "}});
}

DeskTask Desk::PressPrompt(const Key& key) {
  const bool in_list = prompt_->action() == kSearch && pane_ == Pane::kList;
  const Prompt::State state = prompt_->Press(key);
  if (state == Prompt::State::kAsking) {
    if (in_list) list_.Search(prompt_->line().text());
    return {};
  }
  if (state == Prompt::State::kGivenUp) {
    if (in_list) list_.Search({});
    prompt_.reset();
    return {};
  }
  DeskTask task;
  if (prompt_->action() != kSearch) {
    task = Answered();
  } else if (pane_ == Pane::kDetail) {
    SearchDetail(prompt_->Answer(Field::kSearch));
  }
  prompt_.reset();
  return task;
}

// The action with the answers of the prompt.
DeskTask Desk::Answered() {
  DeskTask task{What::kSend, order_, prompt_->action()};
  ReviewWords& words = task.words;
  words.reason = prompt_->Answer(Field::kReason);
  words.note = prompt_->Answer(Field::kNote);
  words.request = prompt_->Answer(Field::kRequest);
  words.amount = prompt_->Answer(Field::kAmount);
  words.reference = prompt_->Answer(Field::kReference);
  if (const std::string tag = prompt_->Answer(Field::kTag); !tag.empty()) words.tags = {tag};
  if (const auto span = ParseSpan(prompt_->Answer(Field::kSpan))) {
    words.until = EventTime{now_.nanos + *span};
  }
  if (task.type == "paid") words.currency = document()["order"]["order"]["currency"].text();
  if (task.type == "asked") words.to = PaymentOf(document())["payer"]["email"].text();
  task.decides = task.type == "released" || task.type == "rejected" || task.type == "held" ||
                 task.type == "approved";
  return task;
}

// Goes to the next line with the text; after the last one, to the first. Empty: the text of the
// search before.
void Desk::SearchDetail(std::string text) {
  if (!text.empty()) {
    detail_search_ = ToLowerAscii(text);
    found_ = -1;
  }
  const int lines = static_cast<int>(body_.size());
  for (int i = 1; i <= lines && !detail_search_.empty(); ++i) {
    const int at = (found_ + i) % lines;
    const ScreenLine& line = body_[static_cast<std::size_t>(at)];
    if (ToLowerAscii(line.mark + line.text).find(detail_search_) == std::string::npos) continue;
    found_ = at;
    const bool seen = at >= scroll_ && at < scroll_ + layout_.body_rows;
    if (!seen) Scroll(at - scroll_);
    return;
  }
  found_ = -1;
  Say("'" + detail_search_ + "' is not in this order");
}

}  // namespace holdfast::cli
