// Situations that sellers met, as signed deliveries to a running service: those of HOLDFAST_SHARED.
#include <doctest/doctest.h>

#include <string>

#include "tests/cli/process.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

TEST_CASE("money: situations of payments and shops end as they should" * doctest::timeout(900)) {
  const auto script = testing::Shared("field/payments/run.py");
  if (!script) return;
  if (testing::Sh("command -v python3 openssl").status != 0) {
    return testing::Skip("python3 or openssl is not installed");
  }
  const testing::Ran ran =
      testing::Sh("python3 " + *script +
                  " --methods --bin " HOLDFAST_BINARY " --rules " HOLDFAST_SOURCE "/rules");
  CHECK_MESSAGE(ran.status == 0, ran.out << ran.err);
  const std::size_t last = ran.out.rfind('\n', ran.out.size() - 2);
  testing::Say("situations of payments: " +
               ran.out.substr(last == std::string::npos ? 0 : last + 1));
}

}  // namespace
}  // namespace holdfast
