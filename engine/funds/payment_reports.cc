#include "engine/funds/payment_reports.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"

namespace holdfast {
namespace {

const Payment* PaymentOf(const Event& event) {
  if (event.payment != nullptr) return event.payment;
  const bool placed = event.type == EventType::kOrderPlaced && event.order != nullptr;
  return placed ? event.order->payment : nullptr;
}

// The provider of an event whose payload names none: the prefix of its references, or of its id if
// it is a webhook's.
std::string_view ProviderIn(const Event& event) {
  const auto prefix = [](std::string_view text) {
    const std::size_t colon = text.find(':');
    return colon == text.npos ? std::string_view() : text.substr(0, colon);
  };
  for (const std::string_view reference : event.references) {
    // An order number names no provider.
    if (!reference.starts_with("order:")) return prefix(reference);
  }
  return event.delivery != nullptr ? prefix(event.id) : std::string_view();
}

class Reader {
 public:
  Reader(const Event& event, const FundsTerms& terms, ReadReports& all)
      : event_(event), terms_(terms), all_(all) {
    head_.at = event.occurred_at;
    head_.event_id = event.id;
    head_.source = ReportSource::kSeller;
  }

  void Run() {
    if (const Payment* payment = PaymentOf(event_)) return ReadPayment(*payment);
    if (event_.refund != nullptr) return ReadRefund(*event_.refund);
    if (event_.dispute != nullptr) return ReadDispute(*event_.dispute);
  }

 private:
  // The canonical name of a provider or method. Valid as long as the reports.
  std::string_view NameOf(std::string_view given) {
    std::string room;
    const std::string_view name = terms_.NameOf(given, room);
    const bool inside = name.data() >= room.data() && name.data() <= room.data() + room.size();
    return inside ? std::string_view(all_.texts.emplace_back(name)) : name;
  }

  // Takes the payment's names from the event's references, without `not_of_payment`.
  void SetNames(std::string_view given_provider, std::string_view not_of_payment) {
    std::string_view alone;
    for (const std::string_view reference : event_.references) {
      const std::size_t colon = reference.find(':');
      if (colon == reference.npos) continue;
      const std::string_view id = Trim(reference.substr(colon + 1));
      const bool of_provider = reference.substr(0, colon) == given_provider ||
                               NameOf(reference.substr(0, colon)) == head_.provider;
      if (!of_provider || id.empty()) continue;
      if (id == not_of_payment) {
        alone = id;
      } else {
        head_.names.push_back(id);
      }
    }
    // A case without an id of its own has the id of its payment.
    if (head_.names.empty() && !alone.empty()) head_.names.push_back(alone);
  }

  void SetProvider(std::string_view given) {
    head_.provider = NameOf(given);
    if (IsShopSystem(head_.provider)) head_.source = ReportSource::kShop;
  }

  void Move(MovementKind kind, MovementState state, std::string_view reference,
            std::optional<std::int64_t> amount, std::optional<Currency> currency) {
    MovementReport report;
    report.head = head_;
    report.kind = kind;
    report.state = state;
    report.reference = reference;
    report.amount = amount;
    report.currency = amount ? currency : std::nullopt;
    all_.reports.movements.push_back(std::move(report));
  }

  CaseReport& Open(CaseKind kind, std::string_view reference) {
    CaseReport report;
    report.head = head_;
    report.kind = kind;
    report.reference = reference;
    return all_.reports.cases.emplace_back(std::move(report));
  }

  // Opens a case that the provider reports only as the status of a capture.
  void OpenByStatus(CaseKind kind, std::string_view capture) {
    CaseReport& report = Open(kind, {});
    report.ends_with_success = true;
    report.about = capture;
  }

  void ReadPayment(const Payment& payment) {
    SetProvider(payment.provider);
    if (payment.source != ReportSource::kUnset) {
      head_.source = payment.source;
    } else if (event_.delivery == nullptr && head_.provider != "shop") {
      head_.source = ReportSource::kSeller;
    }
    head_.connected = head_.source == ReportSource::kShop &&
                      std::any_of(payment.connected.begin(), payment.connected.end(),
                                  [this](std::string_view provider) {
                                    return NameOf(provider) == head_.provider;
                                  });
    head_.method = NameOf(payment.method.empty() ? payment.provider : payment.method);
    if (head_.source == ReportSource::kShop) {
      head_.later = SaysPaysLater(head_.provider, payment.provider, payment.method);
    }
    SetNames(payment.provider, {});
    const std::string_view id = Trim(payment.transaction_id);
    if (!id.empty()) head_.names.push_back(id);
    if (payment.movement.kind != MovementKind::kUnset) {
      const PaymentMovement& m = payment.movement;
      return Move(m.kind, m.state, m.reference, m.amount, m.currency);
    }
    const std::size_t before = all_.reports.movements.size();
    MovementsFromStatus(payment);
    for (std::size_t i = before; i < all_.reports.movements.size(); ++i) {
      MovementReport& report = all_.reports.movements[i];
      report.from_total = head_.source == ReportSource::kShop;
      report.snapshot = report.from_total && event_.delivery != nullptr;
    }
  }

  // Converts the status of one transaction into movements.
  void MovementsFromStatus(const Payment& payment) {
    const std::string_view id = Trim(payment.transaction_id);
    const auto move = [&](MovementKind kind, MovementState state) {
      Move(kind, state, id, payment.amount, payment.currency);
    };
    const auto whole = [&](MovementKind kind, MovementState state, std::string_view reference) {
      Move(kind, state, reference, std::nullopt, std::nullopt);
    };
    // No money had been taken.
    if (payment.status == PaymentStatus::kReversed && payment.pending_reason == "approval") {
      return whole(MovementKind::kVoid, MovementState::kSucceeded, {});
    }
    switch (payment.status) {
      case PaymentStatus::kNone:
      case PaymentStatus::kCreated:
        return;
      case PaymentStatus::kAuthorized:
        return move(MovementKind::kAuthorization, MovementState::kSucceeded);
      case PaymentStatus::kPending: {
        const bool held = payment.pending_reason == "authorization" ||
                          payment.pending_reason == "requires_capture";
        // Nothing is pending until the buyer has chosen how to pay.
        if (!held && payment.pending_reason.starts_with("requires_")) return;
        if (held) return move(MovementKind::kAuthorization, MovementState::kSucceeded);
        move(MovementKind::kCapture, MovementState::kPending);
        if (payment.pending_reason.ends_with("review")) {
          OpenByStatus(CaseKind::kReview, id);
        }
        return;
      }
      case PaymentStatus::kUnderReview:
        move(MovementKind::kCapture, MovementState::kPending);
        OpenByStatus(CaseKind::kReview, id);
        return;
      case PaymentStatus::kCompleted:
      case PaymentStatus::kCleared:
        if (payment.reinstated.value_or(false)) {
          return Move(MovementKind::kChargeback, MovementState::kUndone, {}, payment.amount,
                      payment.currency);
        }
        return move(MovementKind::kCapture, MovementState::kSucceeded);
      case PaymentStatus::kDenied:
      case PaymentStatus::kFailed:
        move(MovementKind::kAuthorization, MovementState::kFailed);
        return move(MovementKind::kCapture, MovementState::kFailed);
      case PaymentStatus::kVoided:
      case PaymentStatus::kExpired:
        whole(MovementKind::kVoid, MovementState::kSucceeded, {});
        return move(MovementKind::kCapture, MovementState::kExpired);
      case PaymentStatus::kPartiallyRefunded:
        move(MovementKind::kCapture, MovementState::kSucceeded);
        whole(MovementKind::kRefund, MovementState::kSucceeded, "part");
        all_.reports.movements.back().of_unknown_size = true;
        return;
      case PaymentStatus::kRefunded:
        move(MovementKind::kCapture, MovementState::kSucceeded);
        return whole(MovementKind::kRefund, MovementState::kSucceeded, {});
      case PaymentStatus::kReversed:
      case PaymentStatus::kChargedBack:
        return Move(MovementKind::kChargeback, MovementState::kSucceeded, {}, payment.amount,
                    payment.currency);
      case PaymentStatus::kDisputed:
        move(MovementKind::kCapture, MovementState::kSucceeded);
        OpenByStatus(CaseKind::kDispute, id);
        return;
    }
  }

  void ReadRefund(const Refund& refund) {
    SetProvider(ProviderIn(event_));
    if (event_.delivery != nullptr && head_.source == ReportSource::kSeller) {
      head_.source = ReportSource::kProvider;
    }
    SetNames(ProviderIn(event_), refund.id);
    Move(MovementKind::kRefund, MovementState::kSucceeded,
         refund.id.empty() ? event_.id : refund.id, refund.amount, refund.currency);
  }

  static CaseKind KindOf(DisputeKind kind) {
    switch (kind) {
      case DisputeKind::kReview:
        return CaseKind::kReview;
      case DisputeKind::kInquiry:
        return CaseKind::kInquiry;
      case DisputeKind::kFraudWarning:
        return CaseKind::kWarning;
      case DisputeKind::kUnset:
      case DisputeKind::kDispute:
      case DisputeKind::kChargeback:
        break;
    }
    return CaseKind::kDispute;
  }

  void ReadDispute(const Dispute& dispute) {
    SetProvider(ProviderIn(event_));
    if (event_.delivery != nullptr && head_.source == ReportSource::kSeller) {
      head_.source = ReportSource::kProvider;
    }
    SetNames(ProviderIn(event_), dispute.id);
    CaseReport& report = Open(KindOf(dispute.kind), dispute.id.empty() ? event_.id : dispute.id);
    // An amount of 0 means that the amount is not known.
    if (dispute.amount != 0) report.amount = dispute.amount;
    report.currency = dispute.currency;
    if (event_.type != EventType::kDisputeClosed) return;
    const bool well =
        dispute.outcome == DisputeOutcome::kWon || dispute.outcome == DisputeOutcome::kWithdrawn;
    if (well) report.state = CaseState::kCleared;
    if (dispute.outcome == DisputeOutcome::kLost) report.state = CaseState::kLost;
  }

  const Event& event_;
  const FundsTerms& terms_;
  ReadReports& all_;
  ReportHead head_;
};

}  // namespace

void AddReports(const Event& event, const FundsTerms& terms, ReadReports& all) {
  Reader(event, terms, all).Run();
}

bool SaysPaid(const Payment& payment) {
  if (payment.movement.kind != MovementKind::kUnset) {
    return payment.movement.kind == MovementKind::kCapture &&
           payment.movement.state == MovementState::kSucceeded;
  }
  return payment.status == PaymentStatus::kCompleted || payment.status == PaymentStatus::kCleared ||
         payment.status == PaymentStatus::kPartiallyRefunded;
}

bool SpeaksAgainst(const Payment& payment) {
  const PaymentMovement& movement = payment.movement;
  if (movement.kind != MovementKind::kUnset) {
    const bool takes = movement.kind == MovementKind::kRefund ||
                       movement.kind == MovementKind::kVoid ||
                       movement.kind == MovementKind::kChargeback;
    const bool failed =
        movement.state == MovementState::kFailed || movement.state == MovementState::kExpired;
    return takes || failed;
  }
  return payment.status >= PaymentStatus::kDenied || payment.status == PaymentStatus::kUnderReview;
}

bool SaysOfMoney(const Event& event) {
  return event.refund != nullptr || event.dispute != nullptr || PaymentOf(event) != nullptr ||
         event.type == EventType::kReviewPaid;
}

}  // namespace holdfast
