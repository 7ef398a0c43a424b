#include "engine/features/item_facts.h"

#include <algorithm>

#include "engine/features/fact_values.h"

namespace holdfast {

using namespace facts;

namespace {

enum ItemField : std::size_t {
  kSku,
  kTitle,
  kCategory,
  kColour,
  kSize,
  kQuantity,
  kUnitPrice,
  kUnitPriceBase,
  kFragile,
  kGift,
  kRisk,
  kBrand,
  kHsCode,
  kWeightGrams,
  kHazard,
  kItemFieldCount,
};

bool SameLine(const Item& a, const Item& b) {
  return a.sku == b.sku && a.title == b.title && a.category == b.category && a.colour == b.colour &&
         a.size == b.size && a.unit_price == b.unit_price && a.fragile == b.fragile &&
         a.gift == b.gift && a.brand == b.brand && a.hs_code == b.hs_code &&
         a.weight_grams == b.weight_grams && a.hazard == b.hazard;
}

// The lines as they were ordered. Lines that were split into parcels are joined again, so that a
// split does not change what rules see.
std::span<const Item> LinesOf(Context c) {
  const auto items = c.order->items;
  const bool split = std::any_of(items.begin(), items.end(),
                                 [](const Item& item) { return !item.parcel.empty(); });
  if (!split) return items;
  auto* lines = c.arena->AllocateArray<Item>(items.size());
  std::size_t count = 0;
  for (const Item& item : items) {
    Item* const end = lines + count;
    Item* const at =
        std::find_if(lines, end, [&item](const Item& line) { return SameLine(line, item); });
    if (at != end) {
      at->quantity += item.quantity;
    } else {
      new (lines + count++) Item(item);
    }
  }
  return {lines, count};
}

}  // namespace

Value ItemsOf(Context c) {
  const auto items = LinesOf(c);
  auto* records = c.arena->AllocateArray<Value>(items.size());
  auto* fields = c.arena->AllocateArray<Value>(items.size() * kItemFieldCount);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    Value* f = fields + i * kItemFieldCount;
    new (f + kSku) Value(TextOf(item.sku));
    new (f + kTitle) Value(TextOf(item.title));
    new (f + kCategory) Value(TextOf(item.category));
    new (f + kColour) Value(TextOf(item.colour));
    new (f + kSize) Value(TextOf(item.size));
    new (f + kQuantity) Value(Value::Int(item.quantity));
    new (f + kUnitPrice) Value(MoneyOf(item.unit_price, c.order->currency));
    new (f + kUnitPriceBase) Value(BaseOf(c, item.unit_price, c.order->currency));
    new (f + kFragile) Value(Value::Bool(item.fragile.value_or(false)));
    new (f + kGift) Value(Value::Bool(item.gift.value_or(false)));
    new (f + kRisk) Value(Value::String(NameOf(c.products->Of(item.sku, item.category))));
    new (f + kBrand) Value(TextOf(item.brand));
    new (f + kHsCode) Value(TextOf(item.hs_code));
    new (f + kWeightGrams) Value(item.weight_grams ? Value::Int(*item.weight_grams) : Missing());
    new (f + kHazard) Value(WordOf(item.hazard));
    NumberMissing(f, kItemFieldCount, kItemFactBase, *c.arena);
    new (records + i) Value(Value::Record(f, kItemFieldCount));
  }
  return Value::List(records, items.size());
}

const std::shared_ptr<const cel::RecordType>& ItemRecord() {
  static const auto record = [] {
    auto made = std::make_shared<cel::RecordType>();
    made->name = "item";
    const auto text = cel::Type(cel::TypeKind::kString);
    const auto number = cel::Type(cel::TypeKind::kDouble);
    const auto flag = cel::Type(cel::TypeKind::kBool);
    const auto hazards = GivenWords<Hazard>();
    made->fields = {{"sku", text},
                    {"title", text},
                    {"category", text},
                    {"colour", text},
                    {"size", text},
                    {"quantity", cel::Type(cel::TypeKind::kInt)},
                    {"unit_price", number},
                    {"unit_price_base", number},
                    {"fragile", flag},
                    {"gift", flag},
                    {"risk", text, {"low", "medium", "high"}},
                    {"brand", text},
                    {"hs_code", text},
                    {"weight_grams", cel::Type(cel::TypeKind::kInt)},
                    {"hazard", text, {hazards.begin(), hazards.end()}}};
    return std::shared_ptr<const cel::RecordType>(std::move(made));
  }();
  return record;
}

}  // namespace holdfast
