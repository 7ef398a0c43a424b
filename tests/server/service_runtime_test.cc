// The runtime of a service, without a network: what it takes, from whom, and what it answers.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/server/service_runtime.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

// A thread that serves requests, and does so when it is told to.
class Desk {
 public:
  std::function<void(std::function<void()>)> Post() {
    return [this](std::function<void()> task) {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    };
  }
  void Work() {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

std::vector<Submission> Orders(const std::string& prefix, int count) {
  std::vector<Submission> inputs(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    inputs[static_cast<std::size_t>(i)].text = OrderText(prefix + std::to_string(i));
  }
  return inputs;
}

// Goal:   one sender that sends more than is answered leaves room for the others, and for those who
//         look; what is refused can be sent again once there is room.
// Method: a runtime whose answers go out when the test says so.
TEST_CASE("core: one sender does not fill what may be in flight alone") {
  const TempFolder folder;
  auto config = std::make_shared<ServeConfig>();
  config->data = folder / "data";
  config->pack = HOLDFAST_SOURCE "/rules/starter";
  config->limits.in_flight = 20;
  std::filesystem::create_directories(config->data);
  Desk desk;
  Diagnostics diagnostics;
  auto runtime = ServiceRuntime::Start(config, nullptr, {desk.Post(), [] { return EventTime{}; }},
                                       diagnostics, {});
  REQUIRE(runtime);
  std::size_t answered = 0;
  const ServiceRuntime::Done done = [&](std::vector<SubmissionResult> answers) {
    for (const SubmissionResult& answer : answers) answered += answer.input.error ? 0 : 1;
  };
  CHECK((*runtime)->Submit("loud", Orders("a", 10), done));
  CHECK_FALSE((*runtime)->Submit("loud", Orders("b", 1), done));
  CHECK((*runtime)->Submit("shop", Orders("c", 6), done));
  CHECK_FALSE((*runtime)->Submit("other", Orders("d", 5), done));
  CHECK((*runtime)->Submit("other", Orders("d", 4), done));
  CHECK_FALSE((*runtime)->Submit("third", Orders("e", 1), done));
  CHECK((*runtime)->in_flight() == 20);
  std::atomic<bool> looked = false;
  CHECK((*runtime)->ReadState("acme", [&](const Engine&) { looked = true; }, {}));
  CHECK(Eventually([&] {
    desk.Work();
    return answered == 20 && looked;
  }));
  CHECK((*runtime)->in_flight() == 0);
  // Of one that has nothing in flight also what is more than half.
  CHECK((*runtime)->Submit("loud", Orders("b", 15), done));
  CHECK(Eventually([&] {
    desk.Work();
    return answered == 35;
  }));
  CHECK((*runtime)->Stop());
}

}  // namespace
}  // namespace holdfast::testing
