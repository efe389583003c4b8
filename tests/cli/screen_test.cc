#include "cli/screen.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/clock.h"

using namespace vrm;

namespace {

cli::Settings on_terminal() {
  cli::Settings settings;
  settings.to_terminal = true;
  return settings;
}

}  // namespace

TEST_SUITE("cli/screen") {
  TEST_CASE("JSON of what would harm a terminal is escaped and reads back the same") {
    const nlohmann::json value = {{"a", "Vélo \u202E\u009B\u200B\U000E0041 \x7F \n"}};
    const auto text = cli::safe_json(value);
    CHECK(text == "{\"a\":\"Vélo \\u202e\\u009b\\u200b\\udb40\\udc41 \\u007f \\n\"}");
    CHECK(nlohmann::json::parse(text) == value);
  }

  TEST_CASE(
      "today is a time of day on a terminal, another day a date, and a file gets what the wire "
      "had") {
    const auto now = to_rfc3339(SystemClock().now());
    CHECK(cli::Screen(on_terminal()).when(now).size() == 5);
    CHECK(cli::Screen(on_terminal()).when("2001-02-03T12:00:00Z").starts_with("2001-02-03 "));
    CHECK(cli::Screen({}).when(now) == now);
    CHECK(cli::Screen(on_terminal()).when("soon\x1B[2J") == "soon\uFFFD[2J");
  }

  TEST_CASE("a word that the catalogue does not know is shown as it is, made safe") {
    CHECK(cli::Screen({}).word("state.", "sealed") == "sealed, nothing is served");
    CHECK(cli::Screen({}).word("state.", "molten\x1B") == "molten\uFFFD");
  }
}
