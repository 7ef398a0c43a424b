// Find: whatever a person types of an order finds it, and nothing else does.
#include "engine/pipeline/find.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/shard.h"
#include "engine/signals/words.h"
#include "engine/simulate/random.h"
#include "engine/upkeep/verify.h"
#include "tests/cli/process.h"
#include "tests/pipeline/harness.h"
#include "tests/rounds.h"

namespace holdfast {
namespace {

using testing::TempFolder;

constexpr const char* kRules = "rules: [{ id: r, when: order.total > 1000.0, hold: review }]";

// The orders that are found, the latest first, read in pages of `most`.
std::vector<std::string> Find(const Store& store, const std::string& merchant,
                              const std::string& text, std::size_t most = 3) {
  std::vector<std::string> ids;
  FindQuery query{merchant, text, {}, most};
  for (int pages = 0;; ++pages) {
    REQUIRE(pages < 10'000);
    const auto found = FindOrders(store, query);
    REQUIRE_MESSAGE(found.has_value(), found.error().Text());
    CHECK(!found->incomplete);
    CHECK(found->orders.size() <= most);
    for (const FoundOrder& order : found->orders) {
      ids.push_back(order.place.order_id);
      CHECK(!order.matched.empty());
    }
    if (!found->more) return ids;
    query.from = found->next;
  }
}

Tokens Of(const std::vector<std::string>& texts) {
  Tokens tokens;
  for (const std::string& text : texts) {
    tokens.Add(text[0], [&text](std::string& out) { out += text.substr(1); });
  }
  return tokens;
}

std::string Joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : " ") + id;
  return text;
}

// A desk whose orders can be found.
class Finder {
 public:
  void operator()(const std::string& json) { desk_(json); }
  std::string Find(const std::string& text) {
    return Joined(holdfast::Find(desk_.engine().store(), "acme", text));
  }
  std::string Matched(const std::string& text) {
    const auto found = FindOrders(desk_.engine().store(), {"acme", text, {}});
    REQUIRE(found.has_value());
    std::string all;
    for (const FoundOrder& order : found->orders) {
      for (const std::string& token : order.matched) {
        all += (all.empty() ? "" : ", ") + std::string(NameOf(static_cast<FindKind>(token[0]))) +
               " " + TextOf(token);
      }
    }
    return all;
  }

 private:
  testing::Desk desk_{kRules, MakeMemoryStore(Postings::kKept)};
};

TEST_SUITE_BEGIN("find");

TEST_CASE("find: every kind, however it is written") {
  Finder shop;
  shop(testing::OrderJson(
      "AB-100045", 1,
      R"("ip":"2001:db8:0::1","buyer":{"id":"B-7","email":"Jane.Doe+shop@gmail.com",)"
      R"("name":"Jane O'Neill","phone":"+49 (0)171 2345678"},"shipping":{"name":"Zoë Müller",)"
      R"("address":{"line1":"12 Høje Gade","city":"København","postal_code":"SW1A 1AA",)"
      R"("country":"GB"}},"billing":{"name":"Иван Петров"},)"
      R"("items":[{"sku":"PHN-12/b","quantity":1,"unit_price":"50.00"}])"));
  shop(testing::PaymentJson("p1", "AB-100045", 1, "completed",
                            R"("transaction_id":"5O190127TN364715T","payer":{"name":"Max Payer",)"
                            R"("email":"max@pay.example"})"));
  shop(R"({"id":"d1","type":"shipment.dispatched","merchant":"acme",)"
       R"("occurred_at":"2026-11-21T09:00:00Z","order_id":"AB-100045",)"
       R"("shipment":{"carrier":"ups","tracking":"1Z 999 AA1"}})");
  for (const char* text : {"AB-100045",
                           " ab-100045 ",
                           "b-7",
                           "jane.doe@gmail.com",
                           "JANEDOE@googlemail.com",
                           "max@pay.example",
                           "2001:db8::1",
                           "2001:DB8:0:0:0:0:0:1",
                           "phn-12/B",
                           "1z999aa1",
                           "1Z 999 AA1",
                           "5o190127tn364715t",
                           "0171 2345678",
                           "+49 171 2345678",
                           "00491712345678",
                           "171/234-5678",
                           "2345678",
                           "Jane",
                           "oneill",
                           "O'Neill",
                           "O’NEILL",
                           "Muller",
                           "müll",
                           "zoe muller",
                           "muller zoe",
                           "Ivan Petrov",
                           "Петров",
                           "hoje gade 12",
                           "kobenhavn",
                           "jane kobenh",
                           "SW1A 1AA",
                           "sw1a1aa",
                           "Max",
                           "payer max"}) {
    CAPTURE(text);
    CHECK(shop.Find(text) == "AB-100045");
  }
  for (const char* text : {"AB-10004", "100045x", "jane.doe@other.example", "ax@pay.example",
                           "2001:db8::2", "PHN", "5O190127TN364715", "0172 2345678", "345678", "ne",
                           "neill jane bob", "gade 13", "-", "'", "\x01", "jan doe", "zo muller"}) {
    CAPTURE(text);
    CHECK(shop.Find(text) == "");
  }
  CHECK(shop.Matched("0171 2345678") == "phone 491712345678");
  CHECK(shop.Matched("Zoe kobenh") == "name zoe, address kobenhavn");
  CHECK(shop.Matched("5o190127TN364715T") == "reference 5o190127tn364715t");
}

TEST_CASE("find: an amended order is found by what it was and by what it is") {
  Finder shop;
  const auto to = [](const char* name, const char* city) {
    return std::string(R"("shipping":{"name":")") + name +
           R"(","address":{"line1":"Main 1","city":")" + city + R"(","country":"DE"}})";
  };
  shop(testing::OrderJson("1", 1, to("Ada Old", "Bonn")));
  const auto amend = [&](const char* id, const char* time, const std::string& more) {
    shop(std::string(R"({"id":")") + id +
         R"(","type":"order.amended","merchant":"acme","occurred_at":")" + time + R"(","order":)" +
         testing::OrderJson("1", 1, more) + "}");
  };
  amend("a2", "2026-11-20T12:00:00Z", to("Ada New", "Trier"));
  amend("a1", "2026-11-20T11:00:00Z", to("Ada Between", "Kiel"));  // late, hence of no effect
  for (const char* text : {"bonn", "trier", "kiel", "ada", "old", "new", "between", "ada bonn"}) {
    CAPTURE(text);
    CHECK(shop.Find(text) == "1");
  }
}

TEST_CASE("find: what came before its order is found with it") {
  Finder shop;
  shop(testing::PaymentJson("p", "1", 0, "completed", R"("transaction_id":"T-early")"));
  shop(R"({"id":"d1","type":"shipment.dispatched","merchant":"acme",)"
       R"("occurred_at":"2026-11-20T09:30:00Z","order_id":"1","shipment":{"tracking":"Z1"}})");
  CHECK(shop.Find("T-early") == "");
  shop(testing::OrderJson("1", 5));
  CHECK(shop.Find("t-EARLY") == "1");
  CHECK(shop.Find("z1") == "1");
}

TEST_CASE("find: the latest come first, in pages, of one merchant") {
  const auto store = MakeMemoryStore(Postings::kKept);
  const auto at = [](int minute) { return EventTime{minute * 60'000'000'000}; };
  const Tokens anna = Of({"Nanna"}), both = Of({"Nanna", "Nbert"});
  store->EnterPostings("acme", "old", at(-5), anna);
  store->EnterPostings("acme", "b", at(7), anna);
  store->EnterPostings("acme", "a", at(7), both);
  store->EnterPostings("acme", "new", at(9), anna);
  store->EnterPostings("acme", "a", at(7), both);  // once more
  store->EnterPostings("bolt", "theirs", at(8), both);
  for (std::size_t most = 1; most < 6; ++most) {
    CHECK(Joined(Find(*store, "acme", "anna", most)) == "new a b old");
    CHECK(Joined(Find(*store, "acme", "ANN", most)) == "new a b old");
    CHECK(Joined(Find(*store, "acme", "bert anna", most)) == "a");
  }
  CHECK(Joined(Find(*store, "bolt", "anna")) == "theirs");
  CHECK(Joined(Find(*store, "acm", "anna")) == "");
  CHECK(Joined(Find(*store, "", "anna")) == "");
}

// Goal:   a search reads a bounded number of postings, and goes on where it ended.
// Method: two words of many orders each, and of one order both.
TEST_CASE("find: no search is without a bound") {
  const auto store = MakeMemoryStore(Postings::kKept);
  const Tokens anna = Of({"Nanna"}), both = Of({"Nanna", "Nbert"}), bert = Of({"Nbert"});
  store->EnterPostings("acme", "wanted", EventTime{-1}, both);
  constexpr int kMany = 30'000;
  for (int i = 0; i < kMany; ++i) {
    store->EnterPostings("acme", std::to_string(i), EventTime{i}, i % 2 == 0 ? anna : bert);
  }
  FindQuery query{"acme", "anna bert", {}, 10};
  const auto first = FindOrders(*store, query);
  REQUIRE(first.has_value());
  CHECK(first->more);
  CHECK(first->orders.empty());
  CHECK(first->next.newest > 0);
  CHECK(Joined(Find(*store, "acme", "anna bert")) == "wanted");
  // A page is cheap, however many orders there are.
  query.text = "anna";
  const auto page = FindOrders(*store, query);
  REQUIRE(page.has_value());
  CHECK(page->orders.size() == 10);
  CHECK(page->more);

  for (int i = 0; i < 1000; ++i) {
    store->EnterPostings("bolt", std::to_string(i), EventTime{i}, Of({"Nabc" + std::to_string(i)}));
  }
  const auto some = FindOrders(*store, {"bolt", "abc", {}, 10});
  REQUIRE(some.has_value());
  CHECK(some->incomplete);
  CHECK(some->orders.size() == 10);
  const auto few = FindOrders(*store, {"bolt", "abc99", {}, 20});
  REQUIRE(few.has_value());
  CHECK(!few->incomplete);
  CHECK(few->orders.size() == 11);
}

TEST_CASE("find: the letters of words are those of WordsOf") {
  Random random(testing::Seed("letters"));
  constexpr const char* kParts[] = {"a",  "Z",  "0", "9",  " ",  "'",  "`",        "-",
                                    "é",  "ß",  "’", "Ж",  "王", "\t", "\xff",     "_",
                                    "bc", "12", ".", "ab", ",",  "O",  "abcdefghi"};
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (std::uint64_t parts = random.Below(40); parts > 0; --parts) text += random.Pick(kParts);
    std::vector<std::string> letters, words;
    const std::size_t most = 1 + random.Below(6);
    AppendLetters(text, most, letters);
    for (const Word& word : WordsOf(text, Digits::kDigits, most)) words.push_back(word.letters);
    CAPTURE(text);
    CHECK(letters == words);
  }
}

// ---- with a data folder ------------------------------------------------------------------------

// A pipeline on a folder, and looks into it.
class Run {
 public:
  Run(const std::shared_ptr<const Pack>& pack, const std::string& folder, std::uint32_t shards,
      std::uint64_t replay_max)
      : shards_(shards) {
    PipelineOptions options;
    options.folder = folder;
    options.state = {shards, 1 << 20, replay_max};
    auto pipeline =
        Pipeline::Open(pack, options, [this](std::span<SubmissionResult> answers, bool) {
          const std::lock_guard lock(mutex_);
          for (const SubmissionResult& answer : answers) {
            if (answer.input.error) errors_ += answer.input.error->Text() + "\n";
          }
          answered_ += answers.size();
          done_.notify_one();
          return true;
        });
    REQUIRE_MESSAGE(pipeline.has_value(), pipeline.error().Text());
    pipeline_ = std::move(*pipeline);
  }

  void Take(const std::string& line) {
    Submission input;
    input.text = line;
    REQUIRE(pipeline_->Submit(std::move(input)));
    ++sent_;
  }

  std::vector<std::string> Find(const std::string& merchant, const std::string& text,
                                std::size_t most) {
    std::vector<std::string> ids;
    Submission input;
    input.shard = ShardOf(merchant, shards_);
    input.look = [&](const Engine& engine) {
      ids = holdfast::Find(engine.store(), merchant, text, most);
    };
    REQUIRE(pipeline_->Submit(std::move(input)));
    ++sent_;
    Wait();
    return ids;
  }

  void Wait() {
    pipeline_->Flush();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return answered_ == sent_; });
    CHECK(errors_ == "");
  }

  // Without it the folder is left as by a crash.
  void Close() {
    const Status closed = pipeline_->Close();
    REQUIRE_MESSAGE(closed.has_value(), closed.error().Text());
  }

 private:
  const std::uint32_t shards_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t sent_ = 0, answered_ = 0;
  std::string errors_;
  std::unique_ptr<Pipeline> pipeline_;
};

constexpr const char* kMerchants[] = {"acme", "bolt", "acm"};
constexpr const char* kNames[] = {"Ann", "Anna", "Annabel", "Bert", "Berta", "Cleo"};
constexpr const char* kCities[] = {"Annecy", "Bonn", "Berlin", "Bern"};
constexpr const char* kEmails[] = {"a@x.example", "b@x.example", "c@x.example"};
constexpr const char* kIps[] = {"10.0.0.1", "10.0.0.2", "10.0.0.11"};
constexpr const char* kSkus[] = {"S-1", "S-11", "S-2"};

// What the oracle knows of an order: all that was ever said of it.
struct Said {
  int minute = 0;
  std::set<std::string> words, exact;
};

// Random orders, payments, dispatches and amendments, with what should find them.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  // An event of a new or a known order.
  std::string Next() {
    const std::string merchant = random_.Pick(kMerchants);
    auto& orders = said_[merchant];
    const std::uint64_t choice = orders.empty() ? 0 : random_.Below(10);
    const std::string event = std::to_string(++events_);
    if (choice < 5) {
      const std::string id = "o" + event;
      Said& said = orders[id];
      said.minute = static_cast<int>(random_.Below(40));
      said.exact.insert(id);
      return Order(merchant, id, said);
    }
    auto at = orders.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.Below(orders.size())));
    auto& [id, said] = *at;
    const std::string head = R"({"id":"e)" + event + R"(","merchant":")" + merchant +
                             R"(","occurred_at":"2026-11-2)" +
                             std::to_string(1 + random_.Below(8)) + R"(T10:00:00Z",)";
    if (choice < 8)
      return head + R"("type":"order.amended","order":)" + Order(merchant, id, said) + "}";
    std::string number = "n" + std::to_string(random_.Below(20));
    if (choice == 8) number += "-" + id;  // no two orders are paid by one payment
    said.exact.insert(number);
    if (choice == 8) {
      return head + R"("type":"payment.updated","order_id":")" + id +
             R"(","payment":{"provider":"paypal","status":"pending","transaction_id":")" + number +
             R"("},"references":["x:)" + number + "\"]}";
    }
    return head + R"("type":"shipment.dispatched","order_id":")" + id +
           R"(","shipment":{"tracking":")" + number + "\"}}";
  }

  std::string Query() {
    switch (random_.Below(8)) {
      case 0:
        return random_.Pick(kEmails);
      case 1:
        return random_.Pick(kIps);
      case 2:
        return random_.Pick(kSkus);
      case 3:
        return "o" + std::to_string(1 + random_.Below(events_ + 1));
      case 4: {
        const std::string number = "n" + std::to_string(random_.Below(20));
        return random_.Chance(500) ? number
                                   : number + "-o" + std::to_string(1 + random_.Below(events_ + 1));
      }
      case 5:
        return random_.Pick(kNames);
      case 6:
        return std::string(random_.Pick(kNames)) + " " + random_.Pick(kCities);
      default: {
        const std::string city = random_.Pick(kCities);
        return std::string(random_.Pick(kNames)) + " " + city.substr(0, 3);
      }
    }
  }

  std::vector<std::string> Wanted(const std::string& merchant, const std::string& text) const {
    std::vector<std::pair<int, std::string>> places;
    const auto orders = said_.find(merchant);
    if (orders != said_.end()) {
      for (const auto& [id, said] : orders->second) {
        if (Means(said, text)) places.emplace_back(-said.minute, id);
      }
    }
    std::sort(places.begin(), places.end());
    std::vector<std::string> ids;
    for (const auto& [minute, id] : places) ids.push_back(id);
    return ids;
  }

  Random& random() { return random_; }

 private:
  std::string Order(const std::string& merchant, const std::string& id, Said& said) {
    const std::string name = random_.Pick(kNames), city = random_.Pick(kCities),
                      email = random_.Pick(kEmails), ip = random_.Pick(kIps),
                      sku = random_.Pick(kSkus);
    said.words.insert({name, city});
    said.exact.insert({email, ip, sku});
    std::string json = testing::OrderJson(
        id, said.minute,
        R"("ip":")" + ip + R"(","buyer":{"email":")" + email + R"("},"shipping":{"name":")" + name +
            R"(","address":{"city":")" + city + R"(","country":"DE"}},"items":[{"sku":")" + sku +
            R"(","quantity":1,"unit_price":"100.00"}])");
    json.replace(json.find("acme"), 4, merchant);
    return json;
  }

  static bool Means(const Said& said, const std::string& text) {
    if (said.exact.contains(text)) return true;
    const std::size_t blank = text.find(' ');
    const std::string first = text.substr(0, blank),
                      last = blank == text.npos ? text : text.substr(blank + 1);
    const auto begins = [&](const std::string& word) { return word.starts_with(last); };
    const bool has_last = std::any_of(said.words.begin(), said.words.end(), begins);
    return has_last && (blank == text.npos || said.words.contains(first));
  }

  Random random_;
  std::uint64_t events_ = 0;
  std::map<std::string, std::map<std::string, Said>> said_;
};

// Goal:   the index says of random orders what a look at all of them says, at every moment: before
//         and after a batch is on disk, after a stop, a crash and another number of shards.
TEST_CASE("find: the same as a look at all orders" * doctest::timeout(300)) {
  const auto pack = testing::MakePack(kRules);
  const std::uint64_t seed = testing::Seed("find");
  const TempFolder folder;
  const std::string data = folder / "data";
  World world(seed);
  for (const std::uint32_t shards : {1U, 3U, 2U, 2U, 1U, 1U, 2U}) {
    CAPTURE(shards);
    Run run(pack, data, shards, 1 + world.random().Below(200));
    for (int round = 0; round < 6; ++round) {
      for (std::uint64_t events = world.random().Below(60); events > 0; --events) {
        run.Take(world.Next());
      }
      for (int i = 0; i < 20; ++i) {
        const std::string merchant = world.random().Pick(kMerchants), text = world.Query();
        CAPTURE(merchant);
        CAPTURE(text);
        const std::size_t most = 1 + world.random().Below(5);
        CHECK(Joined(run.Find(merchant, text, most)) == Joined(world.Wanted(merchant, text)));
      }
    }
    run.Wait();
    if (world.random().Chance(500)) run.Close();
  }
  const auto verified = VerifyFolder(data, pack);
  REQUIRE(verified.has_value());
  CHECK(!verified->kept);
  CHECK(verified->records[static_cast<std::size_t>(Family::kPostings)].count > 0);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
