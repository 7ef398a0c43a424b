// Floor: what one durable order costs on this machine, however it is done.
//
// Two floors for the benchmarks to stand on: a straight line from the bytes of an order to a
// decision on disk, without rules, reasons or checks, on RocksDB tuned for it; and the disk alone.
// Both abort when anything fails: a floor that is not whole is no measure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace holdfast::bench {

// Parses each order, looks its IP address up, updates the state of eight keys, makes forty
// comparisons of what they say, and keeps the states, the order and a decision.
//
// Countries come from $HOLDFAST_SHARED/data/geo/iptoasn-country.mmdb (default ../shared); without
// the file no address has one. One thread; about 370 MB for its cache of states, from the start.
// Lowers the priority of RocksDB's background threads, for the whole process.
class Floor {
 public:
  // REQUIRES: `folder` is not there yet, or empty; the folder it is in is there.
  static std::unique_ptr<Floor> Open(const std::string& folder);
  ~Floor();

  // Everything is synced on return, with one sync per `group` orders. Returns how many comparisons
  // were true. What an order leaves behind is seen by the next one at once, in its group as well.
  // REQUIRES: lines of OrderGenerator, in its order; group > 0.
  std::uint64_t Run(std::span<const std::string> orders, std::size_t group = 32);

  // Rescoring in a straight line: scans the orders that Run has kept, parses them, looks their IP
  // addresses up, updates eight states in memory and makes the comparisons. Nothing is kept.
  // Returns how many comparisons were true.
  std::uint64_t Rescan();
  // Only the scan. Returns how many bytes.
  std::uint64_t Scan();

 private:
  struct Impl;
  explicit Floor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Writes each group to a new file, allocated beforehand, and waits for the disk after each. Returns
// the seconds that this took, without the allocation.
double AppendSynced(const std::string& path, std::span<const std::string> groups);

}  // namespace holdfast::bench
