#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/ingest/line_reader.h"
#include "engine/ingest/source.h"

namespace holdfast {
namespace {

class NdjsonSource final : public Source {
 public:
  NdjsonSource(int fd, const std::atomic<bool>* stop) : lines_(fd, stop) {}

  std::optional<Incoming> Next() override {
    while (auto line = lines_.Next()) {
      std::string_view text = Trim(*line);
      if (lines_.number() == 1 && text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
      }
      if (text.empty()) continue;
      Incoming incoming;
      incoming.line = lines_.number();
      incoming.text = text;
      if (lines_.TooLong()) {
        incoming.error = {ErrorCode::kLimitExceeded,
                          {},
                          "is larger than " + std::to_string(limits::kEventBytes) + " bytes"};
      }
      return incoming;
    }
    return std::nullopt;
  }

  bool Drained() const override { return lines_.Drained(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }
  const std::optional<Error>& error() const override { return lines_.error(); }

 private:
  LineReader lines_;
};

}  // namespace

std::unique_ptr<Source> MakeNdjsonSource(int fd, const std::atomic<bool>* stop) {
  return std::make_unique<NdjsonSource>(fd, stop);
}

}  // namespace holdfast
