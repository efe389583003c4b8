// Cedar's own tests: decisions, reasons and errors, verdicts of validation, and that nothing that conforms is refused.

#include "policies/cedar/program/corpus.h"

#include <doctest/doctest.h>

#include <iostream>

#include "tests/cedar/shared_material.h"

namespace {

using cedar::program::CorpusCount;

CorpusCount run(const std::filesystem::path& folder, std::size_t step, const char* what) {
  const auto tests = cedar::program::corpus_tests(folder);
  REQUIRE(tests.ok());
  CorpusCount count;
  cedar::program::CorpusListener listener;
  listener.disagreed = [](const std::string& how) { FAIL_CHECK(how); };
  for (std::size_t i = 0; i < tests.value().size(); i += step)
    cedar::program::run_corpus_test(tests.value()[i], cedar::Edition::V4_10, count, listener);
  std::cout << what << ": " << count.tests << " tests, " << count.requests
            << " requests; agree: " << count.decisions << " decisions, " << count.reasons
            << " reasons, " << count.errors << " errors, " << count.verdicts
            << " verdicts of validation\n";
  CHECK(count.all_agree());
  return count;
}

// A test of one request in a folder of its own, with one word of it replaced.
struct PlantedTest {
  cedar_tests::TemporaryFolder folder;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name) << text;
  }

  CorpusCount run(const std::string& word, const std::string& instead) const {
    write("p.cedar", "permit(principal, action, resource) when { principal.a > 1 };");
    write("s.cedarschema",
          "entity U { a: Long }; action v appliesTo { principal: U, resource: U };");
    write("e.json", R"([{"uid": {"type": "U", "id": "x"}, "attrs": {"a": 2}, "parents": []}])");
    std::string spec = R"({"policies": "p.cedar", "entities": "e.json", "schema": "s.cedarschema",
      "shouldValidate": true, "requests": [{"description": "d", "principal": {"type": "U", "id": "x"},
      "action": {"type": "Action", "id": "v"}, "resource": {"type": "U", "id": "x"}, "context": {},
      "decision": "allow", "reason": ["policy0"], "errors": []}]})";
    if (const auto at = spec.find(word); at != spec.npos) spec.replace(at, word.size(), instead);
    write("t.json", spec);
    CorpusCount count;
    cedar::program::run_corpus_test(folder.path() / "t.json", cedar::Edition::V4_13, count);
    return count;
  }
};

}  // namespace

TEST_SUITE("cedar_program/corpus") {
  TEST_CASE("the handwritten tests of Cedar agree in all") {
    const auto root = cedar_tests::material() / "handwritten";
    if (!std::filesystem::exists(root)) {
      std::cout << "skipped: no handwritten Cedar tests\n";
      return;
    }
    const auto count = run(root, 1, "handwritten");
    CHECK(count.tests == 22);
    CHECK(count.requests == 74);
  }

  TEST_CASE("every twentieth test of Cedar's corpus agrees in all") {
    const auto folder = cedar_tests::corpus();
    if (folder.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    CHECK(cedar::program::corpus_tests(folder).value().size() == 7809);
    const auto count = run(folder, cedar_tests::corpus_step(), "corpus");
    CHECK(count.requests == count.tests * 8);
  }

  TEST_CASE("a test that says otherwise is counted as a disagreement, each kind by itself") {
    const PlantedTest planted;
    CHECK(planted.run("", "").all_agree());
    const auto decision = planted.run("\"allow\"", "\"deny\"");
    CHECK(decision.decisions == 0);
    CHECK(decision.reasons == 1);
    CHECK(planted.run("[\"policy0\"]", "[]").reasons == 0);
    CHECK(planted.run("\"errors\": []", "\"errors\": [\"policy0\"]").errors == 0);
    CHECK(planted.run("true", "false").verdicts == 0);
    CHECK(planted.run("\"context\": {}", "\"context\": {\"z\": 1}").conforming == 0);
    const auto unreadable = planted.run("p.cedar", "none.cedar");
    CHECK(unreadable.requests == 1);
    CHECK(unreadable.decisions == 0);
    CHECK_FALSE(unreadable.all_agree());
    CHECK(planted.run("{\"policies\"", "{]\"policies\"").tests == 1);
    CHECK_FALSE(planted.run("{\"policies\"", "{]\"policies\"").all_agree());
  }
}
