// Desk: the state of the review screen: the queue as a list, one order in detail, search and
// prompt. A key changes the state or returns an action. Desk draws nothing, sends nothing and reads
// no clock: desk_view.h draws it, desk_run.h runs the actions. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cli/cases/ops_work.h"
#include "engine/cli/desk/layout.h"
#include "engine/cli/desk/prompt.h"
#include "engine/cli/desk/queue_list.h"
#include "engine/cli/ui/screen.h"

namespace holdfast::cli {

// What is to be done after a key.
struct DeskTask {
  enum class What : std::uint8_t {
    kNothing,
    kQuit,
    kReload,  // the queue, because the filter has changed
    kOpen,    // `order`: get it
    kSkip,    // `order`: give it back and take the next
    kSend,    // review.TYPE about `order`, with `words`
  };

  What what = What::kNothing;
  std::string order = {};
  std::string type = {};
  ReviewWords words = {};
  bool decides = false;  // kSend: after it, the order needs no more work
};

class Desk {
 public:
  enum class Mode : std::uint8_t {
    kWalk,   // one order after another is claimed; the detail is where it starts
    kWatch,  // the queue is watched; the list is where it starts
  };
  enum class Pane : std::uint8_t { kList, kDetail };

  Desk(Mode mode, QueueFilter filter);

  DeskTask Press(const Key& key);
  // To be called when no key was typed for a moment. Side by side, loads the order that is
  // selected.
  DeskTask Idle();

  // New input. `now`: the time as of which ages and claims are shown.
  void Resize(int columns, int rows);
  void SetNow(EventTime now) { now_ = now; }
  void SetQueue(const JsonValue& answer) { list_.Load(answer); }
  // `order`: the answer to GET /v1/orders/{id}.
  void SetOrder(JsonDocument order);
  // The status line. It stays until the next key.
  void Say(std::string text);

  Mode mode() const { return mode_; }
  Pane pane() const { return pane_; }
  EventTime now() const { return now_; }
  const QueueFilter& filter() const { return filter_; }
  const QueueList& list() const { return list_; }
  const std::optional<Prompt>& prompt() const { return prompt_; }
  const std::string& said() const { return said_; }
  bool help() const { return help_; }
  const Layout& layout() const { return layout_; }
  // The id of the order in the detail; empty: none.
  const std::string& order() const { return order_; }
  // The order in the detail. REQUIRES: order() is not empty.
  const JsonValue& document() const;
  // The lines of the detail, wrapped to its width.
  const std::vector<ScreenLine>& head() const { return head_; }
  const std::vector<ScreenLine>& body() const { return body_; }
  // The first line of the body that is shown, and the line that the search found (-1: none).
  int scroll() const { return scroll_; }
  int found() const { return found_; }

 private:
  DeskTask PressList(const Key& key);
  DeskTask PressDetail(const Key& key);
  DeskTask PressPrompt(const Key& key);
  DeskTask Filter(char32_t key);
  DeskTask Open(const std::string& order);
  void Ask(char32_t key);
  void AskReason(const char* action, const char* codes, Question then);
  void AskBuyer();
  DeskTask Answered();
  void SearchDetail(std::string text);
  // How far a key moves in a page of `rows`; 0: not at all.
  static int StepOf(const Key& key, int rows);
  void Scroll(int by);
  void Render();

  const Mode mode_;
  QueueFilter filter_;
  QueueList list_;
  Pane pane_;
  Layout layout_;
  int columns_ = 0, rows_ = 0;
  EventTime now_;
  std::optional<JsonDocument> document_;
  std::string order_;
  std::string asked_for_;  // the order that was requested last
  bool opening_ = false;   // when that order comes, the detail becomes active
  std::vector<ScreenLine> head_, body_;
  int scroll_ = 0, found_ = -1;
  std::string detail_search_;
  std::optional<Prompt> prompt_;
  std::string said_;
  bool help_ = false;
};

}  // namespace holdfast::cli
