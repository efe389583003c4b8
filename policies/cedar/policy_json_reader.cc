#include "policies/cedar/policy_json.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/annotation_json.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/json_place.h"
#include "policies/cedar/name.h"
#include "policies/cedar/operators.h"
#include "policies/cedar/policy_text.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using nlohmann::json;

// Reads the expressions of one policy. A level of the tree is a level of the stack, so it is bounded as the tree is.
class Reader {
 public:
  using Read = vrm::Result<ExpressionPtr>;

  Read read(const json& expression, const std::string& place, std::size_t depth) {
    if (depth > kMaxExpressionDepth) return wrong_at(place, "the expression is nested too deeply");
    if (!expression.is_object() || expression.size() != 1)
      return wrong_at(place, "an expression is an object with one member");
    const auto member = expression.begin();
    const std::string& name = member.key();
    const json& inner = member.value();
    const std::string here = place + "." + vrm::printable(name, 40);
    if (name == "Value") return value(inner, here, depth + 1);
    if (name == "Var") return variable(inner, here);
    if (name == "Slot") return wrong_at(here, "slots may only stand in the scope");
    if (name == "!" || name == "neg" || name == "isEmpty") return unary(name, inner, here, depth);
    if (name == "&&" || name == "||") return chain(name, expression, place, depth);
    if (const auto op = find_operator(name)) return binary(*op, inner, here, depth);
    if (name == ".") return attribute(inner, here, depth);
    if (name == "has") return has(inner, here, depth);
    if (name == "like") return like(inner, here, depth);
    if (name == "is") return is(inner, here, depth);
    if (name == "if-then-else") return if_then_else(inner, here, depth);
    if (name == "Set") return set(inner, here, depth);
    if (name == "Record") return record(inner, here, depth);
    if (const auto function = find_extension(name)) return call(*function, inner, here, depth);
    return wrong_at(place, "there is no expression `" + vrm::printable(name, 40) + "`");
  }

 private:
  // None of these is inlined into read(), whose frame stands on the stack once a level.
  // A literal; sets, records and escapes of extension values are the expressions that make them.
  [[gnu::noinline]] Read value(const json& inner, const std::string& place, std::size_t depth) {
    if (depth > kMaxExpressionDepth) return wrong_at(place, "the value is nested too deeply");
    if (inner.is_array()) {
      std::vector<ExpressionPtr> elements;
      for (const auto& each : inner) {
        ExpressionPtr element = TRY(value(each, place, depth + 1));
        elements.push_back(std::move(element));
      }
      return make_expression({}, SetLiteral{std::move(elements), {}});
    }
    if (inner.is_object() && inner.contains("__extn")) return extension_value(inner, place, depth);
    if (inner.is_object() && !inner.contains("__entity")) {
      std::vector<std::pair<std::string, ExpressionPtr>> members;
      for (const auto& [name, each] : inner.items()) {
        ExpressionPtr member = TRY(value(each, place, depth + 1));
        members.emplace_back(name, std::move(member));
      }
      return make_expression({}, RecordLiteral{std::move(members), {}});
    }
    auto literal = value_from_json(inner);
    if (!literal.ok()) return wrong_at(place, literal.error().message);
    return make_expression({}, Literal{std::move(literal).value()});
  }

  // {"__extn":{"fn":"ip","arg":"10.0.0.1"}} is ip("10.0.0.1"), right or wrong.
  [[gnu::noinline]] Read extension_value(const json& inner, const std::string& place,
                                         std::size_t depth) {
    TRY(check_members(inner, place, {"__extn"}));
    const auto& escape = inner.at("__extn");
    TRY(check_members(escape, place, {"fn"}, {"arg", "args"}));
    const std::string name = TRY(text_in(escape, "fn", place));
    const auto function = find_extension(name);
    if (!function) return wrong_at(place, "there is no extension function `" + name + "`");
    if (escape.contains("arg") == escape.contains("args"))
      return wrong_at(place, "needs one of `arg` and `args`");
    std::vector<ExpressionPtr> arguments;
    if (escape.contains("arg")) {
      ExpressionPtr argument = TRY(value(escape.at("arg"), place, depth + 1));
      arguments.push_back(std::move(argument));
    } else {
      for (const auto& each : escape.at("args")) {
        ExpressionPtr argument = TRY(value(each, place, depth + 1));
        arguments.push_back(std::move(argument));
      }
    }
    return make_expression({}, Call{*function, std::move(arguments), {}});
  }

  [[gnu::noinline]] Read variable(const json& inner, const std::string& place) {
    const auto found = inner.is_string() ? find_variable(inner.get_ref<const std::string&>())
                                         : std::optional<Variable>();
    if (!found) return wrong_at(place, "is none of principal, action, resource, context");
    return make_expression({}, *found);
  }

  [[gnu::noinline]] Read unary(std::string_view name, const json& inner, const std::string& place,
                               std::size_t depth) {
    TRY(check_members(inner, place, {"arg"}));
    ExpressionPtr operand = TRY(read(inner.at("arg"), place, depth + 1));
    if (name == "!") return make_expression({}, Not{std::move(operand)});
    if (name == "neg") return make_expression({}, Negate{std::move(operand)});
    return make_expression({}, IsEmpty{std::move(operand)});
  }

  // What is nested to the left is one chain, of any length.
  [[gnu::noinline]] Read chain(const std::string& name, const json& expression,
                               const std::string& place, std::size_t depth) {
    std::vector<const json*> from_last;
    const json* left = &expression;
    while (left->is_object() && left->size() == 1 && left->contains(name)) {
      const auto& inner = left->at(name);
      TRY(check_members(inner, place + "." + name, {"left", "right"}));
      from_last.push_back(&inner.at("right"));
      left = &inner.at("left");
    }
    std::vector<ExpressionPtr> operands;
    ExpressionPtr first = TRY(read(*left, place + "." + name, depth + 1));
    operands.push_back(std::move(first));
    for (auto each = from_last.rbegin(); each != from_last.rend(); ++each) {
      ExpressionPtr operand = TRY(read(**each, place + "." + name, depth + 1));
      operands.push_back(std::move(operand));
    }
    if (name == "&&") return make_expression({}, And{std::move(operands)});
    return make_expression({}, Or{std::move(operands)});
  }

  [[gnu::noinline]] Read binary(BinaryOperator op, const json& inner, const std::string& place,
                                std::size_t depth) {
    TRY(check_members(inner, place, {"left", "right"}));
    ExpressionPtr left = TRY(read(inner.at("left"), place, depth + 1));
    ExpressionPtr right = TRY(read(inner.at("right"), place, depth + 1));
    return make_expression({}, Binary{op, std::move(left), std::move(right)});
  }

  [[gnu::noinline]] Read attribute(const json& inner, const std::string& place, std::size_t depth) {
    TRY(check_members(inner, place, {"left", "attr"}));
    std::string name = TRY(text_in(inner, "attr", place));
    ExpressionPtr object = TRY(read(inner.at("left"), place, depth + 1));
    return make_expression({}, Attribute{std::move(object), std::move(name)});
  }

  // `attr` is a text, or since language 4.5 a list of them.
  [[gnu::noinline]] Read has(const json& inner, const std::string& place, std::size_t depth) {
    TRY(check_members(inner, place, {"left", "attr"}));
    std::vector<std::string> path;
    if (inner.at("attr").is_array()) {
      for (const auto& each : inner.at("attr")) {
        if (!each.is_string()) return wrong_at(place + ".attr", "is no text");
        path.push_back(each.get<std::string>());
      }
    } else {
      std::string name = TRY(text_in(inner, "attr", place));
      path.push_back(std::move(name));
    }
    if (path.empty()) return wrong_at(place + ".attr", "is empty");
    if (path.size() > 1)
      for (const auto& name : path)
        if (!is_identifier(name)) return wrong_at(place + ".attr", "has what is no identifier");
    ExpressionPtr object = TRY(read(inner.at("left"), place, depth + 1));
    return make_expression({}, Has{std::move(object), std::move(path)});
  }

  [[gnu::noinline]] Read like(const json& inner, const std::string& place, std::size_t depth) {
    TRY(check_members(inner, place, {"left", "pattern"}));
    if (!inner.at("pattern").is_array()) return wrong_at(place + ".pattern", "is no list");
    Pattern pattern;
    for (const auto& part : inner.at("pattern")) {
      if (part == "Wildcard") {
        pattern.add_wildcard();
        continue;
      }
      TRY(check_members(part, place + ".pattern", {"Literal"}));
      const std::string text = TRY(text_in(part, "Literal", place + ".pattern"));
      for (std::size_t at = 0; at < text.size();) pattern.add_scalar(*vrm::next_scalar(text, at));
    }
    ExpressionPtr text = TRY(read(inner.at("left"), place, depth + 1));
    return make_expression({}, Like{std::move(text), std::move(pattern)});
  }

  [[gnu::noinline]] Read is(const json& inner, const std::string& place, std::size_t depth) {
    TRY(check_members(inner, place, {"left", "entity_type"}, {"in"}));
    std::string type = TRY(name_in(inner, "entity_type", place));
    ExpressionPtr entity = TRY(read(inner.at("left"), place, depth + 1));
    ExpressionPtr group;
    if (inner.contains("in")) group = TRY(read(inner.at("in"), place, depth + 1));
    return make_expression({}, Is{std::move(entity), std::move(type), std::move(group)});
  }

  [[gnu::noinline]] Read if_then_else(const json& inner, const std::string& place,
                                      std::size_t depth) {
    TRY(check_members(inner, place, {"if", "then", "else"}));
    ExpressionPtr condition = TRY(read(inner.at("if"), place, depth + 1));
    ExpressionPtr then = TRY(read(inner.at("then"), place, depth + 1));
    ExpressionPtr otherwise = TRY(read(inner.at("else"), place, depth + 1));
    return make_expression({}, If{std::move(condition), std::move(then), std::move(otherwise)});
  }

  [[gnu::noinline]] Read set(const json& inner, const std::string& place, std::size_t depth) {
    auto elements = TRY(list(inner, place, depth));
    return make_expression({}, SetLiteral{std::move(elements), {}});
  }

  [[gnu::noinline]] Read record(const json& inner, const std::string& place, std::size_t depth) {
    if (!inner.is_object()) return wrong_at(place, "is no object");
    std::vector<std::pair<std::string, ExpressionPtr>> members;
    for (const auto& [name, each] : inner.items()) {
      ExpressionPtr member = TRY(read(each, place, depth + 1));
      members.emplace_back(name, std::move(member));
    }
    return make_expression({}, RecordLiteral{std::move(members), {}});
  }

  [[gnu::noinline]] Read call(Extension function, const json& inner, const std::string& place,
                              std::size_t depth) {
    auto arguments = TRY(list(inner, place, depth));
    // A wrong number of them is for the evaluator to refuse, but a method has an object.
    if (describe(function).style == CallStyle::Method && arguments.empty())
      return wrong_at(place, "a method needs an object");
    return make_expression({}, Call{function, std::move(arguments), {}});
  }

  [[gnu::noinline]] vrm::Result<std::vector<ExpressionPtr>> list(const json& inner,
                                                                 const std::string& place,
                                                                 std::size_t depth) {
    if (!inner.is_array()) return wrong_at(place, "is no list");
    std::vector<ExpressionPtr> all;
    for (const auto& each : inner) {
      ExpressionPtr one = TRY(read(each, place, depth + 1));
      all.push_back(std::move(one));
    }
    return all;
  }
};

class ScopeReader {
 public:
  explicit ScopeReader(std::string_view variable) : variable_(variable) {}

  vrm::Result<ScopeConstraint> read(const json& scope) {
    const std::string place(variable_);
    if (!scope.is_object() || !scope.contains("op")) return wrong_at(place, "lacks `op`");
    const std::string op = TRY(text_in(scope, "op", place));
    ScopeConstraint constraint;
    if (op == "All") return constraint;
    if (op == "==") {
      constraint.kind = ScopeConstraint::Kind::Equal;
      TRY(read_place(scope, constraint));
      return constraint;
    }
    if (op == "in") {
      const bool is_list = variable_ == "action" && scope.contains("entities");
      constraint.kind = is_list ? ScopeConstraint::Kind::InAny : ScopeConstraint::Kind::In;
      TRY(is_list ? read_list(scope, constraint) : read_place(scope, constraint));
      return constraint;
    }
    if (op != "is" || variable_ == "action")
      return wrong_at(place + ".op", "is none of those it can be");
    if (!scope.contains("entity_type")) return wrong_at(place, "lacks `entity_type`");
    constraint.kind = ScopeConstraint::Kind::Is;
    constraint.type = TRY(name_in(scope, "entity_type", place));
    if (!scope.contains("in")) return constraint;
    constraint.kind = ScopeConstraint::Kind::IsIn;
    TRY(read_place(scope.at("in"), constraint));
    return constraint;
  }

 private:
  vrm::Result<EntityUid> read_uid(const json& uid) {
    auto read = uid_from_json(uid);
    if (!read.ok()) return wrong_at(std::string(variable_), read.error().message);
    if (variable_ == "action" && !is_action_type(read.value().type()))
      return wrong_at(std::string(variable_),
                      "expected an entity of type `Action`, not " + read.value().to_string());
    return read;
  }

  vrm::Result<void> read_place(const json& scope, ScopeConstraint& constraint) {
    const std::string place(variable_);
    if (!scope.is_object() || scope.contains("entity") == scope.contains("slot"))
      return wrong_at(place, "needs one of `entity` and `slot`");
    if (scope.contains("slot")) {
      const std::string slot = TRY(text_in(scope, "slot", place));
      if (variable_ == "action" || slot != "?" + place)
        return wrong_at(place + ".slot", "is not the slot of this place");
      constraint.place = ScopeConstraint::Place::Slot;
      return {};
    }
    EntityUid uid = TRY(read_uid(scope.at("entity")));
    constraint.entities.push_back(std::move(uid));
    return {};
  }

  vrm::Result<void> read_list(const json& scope, ScopeConstraint& constraint) {
    if (!scope.at("entities").is_array())
      return wrong_at(std::string(variable_) + ".entities", "is no list");
    for (const auto& each : scope.at("entities")) {
      EntityUid uid = TRY(read_uid(each));
      constraint.entities.push_back(std::move(uid));
    }
    return {};
  }

  std::string_view variable_;
};

vrm::Result<std::vector<Condition>> conditions_from(const json& list) {
  if (!list.is_array()) return wrong_at("conditions", "is no list");
  std::vector<Condition> conditions;
  for (const auto& each : list) {
    const std::string place = "conditions[" + std::to_string(conditions.size()) + "]";
    TRY(check_members(each, place, {"kind", "body"}));
    const std::string kind = TRY(text_in(each, "kind", place));
    if (kind != "when" && kind != "unless") return wrong_at(place, "is neither when nor unless");
    ExpressionPtr body = TRY(Reader().read(each.at("body"), place + ".body", 1));
    conditions.push_back(
        {{}, kind == "when" ? Condition::Kind::When : Condition::Kind::Unless, std::move(body)});
  }
  return conditions;
}

}  // namespace

vrm::Result<std::shared_ptr<const PolicyBody>> policy_from_json(const json& policy) {
  TRY(check_members(policy, "policy", {"effect", "principal", "action", "resource", "conditions"},
                    {"annotations"}));
  PolicyBody body{};
  const std::string effect = TRY(text_in(policy, "effect", "policy"));
  if (effect != "permit" && effect != "forbid")
    return wrong_at("effect", "is neither permit nor forbid");
  body.effect = effect == "permit" ? Effect::Permit : Effect::Forbid;
  body.principal = TRY(ScopeReader("principal").read(policy.at("principal")));
  body.action = TRY(ScopeReader("action").read(policy.at("action")));
  body.resource = TRY(ScopeReader("resource").read(policy.at("resource")));
  body.conditions = TRY(conditions_from(policy.at("conditions")));
  if (policy.contains("annotations"))
    body.annotations = TRY(annotations_from_json(policy.at("annotations"), "annotations"));
  body.source = policy_text(body);
  return std::shared_ptr<const PolicyBody>(std::make_shared<PolicyBody>(std::move(body)));
}

vrm::Result<PolicySet> policy_set_from_json(const json& policies) {
  TRY(check_members(policies, "policy set", {}, {"staticPolicies", "templates", "templateLinks"}));
  PolicySet set;
  for (const auto* list : {"staticPolicies", "templates"}) {
    if (!policies.contains(list)) continue;
    if (!policies.at(list).is_object()) return wrong_at(list, "is no object");
    for (const auto& [id, each] : policies.at(list).items()) {
      auto body = policy_from_json(each);
      if (!body.ok()) return wrong_at(vrm::printable(id, 40), body.error().message);
      const bool is_template = std::string_view(list) == "templates";
      if (body.value()->has_slot() != is_template)
        return wrong_at(vrm::printable(id, 40),
                        is_template ? "a template has a slot" : "a policy has no slot");
      TRY(set.add(id, std::move(body).value()));
    }
  }
  if (!policies.contains("templateLinks")) return set;
  if (!policies.at("templateLinks").is_array()) return wrong_at("templateLinks", "is no list");
  for (const auto& link : policies.at("templateLinks")) {
    TRY(check_members(link, "templateLinks", {"templateId", "newId", "values"}));
    const std::string from = TRY(text_in(link, "templateId", "templateLinks"));
    std::string id = TRY(text_in(link, "newId", "templateLinks"));
    TRY(check_members(link.at("values"), "templateLinks.values", {}, {"?principal", "?resource"}));
    SlotValues slots;
    for (const auto& [slot, uid] : link.at("values").items()) {
      EntityUid value = TRY(uid_from_json(uid));
      (slot == "?principal" ? slots.principal : slots.resource) = std::move(value);
    }
    TRY(set.link(from, std::move(id), std::move(slots)));
  }
  return set;
}

}  // namespace cedar
