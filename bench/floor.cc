#include "bench/floor.h"

#if defined(__SSE4_2__)
#define RAPIDJSON_SSE42
#endif
#include <arpa/inet.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <rapidjson/reader.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/time.h"

namespace holdfast::bench {
namespace {

namespace rdb = rocksdb;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "floor: %s\n", what.c_str());
  std::abort();
}

void Check(const rdb::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

// ---- an order -----------------------------------------------------------------------------------

// What is read of an order; kNothing takes the rest.
enum Slot : std::uint8_t {
  kNothing,
  kId,
  kMerchant,
  kPlacedAt,
  kIp,
  kDevice,
  kBuyer,
  kEmail,
  kPhone,
  kRegisteredAt,
  kConsignee,
  kLine1,
  kPostalCode,
  kCountry,
  kStatus,
  kPayer,
  kPayerEmail,
  kAccountStatus,
  kHolder,
  kCard,
  kAvs,
  kTotal,
  kPaid,
  kQuantity,
  kUnitPrice,
  kSlots
};

struct Order {
  std::array<std::string_view, kSlots> texts;  // into the parsed bytes
  std::array<double, kSlots> numbers;
  double pieces = 0, dearest = 0;  // of its items
};

enum Scope : std::uint8_t {
  kElsewhere,
  kOrderScope,
  kBuyerScope,
  kShippingScope,
  kAddressScope,
  kItemScope,
  kPaymentScope,
  kPayerScope,
  kCardScope,
};

struct Member {
  std::string_view name;
  Slot slot = kNothing;
  Scope scope = kElsewhere;  // of the object that it holds
};
constexpr Member kRoot = {"", kNothing, kOrderScope};
constexpr Member kUnknown = {};

// In the order in which OrderGenerator writes them, so that the next name is mostly the next
// member.
constexpr Member kOrderMembers[] = {{"id", kId},
                                    {"merchant", kMerchant},
                                    {"placed_at", kPlacedAt},
                                    {"channel"},
                                    {"currency"},
                                    {"total", kTotal},
                                    {"shipping_fee"},
                                    {"ip", kIp},
                                    {"device_id", kDevice},
                                    {"user_agent"},
                                    {"note"},
                                    {"buyer", kNothing, kBuyerScope},
                                    {"shipping", kNothing, kShippingScope},
                                    {"items", kNothing, kItemScope},
                                    {"payment", kNothing, kPaymentScope}};
constexpr Member kBuyerMembers[] = {{"id", kBuyer},
                                    {"email", kEmail},
                                    {"name"},
                                    {"phone", kPhone},
                                    {"registered_at", kRegisteredAt},
                                    {"country"}};
constexpr Member kShippingMembers[] = {{"name", kConsignee}, {"address", kNothing, kAddressScope}};
constexpr Member kAddressMembers[] = {
    {"line1", kLine1}, {"city"}, {"postal_code", kPostalCode}, {"country", kCountry}};
constexpr Member kItemMembers[] = {
    {"sku"}, {"title"}, {"category"}, {"quantity", kQuantity}, {"unit_price", kUnitPrice}};
constexpr Member kPaymentMembers[] = {{"provider"},
                                      {"method"},
                                      {"status", kStatus},
                                      {"amount", kPaid},
                                      {"currency"},
                                      {"transaction_id"},
                                      {"payer", kNothing, kPayerScope},
                                      {"card", kNothing, kCardScope}};
constexpr Member kPayerMembers[] = {{"name", kPayer},
                                    {"email", kPayerEmail},
                                    {"account_id"},
                                    {"account_status", kAccountStatus},
                                    {"account_holder", kHolder},
                                    {"country"},
                                    {"address"}};
constexpr Member kCardMembers[] = {{"fingerprint", kCard}, {"bin"}, {"country"}, {"funding"},
                                   {"avs", kAvs},          {"cvc"}};
constexpr std::span<const Member> kMembers[] = {
    {},           kOrderMembers,   kBuyerMembers, kShippingMembers, kAddressMembers,
    kItemMembers, kPaymentMembers, kPayerMembers, kCardMembers};

class OrderHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, OrderHandler> {
 public:
  explicit OrderHandler(Order& order) : order_(order) {}

  bool String(const char* text, rapidjson::SizeType size, bool) {
    order_.texts[member_->slot] = {text, size};
    return true;
  }
  bool Int(int value) { return Double(value); }
  bool Uint(unsigned value) { return Double(value); }
  bool Int64(std::int64_t value) { return Double(static_cast<double>(value)); }
  bool Uint64(std::uint64_t value) { return Double(static_cast<double>(value)); }
  bool Double(double value) {
    order_.numbers[member_->slot] = value;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name(text, size);
    const std::span<const Member> members = kMembers[scope_];
    for (std::size_t tried = 0; tried < members.size(); ++tried) {
      member_ = &members[next_];
      if (++next_ == members.size()) next_ = 0;
      if (member_->name == name) return true;
    }
    member_ = &kUnknown;
    return true;
  }
  bool StartObject() {
    if (depth_ == outer_.size()) return false;
    outer_[depth_++] = {member_, next_, scope_};
    scope_ = member_->scope;
    next_ = 0;
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    if (scope_ == kItemScope) {
      order_.pieces += order_.numbers[kQuantity];
      order_.dearest = std::max(order_.dearest, order_.numbers[kUnitPrice]);
    }
    const Outer& outer = outer_[--depth_];
    member_ = outer.member;
    next_ = outer.next;
    scope_ = outer.scope;
    return true;
  }

 private:
  struct Outer {
    const Member* member;
    std::size_t next;
    Scope scope;
  };

  Order& order_;
  const Member* member_ = &kRoot;
  std::size_t next_ = 0;  // the member that is expected
  Scope scope_ = kElsewhere;
  std::size_t depth_ = 0;
  std::array<Outer, 16> outer_;
};

std::int64_t Seconds(std::string_view rfc3339) {
  const auto time = ParseEventTime(rfc3339);
  if (!time) Die("not a time: " + std::string(rfc3339));
  return time->nanos / kNanosPerSecond;
}

// ---- the state of a key -------------------------------------------------------------------------

constexpr std::size_t kKeys = 8;
constexpr std::size_t kBuckets = 16;
constexpr std::int64_t kBucketSeconds = 6 * 3600;

struct State {
  struct Bucket {
    std::uint32_t count, cents;
  };
  std::array<Bucket, kBuckets> buckets;  // bucket number n at n % kBuckets
  std::uint32_t newest;                  // number of the newest bucket
  std::uint32_t orders;                  // ever
  std::array<std::uint32_t, 6> seen;     // a ring: what came with the key last; 0: nothing yet

  void Add(std::uint32_t bucket, std::uint32_t cents, std::uint32_t other) {
    const std::uint32_t passed = std::min<std::uint32_t>(bucket - newest, kBuckets);
    for (std::uint32_t i = 0; i < passed; ++i) buckets[(bucket - i) % kBuckets] = {};
    newest = bucket;
    ++buckets[bucket % kBuckets].count;
    buckets[bucket % kBuckets].cents += cents;
    seen[orders++ % seen.size()] = other;
  }

  // Orders of one day and of four, cents of four days, how many others among the last six.
  void Read(std::int64_t* features) const {
    std::int64_t day = 0, count = 0, cents = 0, others = 0;
    for (std::uint32_t i = 0; i < 4; ++i) day += buckets[(newest - i) % kBuckets].count;
    for (const Bucket& bucket : buckets) {
      count += bucket.count;
      cents += bucket.cents;
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      others += seen[i] != 0 && std::find(&seen[0], &seen[i], seen[i]) == &seen[i];
    }
    features[0] = day;
    features[1] = count;
    features[2] = cents;
    features[3] = others;
  }
};
static_assert(sizeof(State) == 160);

// ---- features and comparisons -------------------------------------------------------------------

constexpr std::size_t kFeatures = 4 * kKeys + 8;
using Features = std::array<std::int64_t, kFeatures>;

// What a feature has to exceed.
constexpr Features kLimits = {
    3,      6,  150'000, 1,              // buyer
    3,      6,  150'000, 1,              // e-mail
    3,      6,  150'000, 1,              // phone
    3,      6,  150'000, 1,              // payer's e-mail
    5,      12, 400'000, 3,              // IP address
    4,      8,  200'000, 2,              // device
    3,      6,  150'000, 1,              // card
    4,      8,  200'000, 2,              // address
    30'000, 5,  89'000,  0, 0, 0, 0, 0,  // the order itself
};

std::uint64_t Compare(const Features& features) {
  std::uint64_t fired = 0;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    fired |= static_cast<std::uint64_t>(features[i] > kLimits[i]) << i;
  }
  return fired;
}

// ---- storage ------------------------------------------------------------------------------------

constexpr std::size_t kCacheSlots = 1 << 21;

struct CacheSlot {
  std::uint64_t key;    // 0: empty
  std::uint64_t group;  // that wrote it last
  State state;
};

rdb::ColumnFamilyOptions FamilyOptions() {
  rdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 6;
  return options;
}

rdb::ColumnFamilyOptions StateOptions() {
  rdb::ColumnFamilyOptions options = FamilyOptions();
  options.compression = rdb::kNoCompression;
  // Found by its whole key only, so a hash table does and nothing needs to be sorted at each put.
  options.prefix_extractor.reset(rdb::NewFixedPrefixTransform(sizeof(std::uint64_t)));
  options.memtable_factory.reset(rdb::NewHashLinkListRepFactory(1 << 18, 0, 4096, false));
  rdb::BlockBasedTableOptions table;
  table.data_block_index_type = rdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.block_cache = rdb::HyperClockCacheOptions(512 << 20, table.block_size).MakeSharedCache();
  table.filter_policy.reset(rdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rdb::NewBlockBasedTableFactory(table));
  return options;
}

rdb::ColumnFamilyOptions LogOptions() {
  rdb::ColumnFamilyOptions options = FamilyOptions();
  options.compression = rdb::kLZ4Compression;
  rdb::BlockBasedTableOptions table;
  table.block_size = 32 << 10;
  options.table_factory.reset(rdb::NewBlockBasedTableFactory(table));
  return options;
}

rdb::DBOptions Options() {
  rdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.error_if_exists = true;
  options.allow_concurrent_memtable_write = false;  // the hash memtable cannot
  options.bytes_per_sync = 1 << 20;
  options.recycle_log_file_num = 4;
  // RocksDB 7.8 turns recycling off, silently, in every other mode; nothing here is ever recovered.
  options.wal_recovery_mode = rdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  options.sst_file_manager.reset(
      rdb::NewSstFileManager(rdb::Env::Default(), nullptr, "", 64 << 20));
  for (const auto pool : {rdb::Env::Priority::LOW, rdb::Env::Priority::HIGH}) {
    Check(rdb::Env::Default()->LowerThreadPoolCPUPriority(pool, rdb::CpuPriority::kLow));
  }
  return options;
}

// The database of countries, where there is one.
class Countries {
 public:
  Countries() {
    const char* shared = std::getenv("HOLDFAST_SHARED");
    const std::string path =
        std::string(shared != nullptr ? shared : "../shared") + "/data/geo/iptoasn-country.mmdb";
    if (::access(path.c_str(), F_OK) != 0) return;
    if (MMDB_open(path.c_str(), MMDB_MODE_MMAP, &base_) != MMDB_SUCCESS) Die("cannot read " + path);
    open_ = true;
  }
  ~Countries() {
    if (open_) MMDB_close(&base_);
  }
  Countries(const Countries&) = delete;
  Countries& operator=(const Countries&) = delete;

  // Empty when unknown. REQUIRES: a zero byte behind `ip`.
  std::string_view Find(std::string_view ip) {
    if (!open_) return {};
    sockaddr_storage address{};
    void* bytes = &reinterpret_cast<sockaddr_in*>(&address)->sin_addr;
    address.ss_family = AF_INET;
    if (ip.find(':') != ip.npos) {
      bytes = &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr;
      address.ss_family = AF_INET6;
    }
    if (::inet_pton(address.ss_family, ip.data(), bytes) != 1) return {};
    int fault = 0;
    MMDB_lookup_result_s found =
        MMDB_lookup_sockaddr(&base_, reinterpret_cast<const sockaddr*>(&address), &fault);
    if (fault != MMDB_SUCCESS || !found.found_entry) return {};
    MMDB_entry_data_s data;
    const char* const path[] = {"country_code", nullptr};
    if (MMDB_aget_value(&found.entry, &data, path) != MMDB_SUCCESS || !data.has_data) return {};
    return {data.utf8_string, data.data_size};
  }

 private:
  MMDB_s base_;
  bool open_ = false;
};

}  // namespace

struct Floor::Impl {
  using Keys = std::array<std::uint64_t, kKeys>;
  using States = std::array<State, kKeys>;

  Countries countries;
  std::unique_ptr<rdb::DB> db;
  std::unique_ptr<rdb::ColumnFamilyHandle> base, state, log;
  std::vector<CacheSlot> cache = std::vector<CacheSlot>(kCacheSlots);
  // States of this group that have lost their place in the cache: the database has them only when
  // the group is written.
  std::unordered_map<std::uint64_t, State> spilled;
  std::uint64_t group = 1;
  std::uint64_t offset = 0;
  rdb::WriteBatch batch;
  std::vector<char> bytes;
  std::string key_text;

  ~Impl() {
    for (auto* family : {&base, &state, &log}) family->reset();
    if (db != nullptr) Check(db->Close());
  }

  CacheSlot& SlotOf(std::uint64_t key) { return cache[key % kCacheSlots]; }

  void Parse(std::string_view json, Order& order) {
    // The parser reads whole 16-byte blocks and wants a zero at the end.
    if (bytes.size() < json.size() + 17) bytes.resize(json.size() + 17);
    std::memcpy(bytes.data(), json.data(), json.size());
    bytes[json.size()] = 0;
    rapidjson::Reader reader;
    rapidjson::InsituStringStream stream(bytes.data());
    OrderHandler handler(order);
    if (reader.Parse<rapidjson::kParseInsituFlag>(stream, handler).IsError()) {
      Die("not an order: " + std::string(json));
    }
  }

  // A merchant's key is its own.
  Keys KeysOf(const Order& order) {
    constexpr std::array<Slot, kKeys> kKinds = {kBuyer, kEmail,  kPhone, kPayerEmail,
                                                kIp,    kDevice, kCard,  kLine1};
    Keys keys;
    for (std::size_t i = 0; i < kKeys; ++i) {
      key_text = order.texts[kMerchant];
      key_text += static_cast<char>(i);
      key_text += order.texts[kKinds[i]];
      if (kKinds[i] == kLine1) {
        key_text += order.texts[kPostalCode];
        key_text += order.texts[kCountry];
      }
      keys[i] = Hash64(key_text);
    }
    return keys;
  }

  void Load(const Keys& keys, States& states) {
    std::array<std::size_t, kKeys> missing;
    std::array<rdb::Slice, kKeys> wanted;
    std::size_t count = 0;
    for (std::size_t i = 0; i < kKeys; ++i) {
      const CacheSlot& slot = SlotOf(keys[i]);
      if (slot.key == keys[i]) {
        states[i] = slot.state;
      } else if (const auto found = spilled.find(keys[i]); found != spilled.end()) {
        states[i] = found->second;
      } else {
        missing[count] = i;
        wanted[count++] = {reinterpret_cast<const char*>(&keys[i]), sizeof keys[i]};
      }
    }
    if (count == 0) return;
    std::array<rdb::PinnableSlice, kKeys> values;
    std::array<rdb::Status, kKeys> statuses;
    db->MultiGet(rdb::ReadOptions(), state.get(), count, wanted.data(), values.data(),
                 statuses.data());
    for (std::size_t i = 0; i < count; ++i) {
      State& into = states[missing[i]];
      if (statuses[i].IsNotFound()) {
        into = {};
        continue;
      }
      Check(statuses[i]);
      std::memcpy(&into, values[i].data(), sizeof into);
    }
  }

  void Save(const Keys& keys, const States& states) {
    for (std::size_t i = 0; i < kKeys; ++i) {
      CacheSlot& slot = SlotOf(keys[i]);
      if (slot.group == group && slot.key != keys[i]) spilled[slot.key] = slot.state;
      slot = {keys[i], group, states[i]};
      Check(batch.Put(state.get(), {reinterpret_cast<const char*>(&keys[i]), sizeof keys[i]},
                      {reinterpret_cast<const char*>(&states[i]), sizeof states[i]}));
    }
  }

  // Puts the order and what was decided at the next offset.
  void Log(std::string_view json, const Order& order, std::string_view country,
           std::uint64_t fired) {
    ++offset;
    char key[9];
    for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(offset >> (56 - 8 * i));
    key[8] = 'e';
    Check(batch.Put(log.get(), {key, sizeof key}, {json.data(), json.size()}));
    const auto text = [&](Slot slot) { return order.texts[slot]; };
    const bool held = text(kStatus) != "completed" || std::popcount(fired) > 8;
    char decision[512];
    const int size = std::snprintf(
        decision, sizeof decision,
        R"({"order_id":"%.*s","merchant":"%.*s","outcome":"%s","funds":"%.*s","score":%d,)"
        R"("fired":"%010llx","ip_country":"%.*s","offset":%llu,"decided_at":"%.*s"})",
        static_cast<int>(text(kId).size()), text(kId).data(),
        static_cast<int>(text(kMerchant).size()), text(kMerchant).data(), held ? "hold" : "ship",
        static_cast<int>(text(kStatus).size()), text(kStatus).data(), 5 * std::popcount(fired),
        static_cast<unsigned long long>(fired), static_cast<int>(country.size()), country.data(),
        static_cast<unsigned long long>(offset), static_cast<int>(text(kPlacedAt).size()),
        text(kPlacedAt).data());
    key[8] = 'd';
    Check(batch.Put(log.get(), {key, sizeof key},
                    {decision, std::min(static_cast<std::size_t>(size), sizeof decision - 1)}));
  }

  // Updates the states of an order's keys, and makes the comparisons.
  std::uint64_t Judge(const Order& order, std::string_view country, const Keys& keys,
                      std::array<State*, kKeys> states) {
    const auto text = [&](Slot slot) { return order.texts[slot]; };
    const std::int64_t placed_at = Seconds(text(kPlacedAt));
    const std::int64_t cents = std::llround(order.numbers[kTotal] * 100);

    Features features;
    for (std::size_t i = 0; i < kKeys; ++i) {
      // A buyer is seen on devices, all the rest with buyers.
      const auto other = static_cast<std::uint32_t>(keys[i == 0 ? 5 : 0] | 1);
      states[i]->Add(static_cast<std::uint32_t>(placed_at / kBucketSeconds),
                     static_cast<std::uint32_t>(cents), other);
      states[i]->Read(&features[4 * i]);
    }
    std::int64_t* own = &features[4 * kKeys];
    own[0] = cents;
    own[1] = static_cast<std::int64_t>(order.pieces);
    own[2] = std::llround(order.dearest * 100);
    own[3] = cents - std::llround(order.numbers[kPaid] * 100);
    own[4] = text(kPayer) != text(kHolder) || text(kPayer) != text(kConsignee);
    own[5] = text(kAccountStatus) != "verified";
    own[6] = text(kAvs) == "fail" || country != text(kCountry);
    own[7] = placed_at - Seconds(text(kRegisteredAt)) < 3600;
    return Compare(features);
  }

  // Returns how many comparisons were true.
  std::uint64_t Apply(std::string_view json) {
    Order order{};
    Parse(json, order);
    const std::string_view country = countries.Find(order.texts[kIp]);
    const Keys keys = KeysOf(order);
    States states;
    Load(keys, states);
    std::array<State*, kKeys> each;
    for (std::size_t i = 0; i < kKeys; ++i) each[i] = &states[i];
    const std::uint64_t fired = Judge(order, country, keys, each);
    Save(keys, states);
    Log(json, order, country, fired);
    return static_cast<std::uint64_t>(std::popcount(fired));
  }

  template <typename Visit>
  void ForLog(const Visit& visit) {
    rdb::ReadOptions read;
    read.readahead_size = 2 << 20;
    read.fill_cache = false;
    const std::unique_ptr<rdb::Iterator> at(db->NewIterator(read, log.get()));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      if (at->key()[8] == 'e') visit(at->value().ToStringView());
    }
    Check(at->status());
  }

  void Commit() {
    rdb::WriteOptions write;
    write.sync = true;
    Check(db->Write(write, &batch));
    batch.Clear();
    spilled.clear();
    ++group;
  }
};

Floor::Floor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Floor::~Floor() = default;

std::unique_ptr<Floor> Floor::Open(const std::string& folder) {
  auto impl = std::make_unique<Impl>();
  std::vector<rdb::ColumnFamilyHandle*> families;
  rdb::DB* db = nullptr;
  Check(rdb::DB::Open(Options(), folder,
                      {{rdb::kDefaultColumnFamilyName, rdb::ColumnFamilyOptions()},
                       {"state", StateOptions()},
                       {"log", LogOptions()}},
                      &families, &db));
  impl->db.reset(db);
  impl->base.reset(families[0]);
  impl->state.reset(families[1]);
  impl->log.reset(families[2]);
  return std::unique_ptr<Floor>(new Floor(std::move(impl)));
}

std::uint64_t Floor::Run(std::span<const std::string> orders, std::size_t group) {
  std::uint64_t fired = 0;
  std::size_t pending = 0;
  for (const std::string& json : orders) {
    fired += impl_->Apply(json);
    if (++pending < group) continue;
    impl_->Commit();
    pending = 0;
  }
  if (pending > 0) impl_->Commit();
  return fired;
}

std::uint64_t Floor::Rescan() {
  // Open addressing, never full: a lookup is a miss of the cache or two.
  constexpr std::size_t kSlots = 1 << 22;
  struct Slot {
    std::uint64_t key = 0;
    State state{};
  };
  std::vector<Slot> slots(kSlots);
  const auto find = [&slots](std::uint64_t key) {
    std::size_t at = key % kSlots;
    while (slots[at].key != 0 && slots[at].key != key) at = (at + 1) % kSlots;
    slots[at].key = key;
    return &slots[at].state;
  };
  std::uint64_t fired = 0;
  impl_->ForLog([&](std::string_view json) {
    Order order{};
    impl_->Parse(json, order);
    const std::string_view country = impl_->countries.Find(order.texts[kIp]);
    const Impl::Keys keys = impl_->KeysOf(order);
    std::array<State*, kKeys> states;
    for (std::size_t i = 0; i < kKeys; ++i) states[i] = find(keys[i]);
    fired += static_cast<std::uint64_t>(std::popcount(impl_->Judge(order, country, keys, states)));
  });
  return fired;
}

std::uint64_t Floor::Scan() {
  std::uint64_t bytes = 0;
  impl_->ForLog([&](std::string_view json) { bytes += json.size(); });
  return bytes;
}

double AppendSynced(const std::string& path, std::span<const std::string> groups) {
  std::size_t total = 0;
  for (const std::string& group : groups) total += group.size();
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (fd < 0) Die("cannot make " + path);
  if (total > 0 && ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(total)) != 0) {
    Die("cannot allocate " + path);
  }
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& group : groups) {
    const auto written = ::write(fd, group.data(), group.size());
    if (written != static_cast<ssize_t>(group.size()) || ::fdatasync(fd) != 0) {
      Die("cannot write " + path);
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  ::close(fd);
  return taken.count();
}

}  // namespace holdfast::bench
