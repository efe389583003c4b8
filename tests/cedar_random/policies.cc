#include "tests/cedar_random/policies.h"

#include "tests/cedar_random/expression.h"

namespace cedar_random {

using nlohmann::json;

namespace {

class PolicyMaker {
 public:
  PolicyMaker(Draw& draw, const World& world)
      : draw_(draw), world_(world), expressions_(draw, world) {
    static const std::vector<std::size_t> kForbids = {0, 15, 30, 50};
    forbids_ = draw_.one_of(kForbids);
  }

  json make_set() {
    json set = {{"staticPolicies", json::object()},
                {"templates", json::object()},
                {"templateLinks", json::array()}};
    for (std::size_t i = 1 + draw_.below(5); i > 0; --i) {
      const std::string id = next_id();
      set["staticPolicies"][id] = policy("", "");
    }
    for (std::size_t i = draw_.below(3); i > 0; --i) add_template(set);
    return set;
  }

 private:
  std::string next_id() {
    static const std::vector<std::string> kSigns = {"é", "\"", " ", "::", "\n"};
    return "policy" + std::to_string(ids_++) + (draw_.chance(5) ? draw_.one_of(kSigns) : "");
  }

  void add_template(json& set) {
    const std::string id = next_id();
    const std::size_t which = draw_.below(3);  // principal, resource, both
    set["templates"][id] = policy(which == 1 ? "" : "?principal", which == 0 ? "" : "?resource");
    for (std::size_t links = draw_.below(4); links > 0; --links) {
      json values = json::object();
      if (which != 1) values["?principal"] = uid_json(draw_group(world_.principal_type));
      if (which != 0) values["?resource"] = uid_json(draw_group(world_.resource_type));
      set["templateLinks"].push_back(
          {{"templateId", id}, {"newId", next_id()}, {"values", std::move(values)}});
    }
  }

  json policy(const std::string& principal_slot, const std::string& resource_slot) {
    json policy = {{"effect", draw_.chance(forbids_) ? "forbid" : "permit"},
                   {"principal", scope(world_.principal_type, principal_slot)},
                   {"action", action_scope()},
                   {"resource", scope(world_.resource_type, resource_slot)},
                   {"conditions", json::array()}};
    static const std::vector<std::size_t> kCounts = {0, 1, 1, 1, 1, 1, 2, 2, 2, 3};
    for (std::size_t i = draw_.one_of(kCounts); i > 0; --i) {
      json condition = {{"kind", draw_.chance(70) ? "when" : "unless"}};
      condition["body"] = expressions_.make(Type{Kind::Bool}, 1 + draw_.below(4));
      policy["conditions"].push_back(std::move(condition));
    }
    if (draw_.chance(5)) policy["annotations"] = {{"id", "x"}, {"flag", nullptr}};
    return policy;
  }

  // An entity of the type, or what it is in.
  Uid draw_group(std::size_t type) {
    Uid uid = draw_uid(draw_, world_, draw_.chance(90) ? world_.types.at(type).name : "");
    return ancestor(std::move(uid));
  }

  Uid ancestor(Uid uid) {
    for (std::size_t i = draw_.below(3); i > 0; --i) {
      const auto known = world_.parents.find(uid);
      if (known != world_.parents.end() && !known->second.empty())
        uid = draw_.one_of(known->second);
    }
    return uid;
  }

  json place(std::size_t type, const std::string& slot) {
    if (!slot.empty()) return {{"slot", slot}};
    return {{"entity", uid_json(draw_group(type))}};
  }

  json scope(std::size_t type, const std::string& slot) {
    static const std::vector<std::string> kScopes = {
        "All", "All", "All", "All", "All", "All", "All", "All",
        "All", "All", "is",  "==",  "in",  "in",  "in",  "is in"};
    std::string op = draw_.one_of(kScopes);
    // A slot stands for an entity, so there must be a place for one.
    if (!slot.empty() && (op == "All" || op == "is")) op = draw_.chance(50) ? "in" : "is in";
    if (op == "All") return {{"op", op}};
    json scope = op == "is" ? json::object() : place(type, slot);
    if (op == "is in") scope = json{{"in", std::move(scope)}};
    if (op.starts_with("is")) scope["entity_type"] = type_name(type);
    scope["op"] = op == "is in" ? "is" : op;
    return scope;
  }

  std::string type_name(std::size_t type) {
    return draw_.chance(80) ? world_.types.at(type).name : draw_.one_of(world_.types).name;
  }

  json action_scope() {
    const std::size_t which = draw_.below(100);
    if (which < 75) return {{"op", "All"}};
    if (which < 90)
      return {{"op", which < 82 ? "==" : "in"},
              {"entity", uid_json(ancestor(draw_.one_of(world_.actions)))}};
    json entities = json::array();
    for (std::size_t i = draw_.below(4); i > 0; --i)
      entities.push_back(uid_json(draw_.one_of(world_.actions)));
    return {{"op", "in"}, {"entities", std::move(entities)}};
  }

  Draw& draw_;
  const World& world_;
  ExpressionMaker expressions_;
  std::size_t forbids_;
  std::size_t ids_ = 0;
};

}  // namespace

json draw_policies(Draw& draw, const World& world) {
  return PolicyMaker(draw, world).make_set();
}

}  // namespace cedar_random
