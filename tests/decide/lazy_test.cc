// What a decision does not need is not read, and what several rules need is computed once.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>

#include "engine/features/facts.h"
#include "engine/pipeline/engine.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::OrderJson;

// The subexpressions that have a slot of their own.
void AddShared(const cel::Expr& expr, std::multiset<std::string>& shared) {
  if (expr.shared >= 0) shared.insert(cel::Unparse(expr));
  for (const auto& arg : expr.args) AddShared(*arg, shared);
}

TEST_CASE("decide: subexpressions of several rules share one value") {
  Desk desk(R"yaml(
rules:
  - { id: a, when: "order.items.exists(i, i.sku.contains('X')) && order.total > 5.0", hold: product }
  - { id: b, when: "order.items.exists(i, i.sku.contains('X')) || order.note.contains('y')", points: 10 }
  - { id: c, when: "order.note.contains('y') && order.items.size() > 1", points: 20 }
  - { id: d, when: "order.total > 5.0", points: 1 }
)yaml");
  // The loop and the search of the note; not the loop's own call, which reads its variable, and not
  // the comparison, which is as quick as a slot.
  std::multiset<std::string> shared;
  for (const Rule& rule : desk.engine().pack().rules) AddShared(*rule.when.tree, shared);
  const std::string loop = "order.items.exists(i, i.sku.contains('X'))";
  const std::string search = "order.note.contains('y')";
  CHECK(shared == std::multiset<std::string>{loop, loop, search, search});
  CHECK(desk.engine().pack().shared.size() == 2);
}

// Goal:   a feature is read only when a condition turns out to need it.
// Method: a store that counts how often entity records are looked for.
TEST_CASE("decide: a feature that no condition needs is not read") {
  class CountingStore final : public Store {
   public:
    explicit CountingStore(int& finds) : finds_(finds), inner_(MakeMemoryStore()) {}
    const EntityRecord* FindEntity(std::string_view key) const override {
      ++finds_;
      return inner_->FindEntity(key);
    }
    EntityRecord& Entity(std::string_view key, std::size_t series) override {
      return inner_->Entity(key, series);
    }
    void WarmEntities(std::span<const std::string>) const override {}
    void WarmEvent(std::string_view, std::string_view, std::string_view) const override {}
    const OrderState* FindOrder(std::string_view merchant, std::string_view id) const override {
      return inner_->FindOrder(merchant, id);
    }
    OrderState& Order(std::string_view merchant, std::string_view id) override {
      return inner_->Order(merchant, id);
    }
    const SeenEvent* FindEvent(std::string_view merchant, std::string_view id) const override {
      return inner_->FindEvent(merchant, id);
    }
    void RememberEvent(std::string_view merchant, std::string_view id,
                       const SeenEvent& event) override {
      inner_->RememberEvent(merchant, id, event);
    }
    const ListEdits& Edits(std::string_view merchant, std::string_view list) const override {
      return inner_->Edits(merchant, list);
    }
    ListEdits& ChangeEdits(std::string_view merchant, std::string_view list) override {
      return inner_->ChangeEdits(merchant, list);
    }
    void SetDeadline(std::string_view merchant, std::string_view order,
                     std::optional<EventTime> due) override {
      inner_->SetDeadline(merchant, order, due);
    }
    std::optional<EventTime> DeadlineOf(std::string_view merchant,
                                        std::string_view order) const override {
      return inner_->DeadlineOf(merchant, order);
    }
    std::optional<Deadline> NextDeadline(std::string_view merchant, EventTime from) const override {
      return inner_->NextDeadline(merchant, from);
    }
    std::vector<std::pair<std::string, Deadline>> DeadlinesUntil(EventTime until,
                                                                 std::size_t most) const override {
      return inner_->DeadlinesUntil(until, most);
    }
    void SetHeld(std::string_view merchant, std::string_view order,
                 const std::optional<Held>& held) override {
      inner_->SetHeld(merchant, order, held);
    }
    std::optional<Held> HeldOf(std::string_view merchant, std::string_view order) const override {
      return inner_->HeldOf(merchant, order);
    }
    void ForHeld(std::string_view merchant, EventTime from, const VisitHeld& visit) const override {
      inner_->ForHeld(merchant, from, visit);
    }
    void ForQueue(std::string_view merchant, bool claimed, const std::optional<QueuePlace>& after,
                  const VisitHeld& visit) const override {
      inner_->ForQueue(merchant, claimed, after, visit);
    }
    HeldCounts CountHeld(std::string_view merchant) const override {
      return inner_->CountHeld(merchant);
    }
    std::size_t HeldCount() const override { return inner_->HeldCount(); }
    std::vector<std::string> MerchantsWithHeld() const override {
      return inner_->MerchantsWithHeld();
    }
    const Reference* FindReference(std::string_view merchant,
                                   std::string_view name) const override {
      return inner_->FindReference(merchant, name);
    }
    Reference& ChangeReference(std::string_view merchant, std::string_view name) override {
      return inner_->ChangeReference(merchant, name);
    }
    bool HasPostings() const override { return inner_->HasPostings(); }
    void EnterPostings(std::string_view merchant, std::string_view order, EventTime placed_at,
                       const Tokens& tokens) override {
      inner_->EnterPostings(merchant, order, placed_at, tokens);
    }
    std::unique_ptr<PostingCursor> FindPostings(std::string_view merchant, std::string_view token,
                                                bool whole) const override {
      return inner_->FindPostings(merchant, token, whole);
    }
    const Status& fault() const override { return inner_->fault(); }

   private:
    int& finds_;
    std::unique_ptr<Store> inner_;
  };
  int finds = 0;
  Desk desk(R"yaml(
features:
  ip_orders: { count: payment.status, by: order.ip, on: payment, over: 1h }
rules:
  - { id: a, when: "ip_orders > 3 && order.shipping_fee > 500.0", hold: velocity }
  - { id: b, when: "order.shipping_fee > 800.0 && ip_orders > 1", points: 10 }
)yaml",
            std::make_unique<CountingStore>(finds));
  desk(OrderJson("1", 0, R"("shipping_fee":"20.00","ip":"192.0.2.7")"));
  CHECK(finds == 0);
  desk(OrderJson("2", 1, R"("shipping_fee":"900.00","ip":"192.0.2.7")"));
  CHECK(finds == 1);

  Desk linked(R"yaml(
rules:
  - { id: a, when: "order.shipping_fee > 500.0 && linked.email.orders > 3", hold: velocity }
)yaml",
              std::make_unique<CountingStore>(finds));
  finds = 0;
  linked(OrderJson("1", 0, R"("shipping_fee":"20.00","buyer":{"email":"a@mail.example"})"));
  const int without = std::exchange(finds, 0);
  linked(OrderJson("2", 1, R"("shipping_fee":"900.00","buyer":{"email":"b@mail.example"})"));
  CHECK(finds == without + 1);
}

}  // namespace
}  // namespace holdfast
