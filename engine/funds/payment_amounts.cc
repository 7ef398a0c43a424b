#include "engine/funds/payment_amounts.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "engine/funds/chargebacks.h"

namespace holdfast {
namespace {

class Adding {
 public:
  explicit Adding(LedgerPayment& payment) : payment_(payment) {}

  void Run() {
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
    // A movement without a reference is a report about the whole payment, beside those about its
    // parts.
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
    // A part that failed later overrules the report about the whole.
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
    // A pending capture of the whole counts until a part is reported or an authorisation follows.
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

 private:
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

  // A refund of everything takes what other refunds left. Money returned from a refund that was
  // never reported as done is deducted from the sum.
  void AddRefunds() {
    PaymentAmounts& sums = payment_.amounts;
    bool all = false, all_pending = false, named = false, unknown = false;
    std::int64_t back = 0, so_far = 0;
    EventTime told_at;
    for (const Movement& m : payment_.movements) {
      if (m.kind != MovementKind::kRefund) continue;
      if (m.state == MovementState::kSucceeded) {
        if (m.amount) {
          // Without a reference: the total refunded so far.
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
    // A refund that was requested before that total and failed after it is deducted.
    for (const Movement& m : payment_.movements) {
      const bool failed = m.kind == MovementKind::kRefund && m.state == MovementState::kFailed &&
                          !m.reference.empty() && m.was_asked && m.asked_at <= told_at &&
                          m.at > told_at;
      if (failed) so_far = std::max<std::int64_t>(0, so_far - m.amount.value_or(0));
    }
    sums.refunded = std::max<std::int64_t>(0, std::max(sums.refunded, so_far) - back);
    // A partial refund of unknown size matters only if no refund has an amount.
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

  // The pending amount of the capture that a review is about; 0 if there is none.
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
    // Reviewed money may not be captured yet.
    const std::int64_t promised = there + sums.authorized + sums.capture_pending;
    for (const PaymentCase& c : payment_.cases) {
      if (c.state != CaseState::kOpen) continue;
      if (const std::int64_t pending = PendingAbout(c); pending > 0) {
        // It is pending, whatever the review decides.
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

  LedgerPayment& payment_;
  bool refunded_all_ = false, all_taken_ = false, voided_all_ = false;
};

}  // namespace

void AddUp(LedgerPayment& payment) { Adding(payment).Run(); }

}  // namespace holdfast
