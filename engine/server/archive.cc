#include "engine/server/archive.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "engine/base/base64.h"
#include "engine/base/file.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/codec/json.h"
#include "engine/codec/json_object.h"

namespace holdfast {
namespace {

// Headers with our secrets are not stored.
bool IsSecret(std::string_view name) {
  const std::string lower = ToLowerAscii(name);
  return lower == "authorization" || lower == "cookie";
}

// Removes the oldest of the files that were moved aside from `path`, except for the last `most`.
void KeepLast(const std::filesystem::path& path, std::size_t most) {
  std::vector<std::filesystem::path> aside;
  std::error_code fault;
  std::filesystem::directory_iterator entry(path.parent_path(), fault);
  for (; !fault && entry != std::filesystem::directory_iterator(); entry.increment(fault)) {
    const std::string name = entry->path().filename();
    if (name.starts_with(path.filename().string() + ".")) aside.push_back(entry->path());
  }
  std::sort(aside.begin(), aside.end());  // the numbers in their names have the same length
  for (std::size_t i = 0; i + most < aside.size(); ++i) std::filesystem::remove(aside[i], fault);
}

}  // namespace

Result<std::unique_ptr<Archive>> Archive::Open(const std::string& folder,
                                               std::uintmax_t file_bytes) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  auto archive = std::make_unique<Archive>();
  archive->folder_ = folder;
  archive->file_bytes_ = file_bytes;
  return archive;
}

Status Archive::Keep(std::string_view drawer, std::string_view provider, std::string_view merchant,
                     std::string_view why, const Delivery& delivery) {
  JsonObject headers;
  for (const auto& [name, value] : delivery.headers) {
    if (IsSecret(name)) continue;
    headers.Text(name, IsValidUtf8(value) ? value : std::string_view("(not UTF-8)"));
  }
  const std::string line = JsonObject()
                               .Text("received_at", FormatRfc3339(delivery.received))
                               .Text("provider", provider)
                               .Text("merchant", merchant)
                               .Text("why", why)
                               .Raw("headers", headers.Done())
                               .Text("body_base64", EncodeBase64(delivery.body))
                               .Done() +
                           "\n";
  const std::lock_guard lock(mutex_);
  const std::string path = folder_ + "/" + std::string(drawer) + ".ndjson";
  std::error_code fault;
  const auto size = std::filesystem::file_size(path, fault);
  if (!fault && size + line.size() > file_bytes_) {
    std::int64_t number = delivery.received.nanos;
    while (std::filesystem::exists(path + "." + std::to_string(number), fault)) ++number;
    std::filesystem::rename(path, path + "." + std::to_string(number), fault);
    if (drawer == "ignored") KeepLast(path, 16);
    if (drawer == "untrusted") KeepLast(path, 1);
  }
  return AppendToFile(path, line);
}

}  // namespace holdfast
