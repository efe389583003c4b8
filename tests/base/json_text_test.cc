#include "vault/base/json_text.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

using namespace vrm;  // tests only

TEST_SUITE("base/json_text") {
  TEST_CASE("a text is written as a tree of JSON would write it") {
    std::vector<std::string> texts{"", "plain", "a\"b", "a\\b", "l\u00e9on", "\xff", "\u2028", "/"};
    for (int byte = 0; byte < 256; ++byte) texts.emplace_back(2, static_cast<char>(byte));
    for (const auto& text : texts) {
      CAPTURE(text);
      std::string out = "[";
      append_json_text(out, text);
      CHECK(out == "[" + write_json(text));
    }
  }

  TEST_CASE("a member stands behind a comma") {
    std::string out = "{\"a\":1";
    append_json_member(out, "b", "x\"y");
    CHECK(out + "}" == R"({"a":1,"b":"x\"y"})");
  }
}
