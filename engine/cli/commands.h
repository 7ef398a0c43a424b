// The commands of `holdfast`. Each adds itself to the command line and returns an exit code when it
// runs: 0 fine, 1 found something, 2 usage, 3 failed.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace holdfast::cli {

// Called by the chosen command.
using Run = std::function<int()>;

void AddScore(CLI::App& app, Run& run);
void AddRules(CLI::App& app, Run& run);
void AddSimulate(CLI::App& app, Run& run);
void AddVerify(CLI::App& app, Run& run);
void AddLog(CLI::App& app, Run& run);
void AddBackup(CLI::App& app, Run& run);
void AddServe(CLI::App& app, Run& run);
void AddKeys(CLI::App& app, Run& run);
void AddOutbox(CLI::App& app, Run& run);
void AddQueue(CLI::App& app, Run& run);
void AddShow(CLI::App& app, Run& run);
void AddWork(CLI::App& app, Run& run);  // claim, release, reject, hold, ...
void AddReview(CLI::App& app, Run& run);
void AddRescore(CLI::App& app, Run& run);
void AddTune(CLI::App& app, Run& run);
void AddPacks(CLI::App& app, Run& run);
void AddPackCheck(CLI::App& app, Run& run);
void AddPermit(CLI::App& app, Run& run);
void AddHistory(CLI::App& app, Run& run);
void AddStats(CLI::App& app, Run& run);

}  // namespace holdfast::cli
