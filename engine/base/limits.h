// Limits: every bound of the input in one place. Reaching one gives a clear error, never a cut.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast::limits {

inline constexpr std::size_t kEventBytes = 1 << 20;   // one event as JSON
inline constexpr int kJsonDepth = 16;                 // nested objects and arrays
inline constexpr std::size_t kIdBytes = 128;          // ids of orders, events, merchants, ...
inline constexpr std::size_t kTextBytes = 1024;       // names, address lines, titles
inline constexpr std::size_t kLongTextBytes = 16384;  // notes and messages
inline constexpr std::size_t kItems = 5000;           // lines of one order
inline constexpr std::size_t kAttributes = 100;       // entries of attributes, nested ones counted
inline constexpr std::size_t kReferences = 32;        // other names of an order in one event
inline constexpr std::size_t kParked = 1'000;         // events that wait for one name of an order
// The index of orders: words that are indexed of one text, postings that one search reads,
// completions that a search tries for its last word, and orders on one page.
inline constexpr std::size_t kFindWords = 16;
inline constexpr std::size_t kFindPostings = 20'000;
inline constexpr std::size_t kFindEndings = 256;
inline constexpr std::size_t kFindOrders = 200;
inline constexpr std::int64_t kQuantity = 1'000'000;   // of one line
inline constexpr std::int64_t kCount = 1'000'000'000;  // grams, instalments, attempts

inline constexpr std::size_t kPackBytes = 4 << 20;     // pack.yaml
inline constexpr std::size_t kListBytes = 1 << 30;     // one list file
inline constexpr std::size_t kListEntryBytes = 1024;   // one entry
inline constexpr std::size_t kRules = 10'000;          // in one pack
inline constexpr std::size_t kFeatures = 1'000;        // in one pack
inline constexpr std::size_t kLists = 1'000;           // in one pack
inline constexpr std::size_t kNotePhrases = 10'000;    // of one sense
inline constexpr std::size_t kMappingBytes = 1 << 20;  // a mapping file
inline constexpr std::size_t kCsvGroupRows = kItems;   // CSV rows of one order

}  // namespace holdfast::limits
