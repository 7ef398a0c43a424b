#include "engine/store/records.h"

#include <algorithm>

#include "engine/base/coding.h"

namespace holdfast {
namespace {

constexpr char kVersion = 1;

// The parts that an order record contains, one bit each.
enum OrderPart : std::uint16_t {
  kOrderKnown = 1,
  kPlacedAt = 2,
  kCancelled = 4,
  kPaid = 8,
  kFirstPaidAt = 16,
  kAddressChangedAt = 32,
  kCard = 64,
  kCertainAt = 128,
  kReviewDue = 256,
};

void PutTime(const std::optional<EventTime>& time, std::string& out) {
  if (time) PutSigned(time->nanos, out);
}

void PutEvents(const Events& events, std::string& out) {
  PutVarint(events.size(), out);
  for (const auto& [id, event] : events) {
    PutText(id, out);
    PutVarint(event->offset, out);
  }
}

// True when the events have the payloads that their places require. They are read without further
// checks.
bool Reviews(const OrderState& state) {
  const auto reviews = [](const EventPtr& event) {
    return event == nullptr || event->review != nullptr;
  };
  const ReviewState& review = state.review;
  return reviews(review.claim) &&
         (review.claim == nullptr || review.claim->review->until.has_value()) &&
         reviews(review.verdict) && reviews(review.approval) && reviews(review.below) &&
         reviews(review.others_act) && reviews(review.assigned) && reviews(review.escalated) &&
         std::all_of(review.asked.begin(), review.asked.end(),
                     [&](const auto& one) { return reviews(one.second); }) &&
         std::all_of(state.packed.begin(), state.packed.end(), [](const auto& one) {
           return one.second != nullptr && one.second->shipment != nullptr;
         });
}

void PutTexts(const std::set<std::string, std::less<>>& texts, std::string& out) {
  PutVarint(texts.size(), out);
  for (const std::string& text : texts) PutText(text, out);
}

void TakeTexts(ByteReader& in, std::set<std::string, std::less<>>& texts) {
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) texts.emplace(in.Text());
}

}  // namespace

// ---- entities -----------------------------------------------------------------------------------

bool Encode(const EntityRecord& record, std::string& out) {
  if (std::all_of(record.series.begin(), record.series.end(),
                  [](const Series& series) { return series.empty(); })) {
    return false;
  }
  out += kVersion;
  PutVarint(record.series.size(), out);
  for (const Series& series : record.series) series.Encode(out);
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent&, EntityRecord& record) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  const std::size_t count = in.Count();
  for (std::size_t i = 0; i < count && in.ok(); ++i) record.series.push_back(Series::Decode(in));
  return in.Done();
}

std::size_t MemoryOf(const EntityRecord& record) {
  std::size_t bytes = record.series.capacity() * sizeof(Series);
  for (const Series& series : record.series) bytes += series.bytes();
  return bytes;
}

// ---- orders -------------------------------------------------------------------------------------

void PutFunds(const OrderState& state, std::string& out) {
  const Funds& funds = state.funds;
  out += static_cast<char>(funds.certainty);
  out += static_cast<char>((funds.by_method ? 1 : 0) | (funds.known ? 2 : 0) |
                           (state.too_much_money ? 4 : 0) | (funds.enough ? 8 : 0));
  for (const std::int64_t amount :
       {funds.due, funds.paid, funds.authorized, funds.pending, funds.refunded, funds.taken_back,
        funds.disputed, funds.in_review, funds.overpaid}) {
    PutSigned(amount, out);
  }
  PutVarint(funds.count, out);
  PutText(state.paid_elsewhere, out);
  PutText(state.claimed_by, out);
  PutVarint(state.not_ours.size(), out);
  for (const std::string& id : state.not_ours) PutText(id, out);
}

void ReadFunds(ByteReader& in, OrderState& state) {
  Funds& funds = state.funds;
  funds.certainty = static_cast<FundsCertainty>(
      std::min<int>(in.Byte(), static_cast<int>(FundsCertainty::kLost)));
  const int flags = in.Byte();
  funds.by_method = (flags & 1) != 0;
  funds.known = (flags & 2) != 0;
  state.too_much_money = (flags & 4) != 0;
  funds.enough = (flags & 8) != 0;
  for (std::int64_t* amount :
       {&funds.due, &funds.paid, &funds.authorized, &funds.pending, &funds.refunded,
        &funds.taken_back, &funds.disputed, &funds.in_review, &funds.overpaid}) {
    *amount = in.Signed();
  }
  funds.count = static_cast<std::uint32_t>(in.Varint());
  state.paid_elsewhere = in.Text();
  state.claimed_by = in.Text();
  const std::size_t others = std::min<std::size_t>(in.Varint(), OrderState::kMoneyMost);
  for (std::size_t i = 0; i < others; ++i) state.not_ours.emplace(in.Text());
}

bool Encode(const OrderState& state, std::string& out) {
  out += kVersion;
  const int parts = (state.order != nullptr ? kOrderKnown : 0) | (state.placed_at ? kPlacedAt : 0) |
                    (state.cancelled ? kCancelled : 0) | (state.payment != nullptr ? kPaid : 0) |
                    (state.first_paid_at ? kFirstPaidAt : 0) |
                    (state.address_changed_at ? kAddressChangedAt : 0) |
                    (state.card != nullptr ? kCard : 0) | (state.certain_at ? kCertainAt : 0) |
                    (state.review_due ? kReviewDue : 0);
  PutVarint(static_cast<std::uint64_t>(parts), out);
  if (state.order != nullptr) PutVarint(state.order->offset, out);
  PutTime(state.placed_at, out);
  PutBig64(state.placed_address, out);
  PutSigned(state.least_total, out);
  PutSigned(state.latest.nanos, out);
  if (state.payment != nullptr) PutVarint(state.payment->offset, out);
  PutTime(state.first_paid_at, out);
  PutTime(state.address_changed_at, out);
  if (state.card != nullptr) PutVarint(state.card->offset, out);
  PutTime(state.certain_at, out);
  PutEvents(state.disputes, out);
  PutEvents(state.refunds, out);
  PutEvents(state.answers, out);
  PutEvents(state.first_records, out);
  PutVarint(state.parked.size(), out);
  for (const EventPtr& event : state.parked) PutVarint(event->offset, out);
  PutEvents(state.money, out);
  PutFunds(state, out);
  const ReviewState& review = state.review;
  for (const EventPtr& event :
       {review.claim, review.verdict, review.voided_by, review.approval, review.below,
        review.others_act, review.assigned, review.escalated, state.account}) {
    PutVarint(event == nullptr ? 0 : event->offset, out);
  }
  PutEvents(review.asked, out);
  PutEvents(state.packed, out);
  PutEvents(state.dispatched, out);
  PutVarint(review.tags.size(), out);
  for (const std::string& tag : review.tags) PutText(tag, out);
  PutVarint(review.covers.size(), out);
  for (const std::string& rule : review.covers) PutText(rule, out);
  PutVarint(static_cast<std::uint64_t>(review.score), out);
  PutText(state.permit.order, out);
  PutText(state.permit.payment, out);
  PutVarint(state.permit_offset, out);
  PutVarint(state.decided, out);
  PutTime(state.review_due, out);
  out += static_cast<char>(state.outcome ? 1 + static_cast<int>(*state.outcome) : 0);
  PutVarint(state.history.size(), out);
  std::uint64_t before = 0;
  for (const std::uint64_t offset : state.history) {
    PutVarint(offset - before, out);
    before = offset;
  }
  return true;
}

// `event` and `events` load events by their offsets.
template <typename ReadOne, typename ReadAll>
void ReadReview(ByteReader& in, const ReadOne& event, const ReadAll& events, OrderState& state) {
  ReviewState& review = state.review;
  for (EventPtr* fact :
       {&review.claim, &review.verdict, &review.voided_by, &review.approval, &review.below,
        &review.others_act, &review.assigned, &review.escalated, &state.account}) {
    if (const std::uint64_t offset = in.Varint(); offset != 0) *fact = event(offset);
  }
  events(review.asked);
  events(state.packed);
  events(state.dispatched);
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    review.tags.emplace(in.Text());
  }
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    review.covers.emplace_back(in.Text());
  }
  review.score = static_cast<int>(in.Varint());
}

// True when the events have the payloads that such a record requires.
bool Fits(const OrderState& state) {
  const auto pays = [](const EventPtr& one) {
    return one == nullptr || one->payment != nullptr ||
           (one->order != nullptr && one->order->payment != nullptr);
  };
  const bool all_pay = std::all_of(state.money.begin(), state.money.end(), [&](const auto& one) {
    return one.second != nullptr &&
           (one.second->refund != nullptr || one.second->dispute != nullptr ||
            one.second->review != nullptr || pays(one.second));
  });
  return (state.order == nullptr || state.order->order != nullptr) && pays(state.payment) &&
         pays(state.card) && pays(state.account) && all_pay && Reviews(state);
}

bool Decode(std::string_view bytes, const LoadEvent& load, OrderState& state) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  const std::uint64_t parts = in.Varint();
  bool loaded = true;
  // The order, its payment and its card are often one event, which is loaded once.
  const auto event = [&](std::uint64_t offset) {
    for (const EventPtr& known : {state.order, state.payment, state.card}) {
      if (known != nullptr && known->offset == offset) return known;
    }
    for (const auto& [id, known] : state.money) {
      if (known->offset == offset) return known;
    }
    EventPtr read = in.ok() ? load(offset) : nullptr;
    loaded = loaded && read != nullptr;
    return read;
  };
  const auto time = [&](OrderPart part) -> std::optional<EventTime> {
    if ((parts & part) == 0) return std::nullopt;
    return EventTime{in.Signed()};
  };
  const auto events = [&](Events& all) {
    for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
      const std::string id(in.Text());
      all[id] = event(in.Varint());
    }
  };
  if ((parts & kOrderKnown) != 0) state.order = event(in.Varint());
  state.placed_at = time(kPlacedAt);
  state.cancelled = (parts & kCancelled) != 0;
  state.placed_address = in.Big64();
  state.least_total = in.Signed();
  state.latest.nanos = in.Signed();
  if ((parts & kPaid) != 0) state.payment = event(in.Varint());
  state.first_paid_at = time(kFirstPaidAt);
  state.address_changed_at = time(kAddressChangedAt);
  if ((parts & kCard) != 0) state.card = event(in.Varint());
  state.certain_at = time(kCertainAt);
  events(state.disputes);
  events(state.refunds);
  events(state.answers);
  events(state.first_records);
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    state.parked.push_back(event(in.Varint()));
  }
  events(state.money);
  ReadFunds(in, state);
  ReadReview(in, event, events, state);
  state.permit.order = in.Text();
  state.permit.payment = in.Text();
  state.permit_offset = in.Varint();
  state.decided = in.Varint();
  state.review_due = time(kReviewDue);
  if (const int outcome = in.Byte();
      outcome > 0 && outcome <= 1 + static_cast<int>(Outcome::kReject)) {
    state.outcome = static_cast<Outcome>(outcome - 1);
  }
  std::uint64_t offset = 0;
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    state.history.push_back(offset += in.Varint());
  }
  return in.Done() && loaded && Fits(state);
}

std::size_t MemoryOf(const OrderState& state) {
  std::size_t bytes = 0;
  const auto add = [&bytes](const EventPtr& event) {
    if (event != nullptr) bytes += sizeof(Event) + event->memory.bytes();
  };
  add(state.order);
  if (state.payment != state.order) add(state.payment);
  if (state.card != state.order && state.card != state.payment) add(state.card);
  if (state.account != state.order && state.account != state.payment &&
      state.account != state.card) {
    add(state.account);
  }
  const ReviewState& review = state.review;
  for (const EventPtr& event : {review.claim, review.verdict, review.approval, review.below,
                                review.others_act, review.assigned, review.escalated}) {
    add(event);
  }
  bytes += state.permit.order.size() + state.permit.payment.size() + review.tags.size() * 100;
  for (const Events* events : {&state.money, &state.answers, &state.first_records, &review.asked,
                               &state.packed, &state.dispatched}) {
    for (const auto& [id, event] : *events) {
      add(event);
      bytes += 100;
    }
  }
  for (const EventPtr& event : state.parked) add(event);
  return bytes + state.history.capacity() * sizeof(std::uint64_t);
}

// ---- the rest -----------------------------------------------------------------------------------

bool Encode(const SeenEvent& event, std::string& out) {
  out += kVersion;
  PutBig64(event.digest, out);
  PutVarint(event.offset, out);
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent&, SeenEvent& event) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  event.digest = in.Big64();
  event.offset = in.Varint();
  return in.Done();
}

std::size_t MemoryOf(const SeenEvent&) { return 0; }

bool Encode(const ListEdits& edits, std::string& out) {
  if (edits.added.empty() && edits.removed.empty() && edits.timed.empty() &&
      edits.networks.empty()) {
    return false;
  }
  out += kVersion;
  PutTexts(edits.added, out);
  PutTexts(edits.removed, out);
  PutVarint(edits.timed.size(), out);
  for (const auto& [entry, until] : edits.timed) {
    PutText(entry, out);
    PutSigned(until.nanos, out);
  }
  const auto networks = edits.networks.InOrder();
  PutVarint(networks.size(), out);
  for (const auto& [network, kind, until] : networks) {
    out.append(reinterpret_cast<const char*>(network.address.data()), network.address.size());
    out += static_cast<char>(network.prefix);
    out += static_cast<char>(kind);
    PutSigned(until, out);
  }
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent&, ListEdits& edits) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  TakeTexts(in, edits.added);
  TakeTexts(in, edits.removed);
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const std::string entry(in.Text());
    edits.timed[entry] = EventTime{in.Signed()};
  }
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    IpNetwork network;
    const std::string_view address = in.Bytes(network.address.size());
    std::copy(address.begin(), address.end(), network.address.begin());
    network.prefix = in.Byte();
    if (network.prefix > 128) return false;
    const int kind = in.Byte();
    const std::int64_t until = in.Signed();
    if (kind == static_cast<int>(NetworkEdits::Kind::kTimed)) {
      edits.networks.AddUntil(network, until);
    } else if (kind == static_cast<int>(NetworkEdits::Kind::kAdded)) {
      edits.networks.Add(network);
    } else {
      edits.networks.Remove(network);
    }
  }
  return in.Done();
}

std::size_t MemoryOf(const ListEdits& edits) {
  return (edits.added.size() + edits.removed.size() + edits.timed.size() +
          edits.networks.InOrder().size()) *
         100;
}

bool Encode(const std::optional<EventTime>& due, std::string& out) {
  if (!due) return false;
  out += kVersion;
  PutSigned(due->nanos, out);
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent&, std::optional<EventTime>& due) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  due = EventTime{in.Signed()};
  return in.Done();
}

std::size_t MemoryOf(const std::optional<EventTime>&) { return 0; }

bool Encode(const std::optional<Held>& held, std::string& out) {
  if (!held) return false;
  out += kVersion;
  PutSigned(held->since.nanos, out);
  PutSigned(held->review_by.nanos, out);
  out += static_cast<char>(held->cause);
  PutVarint(static_cast<std::uint64_t>(held->score), out);
  PutVarint(held->offset, out);
  out += held->amount ? '\1' : '\0';
  PutSigned(held->amount.value_or(0), out);
  PutSigned(held->rank.nanos, out);
  PutText(held->claimed_by, out);
  PutSigned(held->claimed_until.nanos, out);
  PutText(held->assigned_to, out);
  out += held->escalated ? '\1' : '\0';
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent&, std::optional<Held>& held) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  held.emplace();
  held->since = {in.Signed()};
  held->review_by = {in.Signed()};
  held->cause = static_cast<Cause>(in.Byte());
  held->score = static_cast<int>(in.Varint());
  held->offset = in.Varint();
  const bool has_amount = in.Byte() != 0;
  const std::int64_t amount = in.Signed();
  if (has_amount) held->amount = amount;
  held->rank = {in.Signed()};
  held->claimed_by = in.Text();
  held->claimed_until = {in.Signed()};
  held->assigned_to = in.Text();
  held->escalated = in.Byte() != 0;
  return in.Done() && held->cause <= Cause::kReview;
}

std::size_t MemoryOf(const std::optional<Held>&) { return 0; }

bool Encode(const Reference& reference, std::string& out) {
  if (reference.order_id.empty() && reference.parked.empty()) return false;
  out += kVersion;
  PutText(reference.order_id, out);
  PutVarint(reference.parked.size(), out);
  for (const EventPtr& event : reference.parked) PutVarint(event->offset, out);
  return true;
}

bool Decode(std::string_view bytes, const LoadEvent& load, Reference& reference) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return false;
  reference.order_id = in.Text();
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    reference.parked.push_back(load(in.Varint()));
    if (reference.parked.back() == nullptr) return false;
  }
  return in.Done();
}

std::size_t MemoryOf(const Reference& reference) {
  std::size_t bytes = reference.order_id.capacity();
  for (const EventPtr& event : reference.parked) bytes += sizeof(Event) + event->memory.bytes();
  return bytes;
}

}  // namespace holdfast
