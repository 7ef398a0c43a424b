#include "engine/outbox/file_delivery.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "engine/base/file.h"

namespace holdfast {

namespace fs = std::filesystem;

bool FileDelivery::DeliverSome() {
  std::string text;
  const std::uint64_t before = progress_.cursor;
  std::uint64_t messages = 0;
  const auto add = [&](const OutboxMessage& message) {
    text += message.body;
    text += '\n';
    ++messages;
  };
  const auto resends = resends_.Take();
  for (const std::uint64_t offset : resends) {
    if (const auto message = source_.MessageAt(offset)) add(*message);
  }
  const bool busy =
      source_.ReadSome(progress_.cursor, [&](const LogRecord& record, const MessageHead& head) {
        add(source_.Make(record, head));
        return true;
      });
  Status kept;
  if (!text.empty()) {
    Rotate(text.size());
    kept = AppendToFile(config_.file, text);
  }
  if (!kept) {
    progress_.cursor = before;
    return false;
  }
  // Saved once a second. After a crash the lines of the last second may be written twice.
  if (busy) {
    progress_.KeepEachSecond();
  } else {
    (void)progress_.Keep();
  }
  if (!resends.empty()) resends_.Drop();
  sent_ += messages;
  return busy;
}

// Moves a full file aside. FILE.1 is the newest of those.
void FileDelivery::Rotate(std::size_t more) const {
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

}  // namespace holdfast
