// The example of policies/cedar/README.md, compiled and run; the two are compared word by word.

#include <doctest/doctest.h>

#include <string>

#include "tests/cedar/shared_material.h"

// README begins
#include "policies/cedar/authorizer.h"

vrm::Result<bool> may_alice_view() {
  const auto policies = TRY(cedar::PolicySet::parse(R"(
    permit (principal in Group::"friends", action == Action::"view", resource is Photo)
    unless { resource.private };
  )"));
  const cedar::EntityUid alice("User", "alice");
  const cedar::EntityUid photo("Photo", "beach.jpg");
  std::vector<cedar::Entity> known;
  known.push_back({.uid = alice, .parents = {{"Group", "friends"}}});
  known.push_back({.uid = photo, .attributes = cedar::Record::of({{"private", false}})});
  const auto entities = TRY(cedar::Entities::make(std::move(known)));

  const cedar::Request request{alice, {"Action", "view"}, photo};
  const cedar::Response response = cedar::is_authorized(request, policies, entities);
  for (const auto& [id, effect, error] : response.errors)
    return vrm::Error{vrm::ErrorCode::Denied, id + ": " + error.message};  // fail closed
  return response.decision == cedar::Decision::Allow;
}
// README ends

TEST_SUITE("cedar/readme") {
  TEST_CASE("the example of the README compiles, runs and is the one that stands there") {
    CHECK(may_alice_view().value());
    const std::filesystem::path root(VRM_SOURCE_DIR);
    const auto source = cedar_tests::text_of_file(root / "tests/cedar/readme_test.cc");
    const std::string begin = "// README begins\n";
    const auto from = source.find(begin) + begin.size();
    const auto example = source.substr(from, source.find("// README ends") - from);
    const auto readme = cedar_tests::text_of_file(root / "policies/cedar/README.md");
    CHECK(readme.find("```cpp\n" + example + "```\n") != std::string::npos);
  }
}
