#include "engine/upkeep/verify.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/scratch.h"
#include "engine/codec/decision_reader.h"
#include "engine/codec/json.h"
#include "engine/model/engine_version.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// Opens the state of `folder` for `pack`, with any number of shards. Empty: there is none.
Result<std::vector<std::unique_ptr<StateDisk>>> OpenState(const std::string& folder,
                                                          const std::string& log,
                                                          const Pack& pack) {
  std::vector<std::unique_ptr<StateDisk>> disks;
  std::error_code fault;
  for (std::uint32_t shards = 1; shards <= kShardsMax && disks.empty(); ++shards) {
    if (!fs::exists(StateFolder(folder, {log, pack.fold, shards, 0}), fault)) continue;
    for (std::uint32_t i = 0; i < shards; ++i) {
      const StateHead head{log, pack.fold, shards, i};
      auto disk = OpenStateDisk(StateFolder(folder, head), head, StateMode::kRead);
      if (!disk && disk.error().code == ErrorCode::kNotFound) {
        disks.clear();
        return disks;
      }
      if (!disk) return tl::unexpected(disk.error());
      disks.push_back(std::move(*disk));
    }
  }
  return disks;
}

// Compares one family of a shard. Stops at the first difference of all.
Status Compare(Family family, const StateDisk& disk, const StateDisk& fold, Verification& out) {
  auto& records = out.records[static_cast<std::size_t>(family)];
  const auto a = disk.Walk(family), b = fold.Walk(family);
  while ((a->valid() || b->valid()) && !out.kept) {
    const bool on_disk = a->valid() && (!b->valid() || a->key() <= b->key());
    const bool in_fold = b->valid() && (!a->valid() || b->key() <= a->key());
    if (on_disk) {
      ++records.count;
      const std::uint64_t parts[] = {records.digest, Hash64(a->key()), Hash64(a->value())};
      records.digest = Hash64({reinterpret_cast<const char*>(parts), sizeof parts});
    }
    if (!on_disk || !in_fold || a->value() != b->value()) {
      out.kept = {family, std::string(on_disk ? a->key() : b->key()), on_disk, in_fold};
    }
    if (on_disk) a->Next();
    if (in_fold) b->Next();
  }
  if (Status status = a->status(); !status) return status;
  return b->status();
}

// The decisions recorded in the log, compared with those computed now.
class Recorded {
 public:
  Recorded(std::string pack_hash, Verification& out)
      : pack_hash_(std::move(pack_hash)), out_(out) {}

  void SetSchema(std::uint64_t schema) { schema_ = schema; }

  void Compare(const Replayed& replayed, const Applied& applied, bool trimmed) {
    const auto& [event, kept, facts, history] = replayed;
    now_.clear();
    if (applied.decision) WriteDecision(*applied.decision, now_);
    const bool mine = kept.find("\"hash\":\"" + pack_hash_ + "\"") != kept.npos;
    if (!mine && !kept.empty()) {
      ++out_.other_packs;
    } else if (mine && ReadDecisionEngine(kept) != kEngineVersion) {
      ++out_.other_engines;
    } else if (trimmed) {
      out_.trimmed += mine ? 1 : 0;
    } else {
      out_.decisions += mine ? 1 : 0;
      if (!out_.decided && now_ != kept) out_.decided = {event->offset, kept, now_};
      const bool damaged = !facts.empty() && !GetFactRow(facts, row_);
      const bool comparable =
          !facts.empty() && !damaged && (!row_.judged || row_.schema == schema_);
      out_.facts += comparable && mine ? 1 : 0;
      const bool other = damaged || (comparable && applied.facts != facts);
      if (other && !out_.facts_differ) out_.facts_differ = event->offset;
    }
  }

 private:
  const std::string pack_hash_;
  Verification& out_;
  std::uint64_t schema_ = 0;
  std::string now_;
  FactRow row_;
};

// Writes the changes of the shard when a checkpoint is due.
Status WriteDue(Shard& shard, std::uint64_t offset, std::size_t events, std::uint64_t replay_max) {
  Status written;
  shard.CheckpointIfDue(offset, events, replay_max, [&](std::unique_ptr<StateBatch> batch) {
    written = shard.Write(*batch);
    shard.SetWritten(std::move(batch));
  });
  return written;
}

}  // namespace

Result<Verification> VerifyFolder(
    const std::string& folder, const std::shared_ptr<const Pack>& pack,
    const std::function<bool(std::uint64_t done, std::uint64_t all)>& progress) {
  Verification out;
  auto log = OpenWholeLog(folder, LogMode::kRead);
  if (!log) return tl::unexpected(log.error());
  auto disks = OpenState(folder, (*log)->name(), *pack);
  if (!disks) return tl::unexpected(disks.error());
  // Another process may write to the folder: read the state first, so that the log is at least as
  // long.
  log = OpenWholeLog(folder, LogMode::kRead);
  if (!log) return tl::unexpected(log.error());
  out.has_state = !disks->empty();
  const auto scratch = Scratch::Make();
  if (!scratch) return tl::unexpected(scratch.error());
  const auto shards = static_cast<std::uint32_t>(std::max<std::size_t>(disks->size(), 1));
  std::vector<std::unique_ptr<Shard>> folds;
  Recorded recorded(pack->hash, out);
  const FolderOptions options;
  out.state = (*log)->last();
  for (std::uint32_t i = 0; i < shards; ++i) {
    const StateHead head{(*log)->name(), pack->fold, shards, i};
    auto fold = Shard::Open(pack, StateFolder(scratch->path(), head), head, log->get(),
                            options.cache_bytes / shards);
    if (!fold) return tl::unexpected(fold.error());
    recorded.SetSchema(Hash64((*fold)->engine().RecordFacts()));
    folds.push_back(std::move(*fold));
    out.state = std::min(out.state, out.has_state ? (*disks)[i]->applied() : 0);
  }

  std::vector<bool> compared(shards, !out.has_state);
  const auto compare = [&](std::uint32_t i) -> Status {
    compared[i] = true;
    if (Status settled = folds[i]->CheckpointNow((*disks)[i]->applied()); !settled) return settled;
    for (const Family family : kFamilies) {
      Status status = Compare(family, *(*disks)[i], *folds[i]->disk(), out);
      if (!status) return status;
    }
    return {};
  };
  const Status read = ReplayLog(**log, 1, [&](const Replayed& replayed) -> Status {
    const auto& [event, kept, facts, history] = replayed;
    const std::uint32_t i = ShardOf(event->merchant, shards);
    Shard& shard = *folds[i];
    for (std::uint32_t k = 0; k < shards; ++k) {
      if (compared[k] || event->offset <= (*disks)[k]->applied()) continue;
      if (Status status = compare(k); !status) return status;
    }
    ++out.events;
    const auto applied =
        shard.engine().Replay(event, history ? Deciding::kNothing : Deciding::kDecision, kept);
    if (!shard.fault()) return shard.fault();
    if (!applied) return tl::unexpected(applied.error());
    recorded.Compare(replayed, *applied, event->offset <= (*log)->trim().upto);
    constexpr std::uint64_t kOften = 256;
    if (event->offset % kOften != 0) return {};
    for (const auto& each : folds) {
      Status written = WriteDue(*each, event->offset, kOften, options.replay_max);
      if (!written) return written;
    }
    if (progress && !progress(event->offset, (*log)->last())) {
      return Fail(ErrorCode::kInterrupted, folder, "stopped before the end of the log");
    }
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  for (std::uint32_t i = 0; i < shards; ++i) {
    if (compared[i]) continue;
    if (Status status = compare(i); !status) return tl::unexpected(status.error());
  }
  return out;
}

std::string KeyText(Family family, std::string_view key) {
  std::string text;
  if (family == Family::kEntities && key.size() >= 2) {
    const int kind = static_cast<unsigned char>(key[0]) << 8 | static_cast<unsigned char>(key[1]);
    text = "kind " + std::to_string(kind) + " ";
    key.remove_prefix(2);
  }
  std::string shown(key);
  // Merchant, token, time, order.
  if (family == Family::kPostings) {
    constexpr std::size_t kTime = 8;
    const std::size_t token = shown.find('\0');
    const std::size_t time = token == shown.npos ? token : shown.find('\0', token + 1);
    if (time != shown.npos) shown.erase(time + 1, kTime);
  }
  for (const char c : shown) text += c == '\0' ? '/' : c;
  return text;
}

}  // namespace holdfast
