#include <cstdio>
#include <exception>

#include "engine/cli/commands.h"

int main(int argc, char** argv) {
  using namespace holdfast::cli;
  CommandLine line("holdfast", "Holdfast decides, for every order, ship or hold, and says why.",
                   "holdfast " HOLDFAST_VERSION);
  for (const auto add :
       {&AddScore,  &AddRules,   &AddSimulate, &AddVerify,  &AddLog,  &AddBackup, &AddServe,
        &AddKeys,   &AddOutbox,  &AddQueue,    &AddShow,    &AddWork, &AddReview, &AddPackCheck,
        &AddPermit, &AddHistory, &AddStats,    &AddRescore, &AddTune, &AddPacks}) {
    add(line.top());
  }
  try {
    return line.Run(argc, argv);
  } catch (const std::exception& e) {
    // Holdfast throws no exceptions. Those of libraries end here.
    std::fprintf(stderr, "holdfast: error[internal]: %s\n", e.what());
    return 3;
  }
}
