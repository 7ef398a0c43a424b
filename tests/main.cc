// Runs the tests, then closes with one line: "N passed, N failed, N skipped".
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "tests/report.h"

namespace {

int skipped = 0;
unsigned run = 0, failed = 0;

// Reads doctest's own counts at the end of the run.
struct Counter : doctest::IReporter {
  explicit Counter(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& stats) override {
    run = stats.numTestCasesPassingFilters;
    failed = stats.numTestCasesFailed;
  }
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("counter", 1, Counter);

}  // namespace

namespace holdfast::testing {

void Skip(const std::string& why) {
  ++skipped;
  std::printf("skipped: %s\n", why.c_str());
}

void Say(const std::string& line) { std::printf("%s\n", line.c_str()); }

}  // namespace holdfast::testing

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const int status = context.run();
  if (context.shouldExit()) return status;
  const unsigned skips = static_cast<unsigned>(skipped);
  std::printf("%u passed, %u failed, %u skipped\n", run - failed - skips, failed, skips);
  return status;
}
