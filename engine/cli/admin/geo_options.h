// The options that say where countries and networks of IP addresses come from.
#pragma once

#include <memory>
#include <string>

#include "engine/cli/command_line.h"
#include "engine/signals/geo.h"

namespace holdfast::cli {

struct GeoOptions {
  std::string country = "shipped", asn, hosting, tor, vpn, postal;
};

void AddGeoOptions(Command command, GeoOptions& options);

// Null when nothing is to be looked up. Of a file that is missing or damaged a line on standard
// error says so, and the rest is used.
Result<std::unique_ptr<GeoDatabase>> OpenGeo(const GeoOptions& options);

}  // namespace holdfast::cli
