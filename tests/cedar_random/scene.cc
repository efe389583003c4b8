#include "tests/cedar_random/scene.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/policy_json.h"
#include "policies/cedar/policy_text.h"
#include "tests/cedar_random/policies.h"
#include "vault/base/json.h"

namespace cedar_random {

using cedar_second::Answer;
using nlohmann::json;

namespace {

bool has_texts(const json& policies) {
  for (const auto* list : {"staticPolicies", "templates"})
    for (const auto& each : policies.at(list))
      if (each.is_string()) return true;
  return false;
}

// Each text takes the form of its JSON.
vrm::Result<json> without_texts(json policies) {
  for (const auto* list : {"staticPolicies", "templates"}) {
    for (auto& each : policies.at(list)) {
      if (!each.is_string()) continue;
      cedar::PolicySet one;
      TRY(one.add("x", each.get_ref<const std::string&>()));
      const auto& body =
          one.policies().empty() ? one.templates().front().body : one.policies().front().body;
      each = TRY(cedar::policy_to_json(*body));
    }
  }
  return policies;
}

std::string told(const std::set<std::string>& ids) {
  std::string all;
  for (const auto& id : ids) all += " " + vrm::write_json(id);
  return all;
}

std::string what_differs(const json& request, const Answer& engine, const Answer& second) {
  return "request: " + vrm::write_json(request) + "\nengine: " + to_string(engine) +
         "\nsecond: " + to_string(second);
}

}  // namespace

json draw_scene(std::uint64_t seed, std::size_t requests) {
  Draw draw(seed);
  World world = draw_world(draw, requests);
  json policies = draw_policies(draw, world);
  return {{"policies", std::move(policies)},
          {"entities", std::move(world.entities)},
          {"requests", std::move(world.requests)}};
}

vrm::Result<Reading> read_scene(const json& scene) {
  json plain;
  const json* policies = &scene.at("policies");
  if (has_texts(*policies)) {
    plain = TRY(without_texts(*policies));
    policies = &plain;
  }
  Reading reading;
  reading.policies = TRY(cedar::policy_set_from_json(*policies));
  auto entities = TRY(cedar::entities_from_json(scene.at("entities")));
  reading.entities = TRY(cedar::Entities::make(std::move(entities)));
  return reading;
}

vrm::Result<Answer> ask_engine(const Reading& scene, const json& request) {
  cedar::EntityUid principal = TRY(cedar::uid_from_json(request.at("principal")));
  cedar::EntityUid action = TRY(cedar::uid_from_json(request.at("action")));
  cedar::EntityUid resource = TRY(cedar::uid_from_json(request.at("resource")));
  cedar::Record context = TRY(cedar::context_from_json(request.at("context")));
  const auto response = cedar::is_authorized(
      {std::move(principal), std::move(action), std::move(resource), std::move(context)},
      scene.policies, scene.entities);
  Answer answer;
  answer.allowed = response.decision == cedar::Decision::Allow;
  answer.reasons.insert(response.reasons.begin(), response.reasons.end());
  for (const auto& error : response.errors) answer.errors.insert(error.policy_id);
  return answer;
}

vrm::Result<cedar::PolicySet> through_text(const cedar::PolicySet& policies) {
  cedar::PolicySet read;
  for (const auto& each : policies.templates())
    TRY(read.add(each.id, cedar::policy_text(*each.body)));
  for (const auto& each : policies.policies()) {
    if (each.template_id.empty())
      TRY(read.add(each.id, cedar::policy_text(*each.body)));
    else
      TRY(read.link(each.template_id, each.id, each.slots));
  }
  return read;
}

json texts_of(const cedar::PolicySet& policies) {
  auto written = cedar::policy_set_to_json(policies);
  json all = std::move(written).value();
  for (const auto& each : policies.templates())
    all["templates"][each.id] = cedar::policy_text(*each.body);
  for (const auto& each : policies.policies())
    if (each.template_id.empty()) all["staticPolicies"][each.id] = cedar::policy_text(*each.body);
  return all;
}

void count(const Answer& answer, const json& policies, Tally& tally) {
  ++tally.cases;
  if (answer.allowed) ++tally.allowed;
  if (!answer.allowed && !answer.reasons.empty()) ++tally.forbidden;
  if (!answer.errors.empty()) ++tally.erring;
  if (answer.reasons.size() > 1) ++tally.several;
  for (const auto& link : policies.at("templateLinks")) {
    if (!answer.reasons.contains(link.at("newId").get<std::string>())) continue;
    ++tally.linked;
    break;
  }
}

std::optional<std::string> disagreement(const json& scene, Tally& tally) {
  auto reading = read_scene(scene);
  if (!reading.ok()) return "the engine does not read it: " + reading.error().message;
  auto read_again = through_text(reading.value().policies);
  if (!read_again.ok()) return "the engine does not read its text: " + read_again.error().message;
  const auto written = cedar::policy_set_to_json(reading.value().policies);
  const auto written_again = cedar::policy_set_to_json(read_again.value());
  if (!written.ok() || !written_again.ok() || written.value() != written_again.value())
    return "the text of the policies has another meaning";
  const auto store = cedar_second::read_store(scene.at("entities"));
  // Every other request is for the policies that were read from their text.
  const Reading by_text{std::move(read_again).value(), reading.value().entities};
  bool odd = false;
  for (const auto& request : scene.at("requests")) {
    odd = !odd;
    const auto engine = ask_engine(odd ? reading.value() : by_text, request);
    if (!engine.ok()) return "the engine does not read a request: " + engine.error().message;
    const auto second =
        cedar_second::authorize(scene.at("policies"), store, cedar_second::read_request(request));
    if (!(engine.value() == second)) return what_differs(request, engine.value(), second);
    count(second, scene.at("policies"), tally);
  }
  return std::nullopt;
}

std::optional<std::string> disagreement(std::uint64_t seed, std::size_t requests, Tally& tally) {
  const json scene = draw_scene(seed, requests);
  const auto found = disagreement(scene, tally);
  if (!found) return std::nullopt;
  const auto reading = read_scene(scene);
  return "CEDAR_RANDOM_SEED=" + std::to_string(seed) + " CEDAR_RANDOM_CASES=1 tries this again\n" +
         *found + "\nentities: " + vrm::write_json(scene.at("entities")) +
         "\npolicies: " + vrm::write_json(scene.at("policies")) +
         (reading.ok() ? "\ntexts: " + vrm::write_json(texts_of(reading.value().policies)) : "");
}

std::string to_string(const Answer& answer) {
  return std::string(answer.allowed ? "allow" : "deny") + " because of" + told(answer.reasons) +
         ", errors" + told(answer.errors);
}

}  // namespace cedar_random
