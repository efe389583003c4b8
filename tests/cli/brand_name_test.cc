// Brands as a person types them: by name, misspelt, or where something else is wanted.

#include <doctest/doctest.h>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kThree =
    R"({"items":[{"brand":"velo","name":"Velo Lyon","tags":["bike"]},{"brand":"rush","name":"Bike Rush"},{"brand":"rush-2","name":"bike rush"}]})";

struct World {
  FakeDaemon daemon;

  World() {
    daemon.answer("GET /v1/brands", kThree);
    daemon.answer("GET /v1/brands/velo", kBrand);
  }
  Ran run(const std::vector<std::string>& words) const {
    How how;
    how.environment["VRM_VAULT"] = daemon.folder().path();
    return run_vrm(words, how);
  }
  bool asked(const std::string& line) const {
    for (const auto& asked : daemon.asked())
      if (asked.line == line) return true;
    return false;
  }
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_SUITE("cli/brand_name") {
  TEST_CASE("a name that no path can hold finds its one brand, whatever the case") {
    const World world;
    CHECK(world.run({"brand", "show", "velo lyon"}).exit == 0);
    CHECK(world.asked("GET /v1/brands/velo"));
    const auto several = world.run({"brand", "show", "Bike Rush"});
    CHECK(several.exit == 8);
    const auto near = world.run({"brand", "show", "Velo Lion"});
    CHECK(near.exit == 3);
    CHECK(says(near.err, "Did you mean velo?"));
    CHECK(world.run({"brand", "show", "Quite Another"}).exit == 3);
  }

  TEST_CASE("an intent goes to a brand by its name, too") {
    World world;
    world.daemon.answer("POST /v1/intents?dry_run=1", R"({"messages":[]})");
    CHECK(world.run({"intent", "bike", "--to", "Velo Lyon,bike", "--dry-run"}).exit == 0);
    CHECK(says(world.daemon.asked().back().body, R"("to":["velo","tag:bike"])"));
  }

  TEST_CASE("what is forgotten is the brand that was shown") {
    World world;
    world.daemon.answer("DELETE /v1/brands/velo", kForgotten);
    world.daemon.answer("DELETE /v1/brands/Velo?dry_run=1", kForgotten);
    CHECK(world.run({"brand", "forget", "Velo", "-y"}).exit == 0);
    CHECK(world.asked("DELETE /v1/brands/velo"));
  }

  TEST_CASE("a brand where a grant's id is wanted is told with the flag that takes it") {
    World world;
    world.daemon.answer("POST /v1/grants/revoke", kRevoked);
    for (const auto* verb : {"revoke", "confirm"})
      for (const auto* brand : {"velo", "Velo Lyon"}) {
        const auto ran = world.run({verb, brand});
        CHECK(ran.exit == 2);
        CHECK(says(ran.err, "vrm " + std::string(verb) + " --brand velo"));
      }
    CHECK_FALSE(world.asked("POST /v1/grants/revoke"));
    CHECK(world.run({"revoke", "gr_7F"}).exit == 0);
  }

  TEST_CASE("requests show the handle that is typed") {
    World world;
    world.daemon.answer("GET /v1/requests", kRequests);
    const auto ran = world.run({"request"});
    CHECK(says(ran.out, "velo"));
    CHECK_FALSE(says(ran.out, "Vélo Example"));
  }
}
