#include "engine/outbox/outbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "engine/base/background.h"
#include "engine/base/file.h"
#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/net/http_client.h"
#include "engine/net/standard_webhooks.h"
#include "engine/outbox/message.h"
#include "engine/outbox/replay_file.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr int kPollMilliseconds = 20;       // how long a new record may wait to be seen
constexpr std::uint64_t kReadAtOnce = 512;  // records
constexpr std::size_t kStateBytes = 64 << 20;
constexpr std::size_t kWaitingMost = 10'000;  // messages to be tried again; then nothing new is
constexpr int kTripsAfter = 5;                // failures in a row

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t WholeNumber(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Appends to a file, on disk when it returns.
Status AppendTo(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool synced = written && fdatasync(fd) == 0;
  const std::string why = std::strerror(errno);
  if (fd >= 0) close(fd);
  if (!synced) return Fail(ErrorCode::kIo, path, "cannot be written: " + why);
  return {};
}

}  // namespace

class Outbox::Endpoint {
 public:
  Endpoint(const EventLog& log, std::string folder, EndpointConfig config, FinishDecision finish)
      : log_(log),
        config_(std::move(config)),
        finish_(std::move(finish)),
        base_(std::move(folder) + "/" + config_.name) {}

  Status Load() {
    const auto text = ReadFile(base_ + ".json", kStateBytes);
    if (!text && text.error().code != ErrorCode::kNotFound) return tl::unexpected(text.error());
    if (!text) {
      cursor_ = log_.last();
      return Keep();
    }
    const auto document = JsonDocument::Parse(*text);
    if (!document) {
      return Fail(ErrorCode::kCorrupt, base_ + ".json",
                  "is damaged; put the cursor there by hand, as {\"cursor\":N}, N the record of "
                  "the log to go on behind");
    }
    const JsonValue& root = document->root();
    cursor_ = static_cast<std::uint64_t>(WholeNumber(root["cursor"].text()));
    dead_ = static_cast<std::uint64_t>(WholeNumber(root["dead"].text()));
    for (const JsonValue& one : root["waiting"].list()) {
      Waiting waiting;
      waiting.attempts = static_cast<int>(WholeNumber(one["attempts"].text()));
      waiting.first = WholeNumber(one["first"].text());
      waiting.next = WholeNumber(one["next"].text());
      waiting_[static_cast<std::uint64_t>(WholeNumber(one["offset"].text()))] = waiting;
    }
    // A log that was put back from a backup ends before the cursor: it goes on from there.
    cursor_ = std::min(cursor_, log_.last());
    for (const auto& [offset, waiting] : waiting_) (void)Register(offset);
    return {};
  }

  void Run() {
    thread_ = std::thread([this] {
      WorkInBackground();
      while (!stop_) {
        const bool busy = config_.url.empty() ? WriteSome() : PostSome();
        if (!busy) std::this_thread::sleep_for(std::chrono::milliseconds(kPollMilliseconds));
      }
      (void)Keep();
    });
  }

  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  EndpointState State() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  // A message that is to be tried again.
  struct Waiting {
    int attempts = 0;
    std::int64_t first = 0, next = 0;  // seconds since 1970
    std::string why;
    bool running = false;
  };

  bool IsMine(const OutboxMessage& message) const {
    return config_.merchant.empty() || config_.merchant == message.merchant;
  }

  // Puts the cursor and what waits on disk.
  Status Keep() {
    std::string text = "{\"cursor\":" + std::to_string(cursor_) +
                       ",\"dead\":" + std::to_string(dead_) + ",\"waiting\":[";
    bool any = false;
    for (const auto& [offset, waiting] : waiting_) {
      if (any) text += ',';
      any = true;
      text += "{\"offset\":" + std::to_string(offset) +
              ",\"attempts\":" + std::to_string(waiting.attempts) +
              ",\"first\":" + std::to_string(waiting.first) +
              ",\"next\":" + std::to_string(waiting.next) + "}";
    }
    text += "]}\n";
    if (text == kept_) return {};
    Status replaced = ReplaceFile(base_ + ".json", text);
    if (replaced) kept_ = std::move(text);
    kept_at_ = Now();
    return replaced;
  }

  void ShowState() {
    const std::uint64_t behind = log_.last() - cursor_;
    const std::int64_t now = Now();
    if (behind == 0 || cursor_ != moved_to_) moved_at_ = now;
    moved_to_ = cursor_;
    std::int64_t lag = now - moved_at_;
    for (const auto& [offset, waiting] : waiting_) lag = std::max(lag, now - waiting.first);
    const std::lock_guard lock(mutex_);
    state_ = {config_.name, cursor_, behind, waiting_.size(), dead_, trips_ >= kTripsAfter,
              disabled_,    lag,     sent_};
  }

  // Reads on from the cursor; false when there is nothing new.
  bool ReadSome(const std::function<void(const LogRecord& record)>& take) {
    if (log_.last() <= cursor_) return false;
    std::uint64_t count = 0;
    const Status read = log_.Read(cursor_ + 1, [&](const LogRecord& record) -> Status {
      take(record);
      cursor_ = record.offset;
      if (++count == kReadAtOnce) return Fail(ErrorCode::kInterrupted, {}, {});
      return {};
    });
    return read || count > 0;
  }

  // ---- a file ----------------------------------------------------------------------------------

  bool WriteSome() {
    std::string text;
    const std::uint64_t before = cursor_;
    std::uint64_t messages = 0;
    const auto add = [&](const LogRecord& record) {
      const auto message = MessageOf(record, log_.name(), config_.cloud_events, finish_);
      if (!message || !IsMine(*message)) return;
      text += message->body;
      text += '\n';
      ++messages;
    };
    const auto replays = replays_.Take();
    for (const std::uint64_t offset : replays) {
      std::string memory;
      if (const auto record = log_.At(offset, memory)) add(*record);
    }
    const bool busy = ReadSome(add);
    Status kept;
    if (!text.empty()) {
      Rotate(text.size());
      kept = AppendTo(config_.file, text);
    }
    // Kept once a second: after a crash the lines of the last second may stand twice.
    if (kept && (!busy || Now() != kept_at_)) kept = Keep();
    if (!kept) {
      cursor_ = before;
      ShowState();
      return false;
    }
    if (!replays.empty()) replays_.Drop();
    sent_ += messages;
    ShowState();
    return busy;
  }

  void Rotate(std::size_t more) {
    std::error_code fault;
    const auto size = fs::file_size(config_.file, fault);
    if (fault || size + more <= config_.rotate_bytes) return;
    for (std::size_t i = config_.keep_files; i-- > 1;) {
      fs::rename(config_.file + "." + std::to_string(i), config_.file + "." + std::to_string(i + 1),
                 fault);
    }
    fs::remove(config_.file + "." + std::to_string(config_.keep_files), fault);
    fs::rename(config_.file, config_.file + ".1", fault);
  }

  // ---- an address ------------------------------------------------------------------------------

  bool PostSome() {
    if (const auto replays = replays_.Take(); !replays.empty()) {
      disabled_ = false;
      for (const std::uint64_t offset : replays) {
        const auto [at, fresh] = waiting_.try_emplace(offset);
        if (!fresh) continue;  // it is on its way
        at->second.first = Now();
        if (!Register(offset)) waiting_.erase(at);
      }
      if (Keep()) replays_.Drop();
    }
    if (!disabled_) StartSome();
    bool busy = false;
    if (calls_.running() > 0) {
      for (auto& [offset, reply] : calls_.Wait(kPollMilliseconds)) {
        Finish(offset, reply);
        busy = true;
      }
      busy = true;
    }
    if (Now() != kept_at_) (void)Keep();
    ShowState();
    return busy;
  }

  // Starts what may be sent now: what is due again first, then what is new, as long as the circuit
  // is closed. While it is open, one at a time.
  void StartSome() {
    const std::int64_t now = Now();
    if (now < pause_until_) return;
    const bool open = trips_ >= kTripsAfter;
    const std::size_t most = config_.parallel;
    if (open) {
      // The one that has waited longest for its turn.
      auto trial = waiting_.end();
      for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
        const bool later = trial != waiting_.end() && at->second.next >= trial->second.next;
        if (!at->second.running && !later && IsFirst(at->first)) trial = at;
      }
      if (calls_.running() == 0 && trial != waiting_.end()) Send(trial);
      return;
    }
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const auto next = at++;
      if (calls_.running() >= most) return;
      if (next->second.running || next->second.next > now) continue;
      if (IsFirst(next->first)) Send(next);
    }
    if (waiting_.size() >= kWaitingMost) return;
    while (calls_.running() < most) {
      std::uint64_t taken = 0;
      if (log_.last() <= cursor_) return;
      (void)log_.Read(cursor_ + 1, [&](const LogRecord& record) -> Status {
        cursor_ = record.offset;
        const auto message = MessageOf(record, log_.name(), config_.cloud_events, finish_);
        if (!message || !IsMine(*message)) return {};
        taken = record.offset;
        return Fail(ErrorCode::kInterrupted, {}, {});
      });
      if (taken == 0) return;
      const auto at = waiting_.emplace(taken, Waiting()).first;
      at->second.first = now;
      if (Register(taken) && IsFirst(taken)) Send(at);
    }
  }

  using WaitingAt = std::map<std::uint64_t, Waiting>::iterator;

  // The message of a record; nothing where there is none any more, because the log was trimmed.
  std::optional<OutboxMessage> Read(std::uint64_t offset) const {
    std::string memory;
    const auto record = log_.At(offset, memory);
    if (!record) return std::nullopt;
    return MessageOf(*record, log_.name(), config_.cloud_events, finish_);
  }

  // Notes which order a message is of.
  bool Register(std::uint64_t offset) {
    const auto message = Read(offset);
    if (!message || !IsMine(*message)) return false;
    const std::string order = message->order_id.empty()
                                  ? std::to_string(offset)
                                  : message->merchant + '\0' + message->order_id;
    orders_[offset] = order;
    first_of_[order].insert(offset);
    return true;
  }

  // Has every earlier message of its order left?
  bool IsFirst(std::uint64_t offset) const {
    const auto order = orders_.find(offset);
    return order == orders_.end() || *first_of_.at(order->second).begin() == offset;
  }

  void Send(WaitingAt at) {
    const auto message = Read(at->first);
    if (!message) return Drop(at);
    const std::int64_t now = Now();
    HttpCall call;
    call.url = config_.url;
    call.body = message->body;
    call.timeout_seconds = config_.timeout_seconds;
    call.allow_private = config_.allow_private;
    const auto signature = SignStandardWebhook(config_.secrets, message->id, now, message->body);
    if (!signature) return;  // nothing leaves unsigned; the configuration refuses such secrets
    call.headers = {{"Content-Type", message->content_type},
                    {"webhook-id", message->id},
                    {"webhook-timestamp", std::to_string(now)},
                    {"webhook-signature", *signature}};
    at->second.running = true;
    calls_.Start(at->first, call);
  }

  void Finish(std::uint64_t offset, const HttpReply& reply) {
    const auto at = waiting_.find(offset);
    if (at == waiting_.end()) return;
    Waiting& waiting = at->second;
    waiting.running = false;
    if (reply.status >= 200 && reply.status < 300) {
      trips_ = 0;
      pause_until_ = 0;
      ++sent_;
      return Drop(at);
    }
    const std::int64_t now = Now();
    waiting.why = reply.status == 0 ? reply.fault : "answered " + std::to_string(reply.status);
    ++waiting.attempts;
    // What fails at one moment fails of one cause. A message that is refused says nothing of the
    // others.
    const bool refused = reply.status >= 400 && reply.status < 500 && reply.status != 408 &&
                         reply.status != 410 && reply.status != 429;
    if (!refused && now != tripped_at_) ++trips_;
    if (!refused) tripped_at_ = now;
    if (reply.status == 410) disabled_ = true;
    constexpr std::int64_t kLongest = 3600;
    if (reply.retry_after_seconds > 0) {
      pause_until_ = now + std::min(reply.retry_after_seconds, kLongest);
    } else if (trips_ >= kTripsAfter) {
      // A trial after half a minute, then ever more seldom.
      constexpr int kDoublings = 3;
      pause_until_ =
          now + std::min(config_.trial_seconds << std::min(trips_ - kTripsAfter, kDoublings),
                         config_.trial_seconds * 10);
    }
    if (now - waiting.first >= config_.dead_after_seconds) return Bury(at);
    const auto step = static_cast<std::size_t>(waiting.attempts - 1);
    const std::int64_t wait =
        config_.retry_seconds[std::min(step, config_.retry_seconds.size() - 1)];
    std::uniform_int_distribution<std::int64_t> jitter(-wait / 10, wait / 10);
    waiting.next = now + wait + jitter(random_);
  }

  // It has left, or never will.
  void Drop(WaitingAt at) {
    const auto order = orders_.find(at->first);
    if (order != orders_.end()) {
      const auto first = first_of_.find(order->second);
      if (first != first_of_.end()) {
        first->second.erase(at->first);
        if (first->second.empty()) first_of_.erase(first);
      }
      orders_.erase(order);
    }
    waiting_.erase(at);
  }

  void Bury(WaitingAt at) {
    std::string line = "{\"offset\":" + std::to_string(at->first) + ",\"at\":\"" +
                       FormatRfc3339(EventTime{Now() * kNanosPerSecond}) +
                       "\",\"attempts\":" + std::to_string(at->second.attempts) + ",\"why\":";
    WriteJsonText(at->second.why, line);
    line += "}\n";
    if (!AppendTo(base_ + ".dead.ndjson", line)) return;  // it stays, and is tried again
    ++dead_;
    Drop(at);
  }

  const EventLog& log_;
  const EndpointConfig config_;
  const FinishDecision finish_;
  const std::string base_;
  const ReplayFile replays_{base_ + ".replay"};

  std::uint64_t cursor_ = 0, dead_ = 0, sent_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;                 // by offset; also what is on its way
  std::map<std::uint64_t, std::string> orders_;              // of those that were tried
  std::map<std::string, std::set<std::uint64_t>> first_of_;  // an order's, the earliest first
  int trips_ = 0;                                            // failures in a row
  std::int64_t pause_until_ = 0, kept_at_ = 0, tripped_at_ = 0;
  std::int64_t moved_at_ = Now();  // when the cursor moved last, or was at the end
  std::uint64_t moved_to_ = 0;
  bool disabled_ = false;
  std::string kept_;
  HttpCalls calls_;
  std::mt19937_64 random_{std::random_device()()};

  std::atomic<bool> stop_ = false;
  std::thread thread_;
  mutable std::mutex mutex_;
  EndpointState state_;
};

Result<std::unique_ptr<Outbox>> Outbox::Start(const EventLog& log, const std::string& folder,
                                              const std::vector<EndpointConfig>& endpoints,
                                              const FinishDecision& finish) {
  std::unique_ptr<Outbox> outbox(new Outbox());
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  for (const EndpointConfig& config : endpoints) {
    outbox->endpoints_.push_back(std::make_unique<Endpoint>(log, folder, config, finish));
    if (Status loaded = outbox->endpoints_.back()->Load(); !loaded) {
      return tl::unexpected(loaded.error());
    }
  }
  for (const auto& endpoint : outbox->endpoints_) endpoint->Run();
  return outbox;
}

Outbox::~Outbox() {
  for (const auto& endpoint : endpoints_) endpoint->Stop();
}

std::vector<EndpointState> Outbox::States() const {
  std::vector<EndpointState> states;
  for (const auto& endpoint : endpoints_) states.push_back(endpoint->State());
  return states;
}

Result<std::vector<DeadLetter>> ReadDeadLetters(const std::string& folder,
                                                const std::string& name) {
  const auto text = ReadFile(folder + "/" + name + ".dead.ndjson", 1 << 30);
  if (!text) return tl::unexpected(text.error());
  std::vector<DeadLetter> letters;
  std::size_t at = 0;
  while (at < text->size()) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const auto line = JsonDocument::Parse(std::string_view(*text).substr(at, end - at));
    at = end + 1;
    if (!line) continue;
    letters.push_back({static_cast<std::uint64_t>(WholeNumber(line->root()["offset"].text())),
                       std::string(line->root()["at"].text()),
                       std::string(line->root()["why"].text())});
  }
  return letters;
}

Status Replay(const std::string& folder, const std::string& name,
              const std::vector<std::uint64_t>& offsets) {
  std::string lines;
  for (const std::uint64_t offset : offsets) lines += std::to_string(offset) + "\n";
  return AppendTo(folder + "/" + name + ".replay", lines);
}

}  // namespace holdfast
