#include "policies/cedar/policy_json.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/operators.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using nlohmann::json;

vrm::Error too_large() {
  return vrm::Error{vrm::ErrorCode::Malformed, "the JSON form of this policy would be too large"};
}

json uid_json(const EntityUid& uid) {
  return {{"type", uid.type()}, {"id", uid.id()}};
}

json literal_json(const Value& value) {
  if (const auto* flag = value.get<bool>()) return *flag;
  if (const auto* number = value.get<std::int64_t>()) return *number;
  if (const auto* text = value.get<std::string>()) return *text;
  const auto* uid = value.get<EntityUid>();
  VRM_CHECK(uid != nullptr);  // of a Literal
  return {{"__entity", uid_json(*uid)}};
}

json pattern_json(const Pattern& pattern) {
  json parts = json::array();
  bool first = true;
  for (const auto& piece : pattern.pieces()) {
    if (!std::exchange(first, false)) parts.push_back("Wildcard");
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t from = at;
      vrm::next_scalar(piece, at);
      parts.push_back({{"Literal", piece.substr(from, at - from)}});
    }
  }
  return parts;
}

// Writes one policy; counts what it makes, as `has a.b.c` stands for its object three times.
class Writer {
 public:
  vrm::Result<json> write(const Expression& expression, std::size_t depth) {
    if (depth + 2 > kMaxPolicyJsonDepth || ++nodes_ > kMaxPolicyJsonNodes) return too_large();
    return std::visit([&](const auto& node) { return write_node(node, depth + 2); },
                      expression.node);
  }

 private:
  using Written = vrm::Result<json>;

  static json named(std::string_view name, json inner) {
    json out = json::object();
    out[std::string(name)] = std::move(inner);
    return out;
  }

  Written write_node(const Literal& node, std::size_t) {
    return named("Value", literal_json(node.value));
  }
  Written write_node(Variable node, std::size_t) {
    return named("Var", std::string(to_string(node)));
  }
  Written write_node(const Not& node, std::size_t depth) {
    return unary("!", *node.operand, depth);
  }
  Written write_node(const Negate& node, std::size_t depth) {
    return unary("neg", *node.operand, depth);
  }
  Written write_node(const IsEmpty& node, std::size_t depth) {
    return unary("isEmpty", *node.set, depth);
  }
  Written write_node(const And& node, std::size_t depth) {
    return chain("&&", node.operands, depth);
  }
  Written write_node(const Or& node, std::size_t depth) {
    return chain("||", node.operands, depth);
  }
  Written write_node(const Binary& node, std::size_t depth) {
    json left = TRY(write(*node.left, depth));
    json right = TRY(write(*node.right, depth));
    return pair(describe(node.op).name, std::move(left), std::move(right));
  }
  Written write_node(const If& node, std::size_t depth) {
    json condition = TRY(write(*node.condition, depth));
    json then = TRY(write(*node.then, depth));
    json otherwise = TRY(write(*node.otherwise, depth));
    return named(
        "if-then-else",
        {{"if", std::move(condition)}, {"then", std::move(then)}, {"else", std::move(otherwise)}});
  }
  Written write_node(const Attribute& node, std::size_t depth) {
    json object = TRY(write(*node.object, depth));
    return attribute(".", std::move(object), node.name);
  }
  // a has b.c is a has b && a.b has c.
  Written write_node(const Has& node, std::size_t depth) {
    const std::size_t deeper = depth + 4 * node.path.size();
    json object = TRY(write(*node.object, deeper));
    json all = attribute("has", object, node.path.front());
    for (std::size_t i = 1; i < node.path.size(); ++i) {
      object = attribute(".", std::move(object), node.path[i - 1]);
      nodes_ += nodes_of(object);
      if (nodes_ > kMaxPolicyJsonNodes) return too_large();
      all = pair("&&", std::move(all), attribute("has", object, node.path[i]));
    }
    return all;
  }
  Written write_node(const Like& node, std::size_t depth) {
    json text = TRY(write(*node.text, depth));
    return named("like", {{"left", std::move(text)}, {"pattern", pattern_json(node.pattern)}});
  }
  Written write_node(const Is& node, std::size_t depth) {
    json entity = TRY(write(*node.entity, depth));
    json inner = {{"left", std::move(entity)}, {"entity_type", node.type}};
    if (node.group != nullptr) inner["in"] = TRY(write(*node.group, depth));
    return named("is", std::move(inner));
  }
  Written write_node(const SetLiteral& node, std::size_t depth) {
    json elements = TRY(all_of(node.elements, depth));
    return named("Set", std::move(elements));
  }
  Written write_node(const RecordLiteral& node, std::size_t depth) {
    json members = json::object();
    for (const auto& [name, value] : node.members) members[name] = TRY(write(*value, depth));
    return named("Record", std::move(members));
  }
  Written write_node(const Call& node, std::size_t depth) {
    json arguments = TRY(all_of(node.arguments, depth));
    return named(describe(node.function).name, std::move(arguments));
  }

  Written unary(std::string_view name, const Expression& operand, std::size_t depth) {
    json inner = TRY(write(operand, depth));
    return named(name, {{"arg", std::move(inner)}});
  }

  // Nested to the left.
  Written chain(std::string_view name, const std::vector<ExpressionPtr>& operands,
                std::size_t depth) {
    const std::size_t deepest = depth + 2 * operands.size();
    if (deepest > kMaxPolicyJsonDepth) return too_large();
    json all = TRY(write(*operands.front(), deepest));
    for (std::size_t i = 1; i < operands.size(); ++i) {
      json right = TRY(write(*operands[i], depth + 2 * (operands.size() - i)));
      all = pair(name, std::move(all), std::move(right));
    }
    return all;
  }

  vrm::Result<json> all_of(const std::vector<ExpressionPtr>& expressions, std::size_t depth) {
    json all = json::array();
    for (const auto& each : expressions) {
      json written = TRY(write(*each, depth));
      all.push_back(std::move(written));
    }
    return all;
  }

  static json pair(std::string_view name, json left, json right) {
    return named(name, {{"left", std::move(left)}, {"right", std::move(right)}});
  }
  static json attribute(std::string_view name, json object, const std::string& attr) {
    return named(name, {{"left", std::move(object)}, {"attr", attr}});
  }
  static std::size_t nodes_of(const json& value) {
    std::size_t nodes = 1;
    if (value.is_structured())
      for (const auto& each : value) nodes += nodes_of(each);
    return nodes;
  }

  std::size_t nodes_ = 0;
};

json place_json(const ScopeConstraint& constraint, std::string_view slot) {
  if (constraint.place == ScopeConstraint::Place::Slot) return {{"slot", std::string(slot)}};
  return {{"entity", uid_json(constraint.entities.front())}};
}

json scope_json(const ScopeConstraint& constraint, std::string_view slot) {
  using Kind = ScopeConstraint::Kind;
  json out = {{"op", "All"}};
  switch (constraint.kind) {
    case Kind::Any:
      break;
    case Kind::Equal:
      out = place_json(constraint, slot);
      out["op"] = "==";
      break;
    case Kind::In:
      out = place_json(constraint, slot);
      out["op"] = "in";
      break;
    case Kind::InAny:  // a list of one is as the one
      out = {{"op", "in"}, {"entities", json::array()}};
      for (const auto& uid : constraint.entities) out["entities"].push_back(uid_json(uid));
      if (constraint.entities.size() == 1)
        out = {{"op", "in"}, {"entity", uid_json(constraint.entities.front())}};
      break;
    case Kind::Is:
      out = {{"op", "is"}, {"entity_type", constraint.type}};
      break;
    case Kind::IsIn:
      out = {{"op", "is"}, {"entity_type", constraint.type}, {"in", place_json(constraint, slot)}};
      break;
  }
  return out;
}

}  // namespace

vrm::Result<json> policy_to_json(const PolicyBody& policy) {
  json out = {{"effect", policy.effect == Effect::Permit ? "permit" : "forbid"},
              {"principal", scope_json(policy.principal, "?principal")},
              {"action", scope_json(policy.action, "")},
              {"resource", scope_json(policy.resource, "?resource")},
              {"conditions", json::array()}};
  Writer writer;
  for (const auto& condition : policy.conditions) {
    constexpr std::size_t kLevelsAround = 3;
    json body = TRY(writer.write(*condition.body, kLevelsAround));
    const char* kind = condition.kind == Condition::Kind::When ? "when" : "unless";
    out["conditions"].push_back({{"kind", kind}, {"body", std::move(body)}});
  }
  for (const auto& annotation : policy.annotations)
    out["annotations"][annotation.name] =
        annotation.value ? json(*annotation.value) : json(nullptr);
  return out;
}

vrm::Result<json> policy_set_to_json(const PolicySet& policies) {
  json out = {{"staticPolicies", json::object()},
              {"templates", json::object()},
              {"templateLinks", json::array()}};
  for (const auto& each : policies.templates())
    out["templates"][each.id] = TRY(policy_to_json(*each.body));
  for (const auto& policy : policies.policies()) {
    if (policy.template_id.empty()) {
      out["staticPolicies"][policy.id] = TRY(policy_to_json(*policy.body));
      continue;
    }
    json values = json::object();
    if (policy.slots.principal) values["?principal"] = uid_json(*policy.slots.principal);
    if (policy.slots.resource) values["?resource"] = uid_json(*policy.slots.resource);
    out["templateLinks"].push_back(
        {{"templateId", policy.template_id}, {"newId", policy.id}, {"values", std::move(values)}});
  }
  return out;
}

}  // namespace cedar
