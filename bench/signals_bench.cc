// What a signal costs: usual input, and input made to cost.
#include <benchmark/benchmark.h>

#include <string>

#include "engine/signals/addresses.h"
#include "engine/signals/amounts.h"
#include "engine/signals/emails.h"
#include "engine/signals/geo.h"
#include "engine/signals/names.h"
#include "engine/signals/notes.h"
#include "engine/signals/phones.h"
#include "engine/signals/postal_codes.h"
#include "engine/signals/products.h"

namespace holdfast {
namespace {

void Names(benchmark::State& state, const std::string& a, const std::string& b) {
  for (auto _ : state) benchmark::DoNotOptimize(CompareNames(a, b));
}

std::string Repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) all += text;
  return all;
}

BENCHMARK_CAPTURE(Names, same, std::string("Maria Garcia Lopez"), std::string("GARCIA, Maria"));
BENCHMARK_CAPTURE(Names, different, std::string("John Smith"), std::string("Aiko Tanaka"));
BENCHMARK_CAPTURE(Names, marks, std::string("Jürgen Müller"), std::string("Juergen Mueller"));
BENCHMARK_CAPTURE(Names, cyrillic, std::string("Sergey Lavrov"), std::string("Сергей Лавров"));
BENCHMARK_CAPTURE(Names, chinese, std::string("Wang Xiaoming"), std::string("王小明"));
BENCHMARK_CAPTURE(Names, hostile_marks, Repeated("a\u0301\u0301\u0301\u0301", 10'000),
                  Repeated("e\u0300\u0301", 10'000));
BENCHMARK_CAPTURE(Names, hostile_words, Repeated("abcdefghijklmnopqrstuvw ", 10'000),
                  Repeated("zyxwvutsrqponmlkjihgfed ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_thai, Repeated("ปิยะ", 10'000), Repeated("ก ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_hangul, Repeated("김철수", 10'000), Repeated("수 ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_indic, Repeated("देवनागरी", 10'000), Repeated("गर ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_arabic, Repeated("محمد", 10'000), Repeated("مح ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_kana, Repeated("ヤマダ", 10'000), Repeated("ヤ ", 10'000));
BENCHMARK_CAPTURE(Names, hostile_han, Repeated("王小明 ", 10'000), Repeated("Wang ", 10'000));

void Addresses(benchmark::State& state, const std::string& a, const std::string& b) {
  const Address x{a, {}, "New York", "NY", "10019", "US"};
  const Address y{b, "Apt 4B", "New York City", "New York", "10019-1234", "US"};
  for (auto _ : state) benchmark::DoNotOptimize(CompareAddresses(x, y));
}

BENCHMARK_CAPTURE(Addresses, usual, std::string("854 7th Ave."), std::string("854 Seventh Avenue"));
BENCHMARK_CAPTURE(Addresses, hostile_marks, Repeated("1 a\u0301\u0301 ", 1'000),
                  Repeated("1 e\u0300\u0301 ", 1'000));
BENCHMARK_CAPTURE(Addresses, hostile_han, Repeated("王小明", 1'000), Repeated("市京 ", 1'000));
BENCHMARK_CAPTURE(Addresses, hostile, Repeated("abcdefghijklmnopqrstuvw ", 1'000),
                  Repeated("zyxwvutsrqponmlkjihgfed ", 1'000));

void Lookup(benchmark::State& state) {
  std::vector<Error> faults;
  const auto database =
      GeoDatabase::Open({HOLDFAST_SOURCE "/data/ip-country.mmdb", {}, {}, {}, {}}, faults);
  Arena memory;
  std::uint32_t next = 1;
  for (auto _ : state) {
    next = next * 1664525 + 1013904223;
    const std::string ip = std::to_string(next >> 24) + "." + std::to_string(next >> 16 & 255) +
                           "." + std::to_string(next >> 8 & 255) + ".7";
    memory.Reset();
    benchmark::DoNotOptimize(database->Lookup(ip, memory));
  }
}
BENCHMARK(Lookup);

void Canonical(benchmark::State& state, const std::string& email) {
  std::string out;
  for (auto _ : state) {
    CanonicalEmail(email, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK_CAPTURE(Canonical, gmail, std::string("John.Q.Public+shop@gmail.com"));
BENCHMARK_CAPTURE(Canonical, other, std::string("john.public@mail.example"));

void Imitated(benchmark::State& state, const std::string& domain) {
  for (auto _ : state) benchmark::DoNotOptimize(ImitatedProvider(domain));
}
BENCHMARK_CAPTURE(Imitated, own, std::string("shop-of-mine.com"));

void EmailSyntax(benchmark::State& state, const std::string& email) {
  for (auto _ : state) benchmark::DoNotOptimize(IsEmail(email));
}
BENCHMARK_CAPTURE(EmailSyntax, usual, std::string("john.public@mail.example"));
BENCHMARK_CAPTURE(EmailSyntax, idn, std::string("ann@bücher.example"));
BENCHMARK_CAPTURE(EmailSyntax, hostile, "a@" + Repeated("ü.", 250));

// Its last five digits change, or it would be remembered.
void Phones(benchmark::State& state, std::string text) {
  int number = 0;
  for (auto _ : state) {
    number = (number + 1) % 100'000;
    for (int i = 0, rest = number; i < 5; ++i, rest /= 10) {
      text[text.size() - 1 - static_cast<std::size_t>(i)] = static_cast<char>('0' + rest % 10);
    }
    benchmark::DoNotOptimize(ReadPhone(text, "US"));
  }
}
BENCHMARK_CAPTURE(Phones, usual, std::string("+44 20 79460018"));
BENCHMARK_CAPTURE(Phones, national, std::string("(212) 7365000"));
BENCHMARK_CAPTURE(Phones, hostile, Repeated("+1-", 10'000));
BENCHMARK_CAPTURE(Phones, hostile_short, Repeated("(", 40));

void PostalCodes(benchmark::State& state, const std::string& code, const std::string& region) {
  const Address address{{}, {}, {}, region, code, "US"};
  for (auto _ : state) benchmark::DoNotOptimize(CheckPostalCode(address));
}
BENCHMARK_CAPTURE(PostalCodes, usual, std::string("10019"), std::string("New York"));
BENCHMARK_CAPTURE(PostalCodes, hostile, std::string("10019"), Repeated("a\u0301", 10'000));

void Notes(benchmark::State& state, const std::string& note) {
  NotePhrases phrases;
  for (const char* phrase : {"urgent", "asap", "as soon as possible", "ship today", "尽快发货"}) {
    phrases.Add(NoteSense::kUrges, phrase);
  }
  phrases.Add(NoteSense::kNegation, "not");
  phrases.Seal();
  for (auto _ : state) benchmark::DoNotOptimize(phrases.Says(NoteSense::kUrges, note));
}
BENCHMARK_CAPTURE(Notes, usual, std::string("Please leave it with the neighbour, thank you!"));
BENCHMARK_CAPTURE(Notes, hostile, Repeated("as soon as possibly not urgent ", 4'000));

void LargestRisks(benchmark::State& state) {
  ProductRiskTable table;
  table.by_category["electronics"] = ProductRisk::kHigh;
  table.by_sku["GFT-1"] = ProductRisk::kHigh;
  Item item;
  item.sku = "MUG-01";
  item.category = "Electronics > Audio > Players";
  item.unit_price = 100;
  const Item items[] = {item, item, item};
  for (auto _ : state) benchmark::DoNotOptimize(LargestRiskOf(items, table));
}
BENCHMARK(LargestRisks);

void ToBase(benchmark::State& state) {
  const Currency usd = *Currency::Parse("USD"), eur = *Currency::Parse("EUR");
  Rates rates;
  for (int day = 0; day < 1000; ++day) {
    rates[eur].push_back({EventTime{day * 86'400 * kNanosPerSecond}, 1.1});
  }
  const AmountScale scale(usd, rates, {{"large", 300}});
  const EventTime at{500 * 86'400 * kNanosPerSecond};
  for (auto _ : state) benchmark::DoNotOptimize(scale.ToBase(12'345, eur, at));
}
BENCHMARK(ToBase);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
