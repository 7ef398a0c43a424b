// send: a file of events to a service.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/cli/cases/ops_client.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/ingest/line_reader.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string file;
  std::uint64_t from = 1;
};

// Lines that are sent together.
struct Chunk {
  std::string text;
  std::vector<std::int64_t> numbers;  // the number of each line in the file

  void Add(std::string_view line, std::int64_t number) {
    text += line;
    text += '\n';
    numbers.push_back(number);
  }
};

class Sender {
 public:
  Sender(OpsClient& client, const Options& options) : client_(client), options_(options) {}

  // Sends the rest of the input. Returns the exit code.
  int Run(int fd) {
    LineReader lines(fd, &StopFlag());
    Chunk chunk;
    while (const auto line = lines.Next()) {
      const std::int64_t number = lines.number();
      if (static_cast<std::uint64_t>(number) < options_.from || Trim(*line).empty()) continue;
      const bool full = chunk.numbers.size() == kLines || chunk.text.size() + line->size() > kBytes;
      if (full && !Take(chunk)) return Interrupted();
      if (lines.TooLong()) {
        if (!Take(chunk)) return Interrupted();
        Refuse(number, {ErrorCode::kLimitExceeded, {}, "is longer than an event may be"});
        continue;
      }
      chunk.Add(*line, number);
      // A pipe has no more lines yet: send what there is.
      if (options_.file == "-" && lines.Drained() && !Take(chunk)) return Interrupted();
    }
    if (!Take(chunk)) return Interrupted();
    next_ = std::max<std::int64_t>(lines.number() + 1, static_cast<std::int64_t>(options_.from));
    if (lines.error()) error_ = lines.error();
    if (StopFlag()) error_ = Error{ErrorCode::kInterrupted, {}, {}};
    if (error_) return Interrupted();
    Summarise({});
    return refused_ > 0 ? 1 : 0;
  }

 private:
  static constexpr std::size_t kLines = 500;
  static constexpr std::size_t kBytes = 512 << 10;  // half of what a request may have by default
  static constexpr int kTries = 60;

  // Sends the chunk and empties it. False when not all of it was answered; `next_` is then the
  // first line that was not.
  bool Take(Chunk& chunk) {
    const Chunk all = std::exchange(chunk, {});
    if (all.numbers.empty()) return true;
    if (progress_.Due()) {
      progress_.Show("line " + Grouped(static_cast<std::uint64_t>(all.numbers.front())) + ": " +
                     Counts());
    }
    return SendAll(all);
  }

  bool SendAll(const Chunk& chunk) {
    next_ = chunk.numbers.front();
    const auto answer = SendOnce(chunk);
    if (!answer) {
      error_ = answer.error();
      return false;
    }
    if (answer->status >= 200 && answer->status < 300) return Read(*answer, chunk);
    const Error error = ErrorOf(*answer);
    const bool large = answer->status == 413 || error.code == ErrorCode::kLimitExceeded;
    if (!large) {
      error_ = error;
      return false;
    }
    if (chunk.numbers.size() == 1) {
      Refuse(chunk.numbers.front(), error);
      return true;
    }
    // The request is larger than the service allows: send it in halves.
    Chunk halves[2];
    std::string_view rest = chunk.text;
    for (std::size_t i = 0; i < chunk.numbers.size(); ++i) {
      const std::size_t end = rest.find('\n');
      halves[i < chunk.numbers.size() / 2 ? 0 : 1].Add(rest.substr(0, end), chunk.numbers[i]);
      rest.remove_prefix(end + 1);
    }
    return SendAll(halves[0]) && SendAll(halves[1]);
  }

  // Sends the chunk; repeats it each second, kTries times at most, while the answer is kTooMany.
  Result<OpsAnswer> SendOnce(const Chunk& chunk) {
    for (int tries = 1;; ++tries) {
      auto answer = client_.SendLines(chunk.text);
      if (!answer || answer->status != InfoOf(ErrorCode::kTooMany).http_status || tries == kTries) {
        return answer;
      }
      if (StoppedWithin(std::chrono::seconds(1))) {
        return Fail(ErrorCode::kInterrupted, {}, {});
      }
    }
  }

  // Counts the answers, one for each line.
  bool Read(const OpsAnswer& answer, const Chunk& chunk) {
    std::string_view rest = answer.body;
    for (const std::int64_t number : chunk.numbers) {
      next_ = number;
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const auto document = JsonDocument::Parse(std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!document) {
        error_ = document.error();
        return false;
      }
      const JsonValue& root = document->root();
      if (!root["problem"].IsMap()) {
        ++(root["duplicate"].truth() ? repeated_ : accepted_);
        continue;
      }
      std::string problem;
      WriteJson(root["problem"], problem);
      const int status = ParseNumber<int>(root["problem"]["status"].text()).value_or(500);
      const Error error = ErrorOf({status, problem});
      // The service failed or is busy; the line itself is valid.
      if (status >= 500 || status == InfoOf(ErrorCode::kTooMany).http_status) {
        error_ = error;
        return false;
      }
      Refuse(number, error);
    }
    return true;
  }

  void Refuse(std::int64_t line, const Error& error) {
    ++refused_;
    progress_.End();
    if (options_.json) {
      std::printf("%s\n", JsonObject()
                              .Number("line", line)
                              .Text("refused", InfoOf(error.code).name)
                              .Text("detail", error.Text())
                              .Done()
                              .c_str());
    } else {
      std::printf("line %lld: %s: %s\n", static_cast<long long>(line),
                  std::string(InfoOf(error.code).name).c_str(), Safe(error.Text()).c_str());
    }
  }

  std::string Counts() const {
    return Grouped(accepted_) + " accepted, " + Grouped(repeated_) + " repeated, " +
           Grouped(refused_) + " refused";
  }

  // `from`: the line to continue with; nothing: all input was sent.
  void Summarise(std::optional<std::int64_t> from) {
    progress_.End();
    if (!options_.json) {
      std::printf("%s\n", Counts().c_str());
      return;
    }
    JsonObject summary;
    summary.Number("accepted", accepted_);
    summary.Number("repeated", repeated_);
    summary.Number("refused", refused_);
    if (from) summary.Number("from", *from);
    std::printf("%s\n", summary.Done().c_str());
  }

  int Interrupted() {
    Summarise(next_);
    if (!error_) error_ = Error{ErrorCode::kInterrupted, {}, {}};
    const int status = ReportFailure(*error_);
    std::fprintf(stderr, "not everything was sent; continue with --from %lld\n",
                 static_cast<long long>(next_));
    return status;
  }

  OpsClient& client_;
  const Options& options_;
  Progress progress_;
  std::uint64_t accepted_ = 0, repeated_ = 0, refused_ = 0;
  std::int64_t next_ = 1;  // the first line that was not answered
  std::optional<Error> error_;
};

int Send(const Options& options) {
  const auto fd = OpenInput(options.file);
  if (!fd) return ReportFailure(fd.error());
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  return Sender(**client, options).Run(*fd);
}

}  // namespace

void AddSend(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add("send", "Send a file of events, one JSON object a line, to a service");
  command.Value("FILE", options->file, "The file, plain or zstd; - for standard input").Required();
  command
      .Value("--from", options->from,
             "Begin with this line, which an interrupted run prints; sending a line again does no "
             "harm")
      .Positive()
      .ShowDefault();
  AddOpsOptions(command, *options);
  command.Does([options] { return Send(*options); });
}

}  // namespace holdfast::cli
