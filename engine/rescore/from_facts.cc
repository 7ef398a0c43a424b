#include "engine/rescore/from_facts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/hash.h"
#include "engine/pipeline/replay.h"
#include "engine/pipeline/shard.h"
#include "engine/rescore/rows.h"
#include "engine/rescore/scratch_folder.h"
#include "engine/rescore/spill.h"

namespace holdfast {
namespace {

constexpr char kNotOfAll[] = "not of all events facts were recorded";
constexpr char kDecidedItself[] = "the pack has decided itself, and is compared byte for byte";

// Evaluates the rules of one pack on recorded facts.
class Ruler {
 public:
  Ruler(const std::vector<std::string>& schemas, std::shared_ptr<const Pack> pack) : shard_(pack) {
    for (const std::string& schema : schemas)
      maps_.emplace(Hash64(schema), FactMap::Of(schema, *pack));
  }

  Status ChangeList(const std::shared_ptr<Event>& event) {
    const auto applied = shard_.engine().Replay(event, Deciding::kNothing, {});
    if (!applied) return tl::unexpected(applied.error());
    return {};
  }

  // Appends the ruling, encoded by PutRuling.
  Status Rule(const FactRow& row, std::string& out) {
    const auto map = maps_.find(row.schema);
    if (map == maps_.end()) return Fail(ErrorCode::kNotFound, {}, "facts are of no known schema");
    if (!map->second) return tl::unexpected(map->second.error());
    return shard_.engine().AppendRuling(row, *map->second, out);
  }

 private:
  Shard shard_;
  std::map<std::uint64_t, Result<FactMap>> maps_;
};

class FactsReader {
 public:
  FactsReader(const RescoreOptions& options, const std::vector<std::string>& schemas, Spill spill)
      : options_(options), after_(schemas, options.pack), spill_(std::move(spill)) {
    if (options.baseline != nullptr) before_.emplace(schemas, options.baseline);
  }

  Status Take(const LogRecord& record) {
    if (!GetFactRow(record.facts, row_)) {
      const std::string where = "record " + std::to_string(record.offset);
      if (!record.facts.empty()) return Fail(ErrorCode::kCorrupt, where, "its facts are damaged");
      return Fail(ErrorCode::kNotFound, {}, kNotOfAll);
    }
    if (!options_.merchant.empty() && row_.merchant != options_.merchant) return {};
    ++taken_.events;
    taken_.latest = std::max(taken_.latest, row_.occurred_at);
    if (row_.changes_list) return ChangeList(record);
    const bool known_then = !options_.as_of || row_.occurred_at <= *options_.as_of;
    if (row_.evidence && known_then) {
      bytes_.clear();
      PutRow(*row_.evidence, bytes_);
      spill_.Add(row_.merchant, row_.order_id, bytes_);
    }
    return row_.decided ? Set(record) : Status();
  }

  Status Write() { return spill_.Flush(); }
  const LogTaken& taken() const { return taken_; }

 private:
  Status ChangeList(const LogRecord& record) {
    for (Ruler* ruler : {&after_, before_ ? &*before_ : nullptr}) {
      if (ruler == nullptr) continue;
      const auto event = ReadRecord(record);
      if (!event) return tl::unexpected(event.error());
      if (Status changed = ruler->ChangeList(*event); !changed) return changed;
    }
    return {};
  }

  Status Set(const LogRecord& record) {
    ++taken_.decisions;
    if (options_.prove && options_.baseline == nullptr && row_.pack == pack_id_) {
      return Fail(ErrorCode::kNotFound, {}, kDecidedItself);
    }
    if (options_.baseline != nullptr && options_.baseline->hash == options_.pack->hash) {
      ++taken_.same;
    }
    // A person had decided, so the earlier ruling counts.
    if (!row_.judged) return {};
    RuledRow ruled;
    ruled.late = row_.late;
    ruled.offset = record.offset;
    ruled.placed_at = row_.placed_at;
    ruled.amount = row_.amount;
    after_bytes_.clear();
    if (Status said = after_.Rule(row_, after_bytes_); !said) return said;
    ruled.after = after_bytes_;
    ruled.before = row_.ruling;
    if (before_) {
      before_bytes_.clear();
      if (Status said = before_->Rule(row_, before_bytes_); !said) return said;
      ruled.before = before_bytes_;
    }
    bytes_.clear();
    PutRow(ruled, bytes_);
    spill_.Add(row_.merchant, row_.order_id, bytes_);
    return {};
  }

  const RescoreOptions& options_;
  const std::uint64_t pack_id_ = PackIdOf(*options_.pack);
  Ruler after_;
  std::optional<Ruler> before_;
  Spill spill_;
  FactRow row_;
  std::string bytes_, before_bytes_, after_bytes_;  // scratch
  LogTaken taken_;
};

}  // namespace

Result<std::string> WhyNotFromFacts(const EventLog& log, const RescoreOptions& options) {
  const auto schemas = log.Schemas();
  if (!schemas) return tl::unexpected(schemas.error());
  if (schemas->empty()) return std::string("no facts were recorded");
  // If the last facts are not sufficient, the earlier ones need not be read.
  std::string why;
  constexpr std::uint64_t kLast = 1000;
  const std::uint64_t begin = log.last() - std::min(log.last(), kLast) + 1;
  std::map<std::uint64_t, std::string> texts;
  for (const std::string& schema : *schemas) texts.emplace(Hash64(schema), schema);
  const std::uint64_t pack_id = PackIdOf(*options.pack);
  FactRow row;
  const Status read = log.Read(begin, [&](const LogRecord& record) -> Status {
    if (record.facts.empty()) why = kNotOfAll;
    if (!why.empty() || !GetFactRow(record.facts, row)) return {};
    const bool itself = row.decided && row.pack == pack_id;
    if (options.prove && options.baseline == nullptr && itself) why = kDecidedItself;
    if (!row.decided || !row.judged) return {};
    const auto schema = texts.find(row.schema);
    if (schema == texts.end()) return {};
    for (const auto& pack : {options.pack, options.baseline}) {
      if (pack == nullptr) continue;
      const auto map = FactMap::Of(schema->second, *pack);
      if (!map) why = map.error().detail;
    }
    texts.erase(schema);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return why;
}

Result<LogTaken> TakeFacts(const EventLog& log, const RescoreOptions& options,
                           const RescoreProgress& progress) {
  const auto schemas = log.Schemas();
  if (!schemas) return tl::unexpected(schemas.error());
  if (Status prepared = PrepareScratch(options.work, "facts\n", true); !prepared) {
    return tl::unexpected(prepared.error());
  }
  auto spill = Spill::Open(options.work, 0, {});
  if (!spill) return tl::unexpected(spill.error());
  FactsReader reader(options, *schemas, std::move(*spill));
  const Status read = log.Read(1, [&](const LogRecord& record) -> Status {
    constexpr std::uint64_t kOften = 4096;
    if (record.offset % kOften == 0 && progress && !progress(record.offset, log.last())) {
      return Fail(ErrorCode::kInterrupted, {}, "stopped before the end of the log");
    }
    return reader.Take(record);
  });
  if (!read) return tl::unexpected(read.error());
  if (Status written = reader.Write(); !written) return tl::unexpected(written.error());
  return reader.taken();
}

}  // namespace holdfast
