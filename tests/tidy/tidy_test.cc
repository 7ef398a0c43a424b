// Tidy: the rules of the house that a compiler does not check. They read the sources.
#include <doctest/doctest.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Sources(const char* folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(HOLDFAST_SOURCE) / folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".cc" || extension == ".h") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Relative(const fs::path& path) { return fs::relative(path, HOLDFAST_SOURCE).string(); }

struct Include {
  int line;
  std::string name;
  bool quoted;
};

std::vector<Include> IncludesOf(const fs::path& path) {
  static const RE2 pattern(R"re(^#\s*include\s+([<"])([^>"]+)[>"])re");
  std::vector<Include> includes;
  std::ifstream in(path);
  std::string line, quote, name;
  for (int number = 1; std::getline(in, line); ++number) {
    if (RE2::PartialMatch(line, pattern, &quote, &name))
      includes.push_back({number, name, quote == "\""});
  }
  return includes;
}

// What each layer may include beside itself and the standard library.
const std::map<std::string, std::set<std::string>>& Layers() {
  static const std::map<std::string, std::set<std::string>> layers = [] {
    std::map<std::string, std::set<std::string>> all;
    all["base"] = {};
    all["model"] = {"base"};
    for (const char* name : {"codec", "cel", "signals", "funds", "net", "simulate"})
      all[name] = {"base", "model"};
    all["yaml"] = {"base", "model", "codec", "cel"};
    all["orders"] = {"base", "model", "signals", "funds"};
    all["store"] = {"base", "model", "orders"};
    all["features"] = {"base", "model", "cel", "signals", "funds", "orders", "store"};
    all["packs"] = {"base",  "model",  "codec", "cel",     "signals",
                    "funds", "orders", "yaml",  "features"};
    all["decide"] = all["packs"];
    all["decide"].insert({"store", "packs"});
    all["pipeline"] = all["decide"];
    all["pipeline"].insert("decide");
    all["upkeep"] = all["ingest"] = all["review"] = all["rescore"] = all["pipeline"];
    for (const char* name : {"upkeep", "ingest", "review", "rescore"}) all[name].insert("pipeline");
    all["webhooks"] = {"base", "model", "codec", "funds"};
    all["outbox"] = all["upkeep"];
    all["outbox"].insert("net");
    all["server"] = all["outbox"];
    all["server"].insert({"ingest", "webhooks", "outbox", "review", "upkeep"});
    all["cli"] = all["server"];
    all["cli"].insert({"server", "rescore", "simulate"});
    return all;
  }();
  return layers;
}

TEST_SUITE_BEGIN("tidy");

TEST_CASE("tidy: includes point one way") {
  for (const fs::path& path : Sources("engine")) {
    const std::string name = Relative(path);
    const std::string layer = name.substr(7, name.find('/', 7) - 7);
    REQUIRE_MESSAGE(Layers().contains(layer), name << ": the folder is not in the list of layers");
    for (const Include& include : IncludesOf(path)) {
      if (!include.quoted) continue;
      if (include.name.starts_with("holdfast/")) continue;  // the public face
      REQUIRE_MESSAGE(include.name.starts_with("engine/"),
                      name << ":" << include.line << ": write the path from the root: engine/...");
      const std::string other = include.name.substr(7, include.name.find('/', 7) - 7);
      CHECK_MESSAGE((other == layer || Layers().at(layer).contains(other)),
                    name << ":" << include.line << ": includes " << include.name << "; " << layer
                         << " may not use " << other);
    }
  }
}

TEST_CASE("tidy: heavy headers stay in the files that need them") {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"rapidjson/", {"engine/codec/json.cc", "engine/codec/json_value.cc"}},
      {"yaml-cpp/", {"engine/yaml/yaml_file.cc"}},
      {"re2/",
       {"engine/cel/frontend/checker.cc", "engine/cel/eval/compiler.cc",
        "engine/cel/eval/machine.cc", "engine/cel/eval/predicate.cc",
        "engine/cel/eval/predicate_compiler.cc", "engine/cel/library/stdlib.cc",
        "engine/signals/notes.cc", "engine/signals/postal_codes.cc"}},
      {"date/", {"engine/base/time.cc"}},
      {"openssl/",
       {"engine/base/base64.cc", "engine/base/ed25519.cc", "engine/base/hash.cc",
        "engine/base/hmac.cc", "engine/webhooks/signature.cc"}},
      {"zlib.h", {"engine/webhooks/paypal.cc"}},
      {"zstd.h", {"engine/base/zstd.cc"}},
      {"xxhash.h", {"engine/base/hash.cc"}},
      {"csv.h", {"engine/base/csv.cc", "engine/ingest/csv_source.cc"}},
      {"maxminddb.h", {"engine/signals/geo.cc"}},
      {"unicode/",
       {"engine/cli/ui/terminal.cc", "engine/signals/canonical_text.cc", "engine/signals/emails.cc",
        "engine/signals/generate/han_readings.cc", "engine/signals/notes.cc",
        "engine/signals/words.cc"}},
      {"phonenumbers/", {"engine/signals/phones.cc"}},
      {"rocksdb/",
       {"engine/store/rocksdb_common.cc", "engine/store/rocksdb_common.h",
        "engine/store/rocksdb_log.cc", "engine/store/rocksdb_state.cc"}},
      {"boost/",
       {"engine/server/byte_stream.cc", "engine/server/byte_stream.h",
        "engine/server/connection.cc", "engine/server/connection.h", "engine/server/listener.cc"}},
      {"curl/", {"engine/net/http_client.cc"}},
      {"prometheus/", {"engine/server/metrics.cc"}},
      {"spdlog/", {"engine/server/log.cc"}},
      {"CLI/", {"engine/cli/command_line.cc"}},
      {"curses.h", {"engine/cli/ui/full_screen.cc"}},
      {"ncurses", {}},
      {"doctest/", {}},
  };
  for (const fs::path& path : Sources("engine")) {
    const std::string name = Relative(path);
    for (const Include& include : IncludesOf(path)) {
      for (const auto& [prefix, files] : allowed) {
        if (include.quoted || !include.name.starts_with(prefix)) continue;
        CHECK_MESSAGE(files.contains(name),
                      name << ":" << include.line << ": includes " << include.name);
      }
    }
  }
}

TEST_CASE("tidy: headers say what they are and are included once") {
  for (const char* folder : {"engine", "include"}) {
    if (!fs::exists(fs::path(HOLDFAST_SOURCE) / folder)) continue;
    for (const fs::path& path : Sources(folder)) {
      if (path.extension() != ".h") continue;
      std::ifstream in(path);
      std::stringstream text;
      text << in.rdbuf();
      CHECK_MESSAGE(text.str().starts_with("// "), Relative(path) << ": begins without a comment");
      CHECK_MESSAGE(text.str().find("#pragma once") != std::string::npos, Relative(path));
    }
  }
}

TEST_CASE("tidy: no clock and no sleep where time comes from events") {
  const RE2 clock(
      R"(system_clock|steady_clock|std::time\(|gettimeofday|sleep_for|usleep|wall_time\.h)");
  for (const fs::path& path : Sources("engine")) {
    const std::string name = Relative(path);
    // What runs in real time; what it decides with are the times of events.
    const bool lives = name.starts_with("engine/cli/") || name.starts_with("engine/server/") ||
                       name.starts_with("engine/outbox/");
    if (lives) continue;
    if (name == "engine/base/wall_time.h") continue;
    if (name.starts_with("engine/pipeline/committer")) continue;  // when to sync, not what
    std::ifstream in(path);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      CHECK_MESSAGE(!RE2::PartialMatch(line, clock),
                    name << ":" << number << ": reads a clock or sleeps");
    }
  }
}

// The text of a file; empty when there is none.
std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_CASE("tidy: what callers must keep to is checked when it runs") {
  const RE2 requires_word(R"(\bREQUIRES\b)"), check_word(R"(HOLDFAST_(SLOW_)?CHECK\()");
  const auto count = [](const std::string& text, const RE2& word) {
    re2::StringPiece rest(text);
    int found = 0;
    while (RE2::FindAndConsume(&rest, word)) ++found;
    return found;
  };
  // Pure virtual: each implementation is checked by the library behind it.
  const std::set<std::string> excused = {"engine/store/state_disk.h", "engine/base/check.h"};
  for (const fs::path& path : Sources("engine")) {
    if (path.extension() != ".h" || excused.contains(Relative(path))) continue;
    const std::string header = TextOf(path);
    const int wanted = count(header, requires_word);
    if (wanted == 0) continue;
    fs::path source = path;
    source.replace_extension(".cc");
    std::string code = header + TextOf(source);
    // Interfaces are implemented elsewhere in their room.
    if (!fs::exists(source)) {
      for (const auto& entry : fs::directory_iterator(path.parent_path())) code += TextOf(entry);
    }
    CHECK_MESSAGE(count(code, check_word) > 0, Relative(path) << ": REQUIRES without a check");
  }
}

TEST_CASE("tidy: numbers are read, and enumerations named, in one way") {
  const RE2 number(R"(std::from_chars|std::sto[a-z]+\(|std::ato[a-z]+\(|std::strto[a-z]+\()");
  const RE2 table(R"(k[A-Z]\w*\[static_cast<(std::size_t|int)>\()");
  // CEL has numbers of its own; an unfinished line is read from its beginning.
  const std::set<std::string> own_numbers = {
      "engine/base/number.h", "engine/cel/frontend/parser.cc", "engine/cel/library/stdlib.cc",
      "engine/rescore/part.cc"};
  const std::set<std::string> own_tables = {
      "engine/simulate/simulator.cc", "engine/cel/frontend/type.cc", "engine/cel/eval/predicate.cc",
      "engine/signals/words.cc", "engine/signals/sounds.cc"};
  for (const fs::path& path : Sources("engine")) {
    const std::string name = Relative(path), text = TextOf(path);
    CHECK_MESSAGE((own_numbers.contains(name) || !RE2::PartialMatch(text, number)),
                  name << ": reads a number; use ParseNumber");
    CHECK_MESSAGE((own_tables.contains(name) || !RE2::PartialMatch(text, table)),
                  name << ": indexes a table by an enumeration; use NameIn");
  }
}

TEST_CASE("tidy: comments, texts and documents say who or what is meant") {
  const RE2 word(R"((?i)\b(he|his|whoever|somebody|anybody|anew)\b)");
  std::vector<fs::path> files = Sources("engine");
  for (const char* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) {
    files.push_back(fs::path(HOLDFAST_SOURCE) / name);
  }
  for (const auto& entry : fs::directory_iterator(fs::path(HOLDFAST_SOURCE) / "docs")) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  for (const fs::path& path : files) {
    std::ifstream in(path);
    std::string line, found;
    for (int number = 1; std::getline(in, line); ++number) {
      CHECK_MESSAGE(!RE2::PartialMatch(line, word, &found),
                    Relative(path) << ":" << number << ": says '" << found << "'");
    }
  }
}

std::vector<std::string> LinesOf(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("tidy: no file is longer than 700 lines") {
  // Each with its reason.
  const std::set<std::string> allowed = {
      "engine/cel/frontend/checker.cc",  // one pass over the tree: a function a form of expression
      "engine/codec/event_reader.cc",    // one state machine over tokens
  };
  constexpr std::size_t kMost = 700;
  for (const fs::path& path : Sources("engine")) {
    if (allowed.contains(Relative(path))) continue;
    CHECK_MESSAGE(LinesOf(path).size() <= kMost, Relative(path) << ": is longer");
  }
}

TEST_CASE("tidy: no function is longer than 70 lines") {
  const std::set<std::string> allowed = {
      "Value Machine::RunSteps",  // the instructions, one after another: a call each costs
      "const std::vector<Fact>& FactTable",  // a table
      "std::span<const Fact> OrderFacts",    // a table
      "std::span<const Fact> LinkFacts",     // a table
      "const std::vector<Key>& Table",       // a table
      "void AddStandardLibrary",             // a table
  };
  constexpr std::size_t kMost = 70;
  // A line on which a body begins: "Status Foo(int a) const {", or the end of such a head.
  const RE2 head(R"(^( {0,4})([^ #/}].*\)(?: const| override| noexcept| final)*) \{$)");
  const RE2 other(R"(^(namespace|class|struct|enum|if|for|while|switch|else|do|try|return)\b)");
  for (const fs::path& path : Sources("engine")) {
    const std::vector<std::string> lines = LinesOf(path);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string indent, text;
      if (!RE2::FullMatch(lines[i], head, &indent, &text) || RE2::PartialMatch(text, other))
        continue;
      if (text.find("](") != text.npos) continue;  // a lambda is a part of its function
      // A head of several lines begins where its first stands.
      std::size_t begin = i;
      while (begin > 0 && !lines[begin - 1].empty() &&
             std::string(";{}:").find(lines[begin - 1].back()) == std::string::npos &&
             lines[begin - 1].find("//") == std::string::npos) {
        --begin;
      }
      indent = lines[begin].substr(0, lines[begin].find_first_not_of(' '));
      const auto end =
          std::find(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end(), indent + "}");
      const auto length = static_cast<std::size_t>(end - lines.begin()) - i + 1;
      if (end == lines.end() || length <= kMost) continue;
      const std::string name = text.substr(0, text.find('('));
      CHECK_MESSAGE(allowed.contains(name), Relative(path) << ":" << i + 1 << ": " << name
                                                           << " has " << length << " lines");
    }
  }
}

TEST_CASE("tidy: no class has more than 15 private functions") {
  const std::set<std::string> allowed = {
      // A function for each form of expression.
      "engine/cel/frontend/checker.cc", "engine/cel/frontend/parser.cc",
      "engine/cel/eval/compiler.cc", "engine/cel/eval/predicate_compiler.cc",
      // A function for each message of the provider.
      "engine/webhooks/stripe.cc", "engine/webhooks/shopify.cc"};
  constexpr int kMost = 15;
  const RE2 declared(R"(^  [^ /}#][^=;{]*\b\w+\([^;]*\)[^;=]*(;|\{)$)");
  const RE2 none(R"(^  (using|friend|static_assert|return)\b)");
  for (const fs::path& path : Sources("engine")) {
    int count = 0;
    bool is_private = false;
    for (const std::string& line : LinesOf(path)) {
      if (line.starts_with("class ") || line.starts_with("struct ") || line == "};") {
        is_private = false;
        count = 0;
      }
      if (line.starts_with(" private:")) is_private = true;
      if (!is_private || !RE2::FullMatch(line, declared) || RE2::PartialMatch(line, none)) continue;
      if (++count == kMost + 1) {
        CHECK_MESSAGE(allowed.contains(Relative(path)), Relative(path) << ": a class has more");
      }
    }
  }
}

// Slow: one compiler run a header. `./dev lint` runs it.
TEST_CASE("tidy: every header compiles alone" * doctest::skip()) {
  std::vector<std::string> headers;
  for (const char* folder : {"engine", "include"}) {
    for (const fs::path& path : Sources(folder)) {
      if (path.extension() == ".h") headers.push_back(Relative(path));
    }
  }
  const char* given = std::getenv("CXX");
  const std::string compiler = given != nullptr ? given : "c++";
  std::string list;
  for (const auto& header : headers) list += header + "\n";
  const fs::path names = fs::temp_directory_path() / "holdfast-headers.txt";
  std::ofstream(names) << list;
  const std::string command = "cd " HOLDFAST_SOURCE " && xargs -P 2 -I@ " + compiler +
                              " -std=c++20 -Wall -Wextra -Werror -I. -Iinclude -fsyntax-only -x c++"
                              " -include @ /dev/null < " +
                              names.string();
  CHECK(std::system(command.c_str()) == 0);
  fs::remove(names);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
