// Runs the tests, then closes with one line: "N passed, N failed, N skipped".
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/report.h"

namespace {

// Says nothing of anything.
struct Silent : doctest::IReporter {
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
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

// What ctest, which runs one case a process, takes for "skipped".
constexpr int kSkipped = 77;

// `text` as a bracket argument of CMake.
std::string Bracket(const std::string& text) { return "[==[" + text + "]==]"; }

// Lists the cases as tests of ctest: `--list-test-cases --reporters=ctest --out=FILE`. A case with
// a time limit of its own (doctest::timeout) takes long: it is labelled `slow` and begun first.
struct CtestList : Silent {
  explicit CtestList(const doctest::ContextOptions& options) : options_(options) {}
  void report_query(const doctest::QueryData& query) override {
    constexpr double kHangs = 600;  // seconds
    std::ostream& out = *options_.cout;
    for (unsigned i = 0; i < query.num_data; ++i) {
      const doctest::TestCaseData& test = *query.data[i];
      if (test.m_skip) continue;
      std::string filter;
      for (const char* c = test.m_name; *c != 0; ++c) {
        if (*c == ',') filter += '\\';
        filter += *c;
      }
      const std::string name = Bracket(test.m_name);
      out << "add_test(" << name << " " << Bracket(options_.binary_name.c_str()) << " --no-intro "
          << Bracket("--test-case=" + filter) << ")\nset_tests_properties(" << name
          << " PROPERTIES ENVIRONMENT HOLDFAST_CTEST=1 SKIP_RETURN_CODE " << kSkipped << " TIMEOUT "
          << std::max(kHangs, test.m_timeout);
      if (test.m_timeout > 0) out << " LABELS slow COST " << test.m_timeout;
      out << ")\n";
    }
  }

 private:
  const doctest::ContextOptions& options_;
};
REGISTER_REPORTER("ctest", 0, CtestList);

int skipped = 0;
unsigned run = 0, failed = 0;

// Reads doctest's own counts at the end of the run.
struct Counter : Silent {
  explicit Counter(const doctest::ContextOptions&) {}
  void test_run_end(const doctest::TestRunStats& stats) override {
    run = stats.numTestCasesPassingFilters;
    failed = stats.numTestCasesFailed;
  }
};
REGISTER_LISTENER("counter", 1, Counter);

}  // namespace

namespace holdfast::testing {

void Skip(const std::string& why) {
  ++skipped;
  Say("skipped: " + why);
}

void Say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  // The output of a case that passes is not shown by ctest; its report is.
  if (const char* report = std::getenv("HOLDFAST_REPORT"); report != nullptr) {
    std::ofstream(report, std::ios::app) << line << '\n';
  }
}

}  // namespace holdfast::testing

int main(int argc, char** argv) {
  // What the caller has open is not for the programs that tests start.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  doctest::Context context(argc, argv);
  const int status = context.run();
  if (context.shouldExit()) return status;
  const unsigned skips = static_cast<unsigned>(skipped);
  std::printf("%u passed, %u failed, %u skipped\n", run - failed - skips, failed, skips);
  return status == 0 && skips > 0 && std::getenv("HOLDFAST_CTEST") != nullptr ? kSkipped : status;
}
