// Finding orders in a data folder, against a bare point read of the same folder in the same run.
//
//   find_bench [orders]     default: 200,000
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/keys_pack.h"
#include "bench/orders.h"
#include "engine/base/number.h"
#include "engine/codec/json.h"
#include "engine/pipeline/find.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/shard.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kSamples = 1'000;

double MillisSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// What a person could type of one order, by kind.
struct Sample {
  std::string merchant, order_id;
  std::vector<std::pair<std::string, std::string>> texts;
};

Sample SampleOf(const std::string& line) {
  Event event;
  if (!JsonEventParser().Parse(line, event)) std::abort();
  const Order& order = *event.order;
  Sample sample{std::string(event.merchant), std::string(event.order_id), {}};
  const auto add = [&sample](const char* kind, std::string_view text) {
    if (!text.empty()) sample.texts.emplace_back(kind, text);
  };
  const std::string name(order.shipping.name);
  add("order number", order.id);
  add("e-mail address", order.buyer.email);
  add("phone", order.shipping.phone.empty() ? order.buyer.phone : order.shipping.phone);
  add("IP address", order.ip);
  add("name", name);
  add("beginning of a name", std::string_view(name).substr(0, 3));
  if (!name.empty()) add("name and city", name + " " + std::string(order.shipping.address.city));
  add("address", order.shipping.address.line1);
  if (!order.items.empty()) add("SKU", order.items[0].sku);
  if (order.payment != nullptr) add("payment reference", order.payment->transaction_id);
  return sample;
}

// Writes the folder; returns samples of its orders, evenly.
std::vector<Sample> Fill(const std::shared_ptr<const Pack>& pack, const std::string& folder,
                         std::size_t orders) {
  std::vector<Sample> samples;
  PipelineOptions options;
  options.folder = folder;
  options.sync = Sync::kNever;
  auto pipeline =
      Pipeline::Open(pack, options, [](std::span<SubmissionResult>, bool) { return true; });
  if (!pipeline) std::abort();
  OrderGenerator generator({});
  const std::size_t step = std::max<std::size_t>(orders / kSamples, 1);
  for (std::size_t i = 0; i < orders; ++i) {
    Submission input;
    input.text = generator.Next();
    if (i % step == 0) samples.push_back(SampleOf(input.text));
    if (!(*pipeline)->Submit(std::move(input))) std::abort();
  }
  if (!(*pipeline)->Close()) std::abort();
  return samples;
}

double Percentile(std::vector<double>& values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

void Run(std::size_t orders) {
  const std::string folder = "build/find-bench";
  fs::remove_all(folder);
  const auto pack = MakePack(40);
  const auto samples = Fill(pack, folder, orders);
  const auto log = OpenWholeLog(folder, LogMode::kRead);
  if (!log) std::abort();
  const StateHead head{(*log)->name(), pack->fold, 1, 0};
  const auto shard =
      Shard::Open(pack, StateFolder(folder, head), head, log->get(), std::size_t{1} << 30);
  if (!shard) std::abort();
  const Store& store = (*shard)->engine().store();

  std::vector<double> reads;
  for (const Sample& sample : samples) {
    const std::string key = sample.merchant + '\0' + sample.order_id;
    const auto start = Clock::now();
    const auto bytes = (*shard)->disk()->Get(Family::kOrders, key);
    reads.push_back(MillisSince(start));
    if (!bytes || !*bytes) std::abort();
  }
  const double read = Percentile(reads, 0.5);
  fmt::print("{} orders, a page of 25; a point read takes {:.3f} ms, p99 {:.3f} ms\n", orders, read,
             Percentile(reads, 0.99));
  for (std::size_t kind = 0; kind < samples[0].texts.size(); ++kind) {
    std::vector<double> times;
    for (const Sample& sample : samples) {
      const bool has =
          kind < sample.texts.size() && sample.texts[kind].first == samples[0].texts[kind].first;
      if (!has) continue;
      const auto start = Clock::now();
      const auto found = FindOrders(store, {sample.merchant, sample.texts[kind].second, {}, 25});
      times.push_back(MillisSince(start));
      if (!found || (found->orders.empty() && !found->more)) std::abort();
    }
    const double median = Percentile(times, 0.5), slow = Percentile(times, 0.99);
    fmt::print(
        "  {:<24} p50 {:>8.3f} ms ({:>6.1f} x)   p99 {:>8.3f} ms ({:>6.1f} x)   (aim: p99 at "
        "most 50 ms)\n",
        samples[0].texts[kind].first, median, median / read, slow, slow / read);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  constexpr std::size_t kOrders = 200'000;
  const auto given = argc > 1 ? holdfast::ParseNumber<std::size_t>(argv[1]) : kOrders;
  if (!given || *given == 0) {
    std::fputs("find_bench [orders]\n", stderr);
    return 2;
  }
  holdfast::bench::Run(*given);
  return 0;
}
