// PackStore: the packs that were activated in a data folder, by content, and where the log says so.
//
//   FOLDER/packs/HASH/       the files of a pack and its cases; HASH is in hexadecimal. A folder is
//                            complete once it has this name, and is never changed
//   FOLDER/active-pack.json  the PackIndex. Without it, it is made from the log again
//
// The log is authoritative: the active pack is that of its last event pack.activated with a hash.
// Imported events do not count, because they belong to another log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "engine/packs/pack.h"
#include "engine/store/event_log.h"

namespace holdfast {

struct PackIndex {
  struct Entry {
    std::uint64_t offset = 0;  // of the event pack.activated
    std::string hash;          // "sha256:..."
  };
  std::string log;                 // EventLog::name of the log, in hexadecimal
  std::vector<Entry> activations;  // ascending
  // An activation was begun: the log may have one from this offset on that is not listed.
  std::optional<std::uint64_t> begun;
  // The pack that the service's configuration named when it was last accepted, and its hash. Empty:
  // not known.
  std::string configured, configured_hash;
  // Where an earlier version, which stored no packs, says that the active one is. Not written.
  std::string earlier_path;

  // The hash of the active pack; empty: none was activated.
  std::string_view active() const {
    return activations.empty() ? std::string_view() : std::string_view(activations.back().hash);
  }
};

// An activation as the log has it.
struct PackActivation {
  std::uint64_t offset = 0;
  EventTime at;
  std::string name, hash, by, reason, gate;
  std::int64_t version = 0;
};

// True for "sha256:" and 64 hexadecimal digits.
bool IsPackHash(std::string_view text);

// The folder of a stored pack. REQUIRES IsPackHash(hash).
std::string StoredPackPath(const std::string& folder, std::string_view hash);
// True when the files of the pack are stored.
bool IsPackStored(const std::string& folder, std::string_view hash);

// Stores the files of `pack`, which was loaded from `path`; on disk when it returns. Nothing
// changes when they are stored already; files that were damaged are replaced. Files are readable
// only by their owner. Errors: kIo; kConflict when the files at `path` have changed since they were
// loaded.
Status StorePack(const Pack& pack, const std::string& path, const std::string& folder);

// Copies the stored packs that `to` lacks. Errors: kIo.
Status CopyStoredPacks(const std::string& from, const std::string& to);

// False when no pack was activated in the folder: it has neither a PackIndex nor stored packs. The
// index may be lost, and a restored folder has none.
bool MayHaveActivations(const std::string& folder);
// Reads the index, and from the log the activations that the index lacks. Writes nothing.
// Errors: kIo; as EventLog::Read.
Result<PackIndex> ReadPackIndex(const EventLog& log, const std::string& folder);
// The same for a folder; empty where there is no log yet. Errors: as OpenEventLog too.
Result<PackIndex> OpenPackIndex(const std::string& folder);
// Replaces the index; on disk when it returns. Errors: kIo.
Status WritePackIndex(const PackIndex& index, const std::string& folder);

// The latest `most` activations, the latest first. Those that were trimmed are left out.
// Errors: as EventLog::At; kCorrupt.
Result<std::vector<PackActivation>> ReadActivations(const EventLog& log, const PackIndex& index,
                                                    std::size_t most);

// The error kOtherPack: the pack at `path` with `hash` is not the active one. It names both, and
// the commands to activate the one or go on with the other. Empty `hash`: the pack cannot be read.
Error OtherPack(const PackIndex& index, const std::string& folder, const std::string& path,
                std::string_view hash);
// Refuses a pack that is not the active one. A folder in which none was activated takes any.
// Errors: kOtherPack; as OpenPackIndex.
Status CheckActivePack(const Pack& pack, const std::string& path, const std::string& folder);

// The pack that was active before the active one; empty: none.
std::string PackBefore(const PackIndex& index);

}  // namespace holdfast
