#include "engine/cli/ui/screen.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace holdfast::cli {
namespace {

std::string WithoutEnd(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> Wrapped(std::string_view text, int width) {
  std::vector<std::string> lines;
  std::string line;
  int used = 0;
  std::size_t blank = std::string::npos;  // in `line`, after which it may be broken
  const std::string safe = Safe(text);
  for (std::size_t at = 0; at < safe.size();) {
    const std::size_t begin = at;
    NextCodePoint(safe, at);
    const std::string_view one = std::string_view(safe).substr(begin, at - begin);
    const int mine = DisplayWidth(one);
    if (used + mine > width && !line.empty()) {
      std::string rest;
      if (blank != std::string::npos && one != " ") {
        rest = line.substr(blank + 1);
        line.resize(blank);
      }
      lines.push_back(WithoutEnd(std::move(line)));
      line = std::move(rest);
      used = DisplayWidth(line);
      blank = std::string::npos;
      if (one == " ") continue;
    }
    if (one == " ") blank = line.size();
    line += one;
    used += mine;
  }
  if (!line.empty() || lines.empty()) lines.push_back(WithoutEnd(std::move(line)));
  return lines;
}

void Screen::Line(std::string_view text, Colour colour) {
  lines_.push_back({"", WithoutEnd(Fit(Safe(text), width_)), colour});
}

void Screen::Heading(std::string_view text) {
  if (!lines_.empty()) lines_.emplace_back();
  Line(text, Colour::kBold);
}

void Screen::Item(std::string_view mark, std::string_view text, Colour colour) {
  const int indent = DisplayWidth(mark);
  bool first = true;
  for (const std::string& line : Wrapped(text, std::max(width_ - indent, 10))) {
    std::string before(mark);
    if (!first) before.assign(static_cast<std::size_t>(indent), ' ');
    lines_.push_back({std::move(before), line, colour});
    first = false;
  }
}

void Screen::Table(const std::vector<std::vector<std::string>>& rows,
                   const std::vector<std::string>& below) {
  if (rows.empty()) return;
  const std::size_t columns = rows[0].size();
  constexpr int kGap = 2, kLeast = 13;
  std::vector<int> widths(columns, 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(Safe(row[i])));
    }
  }
  // The widest column is shortened first. Short columns, such as amounts and times, are not
  // shortened; if that is not enough, the last columns are.
  const auto sum = [&] {
    int all = kGap * (static_cast<int>(columns) - 1);
    for (const int width : widths) all += width;
    return all;
  };
  while (sum() > width_) {
    int& widest = *std::max_element(widths.begin(), widths.end());
    if (widest <= kLeast) break;
    --widest;
  }
  for (std::size_t last = columns - 1; last > 0 && sum() > width_; --last) {
    const int left = widths[last] - (sum() - width_);
    // A column that is left out has no gap either.
    widths[last] = left > kGap ? left : -kGap;
  }
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto& row = rows[at];
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      if (widths[i] < 0) continue;
      if (i > 0) line.append(kGap, ' ');
      line += Fit(Safe(row[i]), widths[i]);
    }
    const Colour colour = at == 0 ? Colour::kDim : Colour::kNone;
    lines_.push_back({"", WithoutEnd(std::move(line)), colour});
    const bool noted = at > 0 && at <= below.size() && !below[at - 1].empty();
    if (noted) Line("    " + below[at - 1], Colour::kDim);
  }
}

std::string Screen::text() const {
  std::string text;
  for (const ScreenLine& line : lines_) {
    text += line.mark + Paint(line.text, line.colour, colour_) + "\n";
  }
  return text;
}

void Print(const JsonValue& answer, bool json, const std::function<void(Screen& screen)>& show) {
  std::string text;
  if (json) {
    WriteJson(answer, text);
    text += '\n';
  } else {
    Screen screen(TerminalWidth(), UseColour());
    show(screen);
    text = screen.text();
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace holdfast::cli
