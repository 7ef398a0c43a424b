// Labels: reads a file of labels (fraud or good) for orders, given by the user.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/rescore/rescore.h"

namespace holdfast {

// Reads a CSV file with the columns order_id and label (fraud or good), and maybe merchant; of
// orders without one, `merchant` is taken. Row by row: the file may be of any length.
// Errors: kNotFound; kIo; kMalformedInput and kInvalidInput, with the line.
Status ReadLabels(const std::string& path, const std::string& merchant,
                  const RescoreOptions::TakeLabel& take);

}  // namespace holdfast
