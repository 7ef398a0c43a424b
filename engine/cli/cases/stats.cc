#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/cases/stats_page.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/csv.h"
#include "engine/cli/ui/duration.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/screen.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string from, to, html;
  std::vector<std::string> limits;
  bool csv = false;
};

// "Visa=0.9": a name, and a share of the orders shipped in percent.
Result<std::vector<RateLimit>> LimitsOf(const std::vector<std::string>& texts) {
  std::vector<RateLimit> limits;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    std::string_view share = equals == text.npos ? "" : std::string_view(text).substr(equals + 1);
    if (share.ends_with('%')) share.remove_suffix(1);
    share = Trim(share);
    const RateLimit limit{text.substr(0, equals), ParseNumber<double>(share).value_or(0)};
    if (!(limit.percent > 0)) {
      return Fail(ErrorCode::kUsage, "--limit", "'" + text + "' is not as NAME=0.9, in percent");
    }
    limits.push_back(limit);
  }
  return limits;
}

std::string Span(const JsonValue& seconds) {
  return DurationText(ParseNumber<std::int64_t>(seconds.text()).value_or(0));
}

void ShowSums(const char* head, const JsonValue& of, Screen& screen) {
  std::vector<std::vector<std::string>> rows = {{head, "held", "released", "rejected", "by itself",
                                                 "cancelled", "open", "lost", "median", "p90"}};
  for (const auto& [name, sums] : of.members()) {
    std::vector<std::string>& row = rows.emplace_back();
    row.emplace_back(name);
    for (const char* member :
         {"held", "released", "rejected", "by_itself", "cancelled", "open", "lost_after_release"}) {
      row.emplace_back(sums[member].text());
    }
    row.push_back(Span(sums["median_seconds"]));
    row.push_back(Span(sums["p90_seconds"]));
  }
  if (rows.size() == 1) return;
  screen.Line("");
  screen.Table(rows);
}

void Show(const JsonValue& stats, const std::vector<RateLimit>& limits, Screen& screen) {
  const auto text = [&](const char* name) { return std::string(stats[name].text()); };
  screen.Line(text("orders") + " orders decided, " + text("to_be_shipped") + " to be shipped, " +
              text("rejected_at_once") + " rejected at once");
  const auto part = [&](const char* group, const char* name) {
    return std::string(stats[group][name].text());
  };
  screen.Line(part("holds", "held") + " held: " + part("holds", "released") + " released, " +
              part("holds", "rejected") + " rejected, " + part("holds", "by_itself") +
              " cleared automatically, " + part("holds", "cancelled") + " cancelled, " +
              part("holds", "open") + " open; median " + Span(stats["holds"]["median_seconds"]) +
              ", nine of ten within " + Span(stats["holds"]["p90_seconds"]));
  const JsonValue& waiting = stats["waiting_for_payment"];
  screen.Line(part("waiting_for_payment", "orders") +
              " waited for payment: " + part("waiting_for_payment", "to_be_shipped") +
              " then to be shipped, " + part("waiting_for_payment", "held") + " then held, " +
              part("waiting_for_payment", "rejected") + " rejected, " +
              part("waiting_for_payment", "cancelled") + " cancelled, " +
              part("waiting_for_payment", "open") + " open; median " +
              Span(waiting["median_seconds"]) + ", nine of ten within " +
              Span(waiting["p90_seconds"]));
  std::string ages;
  for (const auto& [name, count] : stats["open_by_age"].members()) {
    if (count.text() == "0") continue;
    ages += (ages.empty() ? "" : ", ") + std::string(count.text()) +
            (name == "more" ? " longer" : " under " + std::string(name));
  }
  if (!ages.empty()) screen.Line("held now: " + ages);
  screen.Line(text("packed_wrongly") + " packed wrongly, " + text("shipped_while_held") +
              " shipped while held");
  const double share = BadShare(stats);
  screen.Line(fmt::format("{} disputes and {} chargebacks: {:.2f} % of the orders shipped",
                          text("disputes"), text("chargebacks"), share));
  for (const RateLimit& limit : limits) {
    const bool over = share > limit.percent;
    screen.Line(fmt::format("{}: limit {:.2f} %, {}", limit.name, limit.percent,
                            over ? "EXCEEDED" : "kept"),
                over ? Colour::kRed : Colour::kGreen);
  }
  ShowSums("cause", stats["by_cause"], screen);
  ShowSums("rule", stats["by_rule"], screen);
  std::vector<std::vector<std::string>> rows = {
      {"who", "claims", "releases", "rejections", "holds", "approvals", "asked", "lost", "median"}};
  for (const auto& [name, person] : stats["by_person"].members()) {
    std::vector<std::string>& row = rows.emplace_back();
    row.emplace_back(name);
    for (const char* member : {"claims", "releases", "rejections", "holds", "approvals", "asked",
                               "lost_after_release"}) {
      row.emplace_back(person[member].text());
    }
    row.push_back(Span(person["median_seconds"]));
  }
  if (rows.size() == 1) return;
  screen.Line("");
  screen.Table(rows);
}

// One row for each number, named by its path in the JSON: group "by_cause", name "identity",
// measure "held".
void PrintNumbers(const JsonValue& stats) {
  std::vector<std::vector<std::string>> rows = {{"group", "name", "measure", "value"}};
  const auto add = [&rows](std::string_view group, std::string_view name, std::string_view measure,
                           const JsonValue& value) {
    rows.push_back(
        {std::string(group), std::string(name), std::string(measure), std::string(value.text())});
  };
  for (const auto& [measure, value] : stats.members()) {
    if (!value.IsMap()) add("", "", measure, value);
    for (const auto& [name, inner] : value.members()) {
      if (!inner.IsMap()) add(measure, "", name, inner);
      for (const auto& [part, number] : inner.members()) add(measure, name, part, number);
    }
  }
  PrintCsv(rows);
}

int ShowStats(const Options& options) {
  const auto limits = LimitsOf(options.limits);
  if (!limits) return ReportFailure(limits.error());
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  std::string target = "/v1/stats?" + (*client)->merchant();
  if (!options.from.empty()) target += "&from=" + EncodeUrl(options.from);
  if (!options.to.empty()) target += "&to=" + EncodeUrl(options.to);
  const auto stats = (*client)->Get(target);
  if (!stats) return ReportFailure(stats.error());
  const bool over = std::any_of(limits->begin(), limits->end(), [&](const RateLimit& limit) {
    return BadShare(stats->root()) > limit.percent;
  });
  if (!options.html.empty()) {
    if (Status kept = ReplaceFile(options.html, StatsPage(stats->root(), *limits)); !kept) {
      return ReportFailure(kept.error());
    }
    std::fprintf(stderr, "%s is written\n", options.html.c_str());
  }
  if (options.csv) {
    PrintNumbers(stats->root());
  } else if (options.json || options.html.empty()) {
    Print(stats->root(), options.json,
          [&](Screen& screen) { Show(stats->root(), *limits, screen); });
  }
  return over ? 1 : 0;
}

}  // namespace

void AddStats(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("stats", "What was held, why, how long, who decided, and what was lost");
  command.Value("--from", options->from, "A time; default the beginning");
  command.Value("--to", options->to, "A time, itself not counted");
  command.Value("--limit", options->limits,
                "NAME=0.9: how many percent of the orders shipped may be disputed or charged "
                "back; exit code 1 when it is exceeded");
  command.Value("--html", options->html, "Write a page with charts to this file").File();
  AddCsvOption(command, options->csv, AddOpsOptions(command, *options));
  command.Example("holdfast stats --from 2026-11-01T00:00:00Z --limit Visa=0.9");
  command.Does([options] { return ShowStats(*options); });
}

}  // namespace holdfast::cli
