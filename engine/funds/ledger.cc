#include "engine/funds/ledger.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "engine/funds/chargebacks.h"

namespace holdfast {
namespace {

// Which reports are of one payment: sets of indices that are joined by shared names.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t Of(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void Join(std::size_t a, std::size_t b) { parent_[Of(a)] = Of(b); }

 private:
  std::vector<std::size_t> parent_;
};

// How bad a final state is for the seller, of reports of one moment.
int BadnessOf(MovementKind kind, MovementState state) {
  const bool takes = kind == MovementKind::kRefund || kind == MovementKind::kVoid ||
                     kind == MovementKind::kChargeback;
  const bool done = state == MovementState::kSucceeded;
  return takes == done ? 1 : 0;
}

// The reports of one payment.
struct Parts {
  std::vector<const MovementReport*> movements;
  std::vector<const CaseReport*> cases;
};

class PaymentBuilder {
 public:
  explicit PaymentBuilder(Parts parts) : parts_(std::move(parts)) {}

  LedgerPayment Build() {
    for (const MovementReport* report : parts_.movements) {
      Describe(report->head);
      payment_.snapshot = payment_.snapshot || report->snapshot;
    }
    for (const CaseReport* report : parts_.cases) Describe(report->head);
    ChooseSource();
    std::sort(payment_.names.begin(), payment_.names.end());
    payment_.names.erase(std::unique(payment_.names.begin(), payment_.names.end()),
                         payment_.names.end());
    ChooseCurrency();
    if (parts_.movements.empty()) ChooseCurrencyOfCases();
    BuildMovements();
    BuildCases();
    AddUp();
    return std::move(payment_);
  }

 private:
  void Describe(const ReportHead& head) {
    payment_.names.insert(payment_.names.end(), head.names.begin(), head.names.end());
    // A copy calls the provider and the method as the shop does.
    const auto rank = std::tuple(head.source != ReportSource::kShop, head.at, head.event_id);
    if (payment_.provider.empty() || (!head.provider.empty() && rank > provider_rank_)) {
      payment_.provider = head.provider;
      provider_rank_ = rank;
    }
    if (!head.method.empty() && (payment_.method.empty() || rank > method_rank_)) {
      payment_.method = head.method;
      method_rank_ = rank;
    }
    payment_.connected = payment_.connected || head.connected;
    payment_.later = payment_.later || head.later;
    payment_.latest = described_ ? std::max(payment_.latest, head.at) : head.at;
    described_ = true;
  }

  static bool IsMoney(const MovementReport& report) {
    return report.kind != MovementKind::kRefund && report.kind != MovementKind::kChargeback;
  }

  // Of money of which its provider or the seller speaks, the shop's copy says nothing.
  void ChooseSource() {
    const auto best = [this](bool money) {
      std::optional<ReportSource> source;
      for (const MovementReport* report : parts_.movements) {
        if (money && !IsMoney(*report)) continue;
        source = std::min(source.value_or(report->head.source), report->head.source);
      }
      return source;
    };
    const auto of_money = best(true);
    std::optional<ReportSource> any = of_money ? of_money : best(false);
    for (const CaseReport* report : parts_.cases) {
      if (!of_money) any = std::min(any.value_or(report->head.source), report->head.source);
    }
    payment_.source = any.value_or(ReportSource::kSeller);
    if (!of_money || *of_money == ReportSource::kShop) return;
    // Nor does the seller's word on money that the provider itself reports add to it: they may call
    // one movement by two references. A failure counts whatever its source.
    const auto adds = [&](const MovementReport& report) {
      return report.kind == MovementKind::kAuthorization ||
                     report.kind == MovementKind::kAdjustment ||
                     report.kind == MovementKind::kCapture
                 ? report.state == MovementState::kSucceeded ||
                       report.state == MovementState::kPending
                 : false;
    };
    const bool by_provider = *of_money == ReportSource::kProvider;
    std::erase_if(parts_.movements, [&](const MovementReport* report) {
      const ReportSource source = report->head.source;
      return source == ReportSource::kShop ||
             (by_provider && source != ReportSource::kProvider && adds(*report));
    });
  }

  // The currency of what was captured, or else authorised, or asked for; the last word on it.
  void ChooseCurrency() {
    std::optional<std::tuple<int, EventTime, std::string_view>> best;
    for (const MovementReport* report : parts_.movements) {
      if (!report->amount || !report->currency) continue;
      const int kind = report->kind == MovementKind::kCapture         ? 3
                       : report->kind == MovementKind::kAuthorization ? 2
                       : report->kind == MovementKind::kAdjustment    ? 1
                                                                      : 0;
      const int weight = kind * 2 + (report->state == MovementState::kSucceeded ? 1 : 0);
      const auto rank = std::tuple(weight, report->head.at, report->head.event_id);
      if (!best || rank > *best) {
        best = rank;
        payment_.currency = report->currency;
      }
    }
  }

  // Of a payment of which cases alone are known.
  void ChooseCurrencyOfCases() {
    for (const CaseReport* report : parts_.cases) {
      if (payment_.currency || !report->amount) continue;
      payment_.currency = report->currency;
    }
  }

  // What a report says in the payment's currency; nothing where it says none, or another one.
  template <typename Report>
  std::optional<std::int64_t> AmountOf(const Report& report) const {
    if (!report.amount || report.currency != payment_.currency) return std::nullopt;
    return report.amount;
  }

  void BuildMovements() {
    auto& reports = parts_.movements;
    const auto key = [](const MovementReport* report) {
      return std::pair(report->kind, report->reference);
    };
    const auto before = [&](const auto* a, const auto* b) { return key(a) < key(b); };
    if (!std::is_sorted(reports.begin(), reports.end(), before)) {
      std::stable_sort(reports.begin(), reports.end(), before);
    }
    payment_.movements.reserve(reports.size());
    for (std::size_t begin = 0, end = 0; begin < reports.size(); begin = end) {
      while (end < reports.size() && key(reports[end]) == key(reports[begin])) ++end;
      payment_.movements.push_back(Settle({reports.data() + begin, end - begin}));
    }
  }

  Movement Settle(std::span<const MovementReport* const> reports) const {
    const MovementKind kind = reports.front()->kind;
    // The last word; a final report outranks one that is pending whatever their times, and of one
    // moment the worse for the seller counts, then the smaller capture or the larger refund.
    const bool more_is_worse = kind != MovementKind::kCapture &&
                               kind != MovementKind::kAuthorization &&
                               kind != MovementKind::kAdjustment;
    const auto rank = [&](const MovementReport& report) {
      const std::int64_t amount = report.amount.value_or(0);
      const bool final = report.state != MovementState::kPending;
      return std::tuple(final, report.head.at, final ? BadnessOf(kind, report.state) : 0,
                        more_is_worse ? amount : -amount, report.head.event_id);
    };
    const MovementReport* last = nullptr;
    const MovementReport* done = nullptr;  // the last success
    const MovementReport* back = nullptr;  // the last that says it was undone
    for (const MovementReport* report : reports) {
      const auto later = [&](const MovementReport* than) {
        return than == nullptr || rank(*report) > rank(*than);
      };
      if (later(last)) last = report;
      if (report->state == MovementState::kSucceeded && later(done)) done = report;
      if (report->state == MovementState::kUndone && later(back)) back = report;
    }
    Movement movement;
    movement.kind = kind;
    movement.reference = last->reference;
    movement.currency = last->currency;
    movement.at = last->head.at;
    movement.source = last->head.source;
    const bool takes = kind == MovementKind::kRefund || kind == MovementKind::kChargeback;
    const MovementReport& counted = takes && last == back && done != nullptr ? *done : *last;
    movement.state = counted.state;
    movement.was_done = done != nullptr;
    for (const MovementReport* report : reports) {
      const bool asked =
          report->state == MovementState::kPending || report->state == MovementState::kSucceeded;
      if (!asked) continue;
      movement.asked_at =
          movement.was_asked ? std::min(movement.asked_at, report->head.at) : report->head.at;
      movement.was_asked = true;
    }
    movement.amount = AmountOf(counted);
    for (const MovementReport* report : reports) {
      const auto amount = AmountOf(*report);
      const bool smaller = movement.amount && amount && *amount < *movement.amount;
      if (report->from_total && report->state == counted.state && smaller) movement.amount = amount;
    }
    if (kind == MovementKind::kChargeback) movement.names = NamesIn(reports);
    movement.all = !movement.amount && !counted.of_unknown_size;
    const bool unnamed = kind == MovementKind::kChargeback && movement.reference.empty();
    if (unnamed) movement.times = TimesOf(reports, MovementState::kSucceeded);
    if (takes && last == back && done != nullptr) {
      const auto returned = AmountOf(*back);
      // Of chargebacks that have no numbers each is undone by a word of its own, and by no less
      // than it took.
      const bool too_little =
          unnamed && ((movement.amount && !returned) ||
                      TimesOf(reports, MovementState::kUndone) < movement.times);
      if (too_little) return movement;
      const bool part = returned && movement.amount && *returned < *movement.amount;
      if (part) {
        movement.undone = *returned;
      } else {
        movement.state = MovementState::kUndone;
      }
    }
    return movement;
  }

  // May both be about one capture? Names are ascending.
  static bool ShareName(const std::vector<std::string_view>& a,
                        const std::vector<std::string_view>& b) {
    return a.empty() || b.empty() || std::any_of(a.begin(), a.end(), [&b](std::string_view name) {
             return std::binary_search(b.begin(), b.end(), name);
           });
  }

  template <typename Reports>
  static std::vector<std::string_view> NamesIn(const Reports& reports) {
    std::vector<std::string_view> names;
    for (const auto* report : reports) {
      names.insert(names.end(), report->head.names.begin(), report->head.names.end());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static int TimesOf(std::span<const MovementReport* const> reports, MovementState state) {
    std::set<std::string_view> events;
    for (const MovementReport* report : reports) {
      if (report->state == state) events.insert(report->head.event_id);
    }
    return static_cast<int>(events.size());
  }

  static bool IsNamed(const CaseReport& report, const std::vector<std::string_view>& names) {
    return !report.reference.empty() &&
           !std::binary_search(names.begin(), names.end(), report.reference);
  }
  // A warning and an inquiry may become a dispute; a review is another matter.
  static bool IsReview(CaseKind kind) { return kind == CaseKind::kReview; }

  void BuildCases() {
    if (parts_.cases.empty()) return;
    // By nature, and by the case's id, or else the capture that it is about.
    using Key = std::pair<bool, std::string_view>;
    std::map<Key, std::vector<const CaseReport*>> named, unnamed;
    for (const CaseReport* report : parts_.cases) {
      const bool has_id = IsNamed(*report, payment_.names);
      auto& by = has_id ? named : unnamed;
      by[{IsReview(report->kind), has_id ? report->reference : report->about}].push_back(report);
    }
    for (const auto& [key, reports] : named) {
      payment_.cases.push_back(SettleCase(reports));
      payment_.cases.back().reference = key.second;
    }
    for (const auto& [key, reports] : unnamed) {
      AddUnnamed(reports);
      payment_.cases.back().about = key.second;
    }
    // What a warning was about has come.
    for (PaymentCase& warning : payment_.cases) {
      if (warning.kind != CaseKind::kWarning || warning.state != CaseState::kOpen) continue;
      const bool came =
          std::any_of(payment_.cases.begin(), payment_.cases.end(), [&](const PaymentCase& c) {
            return c.kind == CaseKind::kDispute && !c.reference.empty() &&
                   c.opened >= warning.opened && ShareName(c.names, warning.names);
          });
      if (came) warning.state = CaseState::kCleared;
    }
    std::sort(payment_.cases.begin(), payment_.cases.end(),
              [](const PaymentCase& a, const PaymentCase& b) {
                return std::tuple(a.kind, a.reference, a.at, a.about) <
                       std::tuple(b.kind, b.reference, b.at, b.about);
              });
  }

  // A case without an id is over once the case itself was told of, no less grave and since then, or
  // the payment has succeeded since. A payment that is called by its name goes on being said to be
  // disputed: of that the cases themselves tell, whenever they did.
  void AddUnnamed(const std::vector<const CaseReport*>& reports) {
    PaymentCase settled = SettleCase(reports);
    settled.reference = {};
    if (settled.state == CaseState::kOpen) {
      EventTime first = settled.at;
      bool ended = true, mentioned = true;
      for (const CaseReport* report : reports) {
        first = std::min(first, report->head.at);
        mentioned = mentioned && !report->reference.empty();
        ended = ended && report->ends_with_success &&
                (SucceededAfter(settled.at, report->about) || FailedAfter(*report));
      }
      const bool told =
          std::any_of(payment_.cases.begin(), payment_.cases.end(), [&](const PaymentCase& named) {
            if (IsReview(named.kind) != IsReview(settled.kind)) return false;
            if (mentioned) return named.kind != CaseKind::kWarning;
            return named.kind >= settled.kind &&
                   (named.state == CaseState::kOpen || named.at >= first);
          });
      if (told || ended) settled.state = CaseState::kCleared;
    }
    payment_.cases.push_back(settled);
  }

  bool FailedAfter(const CaseReport& report) const {
    return std::any_of(
        payment_.movements.begin(), payment_.movements.end(), [&](const Movement& m) {
          const bool failed =
              m.state == MovementState::kFailed || m.state == MovementState::kExpired;
          return m.kind == MovementKind::kCapture && m.reference == report.about && failed &&
                 m.at > report.head.at;
        });
  }

  // Of the capture that the case is about, where that is said.
  bool SucceededAfter(EventTime time, std::string_view about) const {
    return std::any_of(
        payment_.movements.begin(), payment_.movements.end(), [&](const Movement& m) {
          const bool other = !about.empty() && !m.reference.empty() && m.reference != about;
          const bool paid =
              m.kind == MovementKind::kCapture && m.state == MovementState::kSucceeded && !other;
          const bool back =
              m.kind == MovementKind::kChargeback && m.state == MovementState::kUndone;
          return (paid || back) && m.at > time;
        });
  }

  // A case that has ended stays so, unless a graver one of its id was opened later. Of two ends the
  // later counts, of one moment the loss.
  PaymentCase SettleCase(const std::vector<const CaseReport*>& reports) const {
    const auto end_rank = [](const CaseReport& r) {
      return std::tuple(r.head.at, r.state == CaseState::kLost, r.head.event_id);
    };
    const CaseReport* end = nullptr;
    for (const CaseReport* report : reports) {
      if (report->state == CaseState::kOpen) continue;
      if (end == nullptr || end_rank(*report) > end_rank(*end)) end = report;
    }
    CaseKind before = CaseKind::kReview;
    if (end != nullptr) {
      for (const CaseReport* report : reports) {
        if (report->head.at <= end->head.at) before = std::max(before, report->kind);
      }
    }
    const auto open_rank = [](const CaseReport& r) {
      return std::tuple(r.head.at, r.kind, r.amount.value_or(INT64_MAX), r.head.event_id);
    };
    const CaseReport* open = nullptr;
    for (const CaseReport* report : reports) {
      if (report->state != CaseState::kOpen) continue;
      const bool counts =
          end == nullptr || (report->head.at > end->head.at && report->kind > before);
      if (counts && (open == nullptr || open_rank(*report) > open_rank(*open))) open = report;
    }
    const CaseReport& last = open != nullptr ? *open : *end;
    PaymentCase settled;
    settled.kind = last.kind;
    settled.state = last.state;
    settled.amount = AmountOf(last);
    settled.at = settled.opened = last.head.at;
    for (const CaseReport* report : reports) {
      settled.opened = std::min(settled.opened, report->head.at);
    }
    settled.names = NamesIn(reports);
    return settled;
  }

  // ---- amounts
  // -----------------------------------------------------------------------------------

  void AddUp() {
    PaymentAmounts& sums = payment_.amounts;
    const Movement* adjusted = nullptr;
    for (const Movement& m : payment_.movements) {
      if (m.kind == MovementKind::kAdjustment && m.state == MovementState::kSucceeded &&
          (adjusted == nullptr || std::tuple(m.at, -m.amount.value_or(0)) >
                                      std::tuple(adjusted->at, -adjusted->amount.value_or(0)))) {
        adjusted = &m;
      }
    }
    std::int64_t held = adjusted == nullptr ? 0 : adjusted->amount.value_or(0);
    bool held_unknown = adjusted != nullptr && !adjusted->amount;
    bool any_capture = false;
    // Without a reference: a word on the payment as a whole, beside those on its parts.
    Part whole, parts;
    for (const Movement& m : payment_.movements) {
      const bool done = m.state == MovementState::kSucceeded;
      const bool pending = m.state == MovementState::kPending;
      Part& part = m.reference.empty() ? whole : parts;
      if (m.kind == MovementKind::kAuthorization) {
        const bool hidden = adjusted != nullptr && m.at <= adjusted->at;
        if (hidden || !(done || pending)) continue;
        (done ? part.held : part.held_pending) += m.amount.value_or(0);
        if (done) part.held_at = std::max(part.held_at, m.at);
        held_unknown = held_unknown || (done && !m.amount);
      } else if (m.kind == MovementKind::kCapture) {
        part.any = true;
        if (done) part.captured += m.amount.value_or(0);
        if (pending) part.pending += m.amount.value_or(0);
        part.done = part.done || done;
        part.open = part.open || pending;
        if (!done && !pending) part.failed_at = std::max(part.failed_at, m.at);
        if (done || pending) part.at = std::max(part.at, m.at);
        if ((done || pending) && !m.amount) part.known = false;
      }
    }
    // A part that failed since is what the word on the whole was about, or a part of it.
    const bool overruled = parts.any && parts.failed_at >= whole.at;
    if (!overruled && whole.done) {
      any_capture = true;
      if (whole.captured > parts.captured) sums.known = sums.known && whole.known;
    }
    any_capture = any_capture || parts.done;
    const std::int64_t of_whole = overruled ? 0 : whole.captured;
    sums.captured = std::max(of_whole, parts.captured);
    if (parts.done && !parts.known) sums.known = false;
    if (whole.done && !overruled && !whole.known && !parts.done) sums.known = false;
    // What was asked for as a whole is under way until something is known of its parts, or it was
    // authorised.
    const bool asked = whole.open && !parts.any && parts.held_at < whole.at;
    sums.capture_pending = parts.pending + (asked ? whole.pending : 0);
    payment_.has_pending = parts.open || asked;
    if ((parts.open && !parts.known) || (asked && !whole.known)) sums.known = false;
    held += std::max(whole.held, parts.held);
    sums.authorization_pending = std::max(whole.held_pending, parts.held_pending);
    if (held_unknown) sums.known = false;
    AddVoids(held);
    sums.authorized = std::max<std::int64_t>(
        0, held - sums.captured - sums.capture_pending - sums.voided - sums.void_pending);
    AddRefunds();
    AddChargebacks();
    AddCases();
    payment_.has_captured = any_capture;
    payment_.has_authorized =
        !voided_all_ && (sums.authorized > 0 || (held_unknown && !any_capture));
    payment_.all_gone = refunded_all_ || all_taken_ ||
                        (sums.captured > 0 && sums.refunded + sums.taken_back >= sums.captured);
  }

  struct Part {
    std::int64_t held = 0, held_pending = 0, captured = 0, pending = 0;
    bool any = false, done = false, open = false, known = true;
    EventTime at, failed_at, held_at;
  };

  void AddVoids(std::int64_t held) {
    PaymentAmounts& sums = payment_.amounts;
    for (const Movement& m : payment_.movements) {
      if (m.kind != MovementKind::kVoid) continue;
      const std::int64_t left =
          std::max<std::int64_t>(0, held - sums.captured - sums.voided - sums.void_pending);
      const std::int64_t amount = m.amount.value_or(left);
      voided_all_ = voided_all_ || (!m.amount && m.state == MovementState::kSucceeded);
      if (m.state == MovementState::kSucceeded) sums.voided += amount;
      if (m.state == MovementState::kPending) sums.void_pending += amount;
    }
  }

  // One of all takes what the others have left. What came back of a refund that is not named comes
  // off their sum.
  void AddRefunds() {
    PaymentAmounts& sums = payment_.amounts;
    bool all = false, all_pending = false, named = false, unknown = false;
    std::int64_t back = 0, so_far = 0;
    EventTime told_at;
    for (const Movement& m : payment_.movements) {
      if (m.kind != MovementKind::kRefund) continue;
      if (m.state == MovementState::kSucceeded) {
        if (m.amount) {
          // Without a reference: all that was refunded so far.
          (m.reference.empty() ? so_far : sums.refunded) += *m.amount - m.undone;
          if (m.reference.empty()) told_at = m.at;
          named = true;
        } else if (m.all) {
          all = true;
        } else {
          unknown = true;
        }
      } else if (m.state == MovementState::kPending) {
        sums.refund_pending += m.amount.value_or(0);
        all_pending = all_pending || !m.amount;
      } else if (m.state == MovementState::kUndone && m.amount && !m.was_done) {
        back += *m.amount;
      }
    }
    // A refund that failed since is among what was told of, where it was asked for before.
    for (const Movement& m : payment_.movements) {
      const bool failed = m.kind == MovementKind::kRefund && m.state == MovementState::kFailed &&
                          !m.reference.empty() && m.was_asked && m.asked_at <= told_at &&
                          m.at > told_at;
      if (failed) so_far = std::max<std::int64_t>(0, so_far - m.amount.value_or(0));
    }
    sums.refunded = std::max<std::int64_t>(0, std::max(sums.refunded, so_far) - back);
    // That a part was refunded is known in numbers where refunds were told of.
    payment_.part_refunded = unknown && !named && !all;
    if (all) sums.refunded = std::max(sums.refunded, sums.captured);
    if (all_pending) {
      sums.refund_pending =
          std::max(sums.refund_pending, std::max<std::int64_t>(0, sums.captured - sums.refunded));
    }
    refunded_all_ = all;
  }

  void AddChargebacks() {
    PaymentAmounts& sums = payment_.amounts;
    const std::int64_t there = std::max<std::int64_t>(0, sums.captured - sums.refunded);
    const TakenBack taken = TakenBackOf(payment_.movements, payment_.cases, there);
    sums.taken_back = taken.amount;
    all_taken_ = taken.all;
  }

  // How much of a capture that a review is about is under way.
  std::int64_t PendingAbout(const PaymentCase& review) const {
    if (review.about.empty() || !IsReview(review.kind)) return 0;
    for (const Movement& m : payment_.movements) {
      const bool mine = m.kind == MovementKind::kCapture && m.reference == review.about;
      if (mine && m.state == MovementState::kPending) return m.amount.value_or(0);
    }
    return 0;
  }

  void AddCases() {
    PaymentAmounts& sums = payment_.amounts;
    const std::int64_t there = std::max<std::int64_t>(0, sums.kept());
    // What is reviewed may not have been captured yet.
    const std::int64_t promised = there + sums.authorized + sums.capture_pending;
    for (const PaymentCase& c : payment_.cases) {
      if (c.state != CaseState::kOpen) continue;
      if (const std::int64_t pending = PendingAbout(c); pending > 0) {
        // It is not there yet, whatever comes of the review.
        sums.pending_in_review += pending;
        continue;
      }
      const auto amount = AmountAbout(c, payment_.movements);
      const bool review = IsReview(c.kind);
      const std::int64_t most = promised;
      std::int64_t& sum = review ? sums.in_review : sums.disputed;
      sum = std::min(most, sum + std::min(amount.value_or(most), most));
      bool& all = review ? payment_.all_in_review : payment_.all_disputed;
      all = all || !amount;
    }
    sums.in_review = std::min(promised, sums.in_review + sums.pending_in_review);
    sums.in_review = std::min(sums.in_review, promised - std::min(promised, sums.disputed));
  }

  Parts parts_;
  LedgerPayment payment_;
  std::tuple<bool, EventTime, std::string_view> provider_rank_, method_rank_;
  bool described_ = false;
  bool refunded_all_ = false, all_taken_ = false, voided_all_ = false;
};

// Are all reports of one payment, as is most often the case?
bool AreOne(const FundsReports& reports) {
  const ReportHead* first = nullptr;
  const auto same = [&first](const auto& report) {
    const ReportHead& head = report.head;
    if (first == nullptr) first = &head;
    return !head.names.empty() && head.names.front() == first->names.front() &&
           head.provider == first->provider;
  };
  return std::all_of(reports.movements.begin(), reports.movements.end(), same) &&
         std::all_of(reports.cases.begin(), reports.cases.end(), same) && first != nullptr;
}

// The names of payments that others than the shop report, with their providers.
using KnownNames = std::vector<std::pair<std::string_view, std::string_view>>;

KnownNames KnownNamesOf(const std::vector<const ReportHead*>& heads) {
  KnownNames known;
  for (const ReportHead* head : heads) {
    if (head->source == ReportSource::kShop || head->provider.empty()) continue;
    for (const std::string_view name : head->names) known.emplace_back(name, head->provider);
  }
  std::sort(known.begin(), known.end());
  return known;
}

// The shop calls a gateway as it likes: its copy of a payment that is known is of that one's
// provider.
std::string_view ProviderOf(const ReportHead& head, const KnownNames& known) {
  if (head.source != ReportSource::kShop) return head.provider;
  for (const std::string_view name : head.names) {
    const auto at =
        std::lower_bound(known.begin(), known.end(), std::pair(name, std::string_view()));
    if (at != known.end() && at->first == name) return at->second;
  }
  return head.provider;
}

// Of refunds and cases that say nothing of their payment: which other report is of the same one, by
// its own number.
void JoinByReference(const FundsReports& reports, const std::vector<const ReportHead*>& heads,
                     std::vector<bool>& joined, Groups& groups) {
  std::map<std::pair<bool, std::string_view>, std::size_t> known;
  const std::size_t movements = reports.movements.size();
  const auto key = [&](std::size_t i) {
    if (i >= movements) return std::pair(true, reports.cases[i - movements].reference);
    const MovementReport& report = reports.movements[i];
    const bool refund = report.kind == MovementKind::kRefund;
    return std::pair(false, refund ? report.reference : std::string_view());
  };
  const auto is_bare = [&](std::size_t i) {
    return heads[i]->provider.empty() && heads[i]->names.empty();
  };
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (!is_bare(i) && !key(i).second.empty()) known.emplace(key(i), i);
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto other = is_bare(i) ? known.find(key(i)) : known.end();
    if (other == known.end()) continue;
    groups.Join(i, other->second);
    joined[i] = true;
  }
}

Groups GroupsOf(const FundsReports& reports, const std::vector<const ReportHead*>& heads) {
  Groups groups(heads.size());
  std::vector<bool> joined(heads.size(), false);
  JoinByReference(reports, heads, joined, groups);
  const KnownNames known = KnownNamesOf(heads);
  // Each name with the reports that bear it, in the order of names.
  std::vector<std::tuple<std::string_view, std::string_view, std::size_t>> names;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (joined[i]) continue;
    const std::string_view provider = ProviderOf(*heads[i], known);
    if (heads[i]->names.empty()) names.emplace_back(provider, std::string_view(), i);
    for (const std::string_view name : heads[i]->names) names.emplace_back(provider, name, i);
  }
  std::sort(names.begin(), names.end());
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto& [provider, name, at] = names[i];
    const auto& [provider_before, name_before, before] = names[i - 1];
    if (provider == provider_before && name == name_before) groups.Join(at, before);
  }
  return groups;
}

}  // namespace

std::vector<LedgerPayment> PaymentsOf(const FundsReports& reports) {
  std::vector<LedgerPayment> payments;
  if (AreOne(reports)) {
    Parts all;
    all.movements.reserve(reports.movements.size());
    for (const MovementReport& report : reports.movements) all.movements.push_back(&report);
    for (const CaseReport& report : reports.cases) all.cases.push_back(&report);
    payments.push_back(PaymentBuilder(std::move(all)).Build());
    return payments;
  }
  std::vector<const ReportHead*> heads;
  heads.reserve(reports.movements.size() + reports.cases.size());
  for (const MovementReport& report : reports.movements) heads.push_back(&report.head);
  for (const CaseReport& report : reports.cases) heads.push_back(&report.head);
  Groups groups = GroupsOf(reports, heads);
  // A payment for each group, in the order of their first reports.
  std::vector<std::size_t> found(heads.size(), heads.size());
  std::vector<Parts> parts;
  const auto part = [&](std::size_t index) -> Parts& {
    std::size_t& at = found[groups.Of(index)];
    if (at == heads.size()) {
      at = parts.size();
      parts.emplace_back();
    }
    return parts[at];
  };
  std::size_t index = 0;
  for (const MovementReport& report : reports.movements) {
    part(index++).movements.push_back(&report);
  }
  for (const CaseReport& report : reports.cases) part(index++).cases.push_back(&report);
  payments.reserve(parts.size());
  for (Parts& one : parts) payments.push_back(PaymentBuilder(std::move(one)).Build());
  std::sort(payments.begin(), payments.end(), [](const LedgerPayment& a, const LedgerPayment& b) {
    return std::tie(a.provider, a.names) < std::tie(b.provider, b.names);
  });
  return payments;
}

}  // namespace holdfast
