#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "engine/cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app{"Holdfast decides, for every order, ship or hold, and says why."};
  app.name("holdfast");
  app.set_version_flag("--version", "holdfast " HOLDFAST_VERSION);
  app.require_subcommand(1);
  holdfast::cli::Run run;
  holdfast::cli::AddScore(app, run);
  holdfast::cli::AddRules(app, run);
  holdfast::cli::AddSimulate(app, run);
  holdfast::cli::AddVerify(app, run);
  holdfast::cli::AddLog(app, run);
  holdfast::cli::AddBackup(app, run);
  holdfast::cli::AddServe(app, run);
  holdfast::cli::AddKeys(app, run);
  holdfast::cli::AddOutbox(app, run);
  holdfast::cli::AddQueue(app, run);
  holdfast::cli::AddShow(app, run);
  holdfast::cli::AddWork(app, run);
  holdfast::cli::AddReview(app, run);
  holdfast::cli::AddPackCheck(app, run);
  holdfast::cli::AddPermit(app, run);
  holdfast::cli::AddHistory(app, run);
  holdfast::cli::AddStats(app, run);
  holdfast::cli::AddRescore(app, run);
  holdfast::cli::AddTune(app, run);
  holdfast::cli::AddPacks(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int status = app.exit(e);
    return status == 0 ? 0 : 2;
  }
  try {
    return run();
  } catch (const std::exception& e) {
    // Nothing of Holdfast throws; what libraries throw all the same ends here.
    std::fprintf(stderr, "holdfast: error[internal]: %s\n", e.what());
    return 3;
  }
}
