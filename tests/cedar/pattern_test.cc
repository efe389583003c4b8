#include "policies/cedar/pattern.h"

#include <doctest/doctest.h>

#include "policies/cedar/string_literal.h"

namespace {

bool matches(const char* pattern, std::string_view text) {
  return cedar::unescape_pattern(pattern).value().matches(text);
}

// The obvious matcher, exponential in the worst case: what the fast one is compared with.
bool plainly_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*')
    return !text.empty() && text[0] == pattern[0] &&
           plainly_matches(pattern.substr(1), text.substr(1));
  for (std::size_t taken = 0; taken <= text.size(); ++taken)
    if (plainly_matches(pattern.substr(1), text.substr(taken))) return true;
  return false;
}

// All texts of up to `most` letters.
std::vector<std::string> texts_of(std::string_view letters, std::size_t most) {
  std::vector<std::string> all{""};
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].size() < most)
      for (const char letter : letters) all.push_back(all[i] + letter);
  return all;
}

}  // namespace

TEST_SUITE("cedar/pattern") {
  TEST_CASE("a pattern without a star is equality") {
    CHECK(matches("", ""));
    CHECK(matches("abc", "abc"));
    CHECK_FALSE(matches("abc", "abcd"));
    CHECK_FALSE(matches("?t?", "été"));
    CHECK_FALSE(matches("", "a"));
  }

  TEST_CASE("a star is any run of scalars, the rest stands for itself") {
    CHECK(matches("*", ""));
    CHECK(matches("a*c", "abc"));
    CHECK(matches("**a**", "a"));
    CHECK(matches("*é*", "é"));
    CHECK(matches("a\\*c", "a*c"));
    CHECK_FALSE(matches("a\\*c", "abc"));
    CHECK_FALSE(matches("ab*ba", "aba"));
  }

  TEST_CASE("all small patterns and texts agree with the obvious matcher") {
    const auto texts = texts_of("ab", 5);
    for (const auto& pattern : texts_of("ab*", 4))
      for (const auto& text : texts) {
        CAPTURE(pattern);
        CAPTURE(text);
        CHECK(matches(pattern.c_str(), text) == plainly_matches(pattern, text));
      }
  }

  TEST_CASE("a pattern made to backtrack is answered all the same") {
    std::string pattern;
    for (int i = 0; i < 200; ++i) pattern += "a*";
    const std::string text(1'000'000, 'a');
    CHECK(matches((pattern + "a").c_str(), text));
    CHECK_FALSE(matches((pattern + "b").c_str(), text));
    CHECK_FALSE(matches(("*" + std::string(500'000, 'a') + "b*").c_str(), text));
  }
}
