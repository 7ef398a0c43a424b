// Process: runs the program as a user would, and gives back what it said.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace holdfast::testing {

struct Ran {
  int status = -1;
  std::string out, err;
};

// A folder of its own for files of a test, gone with it.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "holdfast-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Runs a shell command in the project's folder; `holdfast` in it is the program under test.
inline Ran Sh(const std::string& command) {
  const TempFolder folder;
  const std::string script = "holdfast() { " HOLDFAST_BINARY " \"$@\"; }; cd " HOLDFAST_SOURCE
                             "; { " +
                             command + "\n} >" + (folder / "out") + " 2>" + (folder / "err");
  const std::string file = folder.Write("run.sh", script);
  Ran ran;
  const int status = std::system(("bash " + file).c_str());
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.out = Slurp(folder / "out");
  ran.err = Slurp(folder / "err");
  return ran;
}

}  // namespace holdfast::testing
