// Spill: writes rows about orders to disk as they come, in parts by order, so that the rows of each
// order can later be read together, part by part, in little memory.
//
// Threads: one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

// In how many parts. Orders of one part are held in memory together: 10 million orders are 160,000
// a part.
inline constexpr std::uint32_t kSpillParts = 64;

class Spill {
 public:
  // Opens the files of one writer in `folder` and truncates them to `sizes`, their sizes at an
  // earlier Sync; empty: to zero. Errors: kIo; kCorrupt when a file is shorter.
  static Result<Spill> Open(const std::string& folder, std::uint32_t writer,
                            const std::vector<std::uint64_t>& sizes);
  Spill(Spill&& other) noexcept;
  ~Spill();

  void Add(std::string_view merchant, std::string_view order_id, std::string_view row);
  // Writes all rows to the files, so that SpillRows can read them. Errors: kIo.
  Status Flush();
  // Flushes and syncs to disk. Errors: kIo.
  Status Sync();
  const std::vector<std::uint64_t>& sizes() const { return sizes_; }

 private:
  Spill() = default;
  Status Write(std::uint32_t part);

  std::string folder_;
  std::vector<int> files_;
  std::vector<std::string> buffers_;
  std::vector<std::uint64_t> sizes_;
  Status fault_;
};

// In which part an order's rows are.
std::uint32_t SpillPartOf(std::string_view merchant, std::string_view order_id);

// The rows of a part that `writers` writers have set down.
class SpillRows {
 public:
  struct Row {
    std::string_view merchant, order_id, row;
  };
  // Errors: kIo.
  static Result<SpillRows> Read(const std::string& folder, std::uint32_t writers,
                                std::uint32_t part);
  // Ascending by merchant and order; those of one order in the order in which they came.
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<std::unique_ptr<const std::string>> bytes_;
  std::vector<Row> rows_;
};

}  // namespace holdfast
