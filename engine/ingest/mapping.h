// Mapping: converts the rows of a shop's CSV export to orders.
//
// A YAML file gives each order field an expression over `row`, the row's texts by column name:
//
//   mapping: my-shop
//   group_by: row.order_no             # rows with the same value are lines of one order
//   order:
//     id: row.order_no
//     placed_at: parse_time(row.date, '%d.%m.%Y %H:%M', 'Europe/Berlin')
//     items:
//       sku: row.sku
//       quantity: int(row.qty)
//
// An expression that gives '' or null leaves its field out. The order's fields are computed from
// the first row of a group, items from every row. Without a total, the lines and the shipping fee
// make it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cel/expression.h"
#include "engine/yaml/diagnostic.h"

namespace holdfast {

struct MappedField {
  std::string name;
  std::optional<cel::Expression> expression;  // nothing: an object with `fields`
  std::vector<MappedField> fields;
};

struct Mapping {
  std::string name;
  char delimiter = ',';
  std::optional<cel::Expression> group_by;
  std::optional<cel::Expression> event_type;   // default order.placed
  std::optional<cel::Expression> event_id;     // default the order's id
  std::optional<cel::Expression> occurred_at;  // default the order's placed_at
  std::vector<MappedField> order;              // without items
  std::vector<MappedField> item;               // of each row; empty: no items
  std::vector<std::string> columns;            // that expressions read by name
};

// Reads and checks the mapping at `path`; null with at least one error among the findings.
std::shared_ptr<const Mapping> LoadMapping(const std::string& path, Diagnostics& diagnostics);

// A decimal text rounded to `digits` after the point, halves to even; nothing when it is none.
std::optional<std::string> RoundDecimal(std::string_view decimal, int digits);

}  // namespace holdfast
