// Goes through the queue: one order per screen, one key per action.
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

// Reads keys one by one, without Enter, until it is destroyed.
class Keys {
 public:
  Keys() {
    tcgetattr(STDIN_FILENO, &before_);
    Raw();
  }
  ~Keys() { Cooked(); }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // '\0' at the end of the input.
  static char Next() {
    char key = '\0';
    return read(STDIN_FILENO, &key, 1) == 1 ? key : '\0';
  }

  // A line typed in the usual way. Empty when a signal or the end of the input came before Enter.
  std::optional<std::string> Line(const std::string& prompt) {
    Cooked();
    std::printf("%s", prompt.c_str());
    std::fflush(stdout);
    std::string line;
    char c = '\0';
    bool ended = false;
    while (!ended && read(STDIN_FILENO, &c, 1) == 1) {
      ended = c == '\n';
      if (!ended) line += c;
    }
    Raw();
    if (!ended || StopFlag()) return std::nullopt;
    return std::string(Trim(line));
  }

 private:
  void Raw() const {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  void Cooked() const { tcsetattr(STDIN_FILENO, TCSANOW, &before_); }

  termios before_{};
};

class Walk {
 public:
  Walk(OpsClient& client, const OpsOptions& options) : client_(client), options_(options) {}

  int Run() {
    for (;;) {
      const auto order = Next();
      if (!order) return ReportError(order.error());
      if (order->empty()) {
        std::printf("nothing waits for you\n");
        return 0;
      }
      if (!Work(*order)) return 0;
    }
  }

 private:
  // Claims the next order that is unclaimed and was not skipped. Empty: there is none.
  Result<std::string> Next() {
    std::string after;
    for (;;) {
      std::string target = "/v1/queue?workable=true&limit=50";
      if (!client_.merchant().empty()) target += "&" + client_.merchant();
      if (!after.empty()) target += "&after=" + EncodeUrl(after);
      const auto queue = client_.Get(target);
      if (!queue) return tl::unexpected(queue.error());
      for (const JsonValue& one : queue->root()["orders"].list()) {
        const std::string order(one["order_id"].text());
        if (std::find(skipped_.begin(), skipped_.end(), order) != skipped_.end()) continue;
        ReviewWords words;
        words.until = EventTime{WallTime().nanos + kLease};
        const auto claimed = SendReview(client_, options_, "claimed", order, words, nullptr);
        if (claimed) return order;
        if (claimed.error().code != ErrorCode::kConflict) return tl::unexpected(claimed.error());
      }
      if (!queue->root()["more"].truth()) return std::string();
      after = queue->root()["next"].text();
    }
  }

  void GiveBack(const std::string& order) {
    ReviewWords words;
    words.until = WallTime();
    (void)SendReview(client_, options_, "claimed", order, words, nullptr);
  }

  // False when the walk ends.
  bool Work(const std::string& order) {
    for (;;) {
      const auto document = FetchOrder(client_, order);
      if (!document) {
        ReportError(document.error());
        return false;
      }
      Screen screen(TerminalWidth(), UseColour());
      ShowCase(document->root(), WallTime(), screen);
      std::printf("\x1b[H\x1b[2J%s\n%s\n", screen.text().c_str(), said_.c_str());
      std::printf(
          "%s",
          Safe("[r]elease re[j]ect [h]old ap[p]rove [m]oney came [a]sk [n]ote [t]ag [s]kip [q]uit ")
              .c_str());
      std::fflush(stdout);
      said_.clear();
      const char key = Keys::Next();
      std::printf("\n");
      switch (key) {
        case 'r':
          if (Decide(document->root(), order, "released", "release_reasons")) return true;
          break;
        case 'j':
          if (Decide(document->root(), order, "rejected", "reject_reasons")) return true;
          break;
        case 'h':
          if (Hold(document->root(), order)) return true;
          break;
        case 'a':
          Ask(document->root(), order);
          break;
        case 'n':
          Note(order);
          break;
        case 't':
          Tag(order);
          break;
        case 'm':
          Paid(document->root(), order);
          break;
        case 'p':
          // Approval needs more than one key, because no further check follows.
          if (Typed("type yes to approve: ").value_or("") == "yes" &&
              Tell(SendReview(client_, options_, "approved", order, {}, &document->root()))) {
            return true;
          }
          break;
        case 's':
          skipped_.push_back(order);
          GiveBack(order);
          return true;
        case 'q':
        case '\0':
          GiveBack(order);
          return false;
        default:
          break;
      }
      if (ended_) {
        GiveBack(order);
        return false;
      }
    }
  }

  void Note(const std::string& order) {
    ReviewWords words;
    words.note = Typed("note: ").value_or("");
    if (words.note.empty()) return;
    Tell(SendReview(client_, options_, "noted", order, words, nullptr));
  }

  void Tag(const std::string& order) {
    ReviewWords words;
    const std::string tag = Typed("tag: ").value_or("");
    if (tag.empty()) return;
    words.tags = {tag};
    Tell(SendReview(client_, options_, "tagged", order, words, nullptr));
  }

  // The typed text. Empty when the walk is to end; then nothing is sent.
  std::optional<std::string> Typed(const std::string& prompt) {
    auto line = keys_.Line(prompt);
    ended_ = ended_ || !line;
    return line;
  }

  // The code that was chosen by its number. Empty: none.
  std::string Reason(const JsonValue& root, const char* of) {
    int number = 0;
    for (const JsonValue& code : root["review"][of].list()) {
      std::printf("  %d %s\n", ++number, Safe(code.text()).c_str());
    }
    const auto typed = Typed("reason: ");
    const int chosen = ParseNumber<int>(Trim(typed.value_or(""))).value_or(0);
    if (chosen < 1 || chosen > number) {
      if (typed) said_ = "a reason is one of the numbers 1 to " + std::to_string(number);
      return {};
    }
    return std::string(root["review"][of][static_cast<std::size_t>(chosen) - 1].text());
  }

  // True when the order is finished.
  bool Decide(const JsonValue& root, const std::string& order, const std::string& type,
              const char* reasons) {
    ReviewWords words;
    words.reason = Reason(root, reasons);
    if (words.reason.empty()) return false;
    const auto note = Typed("note (may be empty): ");
    if (!note) return false;
    words.note = *note;
    const auto result = SendReview(client_, options_, type, order, words, &root);
    if (!Tell(result)) return false;
    const JsonValue& decision = result->root()["decision"];
    said_ = "order " + Safe(order) + ": " + Safe(decision["outcome"].text()) + " " +
            Safe(decision["cause"].text());
    skipped_.push_back(order);
    return true;
  }

  bool Hold(const JsonValue& root, const std::string& order) {
    ReviewWords words;
    words.reason = Reason(root, "hold_reasons");
    if (words.reason.empty()) return false;
    const auto typed = Typed("for how long (4h, 2d): ");
    const auto span = ParseSpan(typed.value_or(""));
    if (!span) {
      if (typed) said_ = "a time is as 90m, 4h or 2d";
      return false;
    }
    words.until = EventTime{WallTime().nanos + *span};
    if (!Tell(SendReview(client_, options_, "held", order, words, &root))) return false;
    skipped_.push_back(order);
    return true;
  }

  void Paid(const JsonValue& root, const std::string& order) {
    ReviewWords words;
    words.currency = root["order"]["order"]["currency"].text();
    const std::pair<const char*, std::string*> asked[] = {
        {"amount that has come: ", &words.amount},
        {"the bank's reference: ", &words.reference},
        {"how you know: ", &words.reason}};
    for (const auto& [prompt, place] : asked) {
      *place = Typed(prompt).value_or("");
      if (place->empty()) return;
    }
    Tell(SendReview(client_, options_, "paid", order, words, &root));
  }

  void Ask(const JsonValue& root, const std::string& order) {
    ReviewWords words;
    words.to = PaymentOf(root)["payer"]["email"].text();
    if (words.to.empty()) {
      said_ = "the mailbox of the payment account is not known, so the buyer cannot be asked";
      return;
    }
    const auto request = Typed("ask for (confirm_from_account_email): ");
    if (!request) return;
    words.request = request->empty() ? "confirm_from_account_email" : *request;
    const auto note = Typed("what the buyer reads: ");
    if (!note) return;
    words.note = *note;
    Tell(SendReview(client_, options_, "asked", order, words, nullptr));
  }

  bool Tell(const Result<JsonDocument>& result) {
    said_ = result ? "saved" : Safe(result.error().Text());
    return result.has_value();
  }

  static constexpr std::int64_t kLease = 15 * 60 * kNanosPerSecond;
  OpsClient& client_;
  const OpsOptions& options_;
  Keys keys_;
  std::vector<std::string> skipped_;
  std::string said_;
  bool ended_ = false;
};

int Review(const OpsOptions& options) {
  if (!IsTerminal(STDIN_FILENO) || !IsTerminal(STDOUT_FILENO)) {
    return ReportError({ErrorCode::kUsage, "review",
                        "wants a terminal; programs use queue, show, claim and release"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  // A signal ends the walk as `q` does, and the terminal is restored.
  (void)StopFlag();
  return Walk(**client, options).Run();
}

}  // namespace

void AddReview(Command app) {
  auto options = std::make_shared<OpsOptions>();
  Command command =
      app.Add("review", "Walk through the queue: one order a screen, one key an action");
  AddOpsOptions(command, *options);
  command.Does([options] { return Review(*options); });
}

}  // namespace holdfast::cli
