#include "cli/suggest.h"

#include <doctest/doctest.h>

#include "cli/command.h"

using namespace vrm;

TEST_SUITE("cli/suggest") {
  TEST_CASE("true typos find the one command that was meant") {
    std::vector<std::string> names;
    for (const auto& command : cli::commands()) names.emplace_back(command.name);
    const std::vector<std::pair<std::string, std::string>> typos = {
        {"statsu", "status"}, {"stauts", "status"}, {"unlok", "unlock"}, {"aprove", "approve"},
        {"revok", "revoke"},  {"improt", "import"}, {"lits", "list"},    {"verfy", "verify"}};
    for (const auto& typo : typos) {
      const auto& [typed, meant] = typo;
      CAPTURE(typo.first);
      REQUIRE_FALSE(cli::suggestions(typed, names).empty());
      CHECK(cli::suggestions(typed, names).front() == meant);
    }
  }

  TEST_CASE("a beginning names what it begins, and nonsense nothing") {
    CHECK(cli::suggestions("appr", {"approve", "deny"}) == std::vector<std::string>{"approve"});
    CHECK(cli::suggestions("zzzzzz", {"approve", "deny"}).empty());
    CHECK(cli::suggestions("", {"a"}).empty());
    CHECK(cli::suggestions(std::string(10'000, 'a'), {"a"}).empty());
  }

  TEST_CASE("never more than three names") {
    CHECK(cli::suggestions("aa", {"ab", "ac", "ad", "ae"}).size() == 3);
  }
}
