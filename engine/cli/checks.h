// Checks of what is given to options, where CLI11 has none.
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace holdfast::cli {

// A number that is one: CLI11's ranges let "nan" pass, which is in none.
inline CLI::Validator Finite() {
  return CLI::Validator(
      [](const std::string& text) {
        double number = 0;
        const bool is = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
        return is ? std::string() : "'" + text + "' is not a number";
      },
      "");
}

}  // namespace holdfast::cli
