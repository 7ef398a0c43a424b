#include "engine/rescore/merge.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <tuple>

#include "engine/base/file.h"
#include "engine/codec/json_value.h"
#include "engine/rescore/flips.h"
#include "engine/rescore/spill.h"
#include "engine/rescore/summary.h"

namespace holdfast {
namespace {

// Reads the flips of one part, one after another.
class Flips {
 public:
  explicit Flips(const std::string& folder)
      : json_(folder + "/" + kFlipsJson), csv_(folder + "/" + kFlipsCsv) {
    std::getline(csv_, csv);  // the head
    Next();
  }
  bool ok() const { return open_; }
  // The number of flips read, up to the first damaged one.
  std::uint64_t count() const { return count_; }
  void Next() {
    open_ = static_cast<bool>(std::getline(json_, json)) && std::getline(csv_, csv);
    if (!open_) return;
    const auto document = JsonDocument::Parse(json);
    if (!document) {
      open_ = false;
      return;
    }
    const std::string merchant(document->root()["merchant"].text());
    const std::string order(document->root()["order_id"].text());
    place = {SpillPartOf(merchant, order), merchant, order};
    ++count_;
  }

  std::string json, csv;
  std::tuple<std::uint32_t, std::string, std::string> place;

 private:
  std::ifstream json_, csv_;
  bool open_ = false;
  std::uint64_t count_ = 0;
};

bool SameWork(const SummaryHead& a, const SummaryHead& b) {
  const auto baseline = [](const SummaryHead& head) {
    return head.baseline ? head.baseline->hash : std::string();
  };
  return a.pack.hash == b.pack.hash && baseline(a) == baseline(b) && a.base == b.base &&
         a.merchant == b.merchant && a.from == b.from && a.to == b.to && a.as_of == b.as_of &&
         a.label_delay == b.label_delay && a.labels == b.labels && a.judged_by == b.judged_by &&
         a.review_minutes == b.review_minutes;
}

}  // namespace

Result<std::string> MergeResults(const std::vector<std::string>& parts, const std::string& out) {
  std::optional<SummaryHead> head;
  Tally tally;
  std::vector<std::uint64_t> flipped;
  for (const std::string& part : parts) {
    std::error_code ignored;
    if (std::filesystem::equivalent(part, out, ignored)) {
      return Fail(ErrorCode::kInvalidInput, out, "is one of the parts; give another folder");
    }
    const auto text = ReadFile(part + "/" + kSummaryFile, kSummaryBytes);
    if (!text) return tl::unexpected(text.error());
    const auto document = JsonDocument::Parse(*text);
    if (!document) return tl::unexpected(document.error());
    auto mine = ReadSummaryHead(document->root());
    if (!mine) return tl::unexpected(mine.error());
    if (head && !SameWork(*head, *mine)) {
      return Fail(ErrorCode::kInvalidInput, part,
                  "is not of the same pack, baseline, bounds and time as " + parts.front() +
                      "; rescore the parts with the same options, --as-of and labels among them");
    }
    const auto sums = Tally::Read(document->root()["tally"]);
    if (!sums) return tl::unexpected(sums.error());
    // All orders of a merchant are in one part.
    for (const auto& [merchant, slice] : sums->merchants) {
      if (!tally.merchants.contains(merchant)) continue;
      return Fail(ErrorCode::kInvalidInput, part,
                  "has orders of '" + merchant + "', as an earlier part has: parts overlap");
    }
    tally += *sums;
    flipped.push_back(sums->flipped);
    if (head) mine->last_record = std::max(mine->last_record, head->last_record);
    head = std::move(*mine);
  }
  std::vector<std::unique_ptr<Flips>> flips;
  for (const std::string& part : parts) flips.push_back(std::make_unique<Flips>(part));
  const std::string json_path = out + "/" + kFlipsJson, csv_path = out + "/" + kFlipsCsv;
  std::ofstream json(json_path + ".new"), csv(csv_path + ".new");
  csv << kFlipHead;
  for (;;) {
    Flips* next = nullptr;
    for (const auto& one : flips) {
      if (one->ok() && (next == nullptr || one->place < next->place)) next = one.get();
    }
    if (next == nullptr) break;
    json << next->json << '\n';
    csv << next->csv << '\n';
    next->Next();
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (flips[i]->count() == flipped[i]) continue;
    std::error_code ignored;
    for (const std::string& path : {json_path, csv_path}) {
      std::filesystem::remove(path + ".new", ignored);
    }
    return Fail(ErrorCode::kCorrupt, parts[i],
                "has " + std::to_string(flips[i]->count()) + " flips that can be read, of " +
                    std::to_string(flipped[i]) + "; rescore the part again");
  }
  json.close();
  csv.close();
  // The result of an earlier merge stays complete until this one is.
  std::error_code fault;
  std::filesystem::remove(out + "/" + kSummaryFile, fault);
  if (json && csv && !fault) std::filesystem::rename(json_path + ".new", json_path, fault);
  if (json && csv && !fault) std::filesystem::rename(csv_path + ".new", csv_path, fault);
  if (!json || !csv || fault) return Fail(ErrorCode::kIo, out, "cannot be written");
  return SummaryJson(*head, tally);
}

}  // namespace holdfast
