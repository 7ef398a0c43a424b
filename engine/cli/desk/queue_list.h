// QueueList: the held orders that were loaded, as a list: filtered by a text, sorted, with one of
// them selected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/codec/json_value.h"

namespace holdfast::cli {

// Which orders are requested from the service.
struct QueueFilter {
  enum class Waiting : std::uint8_t { kWorkable, kFunds, kAll };

  std::string cause;  // empty: each
  bool mine = false, unclaimed = false, approval = false;
  Waiting waiting = Waiting::kWorkable;  // ignored where a cause is given

  // As parameters of GET /v1/queue, each with a leading "&".
  std::string Query() const;
  // "workable, mine".
  std::string Words() const;
};

enum class QueueSort : std::uint8_t { kRank, kAmount, kAge, kDue };

std::string_view NameOf(QueueSort sort);

struct QueueRow {
  std::string order, cause, amount, score, buyer, country, tags;
  double amount_base = 0;          // for sorting; infinite where it is not known
  std::optional<EventTime> since;  // first held for its cause
  std::optional<EventTime> due;    // of the review
  std::string claimed_by;
  EventTime claimed_until;  // meaningless without claimed_by
};

class QueueList {
 public:
  // `answer`: of GET /v1/queue. The selected order stays selected; if it is gone, the one at its
  // place.
  void Load(const JsonValue& answer);
  void Sort(QueueSort sort);
  // Shows only rows that contain the text, in any case of ASCII letters. Empty: all.
  void Search(const std::string& text);
  void Move(int by);

  // The rows that are shown, as they are sorted.
  const std::vector<QueueRow>& rows() const { return shown_; }
  std::size_t at() const { return at_; }
  // Empty: there is none.
  std::string Selected() const;
  void Select(const std::string& order);
  QueueSort sort() const { return sort_; }
  const std::string& search() const { return search_; }
  // The causes of all held orders, with how many each has, in the order of the answer.
  const std::vector<std::pair<std::string, std::string>>& held() const { return held_; }
  // True when the service has more orders than were loaded.
  bool more() const { return more_; }

 private:
  void Arrange();

  std::vector<QueueRow> all_;  // by rank
  std::vector<QueueRow> shown_;
  std::size_t at_ = 0;
  QueueSort sort_ = QueueSort::kRank;
  std::string search_;
  std::vector<std::pair<std::string, std::string>> held_;
  bool more_ = false;
};

}  // namespace holdfast::cli
