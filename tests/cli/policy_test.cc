// What `vrm policy` shows, sends and refuses.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

constexpr const char* kGood =
    R"({"schema":"vrm.policy_check/1","file":"quiet.cedar","good":true,"findings":[]})";
constexpr const char* kOpens =
    R"({"schema":"vrm.policy_check/1","file":"quiet.cedar","good":true,"findings":[],"changes":{"exact":true,"opens":[)"
    R"({"brand":"velo","field":"contact.email","for":["marketing"],"purposes":["marketing"],"grant":"gr_1","from":null,"until":null,"times_of_day":null,"reads":{"after":0,"left":null},"policies":["quiet:1"]}],)"
    R"("closes":[{"brand":"velo","field":"address.home.locality","for":["delivery"],"purposes":["delivery"],"grant":"gr_1","from":null,"until":null,"times_of_day":null,"reads":{"after":0,"left":2},"policies":["grant"]}]}})";
constexpr const char* kInexact =
    R"({"schema":"vrm.policy_check/1","file":"quiet.cedar","good":true,"findings":[],"changes":{"exact":false,"why":"quiet:1, line 1, column 9"}})";
constexpr const char* kBad =
    R"({"schema":"vrm.policy_check/1","file":"quiet.cedar","good":false,"findings":[{"file":"quiet.cedar","policy":"","message":"line 1, column 3: no\u001b[2Jthing","refuses":true},)"
    R"({"file":"quiet.cedar","policy":"","message":"line 2, column 1: hm","refuses":false}]})";
constexpr const char* kNoneInForce =
    R"({"schema":"vrm.policies/1","folder":"/home/ana/.config/vrm/policies.d","in_force":false,"items":[{"id":"grant","file":null,"effect":"permit","reason":"","text":"permit"}],)"
    R"("findings":[{"file":"broken.cedar","policy":"","message":"line 1, column 3: nothing","refuses":true}]})";
constexpr const char* kInForce =
    R"({"schema":"vrm.policies/1","folder":"/home/ana/.config/vrm/policies.d","in_force":true,"items":[],"findings":[]})";

class PolicyRun {
 public:
  PolicyRun() {
    file_ = std::filesystem::path(daemon.folder().path()) / "quiet.cedar";
    std::ofstream(file_) << "forbid (principal, action, resource);";
  }
  Ran run(std::vector<std::string> words) {
    words.insert(words.end(), {"--vault", daemon.folder().path()});
    return run_vrm(words);
  }
  std::string file() const { return file_; }
  bool sent(const std::string& line, const std::string& part) const {
    for (const auto& asked : daemon.asked())
      if (asked.line == line && asked.body.find(part) != std::string::npos) return true;
    return false;
  }

  FakeDaemon daemon;

 private:
  std::string file_;
};

bool tells(const Ran& ran, std::string_view text) {
  return (ran.out + ran.err).find(text) != std::string::npos;
}

}  // namespace

TEST_SUITE("cli/policy") {
  TEST_CASE("a file is checked under its own name, and what is wrong told with its place") {
    PolicyRun policy;
    policy.daemon.answer("POST /v1/policies/check", kGood);
    const auto good = policy.run({"policy", "check", policy.file()});
    CHECK(good.exit == 0);
    CHECK(tells(good, "vrm policy add"));
    CHECK(policy.sent("POST /v1/policies/check", R"("name":"quiet")"));
    policy.daemon.answer("POST /v1/policies/check", kBad);
    const auto bad = policy.run({"policy", "check", policy.file()});
    CHECK(bad.exit == 2);
    CHECK(tells(bad, "wrong: quiet.cedar, line 1, column 3: no"));
    CHECK(tells(bad, "look at: quiet.cedar, line 2, column 1: hm"));
    CHECK_FALSE(tells(bad, "\x1b[2J"));
    CHECK(tells(bad, "is refused"));
  }

  TEST_CASE("what is added is told with its undoing, and can be named") {
    PolicyRun policy;
    policy.daemon.answer("POST /v1/policies/check", kGood);
    policy.daemon.answer("POST /v1/policies", kInForce);
    policy.daemon.answer("DELETE /v1/policies/night?dry_run=1", kGood);
    policy.daemon.answer("DELETE /v1/policies/night", kInForce);
    const auto added = policy.run({"policy", "add", policy.file(), "--name", "night"});
    CHECK(added.exit == 0);
    CHECK(tells(added, "vrm policy rm"));
    CHECK(policy.sent("POST /v1/policies", R"("name":"night")"));
    for (const char* typed : {"night", "night.cedar"})
      CHECK(tells(policy.run({"policy", "rm", typed}), "night is in force no more"));
  }

  TEST_CASE("what is added while another file is refused is not said to be in force") {
    PolicyRun policy;
    policy.daemon.answer("POST /v1/policies/check", kGood);
    policy.daemon.answer("POST /v1/policies", kNoneInForce);
    const auto added = policy.run({"policy", "add", policy.file()});
    CHECK(added.exit == 0);
    CHECK_FALSE(tells(added, "is in force."));
    CHECK(tells(added, "wrong: broken.cedar, line 1"));
    CHECK(tells(added, "No policy is in force"));
  }

  TEST_CASE(
      "what a rule opens is shown and asked for before it is added, what it closes is shown") {
    PolicyRun policy;
    policy.daemon.answer("POST /v1/policies/check", kOpens);
    policy.daemon.answer("POST /v1/policies", kNoneInForce);
    const auto unasked = policy.run({"policy", "add", policy.file(), "--no-input"});
    CHECK(unasked.exit == 7);
    CHECK(tells(unasked, "This opens, and nothing else:"));
    CHECK(tells(unasked, "contact.email"));
    CHECK(tells(unasked, "This closes:"));
    CHECK(tells(unasked, "address.home.locality"));
    CHECK_FALSE(policy.sent("POST /v1/policies", "quiet"));
    const auto added = policy.run({"policy", "add", policy.file(), "--yes"});
    CHECK(added.exit == 0);
    CHECK(policy.sent("POST /v1/policies", "quiet"));
  }

  TEST_CASE("what ends with a rule is shown and asked for before it is taken away") {
    PolicyRun policy;
    policy.daemon.answer("DELETE /v1/policies/quiet?dry_run=1", kOpens);
    policy.daemon.answer("DELETE /v1/policies/quiet", kNoneInForce);
    CHECK(policy.run({"policy", "rm", "quiet", "--no-input"}).exit == 7);
    CHECK_FALSE(policy.sent("DELETE /v1/policies/quiet", ""));
    const auto removed = policy.run({"policy", "rm", "quiet", "--yes"});
    CHECK(removed.exit == 0);
    CHECK(tells(removed, "This opens, and nothing else:"));
    CHECK(policy.sent("DELETE /v1/policies/quiet", ""));
  }

  TEST_CASE("a change that cannot be told exactly is asked for as one that opens something") {
    PolicyRun policy;
    policy.daemon.answer("POST /v1/policies/check", kInexact);
    const auto unasked = policy.run({"policy", "add", policy.file(), "--no-input"});
    CHECK(unasked.exit == 7);
    CHECK(tells(unasked, "cannot be told exactly: quiet:1, line 1, column 9"));
  }

  TEST_CASE("a list of which nothing is in force says so, and what to type") {
    PolicyRun policy;
    policy.daemon.answer("GET /v1/policies", kNoneInForce);
    const auto list = policy.run({"policy"});
    CHECK(list.exit == 0);
    CHECK(tells(list, "built in"));
    CHECK(tells(list, "wrong: broken.cedar, line 1, column 3: nothing"));
    CHECK(tells(list, "no brand can read anything"));
    CHECK(tells(list, "/home/ana/.config/vrm/policies.d"));
  }

  TEST_CASE("a file that is not there is told before anything is sent") {
    PolicyRun policy;
    CHECK(policy.run({"policy", "add", policy.file() + ".not"}).exit != 0);
  }
}
