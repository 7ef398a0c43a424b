// DecisionTable: prints decisions as a table, with columns fitted to their content and the screen.
#pragma once

#include <string>
#include <vector>

#include "engine/cli/ui/output.h"
#include "engine/model/decision.h"

namespace holdfast::cli {

class DecisionTable {
 public:
  explicit DecisionTable(Output& output);

  // Adds a row. The first rows are kept back until the columns can be fitted to them.
  void Add(const Decision& decision);

  // Writes what has been kept back.
  void Flush();

 private:
  struct Row {
    std::string order, outcome, cause, funds, score, why;
  };
  void WriteHead();
  void WriteRow(const Row& row);

  static constexpr std::size_t kFitRows = 200;
  Output& output_;
  bool colour_;
  int width_;
  std::vector<Row> waiting_;
  bool head_written_ = false;
  int order_width_ = 5;
};

}  // namespace holdfast::cli
