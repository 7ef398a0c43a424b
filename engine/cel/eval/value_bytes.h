// Values as bytes, for what is kept on disk.
#pragma once

#include <string>

#include "engine/base/arena.h"
#include "engine/base/coding.h"
#include "engine/cel/eval/value.h"

namespace holdfast::cel {

// Appends `value` to `out`. Types, sets and what was not read have no bytes: they are written as
// an error.
void PutValue(const Value& value, std::string& out);

// Reads what PutValue wrote. The value's texts are views of what `in` reads, the rest is in
// `arena`. Of damaged bytes an error, and in.ok() is false.
Value GetValue(ByteReader& in, Arena& arena);

}  // namespace holdfast::cel
