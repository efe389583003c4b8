#include "policies/cedar/lexer.h"

#include <doctest/doctest.h>

using cedar::Token;

namespace {
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  const auto tokens = cedar::tokens_of(text).value();
  for (const auto& token : tokens) out.emplace_back(token.text);
  out.pop_back();  // the end
  return out;
}
}  // namespace

TEST_SUITE("cedar/lexer") {
  TEST_CASE("symbols are read longest first") {
    CHECK(words("A::B:c==d=e<=f<g!=!h") == std::vector<std::string>{"A", "::", "B", ":", "c",
                                                                    "==", "d", "=", "e", "<=", "f",
                                                                    "<", "g", "!=", "!", "h"});
    CHECK(words("1-1") == std::vector<std::string>{"1", "-", "1"});
    CHECK(words("?principal?x_1") == std::vector<std::string>{"?principal", "?x_1"});
  }

  TEST_CASE("spaces of Unicode and comments leave nothing") {
    CHECK(words("a\u00a0\u2003\u3000\u2028\v\fb // c \" \n// d\rc") ==
          std::vector<std::string>{"a", "b", "c"});
    CHECK(words("// only") == std::vector<std::string>{});
  }

  TEST_CASE("a string runs to its closing quote, over escapes and line ends") {
    const auto tokens = cedar::tokens_of("\"a\\\"b\nc\\\\\" x").value();
    REQUIRE(tokens.size() == 3);
    CHECK(tokens[0].kind == Token::Kind::String);
    CHECK(tokens[0].text == "a\\\"b\nc\\\\");
  }

  TEST_CASE("positions count lines, scalars and bytes") {
    const auto tokens = cedar::tokens_of("\"é\"\n  b").value();
    CHECK(tokens[0].at == cedar::Position{1, 1, 0});
    CHECK(tokens[1].at == cedar::Position{2, 3, 7});
    const auto same_line = cedar::tokens_of("\"é😀\" x").value();
    CHECK(same_line[1].at == cedar::Position{1, 6, 9});
  }

  TEST_CASE("what begins no token is refused with its place") {
    for (const char* text : {"\"open", "\"a\\\nb\"", "#", "a ~", "&", "|", "'a'", "\u200b",
                             "\xEF\xBB\xBFpermit", "é", "`", "\"\\"}) {
      CAPTURE(text);
      const auto refused = cedar::tokens_of(text);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == vrm::ErrorCode::Malformed);
    }
    CHECK(cedar::tokens_of("a\n  #").error().message == "line 2, column 3: invalid token");
    CHECK_FALSE(cedar::tokens_of("a \xFF").ok());
  }
}
