// Random policies, entities and requests with the answers of the reference: several policies, templates and links decide
// together, which the reference's own corpus lacks.

#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "policies/cedar/policy_json.h"
#include "tests/cedar/shared_material.h"
#include "tests/cedar_random/scene.h"
#include "vault/base/json.h"

namespace {

using nlohmann::json;

// Kept, or what CEDAR_RANDOM_ANSWERS names, both made by random.mjs beside the kept.
std::filesystem::path answered() {
  const char* given = std::getenv("CEDAR_RANDOM_ANSWERS");
  return given != nullptr ? given : cedar_tests::vectors() / "random.jsonl";
}

cedar_second::Answer answer_of(const json& line) {
  return {line.at(0).get<bool>(), line.at(1).get<std::set<std::string>>(),
          line.at(2).get<std::set<std::string>>()};
}

}  // namespace

TEST_SUITE("cedar/random_reference") {
  TEST_CASE("the engine and the second evaluator answer random requests as the reference does") {
    cedar_random::Tally tally;
    std::size_t engine_agrees = 0;
    std::size_t second_agrees = 0;
    std::istringstream lines(cedar_tests::text_of_file(answered()));
    for (std::string line; std::getline(lines, line);) {
      auto read = vrm::read_json(line, cedar::kPolicyJsonLimits);
      REQUIRE_MESSAGE(read.ok(), read.error().message);
      json scene = std::move(read).value();
      const auto reading = cedar_random::read_scene(scene);
      REQUIRE_MESSAGE(reading.ok(), reading.error().message);
      scene["policies"] = cedar::policy_set_to_json(reading.value().policies).value();
      const auto store = cedar_second::read_store(scene.at("entities"));
      REQUIRE(scene.at("answers").size() == scene.at("requests").size());
      for (std::size_t i = 0; i < scene.at("requests").size(); ++i) {
        const auto& request = scene.at("requests").at(i);
        const auto expected = answer_of(scene.at("answers").at(i));
        const auto engine = cedar_random::ask_engine(reading.value(), request).value();
        const auto second = cedar_second::authorize(scene.at("policies"), store,
                                                    cedar_second::read_request(request));
        cedar_random::count(expected, scene.at("policies"), tally);
        engine_agrees += engine == expected ? 1U : 0U;
        second_agrees += second == expected ? 1U : 0U;
        if (engine == expected && second == expected) continue;
        FAIL_CHECK("request " << i << " of " << line
                              << "\nreference: " << cedar_random::to_string(expected)
                              << "\nengine: " << cedar_random::to_string(engine)
                              << "\nsecond: " << cedar_random::to_string(second));
      }
    }
    std::cout << "reference: of " << tally.cases << " random cases " << engine_agrees
              << " agree, with the second evaluator " << second_agrees << "\n";
    // As much as there should be of everything.
    CHECK(tally.cases >= 2000);
    CHECK(tally.allowed >= tally.cases / 5);
    CHECK(tally.cases - tally.allowed >= tally.cases / 5);
    CHECK(tally.forbidden >= tally.cases / 20);
    CHECK(tally.erring >= tally.cases / 10);
    CHECK(tally.linked >= tally.cases / 20);
    CHECK(tally.several >= tally.cases / 20);
  }
}
