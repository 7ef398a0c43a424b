#include <doctest/doctest.h>

#include "engine/signals/amounts.h"
#include "engine/signals/products.h"

namespace holdfast {
namespace {

ProductRiskTable Table() {
  ProductRiskTable table;
  table.fallback = ProductRisk::kMedium;
  table.by_sku["GFT-1"] = ProductRisk::kHigh;
  table.by_category["electronics"] = ProductRisk::kHigh;
  table.by_category["electronics > cables"] = ProductRisk::kLow;
  table.by_category["home & garden"] = ProductRisk::kLow;
  table.paths["222"] = "electronics";
  table.paths["3358"] = "electronics > cables > hdmi";
  return table;
}

TEST_CASE("products: the SKU, then the nearest category above, then the default") {
  const ProductRiskTable table = Table();
  CHECK(table.Of("GFT-1", "Home & Garden") == ProductRisk::kHigh);
  CHECK(table.Of("X", "Electronics") == ProductRisk::kHigh);
  CHECK(table.Of("X", "Electronics > Audio >Players") == ProductRisk::kHigh);
  CHECK(table.Of("X", "ELECTRONICS>  Cables > HDMI") == ProductRisk::kLow);
  CHECK(table.Of("X", "222") == ProductRisk::kHigh);
  CHECK(table.Of("X", " 3358 ") == ProductRisk::kLow);
  CHECK(table.Of("X", "Toys > Electronics") == ProductRisk::kMedium);
  CHECK(table.Of("X", "") == ProductRisk::kMedium);
  CHECK(table.Of("X", ">>>") == ProductRisk::kMedium);
}

TEST_CASE("products: the largest class and its part of the value") {
  const ProductRiskTable table = Table();
  Item phone, towel;
  phone.category = "electronics";
  phone.unit_price = 30'000;
  towel.category = "home & garden";
  towel.unit_price = 5'000;
  towel.quantity = 2;
  const Item items[] = {towel, phone};
  const auto largest = LargestRiskOf(items, table);
  REQUIRE(largest);
  CHECK(largest->risk == ProductRisk::kHigh);
  CHECK(largest->share == doctest::Approx(0.75));
  CHECK(LargestRiskOf({items, 1}, table)->share == doctest::Approx(1));
  CHECK_FALSE(LargestRiskOf({}, table));
  phone.unit_price.reset();
  const Item unpriced[] = {towel, phone};
  CHECK(LargestRiskOf(unpriced, table)->risk == ProductRisk::kHigh);
  CHECK_FALSE(LargestRiskOf(unpriced, table)->share);
  phone.unit_price = towel.unit_price = 0;
  const Item free_ones[] = {towel, phone};
  CHECK_FALSE(LargestRiskOf(free_ones, table)->share);
}

TEST_CASE("products: lines of a taxonomy") {
  CHECK(ParseTaxonomyLine("222 - Electronics > Audio") ==
        std::pair<std::string, std::string>{"222", "electronics > audio"});
  CHECK(ParseTaxonomyLine("   2 | [  2- 10] | Pets > Dogs") ==
        std::pair<std::string, std::string>{"2", "pets > dogs"});
  CHECK_FALSE(ParseTaxonomyLine("Electronics"));
  CHECK_FALSE(ParseTaxonomyLine("x - Electronics"));
  CHECK_FALSE(ParseTaxonomyLine("1 - "));
}

TEST_CASE("amounts: the last rate before an order counts, none before the first") {
  const auto day = [](const char* text) {
    return *ParseEventTime(std::string(text) + "T00:00:00Z");
  };
  const Currency usd = *Currency::Parse("USD"), eur = *Currency::Parse("EUR");
  const Currency jpy = *Currency::Parse("JPY"), kwd = *Currency::Parse("KWD");
  Rates rates;
  rates[eur] = {{day("2026-01-01"), 1.10}, {day("2026-02-01"), 1.20}};
  rates[jpy] = {{EventTime{0}, 0.0067}};
  const AmountScale scale(usd, rates, {{"large", 300}, {"medium", 100}});
  CHECK(scale.ToBase(10'000, eur, day("2026-01-01")) == 110.0);
  CHECK(scale.ToBase(10'000, eur, EventTime{day("2026-02-01").nanos - 1}) == 110.0);
  CHECK(scale.ToBase(10'000, eur, day("2026-02-01")) == 120.0);
  CHECK(scale.ToBase(10'000, eur, day("2030-02-01")) == 120.0);
  CHECK_FALSE(scale.ToBase(10'000, eur, EventTime{day("2026-01-01").nanos - 1}));
  CHECK_FALSE(scale.ToBase(10'000, kwd, day("2026-02-01")));
  CHECK(scale.ToBase(10'000, jpy, EventTime{0}) == 67.0);
  CHECK(scale.ToBase(10'000, usd, EventTime{0}) == 100.0);
  CHECK(scale.TierOf(99.99) == "small");
  CHECK(scale.TierOf(100) == "medium");
  CHECK(scale.TierOf(1e9) == "large");
}

}  // namespace
}  // namespace holdfast
