#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "engine/cli/commands.h"

int main(int argc, char** argv) {
  using namespace holdfast::cli;
  CommandLine line("holdfast", "Holdfast decides, for every order, ship or hold, and says why.",
                   "holdfast " HOLDFAST_VERSION);
  // The headings of the help, and the commands under each.
  const std::pair<const char*, std::vector<void (*)(Command)>> groups[] = {
      {"Score and rules", {&AddScore, &AddRules, &AddSimulate}},
      {"Held orders",
       {&AddQueue, &AddFind, &AddShow, &AddReview, &AddClaims, &AddWork, &AddPackCheck, &AddBlock,
        &AddAlerts, &AddHistory, &AddStats}},
      {"Packs and rescoring", {&AddPacks, &AddRescore, &AddTune}},
      {"Service and keys", {&AddServe, &AddKeys, &AddPermit, &AddOutbox, &AddSend}},
      {"Data folders", {&AddVerify, &AddLog, &AddBackup}}};
  for (const auto& [heading, commands] : groups) {
    for (const auto add : commands) add(line.top(heading));
  }
  AddCompletion(line, line.top("Help"));
  AddMan(line, line.top("Help"));
  try {
    return line.Run(argc, argv);
  } catch (const std::exception& e) {
    // Holdfast throws no exceptions. Those of libraries end here.
    std::fprintf(stderr, "holdfast: error[internal]: %s\n", e.what());
    return 3;
  }
}
