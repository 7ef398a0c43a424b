// AddOn: adds a command that works on orders, with its own options and those of OpsOptions.
#pragma once

#include <memory>

#include "engine/cli/cases/ops_client.h"

namespace holdfast::cli {

// `describe` adds the command's own options, `act` runs it. `Options` derives from OpsOptions.
template <typename Options, typename Describe, typename Act>
void AddOn(Command app, const char* name, const char* what, Describe describe, Act act) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(name, what);
  describe(command, *options);
  AddOpsOptions(command, *options);
  command.Does([options, act] { return act(*options); });
}

}  // namespace holdfast::cli
