// The commands of `holdfast`. Each adds itself to the command line.
#pragma once

#include "engine/cli/command_line.h"

namespace holdfast::cli {

void AddScore(Command app);
void AddRules(Command app);
void AddSimulate(Command app);
void AddVerify(Command app);
void AddLog(Command app);
void AddBackup(Command app);
void AddServe(Command app);
void AddKeys(Command app);
void AddOutbox(Command app);
void AddSend(Command app);
void AddQueue(Command app);
void AddShow(Command app);
void AddFind(Command app);
void AddClaims(Command app);  // claim, assign, escalate, undo
void AddWork(Command app);    // release, reject, hold, ...
void AddBlock(Command app);   // block, trust
void AddAlerts(Command app);
void AddReview(Command app);
void AddRescore(Command app);
void AddTune(Command app);
void AddPacks(Command app);
void AddPackCheck(Command app);
void AddPermit(Command app);
void AddHistory(Command app);
void AddStats(Command app);

// These read all commands of `line`, which must outlive them, when they run.
void AddCompletion(CommandLine& line, Command app);
void AddMan(CommandLine& line, Command app);

}  // namespace holdfast::cli
