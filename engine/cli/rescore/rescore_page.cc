#include "engine/cli/rescore/rescore_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/cli/ui/page.h"

namespace holdfast::cli {
namespace {

constexpr int kWide = 640, kHigh = 180, kLeft = 60;

std::string Svg(int height, const std::string& content) {
  return fmt::format("<svg role=\"img\" width=\"{}\" height=\"{}\">", kLeft + kWide + 20, height) +
         content + "</svg>\n";
}

// The share of stopped orders for each week, before and after.
std::string HoldRate(const JsonValue& weeks) {
  const auto list = weeks.list();
  if (list.size() < 2) return "<p>Less than two weeks.</p>";
  double most = 0;
  const auto share = [](const JsonValue& week, const char* member) {
    const double orders = NumberOf(week["orders"]);
    return orders > 0 ? NumberOf(week[member]) / orders : 0;
  };
  for (const JsonValue& week : list) {
    most = std::max({most, share(week, "stopped_before"), share(week, "stopped_after")});
  }
  if (most == 0) return "<p>Nothing is stopped.</p>";
  std::string svg;
  for (const auto& [member, style] :
       {std::pair("stopped_before", "line other"), {"stopped_after", "line"}}) {
    std::string points;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const double x =
          kLeft + static_cast<double>(i) / static_cast<double>(list.size() - 1) * kWide;
      points +=
          fmt::format("{:.1f},{:.1f} ", x, kHigh - share(list[i], member) / most * kHigh + 10);
    }
    svg += fmt::format("<polyline class=\"{}\" points=\"{}\"/>", style, points);
  }
  svg += fmt::format("<text x=\"0\" y=\"20\">{:.1f} %</text><text x=\"0\" y=\"{}\">0 %</text>",
                     100 * most, kHigh + 12);
  svg += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", kLeft, kHigh + 30,
                     Escaped(list.front()["week"].text()));
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLeft + kWide,
                     kHigh + 30, Escaped(list.back()["week"].text()));
  return "<p>Blue: with the new pack. Grey: before.</p>" + Svg(kHigh + 40, svg);
}

// The number of orders for each score, by label. The tallest bar of each label is as high as the
// chart.
std::string Scores(const JsonValue& scores) {
  constexpr int kBins = 20;
  std::string html;
  for (const char* label : {"fraud", "good", "unknown"}) {
    std::array<double, kBins> bins{};
    for (const JsonValue& one : scores.list()) {
      const auto bin = static_cast<std::size_t>(NumberOf(one["score"]) / 100 * (kBins - 1));
      bins[std::min<std::size_t>(bin, kBins - 1)] += NumberOf(one[label]);
    }
    const double most = *std::max_element(bins.begin(), bins.end());
    if (most == 0) continue;
    constexpr int kTall = 80;
    std::string svg;
    for (std::size_t i = 0; i < kBins; ++i) {
      const double high = bins[i] / most * kTall;
      svg += fmt::format(
          "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\"/>", label,
          kLeft + static_cast<int>(i) * kWide / kBins, kTall - high + 4, kWide / kBins - 3, high);
    }
    svg += fmt::format(
        "<text x=\"0\" y=\"16\">{:.0f}</text><text x=\"{}\" y=\"{}\">score 0</text>"
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">100</text>",
        most, kLeft, kTall + 20, kLeft + kWide, kTall + 20);
    html += fmt::format("<p>{}</p>", label) + Svg(kTall + 28, svg);
  }
  return html.empty() ? "<p>No order has a score.</p>" : html;
}

using Columns = std::vector<std::pair<const char*, const char*>>;

std::string Table(const JsonValue& rows, const Columns& columns) {
  std::string html = "<table><tr>";
  for (const auto& [member, head] : columns) html += fmt::format("<th>{}</th>", head);
  html += "</tr>";
  for (const JsonValue& row : rows.list()) {
    html += "<tr>";
    for (const auto& [member, head] : columns) {
      const JsonValue& value = row[member];
      html += "<td>" + (value.IsMap() ? RateText(value) : Escaped(value.text())) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table>\n";
}

std::string Confusions(const JsonValue& summary) {
  std::string html = "<table><tr><th></th><th>before</th><th>after</th></tr>";
  for (const auto& [member, name] : ConfusionRows()) {
    html += fmt::format("<tr><td>{}</td>", name);
    for (const char* side : {"before", "after"}) {
      const JsonValue& value = summary[side][member];
      html += "<td>" + (value.IsMap() ? RateText(value) : Escaped(value.text())) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table>\n";
}

// The number of orders that each pair of rules stops; darker means more.
std::string Overlap(const JsonValue& overlap) {
  std::vector<std::string> names;
  double most = 0;
  for (const JsonValue& pair : overlap.list()) {
    for (const char* side : {"a", "b"}) names.emplace_back(pair[side].text());
    most = std::max(most, NumberOf(pair["orders"]));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.empty()) return "<p>No order is stopped by two rules.</p>";
  const auto place = [&](std::string_view name) {
    return static_cast<int>(std::lower_bound(names.begin(), names.end(), name) - names.begin());
  };
  constexpr int kCell = 16, kNames = 230;
  const int size = static_cast<int>(names.size());
  std::string svg;
  for (int i = 0; i < size; ++i) {
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kNames - 6,
                       i * kCell + 13, Escaped(names[static_cast<std::size_t>(i)]));
  }
  for (const JsonValue& pair : overlap.list()) {
    const int a = place(pair["a"].text()), b = place(pair["b"].text());
    for (const auto& [x, y] : {std::pair(a, b), {b, a}}) {
      svg += fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" opacity=\"{:.2f}\"><title>{} and {}: "
          "{} orders</title></rect>",
          kNames + x * kCell, y * kCell, kCell - 1, kCell - 1,
          0.1 + 0.9 * NumberOf(pair["orders"]) / most, Escaped(pair["a"].text()),
          Escaped(pair["b"].text()), Escaped(pair["orders"].text()));
    }
  }
  return fmt::format("<svg role=\"img\" width=\"{}\" height=\"{}\">", kNames + size * kCell + 10,
                     size * kCell + 6) +
         svg + "</svg>\n";
}

std::string Causes(const JsonValue& causes) {
  std::string html =
      "<table><tr><th>cause</th><th>before</th><th>money</th><th>after</th><th>money</th></tr>";
  for (const JsonValue& cause : causes.list()) {
    html += "<tr><td>" + Escaped(cause["cause"].text()) + "</td>";
    for (const char* side : {"before", "after"}) {
      html += "<td>" + Escaped(cause[side]["orders"].text()) + "</td><td>" +
              Escaped(cause[side]["amount"].text()) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table>\n";
}

}  // namespace

std::string RateText(const JsonValue& rate) {
  if (rate["value"].text().empty()) return "-";
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100 * NumberOf(rate["value"]),
                     100 * NumberOf(rate["low"]), 100 * NumberOf(rate["high"]));
}

const std::vector<std::pair<const char*, const char*>>& ConfusionRows() {
  static const std::vector<std::pair<const char*, const char*>> rows = {
      {"stopped", "orders stopped"},
      {"waiting", "held for their money alone"},
      {"fraud_stopped", "fraud stopped"},
      {"fraud_passed", "fraud passed"},
      {"good_stopped", "good stopped"},
      {"good_passed", "good passed"},
      {"precision", "fraud, of those stopped"},
      {"recall", "stopped, of fraud"},
      {"false_hold_rate", "stopped, of good orders"},
      {"money_saved", "money of fraud stopped"},
      {"money_lost", "money of fraud passed"},
      {"money_held_wrongly", "money of good orders stopped"},
      {"review_minutes", "minutes of review"}};
  return rows;
}

std::string ComparedText(const JsonValue& summary) {
  const auto name = [](const JsonValue& pack) {
    return std::string(pack["name"].text()) + " version " + std::string(pack["version"].text());
  };
  std::string text = name(summary["pack"]) + ", compared with " +
                     (summary["compared_with"].IsMap() ? name(summary["compared_with"])
                                                       : std::string("what was decided"));
  for (const char* bound : {"merchant", "from", "to"}) {
    if (summary[bound].text().empty()) continue;
    text += std::string(", ") + bound + " " + std::string(summary[bound].text());
  }
  return text + ", as of " + std::string(summary["as_of"].text()) +
         (summary["labels"].text().empty() ? "" : ", with labels from a file");
}

std::string RescorePage(const JsonValue& summary) {
  const auto text = [&](const char* name) { return Escaped(summary[name].text()); };
  std::string html = PageHead("Rescored");
  html += "<h1>" + Escaped(summary["pack"]["name"].text()) + " " +
          Escaped(summary["pack"]["version"].text()) + "</h1><p>" + Escaped(ComparedText(summary)) +
          "</p><p>" + text("orders") + " orders, " + text("amount") + " " + text("base_currency") +
          "; " + text("flipped") + " would have ended otherwise.</p>\n";
  for (const JsonValue& warning : summary["warnings"].list()) {
    html += "<p class=\"warn\">" + Escaped(warning.text()) + "</p>";
  }
  html += "<h2>What is stopped, and rightly?</h2>" + Confusions(summary);
  html += "<h2>What changes</h2>" + Table(summary["moves"], {{"before", "before"},
                                                             {"after", "after"},
                                                             {"orders", "orders"},
                                                             {"amount", "money"},
                                                             {"fraud", "fraud"},
                                                             {"good", "good"},
                                                             {"unknown", "unknown"}});
  html += "<h2>Stopped, week by week</h2>" + HoldRate(summary["weeks"]);
  html += Table(summary["weeks"], {{"week", "week from"},
                                   {"orders", "orders"},
                                   {"amount", "money"},
                                   {"stopped_before", "stopped before"},
                                   {"stopped_after", "after"},
                                   {"fraud_stopped_after", "fraud"},
                                   {"good_stopped_after", "good"},
                                   {"flipped", "changed"}});
  html += "<h2>Scores</h2>" + Scores(summary["scores"]);
  html += "<h2>Causes</h2>" + Causes(summary["causes"]);
  html += "<h2>Rules</h2><p>Needed: orders that nothing else would stop.</p>" +
          Table(summary["rules"], {{"rule", "rule"},
                                   {"hits", "hits"},
                                   {"fraud", "fraud"},
                                   {"good", "good"},
                                   {"precision", "fraud, of labelled"},
                                   {"stops", "stops"},
                                   {"needed", "needed"},
                                   {"needed_fraud", "fraud"},
                                   {"needed_good", "good"},
                                   {"money_saved", "money saved"},
                                   {"money_held_wrongly", "held wrongly"},
                                   {"flips", "changes"},
                                   {"may_go", "may go"}});
  html += "<h2>Rules that stop the same orders</h2>" + Overlap(summary["overlap"]);
  html += "<h2>Thresholds</h2>" + Table(summary["curve"], {{"threshold", "threshold"},
                                                           {"stopped", "stopped"},
                                                           {"fraud_stopped", "fraud"},
                                                           {"good_stopped", "good"},
                                                           {"recall", "of fraud"},
                                                           {"false_hold_rate", "of good orders"},
                                                           {"money_saved", "money saved"},
                                                           {"money_held_wrongly", "held wrongly"}});
  if (summary["merchants"].list().size() > 1) {
    html += "<h2>Merchants</h2>" + Table(summary["merchants"], {{"merchant", "merchant"},
                                                                {"orders", "orders"},
                                                                {"amount", "money"},
                                                                {"stopped_before", "before"},
                                                                {"stopped_after", "after"},
                                                                {"flipped", "changed"}});
  }
  return html + "</html>\n";
}

}  // namespace holdfast::cli
