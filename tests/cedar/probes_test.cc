// Every expression of the shared probes, with the reference's answer. The second evaluator, which judges random policies
// elsewhere, has to give it too.

#include <doctest/doctest.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/policy_json.h"
#include "tests/cedar/shared_material.h"
#include "tests/cedar_random/second/evaluator.h"

namespace {

// The store that the probes were asked with, told from their answers.
constexpr std::string_view kProbeStore = R"([
    {"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Group", "id": "g"}],
     "attrs": {"n": 1, "s": "x", "r": {"x": {"y": 1}},
               "friend": {"__entity": {"type": "User", "id": "ghost"}}},
     "tags": {"t": "v"}},
    {"uid": {"type": "Group", "id": "g"}, "attrs": {}, "parents": [{"type": "Group", "id": "top"}]},
    {"uid": {"type": "Group", "id": "top"}, "attrs": {}, "parents": []}
  ])";

cedar::Entities probe_store() {
  return cedar::Entities::make(cedar::read_entities(kProbeStore).value()).value();
}

cedar::Request probe_request() {
  return {cedar::EntityUid("User", "a"), cedar::EntityUid("Action", "v"),
          cedar::EntityUid("User", "ghost"),
          cedar::Record::of({{"s", "x"}, {"o", cedar::Record::of({{"a", 1}})}})};
}

struct Answer {
  std::string verdict;  // true, false, ERROR or PARSE
  std::string message;
};

Answer answer(const std::string& expression, const cedar::Entities& store) {
  const auto policies =
      cedar::PolicySet::parse("permit(principal, action, resource) when { " + expression + " };");
  if (!policies.ok()) return {"PARSE", policies.error().message};
  const auto response = cedar::is_authorized(probe_request(), policies.value(), store);
  if (!response.errors.empty()) return {"ERROR", response.errors[0].error.message};
  return {response.decision == cedar::Decision::Allow ? "true" : "false", ""};
}

// true, false or ERROR. REQUIRES: the engine can parse it.
std::string second_verdict(const std::string& expression) {
  const auto policies =
      cedar::PolicySet::parse("permit(principal, action, resource) when { " + expression + " };");
  const auto store = cedar_second::read_store(nlohmann::json::parse(kProbeStore));
  const auto request = cedar_second::read_request(nlohmann::json::parse(R"({
    "principal": {"type": "User", "id": "a"}, "action": {"type": "Action", "id": "v"},
    "resource": {"type": "User", "id": "ghost"}, "context": {"s": "x", "o": {"a": 1}}})"));
  const auto answer =
      cedar_second::authorize(cedar::policy_set_to_json(policies.value()).value(), store, request);
  if (!answer.errors.empty()) return "ERROR";
  return answer.allowed ? "true" : "false";
}

// The file writes a line end inside an expression as one visible sign.
std::string with_line_ends(std::string_view text) {
  constexpr std::string_view kSign = "\xE2\x8F\x8E";
  std::string out;
  for (auto at = text.find(kSign); at != std::string_view::npos; at = text.find(kSign)) {
    out.append(text.substr(0, at)).append(1, '\n');
    text.remove_prefix(at + kSign.size());
  }
  return out.append(text);
}

}  // namespace

TEST_SUITE("cedar/probes") {
  TEST_CASE("every probe is answered as the reference answers it") {
    const auto path = cedar_tests::material() / "probes.tsv";
    if (!std::filesystem::exists(path)) {
      std::cout << "skipped: no probes\n";
      return;
    }
    const auto store = probe_store();
    int probes = 0;
    int agreed = 0;
    std::istringstream lines(cedar_tests::text_of_file(path));
    for (std::string line; std::getline(lines, line);) {
      const auto tab = line.find('\t');
      if (line.starts_with('#') || tab == std::string::npos) continue;
      const std::string expression = with_line_ends(line.substr(0, tab));
      const std::string expected = line.substr(tab + 1);
      const auto got = answer(expression, store);
      CAPTURE(expression);
      CAPTURE(got.message);
      ++probes;
      agreed += got.verdict == expected.substr(0, expected.find(':')) ? 1 : 0;
      CHECK(got.verdict == expected.substr(0, expected.find(':')));
      if (got.verdict != "PARSE") CHECK(second_verdict(expression) == got.verdict);
    }
    std::cout << "probes: " << agreed << " of " << probes << " agree\n";
    CHECK(probes == 152);
  }
}
