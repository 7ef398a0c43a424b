#include "engine/cli/cases/stats_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/number.h"
#include "engine/cli/ui/duration.h"
#include "engine/cli/ui/page.h"

namespace holdfast::cli {
namespace {

// Horizontal bars. The longest is as wide as the chart.
std::string Chart(const std::string& title, const JsonValue& of, const char* member) {
  constexpr int kBar = 22, kLeft = 220, kWide = 360;
  std::vector<std::pair<std::string, double>> bars;
  double most = 0;
  for (const auto& [name, value] : of.members()) {
    const double number = NumberOf(member == nullptr ? value : value[member]);
    bars.emplace_back(name, number);
    most = std::max(most, number);
  }
  if (member != nullptr) {
    std::stable_sort(bars.begin(), bars.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  std::string svg =
      fmt::format("<h2>{}</h2><svg role=\"img\" width=\"{}\" height=\"{}\">", Escaped(title),
                  kLeft + kWide + 80, std::max<std::size_t>(bars.size(), 1) * kBar + 4);
  int y = 0;
  for (const auto& [name, number] : bars) {
    const double width = most > 0 ? number / most * kWide : 0;
    svg += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>"
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>"
        "<text x=\"{:.1f}\" y=\"{}\">{:.0f}</text>",
        kLeft - 8, y + 15, Escaped(name), kLeft, y + 3, width, kBar - 8, kLeft + width + 6, y + 15,
        number);
    y += kBar;
  }
  return svg + "</svg>\n";
}

// The text of a member; a span of time where its name says that it is one.
std::string TextOf(const JsonValue& row, std::string_view member) {
  const std::string_view text = row[member].text();
  if (!member.ends_with("_seconds")) return std::string(text);
  return DurationText(ParseNumber<std::int64_t>(text).value_or(0));
}

std::string Table(const std::string& title, const JsonValue& of,
                  const std::vector<std::pair<const char*, const char*>>& columns) {
  std::string html = "<h2>" + Escaped(title) + "</h2><table><tr><th></th>";
  for (const auto& [member, head] : columns) html += "<th>" + std::string(head) + "</th>";
  html += "</tr>";
  for (const auto& [name, row] : of.members()) {
    html += "<tr><td>" + Escaped(name) + "</td>";
    for (const auto& [member, head] : columns) {
      html += "<td>" + Escaped(TextOf(row, member)) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table>\n";
}

}  // namespace

double BadShare(const JsonValue& stats) {
  const double shipped = NumberOf(stats["to_be_shipped"]);
  const double bad = NumberOf(stats["disputes"]) + NumberOf(stats["chargebacks"]);
  return shipped > 0 ? 100 * bad / shipped : 0;
}

std::string StatsPage(const JsonValue& stats, const std::vector<RateLimit>& limits) {
  std::string html = PageHead("Holdfast");
  html += "<h1>Orders of " + Escaped(stats["merchant"].text()) + "</h1><p>";
  const std::string from(stats["from"].text()), to(stats["to"].text());
  if (!from.empty()) html += "from " + Escaped(from) + " ";
  if (!to.empty()) html += "to " + Escaped(to);
  html += "</p><table>";
  const auto row_of = [&](const char* name, const std::string& text) {
    html += std::string("<tr><td>") + name + "</td><td>" + Escaped(text) + "</td></tr>";
  };
  const auto row = [&](const char* name, const JsonValue& value) {
    row_of(name, std::string(value.text()));
  };
  row("orders decided", stats["orders"]);
  row("to be shipped", stats["to_be_shipped"]);
  row("rejected at once", stats["rejected_at_once"]);
  row("held", stats["holds"]["held"]);
  row("released by people", stats["holds"]["released"]);
  row("released, then disputed or charged back", stats["holds"]["lost_after_release"]);
  row("cancelled while held", stats["holds"]["cancelled"]);
  row("held now", stats["holds"]["open"]);
  row_of("held for, median", TextOf(stats["holds"], "median_seconds"));
  row("waited for payment", stats["waiting_for_payment"]["orders"]);
  row("waiting for payment now", stats["waiting_for_payment"]["open"]);
  row_of("waited for payment, median", TextOf(stats["waiting_for_payment"], "median_seconds"));
  row("disputes", stats["disputes"]);
  row("chargebacks", stats["chargebacks"]);
  row("packed wrongly", stats["packed_wrongly"]);
  row("shipped while held", stats["shipped_while_held"]);
  html += "</table>\n";
  const double share = BadShare(stats);
  html += fmt::format("<p>Disputes and chargebacks are {:.2f} % of the orders shipped.</p>", share);
  for (const RateLimit& limit : limits) {
    html += fmt::format("<p class=\"{}\">{}: limit {:.2f} %, {}</p>",
                        share > limit.percent ? "over" : "", Escaped(limit.name), limit.percent,
                        share > limit.percent ? "EXCEEDED" : "kept");
  }
  html += Chart("Held, by cause", stats["by_cause"], "held");
  html += Chart("Held now, by age", stats["open_by_age"], nullptr);
  html += Chart("Held, by rule", stats["by_rule"], "held");
  const std::vector<std::pair<const char*, const char*>> sums = {
      {"held", "held"},
      {"released", "released"},
      {"rejected", "rejected"},
      {"by_itself", "by itself"},
      {"cancelled", "cancelled"},
      {"open", "open"},
      {"lost_after_release", "lost"},
      {"median_seconds", "median"},
      {"p90_seconds", "nine of ten within"}};
  html += Table("Rules", stats["by_rule"], sums);
  html += Table("Causes", stats["by_cause"], sums);
  html += Table("People", stats["by_person"],
                {{"claims", "claims"},
                 {"releases", "releases"},
                 {"rejections", "rejections"},
                 {"holds", "holds"},
                 {"approvals", "approvals"},
                 {"asked", "asked"},
                 {"lost_after_release", "lost"},
                 {"median_seconds", "median"}});
  return html + "</html>\n";
}

}  // namespace holdfast::cli
