// Policies laid out anew: the same policies, with every comment near what it stood at.

#include "policies/cedar/policy_format.h"

#include <doctest/doctest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "policies/cedar/lexer.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/policy_json.h"
#include "tests/cedar/shared_material.h"

namespace {

std::string formatted(const std::string& text) {
  const auto out = cedar::format_policies(text);
  REQUIRE_MESSAGE(out.ok(), text << ": " << out.error().message);
  return out.value();
}

std::vector<nlohmann::json> policies_in(const std::string& text) {
  std::vector<nlohmann::json> out;
  const auto policies = cedar::parse_policies(text).value();
  for (const auto& policy : policies) out.push_back(cedar::policy_to_json(*policy).value());
  return out;
}

void check_meaning_kept(const std::string& text) {
  const auto out = formatted(text);
  CHECK_MESSAGE(policies_in(out) == policies_in(text), text);
  CHECK_MESSAGE(formatted(out) == out, text);
  CHECK_MESSAGE(cedar::comments_of(out).value().size() == cedar::comments_of(text).value().size(),
                text);
}

}  // namespace

TEST_SUITE("cedar/policy_format") {
  TEST_CASE(
      "policies get a blank line between them, and their scope and conditions lines of their own") {
    CHECK(formatted("permit(principal,action,resource);forbid  (principal , action,resource)\n\n\n"
                    "when{context.a  ==1}unless {true};") ==
          "permit (principal, action, resource);\n"
          "\n"
          "forbid (principal, action, resource)\n"
          "when { context.a == 1 }\n"
          "unless { true };\n");
    CHECK(formatted("").empty());
    CHECK(formatted("\n\n").empty());
  }

  TEST_CASE("a comment stays above or behind what it stood at") {
    CHECK(formatted("// the owner's own rules\n"
                    "\n\n"
                    "// first\n"
                    "@id(\"a\") // its name\n"
                    "permit(principal, // who\n"
                    "  action, resource)\n"
                    "// only then\n"
                    "when { context.a }; // done\n"
                    "// at the end") ==
          "// the owner's own rules\n"
          "\n"
          "// first\n"
          "@id(\"a\") // its name\n"
          "permit (principal, action, resource) // who\n"
          "// only then\n"
          "when { context.a }; // done\n"
          "\n"
          "// at the end\n");
    CHECK(formatted("// only a comment") == "// only a comment\n");
  }

  TEST_CASE("a long chain has a line for each operand, and comments above their lines") {
    const std::string name(40, 'x');
    CHECK(formatted("permit(principal,action,resource) when {\n  // one\n  context." + name +
                    " &&\n  // two\n  context." + name + " && context." + name + "\n};") ==
          "permit (principal, action, resource)\n"
          "when {\n"
          "  // one\n"
          "  context." +
              name +
              " &&\n"
              "  // two\n"
              "  context." +
              name +
              " &&\n"
              "  context." +
              name +
              "\n"
              "};\n");
  }

  TEST_CASE("what is laid out means the same and is laid out already") {
    for (const auto* text :
         {"permit(principal, action, resource) when { ((1 + 2)) * 3 == 9 };",
          "permit(principal in ?principal, action in [Action::\"a\",], resource is A::B in "
          "?resource,) ;",
          "@a @b(\"\\u{41}\") permit(principal, action, resource) when { [1,2,].contains(1) && "
          "{\"a b\": 1, c: 2}[\"c\"] "
          "== 2 };",
          "// a\npermit // b\n( // c\nprincipal // d\n, // e\naction // f\n, resource // g\n) // "
          "h\nwhen // i\n{ // j\n"
          "( // k\ntrue // l\n) // m\n} // n\n; // o\n// p",
          "permit(principal, action, resource) when { \"// no comment\" == \"a\nb\" } // c\n;",
          "permit(principal, action, resource); // a\nforbid(principal, action, resource); // b",
          "permit(principal, action, resource) when { context has a.b && - 1 < -(-2) || !(!true) "
          "};"}) {
      check_meaning_kept(text);
    }
  }

  TEST_CASE("what is no policy is refused at its place") {
    const auto refused =
        cedar::format_policies("permit(principal, action, resource)\nwhen { 1 + };");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == vrm::ErrorCode::Malformed);
    CHECK(refused.error().message.find("line 2") != std::string::npos);
  }

  TEST_CASE("the policies of the corpus mean the same when they are laid out") {
    const auto folder = cedar_tests::corpus();
    if (folder.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".cedar" && ++count % cedar_tests::corpus_step() == 0)
        check_meaning_kept(cedar_tests::text_of_file(entry.path()));
    CHECK(count > 1000);
  }
}
