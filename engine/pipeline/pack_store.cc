#include "engine/pipeline/pack_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/check.h"
#include "engine/base/file.h"
#include "engine/base/hex.h"
#include "engine/base/number.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/pipeline/cases.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSha256 = "sha256:";
constexpr std::size_t kIndexBytes = 16 << 20;
constexpr char kUnfinished[] = ".new";  // the end of the name of a folder that is being written

std::string IndexPath(const std::string& folder) { return folder + "/active-pack.json"; }
std::string PacksPath(const std::string& folder) { return folder + "/packs"; }

Status Fault(const std::string& path, const char* what) {
  return Fail(ErrorCode::kIo, path, std::string(what) + std::strerror(errno));
}

// Writes a file or folder through to the disk.
Status SyncPath(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Fault(path, "cannot be opened: ");
  const bool synced = fsync(file) == 0;
  const Status status = synced ? Status() : Fault(path, "cannot be written: ");
  close(file);
  return status;
}

Status MakePrivateFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fault(path, "cannot be made: ");
}

Status CopyPrivately(const std::string& from, const std::string& to) {
  std::error_code fault;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, fault);
  if (fault)
    return Fail(ErrorCode::kIo, from, "cannot be copied to " + to + ": " + fault.message());
  if (chmod(to.c_str(), 0600) != 0) return Fault(to, "cannot be changed: ");
  return SyncPath(to);
}

// Copies `name`, a path relative to `from`, to the same place below `to`.
Status CopyBelow(const std::string& from, const std::string& name, const std::string& to) {
  std::string at = to;
  for (const fs::path& part : fs::path(name).parent_path()) {
    at = (fs::path(at) / part).string();
    if (Status made = MakePrivateFolder(at); !made) return made;
  }
  if (Status copied =
          CopyPrivately((fs::path(from) / name).string(), (fs::path(to) / name).string());
      !copied) {
    return copied;
  }
  // The names of new files and folders are on disk too.
  for (fs::path in = fs::path(name).parent_path(); !in.empty(); in = in.parent_path()) {
    if (Status synced = SyncPath((fs::path(to) / in).string()); !synced) return synced;
  }
  return {};
}

// Gives a finished folder its name. A damaged folder of this name is removed.
Status Finish(const std::string& unfinished, const std::string& path, const std::string& packs) {
  if (Status synced = SyncPath(unfinished); !synced) return synced;
  std::error_code fault;
  fs::remove_all(path, fault);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return Fault(path, "cannot be made: ");
  return SyncPath(packs);
}

// An empty folder to write a pack into.
Result<std::string> BeginFolder(const std::string& folder, const std::string& path) {
  if (Status made = MakePrivateFolder(PacksPath(folder)); !made)
    return tl::unexpected(made.error());
  if (Status synced = SyncPath(folder); !synced) return tl::unexpected(synced.error());
  std::string unfinished = path + kUnfinished;
  std::error_code fault;
  fs::remove_all(unfinished, fault);
  if (Status made = MakePrivateFolder(unfinished); !made) return tl::unexpected(made.error());
  return unfinished;
}

// Adds the activations in the log from `offset` on that are not listed.
Status AddActivations(const EventLog& log, std::uint64_t offset, PackIndex& index) {
  if (!index.activations.empty()) {
    offset = std::max(offset, index.activations.back().offset + 1);
  }
  return log.Read(offset, [&](const LogRecord& record) -> Status {
    if (record.origin == LogRecord::Origin::kImported) return {};
    // Most records are skipped without parsing.
    if (record.event.find("\"type\":\"pack.activated\"") == record.event.npos) return {};
    const auto event = ReadRecord(record);
    if (!event) return tl::unexpected(event.error());
    if ((*event)->type != EventType::kPackActivated || (*event)->pack == nullptr) return {};
    if (!IsPackHash((*event)->pack->hash)) return {};
    index.activations.push_back({record.offset, std::string((*event)->pack->hash)});
    return {};
  });
}

// What the file says. Empty where there is none, or it is of an earlier version.
PackIndex Parse(const std::string& text) {
  PackIndex index;
  const auto document = JsonDocument::Parse(text);
  if (!document) return index;
  const JsonValue& root = document->root();
  index.configured = root["configured"].text();
  index.configured_hash = root["configured_hash"].text();
  index.earlier_path = root["active"].text();
  index.log = root["log"].text();
  index.begun = ParseNumber<std::uint64_t>(root["begun"].text());
  for (const JsonValue& one : root["activations"].list()) {
    const auto offset = ParseNumber<std::uint64_t>(one["offset"].text());
    if (!offset || !IsPackHash(one["hash"].text())) {
      index.log.clear();  // damaged: made from the log again
      continue;
    }
    index.activations.push_back({*offset, std::string(one["hash"].text())});
  }
  return index;
}

}  // namespace

bool IsPackHash(std::string_view text) {
  if (!text.starts_with(kSha256) || text.size() != kSha256.size() + 64) return false;
  text.remove_prefix(kSha256.size());
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string StoredPackPath(const std::string& folder, std::string_view hash) {
  HOLDFAST_CHECK(IsPackHash(hash));
  return PacksPath(folder) + "/" + std::string(hash.substr(kSha256.size()));
}

bool IsPackStored(const std::string& folder, std::string_view hash) {
  std::error_code ignored;
  return IsPackHash(hash) && fs::exists(StoredPackPath(folder, hash) + "/pack.yaml", ignored);
}

// True when the files in a pack's folder are as they were stored.
static bool IsStoredWhole(const std::string& path, std::string_view hash) {
  Diagnostics ignored;
  const auto stored = LoadPack(path, ignored);
  return stored != nullptr && stored->hash == hash;
}

Status StorePack(const Pack& pack, const std::string& path, const std::string& folder) {
  const std::string target = StoredPackPath(folder, pack.hash);
  if (IsStoredWhole(target, pack.hash)) return {};
  auto unfinished = BeginFolder(folder, target);
  if (!unfinished) return tl::unexpected(unfinished.error());
  const fs::path file = PackFile(path);
  if (Status copied = CopyPrivately(file.string(), *unfinished + "/pack.yaml"); !copied) {
    return copied;
  }
  const std::string beside = file.has_parent_path() ? file.parent_path().string() : ".";
  for (const std::string& name : pack.files) {
    if (Status copied = CopyBelow(beside, name, *unfinished); !copied) return copied;
  }
  for (const std::string& cases : FindCaseFiles(path)) {
    const std::string name = fs::path(cases).filename().string();
    if (Status copied = CopyPrivately(cases, *unfinished + "/" + name); !copied) return copied;
  }
  Diagnostics ignored;
  const auto stored = LoadPack(*unfinished, ignored);
  if (stored == nullptr || stored->hash != pack.hash) {
    return Fail(ErrorCode::kConflict, path, "was changed while it was read; run the command again");
  }
  return Finish(*unfinished, target, PacksPath(folder));
}

Status CopyStoredPacks(const std::string& from, const std::string& to) {
  std::error_code fault;
  for (fs::directory_iterator at(PacksPath(from), fault), end; !fault && at != end;
       at.increment(fault)) {
    const std::string hash = std::string(kSha256) + at->path().filename().string();
    if (!IsPackStored(from, hash) || IsPackStored(to, hash)) continue;
    const std::string target = StoredPackPath(to, hash);
    auto unfinished = BeginFolder(to, target);
    if (!unfinished) return tl::unexpected(unfinished.error());
    for (fs::recursive_directory_iterator each(at->path(), fault), last; !fault && each != last;
         each.increment(fault)) {
      if (!each->is_regular_file()) continue;
      const std::string name = fs::relative(each->path(), at->path(), fault).string();
      if (fault) break;
      if (Status copied = CopyBelow(at->path().string(), name, *unfinished); !copied) return copied;
    }
    if (fault) break;
    if (Status named = Finish(*unfinished, target, PacksPath(to)); !named) return named;
  }
  if (fault && fault != std::errc::no_such_file_or_directory) {
    return Fail(ErrorCode::kIo, PacksPath(from), "cannot be read: " + fault.message());
  }
  return {};
}

bool MayHaveActivations(const std::string& folder) {
  std::error_code ignored;
  return fs::exists(IndexPath(folder), ignored) || fs::exists(PacksPath(folder), ignored);
}

Result<PackIndex> ReadPackIndex(const EventLog& log, const std::string& folder) {
  const auto text = ReadFile(IndexPath(folder), kIndexBytes);
  if (!text && text.error().code != ErrorCode::kNotFound) return tl::unexpected(text.error());
  PackIndex index = text ? Parse(*text) : PackIndex();
  const std::string name = EncodeHex(log.name());
  if (index.log.empty() || index.log != name) {
    // No index of this log: it is made from the whole log.
    index.log = name;
    index.activations.clear();
    index.begun = 1;
  }
  if (index.begun) {
    if (Status added = AddActivations(log, *index.begun, index); !added) {
      return tl::unexpected(added.error());
    }
    index.begun = std::nullopt;
  }
  return index;
}

Result<PackIndex> OpenPackIndex(const std::string& folder) {
  const auto log = OpenEventLog(folder, LogMode::kRead);
  if (log) return ReadPackIndex(**log, folder);
  if (log.error().code == ErrorCode::kNotFound) return PackIndex();
  return tl::unexpected(log.error());
}

Status WritePackIndex(const PackIndex& index, const std::string& folder) {
  JsonList activations;
  for (const PackIndex::Entry& one : index.activations) {
    activations.Add(JsonObject().Number("offset", one.offset).Text("hash", one.hash).Done());
  }
  JsonObject json;
  json.Text("log", index.log).Raw("activations", activations.Done());
  if (index.begun) json.Number("begun", *index.begun);
  json.Text("configured", index.configured).Text("configured_hash", index.configured_hash);
  if (Status written = ReplaceFile(IndexPath(folder), json.Done() + "\n"); !written) return written;
  return SyncPath(folder);
}

Result<std::vector<PackActivation>> ReadActivations(const EventLog& log, const PackIndex& index,
                                                    std::size_t most) {
  std::vector<PackActivation> activations;
  std::string memory;
  for (auto at = index.activations.rbegin();
       at != index.activations.rend() && activations.size() < most; ++at) {
    const auto record = log.At(at->offset, memory);
    if (!record && at->offset <= log.trim().upto) continue;
    if (!record) return tl::unexpected(record.error());
    const auto event = ReadRecord(*record);
    if (!event) return tl::unexpected(event.error());
    if ((*event)->pack == nullptr || (*event)->pack->hash != at->hash) {
      return Fail(ErrorCode::kCorrupt, IndexPath("."),
                  "is not of this log; remove it, and it is made from the log again");
    }
    const PackChange& pack = *(*event)->pack;
    activations.push_back({at->offset, (*event)->occurred_at, std::string(pack.name),
                           std::string(pack.hash), std::string(pack.by), std::string(pack.reason),
                           std::string(pack.gate), pack.version.value_or(0)});
  }
  return activations;
}

Error OtherPack(const PackIndex& index, const std::string& folder, const std::string& path,
                std::string_view hash) {
  const std::string stored = StoredPackPath(folder, index.active());
  std::string text = hash.empty() ? "cannot be read" : "is the pack " + std::string(hash);
  text += "; the active pack of " + folder + " is " + std::string(index.active()) + " (record " +
          std::to_string(index.activations.back().offset) +
          "). To activate this one: holdfast packs activate " + path + " --data " + folder +
          " --no-service. To go on with the active one, ";
  text +=
      IsPackStored(folder, index.active())
          ? "give its files, " + stored + ", in place of this path, or to a service --active-pack"
          : "give a folder with its files, which " + folder + " does not have";
  return {ErrorCode::kOtherPack, path, text};
}

Status CheckActivePack(const Pack& pack, const std::string& path, const std::string& folder) {
  if (!MayHaveActivations(folder)) return {};
  const auto index = OpenPackIndex(folder);
  if (!index) return tl::unexpected(index.error());
  if (index->active().empty() || index->active() == pack.hash) return {};
  return tl::unexpected(OtherPack(*index, folder, path, pack.hash));
}

std::string PackBefore(const PackIndex& index) {
  for (auto at = index.activations.rbegin(); at != index.activations.rend(); ++at) {
    if (at->hash != index.active()) return at->hash;
  }
  return {};
}

}  // namespace holdfast
