#pragma once
// One random set of policies with entities and requests, and the question whether both evaluators answer them alike.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policies/cedar/entities.h"
#include "policies/cedar/policy_set.h"
#include "tests/cedar_random/second/evaluator.h"
#include "vault/base/result.h"

namespace cedar_random {

// {"policies": {"staticPolicies", "templates", "templateLinks"}, "entities": [...], "requests": [...]}, each request as
// cedar_second::read_request takes it. The same for the same seed.
nlohmann::json draw_scene(std::uint64_t seed, std::size_t requests);

// The engine's own reading of a scene, whose policies and templates may also be texts.
struct Reading {
  cedar::PolicySet policies;
  cedar::Entities entities;
};
vrm::Result<Reading> read_scene(const nlohmann::json& scene);
vrm::Result<cedar_second::Answer> ask_engine(const Reading& scene, const nlohmann::json& request);

// The same policies, templates and links, each by its text.
vrm::Result<cedar::PolicySet> through_text(const cedar::PolicySet& policies);
// What `scene` has as policies with the texts of those that the engine read.
nlohmann::json texts_of(const cedar::PolicySet& policies);

// How requests were answered.
struct Tally {
  std::size_t cases = 0;
  std::size_t allowed = 0;
  std::size_t forbidden = 0;  // denied by a forbid
  std::size_t erring = 0;     // with an error of some policy, allowed or denied
  std::size_t linked = 0;     // decided by a link, alone or among others
  std::size_t several = 0;    // decided by more than one policy
};
void count(const cedar_second::Answer& answer, const nlohmann::json& policies, Tally& tally);

// Nothing: both answer all the requests alike, and the policies come through their text unchanged. Otherwise what does not.
std::optional<std::string> disagreement(const nlohmann::json& scene, Tally& tally);
// The same for the scene of a seed, told so that it can be tried again.
std::optional<std::string> disagreement(std::uint64_t seed, std::size_t requests, Tally& tally);

std::string to_string(const cedar_second::Answer& answer);

}  // namespace cedar_random
