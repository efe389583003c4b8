// The second evaluator, which judges random policies in tests/cedar_random, is itself right about the reference's corpus.

#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "policies/cedar/entity_json.h"
#include "policies/cedar/policy_json.h"
#include "tests/cedar/shared_material.h"
#include "tests/cedar_random/second/evaluator.h"

namespace {

using nlohmann::json;

std::vector<std::filesystem::path> second_tests(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    const std::string name = each.path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".entities.json")) found.push_back(each.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

json second_json(const std::filesystem::path& path) {
  return vrm::read_json(cedar_tests::text_of_file(path), cedar::kEntityJsonLimits).value();
}

cedar_second::Answer expected_answer(const json& request) {
  return {request.at("decision") == "allow", request.at("reason").get<std::set<std::string>>(),
          request.at("errors").get<std::set<std::string>>()};
}

}  // namespace

TEST_SUITE("cedar/second") {
  TEST_CASE("the second evaluator answers every twentieth test of Cedar's corpus as it should") {
    const auto folder = cedar_tests::corpus();
    if (folder.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    const auto tests = second_tests(folder / "corpus-tests");
    CHECK(tests.size() == 7809);
    std::size_t requests = 0;
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < tests.size(); i += cedar_tests::corpus_step()) {
      const json test = second_json(tests[i]);
      const auto file = [&](const char* name) { return folder / test.at(name).get<std::string>(); };
      const auto policies = cedar::PolicySet::parse(cedar_tests::text_of_file(file("policies")));
      const json written = cedar::policy_set_to_json(policies.value()).value();
      const auto store = cedar_second::read_store(second_json(file("entities")));
      for (const auto& request : test.at("requests")) {
        const auto answer =
            cedar_second::authorize(written, store, cedar_second::read_request(request));
        ++requests;
        if (answer == expected_answer(request))
          ++agreed;
        else
          FAIL_CHECK(tests[i].filename().string() << ": " << request.dump());
      }
    }
    std::cout << "second evaluator: " << agreed << " of " << requests << " agree\n";
    CHECK(requests >= 8 * 390);
  }
}
