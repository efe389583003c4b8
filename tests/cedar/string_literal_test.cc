#include "policies/cedar/string_literal.h"

#include <doctest/doctest.h>

namespace {
std::string unescaped(std::string_view inside) {
  return cedar::unescape_string(inside).value();
}
}  // namespace

TEST_SUITE("cedar/string_literal") {
  TEST_CASE("every escape stands for its scalar") {
    CHECK(unescaped(R"(\n\r\t\\\'\")") == "\n\r\t\\'\"");
    CHECK(unescaped(R"(\0)") == std::string(1, '\0'));
    CHECK(unescaped(R"(\x41\x7F)") == "A\x7F");
    CHECK(unescaped(R"(\u{1F600}\u{e9}\u{1_F6_00}\u{0})") ==
          std::string("😀é😀") + std::string(1, '\0'));
    CHECK(unescaped("line\nend\ttab") == "line\nend\ttab");
  }

  TEST_CASE("escapes that do not exist are refused") {
    for (const char* text : {R"(\xff)", R"(\x4)", R"(\x)", R"(\xg1)", R"(\u)", R"(\u41)", R"(\u{})",
                             R"(\u{_1})", R"(\u{D800})", R"(\u{110000})", R"(\u{0000041})",
                             R"(\u{41)", R"(\u{g})", R"(\*)", R"(\q)", "\\\n", "\r", "\\"}) {
      CAPTURE(text);
      const auto refused = cedar::unescape_string(text);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == vrm::ErrorCode::Malformed);
    }
  }

  TEST_CASE("in a pattern only an escaped star is a star") {
    CHECK(cedar::unescape_pattern(R"(a\*b)").value().pieces() == std::vector<std::string>{"a*b"});
    CHECK(cedar::unescape_pattern("a*b*").value().pieces() ==
          std::vector<std::string>{"a", "b", ""});
    CHECK(cedar::unescape_pattern(R"(\u{2a})").value().pieces().size() == 2);
    CHECK(cedar::unescape_pattern(R"(\x2a)").value().pieces().size() == 2);
    CHECK_FALSE(cedar::unescape_pattern(R"(\?)").ok());
  }

  TEST_CASE("a quoted text reads back as itself") {
    const std::string text = std::string("a\"b\\c\n\r\t") + '\0' + "\x01\x7Fé😀'*";
    const std::string quoted = cedar::quote_string(text);
    CHECK(quoted.front() == '"');
    CHECK(quoted.back() == '"');
    CHECK(unescaped(std::string_view(quoted).substr(1, quoted.size() - 2)) == text);
  }
}
