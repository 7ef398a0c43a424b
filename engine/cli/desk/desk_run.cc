#include "engine/cli/desk/desk_run.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/wall_time.h"
#include "engine/cli/desk/desk_requests.h"
#include "engine/cli/desk/desk_view.h"
#include "engine/cli/desk/result_words.h"
#include "engine/cli/ui/full_screen.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

using Clock = std::chrono::steady_clock;
using What = DeskTask::What;

class DeskRun {
 public:
  DeskRun(OpsClient& client, const OpsOptions& options, const DeskStart& start)
      : requests_(client, options, start.more),
        desk_(start.mode, start.filter),
        every_(start.every) {}

  // Returns the text to print after the screen is closed. Errors: of the first requests, and of
  // FullScreen::Open.
  Result<std::string> Run() {
    desk_.SetNow(WallTime());
    if (Status loaded = Load(); !loaded) return tl::unexpected(loaded.error());
    if (desk_.mode() == Desk::Mode::kWalk) {
      if (Status next = Next(); !next) return tl::unexpected(next.error());
    }
    if (over_) return result_;
    auto screen = FullScreen::Open();
    if (!screen) return tl::unexpected(screen.error());
    desk_.Resize((*screen)->columns(), (*screen)->rows());
    bool unseen = false;  // another order or decision is about to be drawn
    while (!over_) {
      (*screen)->Draw(DrawDesk(desk_));
      // Keys typed before were meant for another order or an earlier decision.
      if (std::exchange(unseen, false)) (*screen)->DropTyped();
      const Key key = NextKey(**screen);
      desk_.SetNow(WallTime());
      if (StopFlag() || key.kind == Key::Kind::kGone) break;
      if (key.kind == Key::Kind::kResize) {
        desk_.Resize((*screen)->columns(), (*screen)->rows());
        changed_ = true;
        continue;
      }
      const bool idle = key.kind == Key::Kind::kNone;
      const DeskTask task = idle ? desk_.Idle() : desk_.Press(key);
      changed_ = changed_ || !idle;
      if (task.what == What::kQuit) break;
      if (Status done = Do(task); !done) desk_.Say(done.error().Text());
      unseen = task.what != What::kNothing && task.what != What::kReload && !idle;
      if (IsDue()) Reload();
    }
    return over_ ? result_ : std::string();
  }

 private:
  // The next key. kNone when the queue is due, and once after each change.
  Key NextKey(FullScreen& screen) {
    constexpr std::chrono::milliseconds kMoment{100};
    for (;;) {
      const Key key = screen.Next(kMoment);
      if (key.kind != Key::Kind::kNone || StopFlag() || IsDue()) return key;
      if (std::exchange(changed_, false)) return key;
    }
  }

  bool IsDue() const { return every_ && Clock::now() - loaded_ >= *every_; }

  Status Load() {
    loaded_ = Clock::now();
    const auto queue = requests_.Queue(desk_.filter());
    if (!queue) return tl::unexpected(queue.error());
    desk_.SetQueue(queue->root());
    changed_ = true;
    return {};
  }

  // A service that does not answer now may answer later.
  void Reload() {
    if (Status loaded = Load(); !loaded) desk_.Say(loaded.error().Text());
  }

  Status Show(const std::string& order) {
    auto document = requests_.Order(order);
    if (!document) return tl::unexpected(document.error());
    desk_.SetOrder(std::move(*document));
    return {};
  }

  // Claims and shows the next order; ends the walk when there is none.
  Status Next() {
    const auto order = requests_.ClaimNext(desk_.filter(), passed_);
    if (!order) return tl::unexpected(order.error());
    if (order->empty()) {
      result_ += "no order is waiting for you\n";
      over_ = true;
      return {};
    }
    return Show(*order);
  }

  Status Do(const DeskTask& task) {
    switch (task.what) {
      case What::kNothing:
      case What::kQuit:
        return {};
      case What::kReload:
        return Load();
      case What::kOpen:
        if (desk_.mode() == Desk::Mode::kWalk) {
          if (Status claimed = requests_.Claim(task.order); !claimed) return claimed;
        }
        return Show(task.order);
      case What::kSkip:
        passed_.push_back(task.order);
        result_.clear();
        requests_.GiveBack();
        return Next();
      case What::kSend:
        return Send(task);
    }
    return {};
  }

  Status Send(const DeskTask& task) {
    const auto result = requests_.Send(task.type, task.order, task.words, desk_.document());
    if (!result) {
      // Show the order as it is now, together with the error.
      (void)Show(task.order);
      return tl::unexpected(result.error());
    }
    std::string words = ResultWords(result->root(), task.order, task.type);
    if (task.decides && desk_.mode() == Desk::Mode::kWalk) {
      requests_.Forget();
      passed_.push_back(task.order);
      result_ = words + "\n";
      const Status next = Next();
      if (over_) return {};
      if (!next) words += ". The next order: " + next.error().Text();
    } else if (Status shown = Show(task.order); !shown) {
      return shown;
    }
    Reload();
    desk_.Say(words);
    return {};
  }

  DeskRequests requests_;
  Desk desk_;
  const std::optional<std::chrono::seconds> every_;
  Clock::time_point loaded_{};
  std::vector<std::string> passed_;  // decided or skipped
  std::string result_;               // of the last decision of the walk
  bool changed_ = false;             // since the last call of Idle
  bool over_ = false;                // no order is left
};

}  // namespace

int RunDesk(OpsClient& client, const OpsOptions& options, const DeskStart& start) {
  HOLDFAST_CHECK(IsTerminal(STDIN_FILENO) && IsTerminal(STDOUT_FILENO));
  // From here on a signal sets a flag, and the run gives the claim back.
  (void)StopFlag();
  const auto said = DeskRun(client, options, start).Run();
  if (!said) return ReportError(said.error());
  std::printf("%s", SafeLines(*said).c_str());
  return 0;
}

}  // namespace holdfast::cli
