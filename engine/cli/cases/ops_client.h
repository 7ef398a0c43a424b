// OpsClient: sends the requests of operator commands to a running service over HTTP, or to a data
// folder that no service has open. Both answer the same requests (docs/openapi.yaml) in the same
// way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/cli/command_line.h"
#include "engine/codec/json_value.h"

namespace holdfast::cli {

struct OpsOptions {
  std::string url;       // of a service: http://..., https://... or unix:/path
  std::string key_file;  // holds the API key; empty: the variable HOLDFAST_KEY
  std::string data;      // or a data folder,
  std::string pack;      // with the pack that decides in it,
  std::string by;        // and who works there
  bool admin = false;    // as an administrator
  std::string merchant;  // empty: the key's, or the default
  bool json = false;
  bool activates = false;  // with `data`: `pack` need not be the active one
};

// Adds --url, --key-file, --data, --pack, --by, --admin, --merchant and --json. Returns --json.
Option AddOpsOptions(Command command, OpsOptions& options);
// Adds --csv, which excludes `json`.
void AddCsvOption(Command command, bool& csv, Option json);
// Adds only the options for the service and the key.
void AddServiceOptions(Command command, OpsOptions& options);

struct OpsAnswer {
  int status = 0;
  std::string body;
};

class OpsClient {
 public:
  virtual ~OpsClient() = default;

  // Sends a request. `target` is a path with a query, `seen` the decision that the sender has seen.
  // Errors: kUnavailable when no answer came.
  virtual Result<OpsAnswer> Ask(const std::string& method, const std::string& target,
                                const std::string& body, std::optional<std::uint64_t> seen) = 0;
  // POST /v1/events with one event a line. The answer has a line for each, without decisions.
  // Errors: as Ask.
  virtual Result<OpsAnswer> SendLines(const std::string& lines) = 0;

  // The answer to a GET as a tree. Errors: as Ask; what the service says is wrong.
  Result<JsonDocument> Get(const std::string& target);
  // The answer to an event that is sent, likewise.
  Result<JsonDocument> Send(const std::string& event, std::optional<std::uint64_t> seen = {});

  // The answer to a POST of something else, likewise.
  Result<JsonDocument> Post(const std::string& target, const std::string& body);

  // The query that names the merchant: "merchant=acme", or empty.
  const std::string& merchant() const { return merchant_; }

 protected:
  std::string merchant_;
};

// Errors: kUsage for options that do not go together; kOtherPack for a pack that is not the active
// one of the data folder; kBusy for a folder that is open elsewhere; those of
// ServiceRuntime::Start.
Result<std::unique_ptr<OpsClient>> OpenOps(const OpsOptions& options);

// The error of an answer with a status other than 2xx.
Error ErrorOf(const OpsAnswer& answer);

// A fresh id for an event.
std::string NewEventId();

// An event of `type` with a fresh id, that happens now. `payload` is JSON, the member
// `payload_key` of the event.
std::string NewEvent(const OpsOptions& options, const std::string& type, const std::string& order,
                     std::string_view payload_key, std::string_view payload);

}  // namespace holdfast::cli
