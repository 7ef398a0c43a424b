#include "engine/rescore/spill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/coding.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"

namespace holdfast {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;

std::string PathOf(const std::string& folder, std::uint32_t writer, std::uint32_t part) {
  return folder + "/rows-" + std::to_string(writer) + "-" + std::to_string(part);
}

Status Fault(const std::string& path) {
  return Fail(ErrorCode::kIo, path, "cannot be written: " + std::string(std::strerror(errno)));
}

}  // namespace

std::uint32_t SpillPartOf(std::string_view merchant, std::string_view order_id) {
  const std::uint64_t both[] = {Hash64(merchant), Hash64(order_id)};
  return static_cast<std::uint32_t>(Hash64({reinterpret_cast<const char*>(both), sizeof both}) %
                                    kSpillParts);
}

Result<Spill> Spill::Open(const std::string& folder, std::uint32_t writer,
                          const std::vector<std::uint64_t>& sizes) {
  Spill spill;
  spill.folder_ = folder;
  spill.buffers_.resize(kSpillParts);
  for (std::uint32_t part = 0; part < kSpillParts; ++part) {
    const std::string path = PathOf(folder, writer, part);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return tl::unexpected(Fault(path).error());
    spill.files_.push_back(file);
    spill.sizes_.push_back(sizes.empty() ? 0 : sizes[part]);
    struct stat now {};
    if (fstat(file, &now) != 0) return tl::unexpected(Fault(path).error());
    if (static_cast<std::uint64_t>(now.st_size) < spill.sizes_.back()) {
      return Fail(ErrorCode::kCorrupt, path, "is shorter than it was");
    }
    if (ftruncate(file, static_cast<off_t>(spill.sizes_.back())) != 0) {
      return tl::unexpected(Fault(path).error());
    }
  }
  return spill;
}

Spill::Spill(Spill&& other) noexcept
    : folder_(std::move(other.folder_)),
      files_(std::exchange(other.files_, {})),
      buffers_(std::move(other.buffers_)),
      sizes_(std::move(other.sizes_)),
      fault_(std::move(other.fault_)) {}

Spill::~Spill() {
  for (const int file : files_) close(file);
}

void Spill::Add(std::string_view merchant, std::string_view order_id, std::string_view row) {
  const std::uint32_t part = SpillPartOf(merchant, order_id);
  std::string& buffer = buffers_[part];
  PutText(merchant, buffer);
  PutText(order_id, buffer);
  PutText(row, buffer);
  if (buffer.size() < kBufferBytes || !fault_) return;
  fault_ = Write(part);
}

Status Spill::Write(std::uint32_t part) {
  std::string_view rest = buffers_[part];
  while (!rest.empty()) {
    const ssize_t wrote = write(files_[part], rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Fault(folder_);
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  sizes_[part] += buffers_[part].size();
  buffers_[part].clear();
  return {};
}

Status Spill::Flush() {
  for (std::uint32_t part = 0; fault_ && part < kSpillParts; ++part) fault_ = Write(part);
  return fault_;
}

Status Spill::Sync() {
  (void)Flush();
  for (std::uint32_t part = 0; fault_ && part < kSpillParts; ++part) {
    if (fdatasync(files_[part]) != 0) fault_ = Fault(folder_);
  }
  return fault_;
}

Result<SpillRows> SpillRows::Read(const std::string& folder, std::uint32_t writers,
                                  std::uint32_t part) {
  constexpr std::size_t kMost = std::size_t{1} << 34;
  SpillRows all;
  for (std::uint32_t writer = 0; writer < writers; ++writer) {
    const std::string path = PathOf(folder, writer, part);
    auto bytes = ReadFile(path, kMost);
    if (!bytes) return tl::unexpected(bytes.error());
    all.bytes_.push_back(std::make_unique<const std::string>(std::move(*bytes)));
    ByteReader reader(*all.bytes_.back());
    while (!reader.Done()) {
      Row row;
      row.merchant = reader.Text();
      row.order_id = reader.Text();
      row.row = reader.Text();
      if (!reader.ok()) {
        return Fail(ErrorCode::kIo, path, "has changed since it was written; remove " + folder);
      }
      all.rows_.push_back(row);
    }
  }
  std::stable_sort(all.rows_.begin(), all.rows_.end(), [](const Row& a, const Row& b) {
    const int merchants = a.merchant.compare(b.merchant);
    return merchants != 0 ? merchants < 0 : a.order_id < b.order_id;
  });
  return all;
}

}  // namespace holdfast
