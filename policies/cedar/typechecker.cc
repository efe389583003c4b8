#include "policies/cedar/typechecker.h"

#include <algorithm>
#include <array>

#include "policies/cedar/name.h"
#include "policies/cedar/operators.h"
#include "policies/cedar/policy_text.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using TypeKind = Type::Kind;

const TypePtr& plain(TypeKind kind) {
  static const std::array<TypePtr, 5> types{make_type(TypeKind::Bool), make_type(TypeKind::True),
                                            make_type(TypeKind::False), make_type(TypeKind::Long),
                                            make_type(TypeKind::String)};
  return types[static_cast<std::size_t>(kind)];  // the first five kinds
}

const TypePtr& truth(bool value) {
  return plain(value ? TypeKind::True : TypeKind::False);
}

bool is_extension(const Type& type, std::string_view name) {
  return type.kind == TypeKind::Extension && type.name == name;
}

std::string tag_of(const std::string& text) {
  return "tag " + text;
}

}  // namespace

TypePtr Typechecker::wrong(Position at, std::string message) {
  Finding finding{at, std::move(message)};
  if (std::find(findings_.begin(), findings_.end(), finding) == findings_.end())
    findings_.push_back(std::move(finding));
  return nullptr;
}

Inferred Typechecker::infer(const Expression& expression, const Capabilities& known) {
  return std::visit([&](const auto& each) { return node(expression, each, known); },
                    expression.node);
}

// Null: another type, which is told.
TypePtr Typechecker::need(const Expression& expression, const Capabilities& known, TypeKind kind,
                          const char* what) {
  TypePtr type = infer(expression, known).type;
  if (type == nullptr || type->kind == kind) return type;
  return wrong(expression.at, std::string("expected ") + what + " but saw " + to_string(*type));
}

Inferred Typechecker::need_bool(const Expression& expression, const Capabilities& known) {
  Inferred inferred = infer(expression, known);
  if (inferred.type == nullptr || is_bool(*inferred.type)) return inferred;
  return {wrong(expression.at, "expected Bool but saw " + to_string(*inferred.type))};
}

Inferred Typechecker::node(const Expression&, const Literal& literal, const Capabilities&) {
  if (const auto* flag = literal.value.get<bool>()) return {truth(*flag)};
  if (literal.value.get<std::int64_t>() != nullptr) return {plain(TypeKind::Long)};
  if (literal.value.get<std::string>() != nullptr) return {plain(TypeKind::String)};
  const auto* uid = literal.value.get<EntityUid>();
  VRM_CHECK(uid != nullptr);  // of a Literal
  const bool is_known = is_action_type(uid->type())
                            ? schema_.find_action(*uid) != nullptr
                            : schema_.find_entity_type(uid->type()) != nullptr;
  if (!is_known) return {nullptr};  // names are looked up before, also where no request gets
  return {make_type(TypeKind::Entity, uid->type())};
}

Inferred Typechecker::node(const Expression&, Variable variable, const Capabilities&) {
  switch (variable) {
    case Variable::Principal:
      return {make_type(TypeKind::Entity, kind_.principal)};
    case Variable::Action:
      return {make_type(TypeKind::Entity, kind_.action.type())};
    case Variable::Resource:
      return {make_type(TypeKind::Entity, kind_.resource)};
    case Variable::Context:
      return {kind_.context};
  }
  VRM_CHECK(false);
}

Inferred Typechecker::node(const Expression&, const Not& node, const Capabilities& known) {
  const TypePtr type = need_bool(*node.operand, known).type;
  if (type == nullptr || type->kind == TypeKind::Bool) return {type};
  return {truth(type->kind == TypeKind::False)};
}

Inferred Typechecker::node(const Expression&, const Negate& node, const Capabilities& known) {
  return {need(*node.operand, known, TypeKind::Long, "Long")};
}

// Behind what is False nothing is looked at.
Inferred Typechecker::node(const Expression&, const And& node, const Capabilities& known) {
  Capabilities here = known;
  Inferred all{truth(true)};
  bool ill = false;
  for (const auto& operand : node.operands) {
    Inferred next = need_bool(*operand, here);
    if (next.type == nullptr) {
      ill = true;
      continue;
    }
    if (next.type->kind == TypeKind::False) return {ill ? nullptr : next.type};
    if (next.type->kind == TypeKind::Bool) all.type = next.type;
    here.insert(next.gained.begin(), next.gained.end());
    all.gained.merge(next.gained);
  }
  return ill ? Inferred{nullptr} : all;
}

Inferred Typechecker::node(const Expression&, const Or& node, const Capabilities& known) {
  Inferred all{truth(false)};
  bool ill = false;
  bool first = true;
  for (const auto& operand : node.operands) {
    Inferred next = need_bool(*operand, known);
    if (next.type == nullptr) {
      ill = true;
      continue;
    }
    if (next.type->kind == TypeKind::True) return {ill ? nullptr : next.type};
    if (next.type->kind == TypeKind::False) continue;
    all.type = next.type;
    if (std::exchange(first, false)) {
      all.gained = std::move(next.gained);
    } else {
      std::erase_if(all.gained, [&](const auto& each) { return !next.gained.contains(each); });
    }
  }
  return ill ? Inferred{nullptr} : all;
}

Inferred Typechecker::node(const Expression& at, const Binary& node, const Capabilities& known) {
  switch (node.op) {
    case BinaryOperator::Equal:
      return {equality(at, node, known)};
    case BinaryOperator::NotEqual: {
      const TypePtr type = equality(at, node, known);
      if (type == nullptr || type->kind == TypeKind::Bool) return {type};
      return {truth(type->kind == TypeKind::False)};
    }
    case BinaryOperator::Less:
    case BinaryOperator::LessEqual:
    case BinaryOperator::Greater:
    case BinaryOperator::GreaterEqual:
      return {comparison(node, known)};
    case BinaryOperator::In:
      return {membership(need(*node.left, known, TypeKind::Entity, "an entity"), *node.left,
                         *node.right, known)};
    case BinaryOperator::Add:
    case BinaryOperator::Subtract:
    case BinaryOperator::Multiply: {
      const TypePtr left = need(*node.left, known, TypeKind::Long, "Long");
      const TypePtr right = need(*node.right, known, TypeKind::Long, "Long");
      return {left == nullptr ? left : right};
    }
    case BinaryOperator::Contains:
    case BinaryOperator::ContainsAll:
    case BinaryOperator::ContainsAny:
      return {containment(at, node, known)};
    case BinaryOperator::GetTag:
      return {get_tag(at, node, known)};
    case BinaryOperator::HasTag:
      return has_tag(node, known);
  }
  VRM_CHECK(false);
}

TypePtr Typechecker::equality(const Expression& at, const Binary& node, const Capabilities& known) {
  const TypePtr left = infer(*node.left, known).type;
  const TypePtr right = infer(*node.right, known).type;
  if (left == nullptr || right == nullptr) return nullptr;
  const auto* one = entity_of(*node.left);
  const auto* other = entity_of(*node.right);
  if (one != nullptr && other != nullptr) return truth(*one == *other);
  const auto* a = std::get_if<Literal>(&node.left->node);
  const auto* b = std::get_if<Literal>(&node.right->node);
  if (a != nullptr && b != nullptr) return truth(a->value == b->value);
  if (join(left, right) != nullptr) return plain(TypeKind::Bool);
  if (left->kind == TypeKind::Entity && right->kind == TypeKind::Entity) return truth(false);
  return wrong(at.at, "the two sides of `" + std::string(describe(node.op).name) +
                          "` have different types, " + to_string(*left) + " and " +
                          to_string(*right));
}

TypePtr Typechecker::comparison(const Binary& node, const Capabilities& known) {
  const TypePtr left = infer(*node.left, known).type;
  const TypePtr right = infer(*node.right, known).type;
  if (left == nullptr || right == nullptr) return nullptr;
  const auto ordered = [](const Type& type) {
    return type.kind == TypeKind::Long || is_extension(type, "datetime") ||
           is_extension(type, "duration");
  };
  if (!ordered(*left))
    return wrong(node.left->at, "expected Long, datetime or duration but saw " + to_string(*left));
  if (left->kind == right->kind && left->name == right->name) return plain(TypeKind::Bool);
  return wrong(node.right->at, "expected " + to_string(*left) + " but saw " + to_string(*right));
}

// Whether entities of one type can be in those of another.
bool Typechecker::may_be_in(const std::string& member, const std::string& group) const {
  if (member == group) return true;
  if (const auto* type = schema_.find_entity_type(member)) return type->ancestors.contains(group);
  return is_action_type(member) && is_action_type(group) &&
         std::any_of(schema_.actions().begin(), schema_.actions().end(), [&](const auto& each) {
           return each.first.type() == member &&
                  std::any_of(each.second.ancestors.begin(), each.second.ancestors.end(),
                              [&](const EntityUid& uid) { return uid.type() == group; });
         });
}

// The entity that an expression is for sure: a literal, or the action of this kind of request. Null: another expression.
const EntityUid* Typechecker::entity_of(const Expression& expression) const {
  if (const auto* literal = std::get_if<Literal>(&expression.node))
    return literal->value.get<EntityUid>();
  const auto* variable = std::get_if<Variable>(&expression.node);
  return variable != nullptr && *variable == Variable::Action ? &kind_.action : nullptr;
}

// Of what `left` is, which was found to be `member`, in what `right` is.
TypePtr Typechecker::membership(const TypePtr& member, const Expression& left,
                                const Expression& right, const Capabilities& known) {
  const TypePtr group = infer(right, known).type;
  if (member == nullptr || group == nullptr) return nullptr;
  const bool several = group->kind == TypeKind::Set;
  const Type& one = several ? *group->element : *group;
  if (one.kind != TypeKind::Entity)
    return wrong(right.at, "expected an entity or a set of them but saw " + to_string(*group));
  // Which actions are in which the schema says itself.
  std::vector<const EntityUid*> groups;
  const auto* set = std::get_if<SetLiteral>(&right.node);
  if (set != nullptr) {
    for (const auto& each : set->elements) groups.push_back(entity_of(*each));
  } else {
    groups.push_back(entity_of(right));
  }
  const bool all_known =
      std::none_of(groups.begin(), groups.end(), [](const auto* each) { return each == nullptr; });
  const auto* uid = entity_of(left);
  const auto* action = uid == nullptr ? nullptr : schema_.find_action(*uid);
  if (action != nullptr && all_known)
    return truth(std::any_of(groups.begin(), groups.end(), [&](const EntityUid* each) {
      return *each == *uid ||
             std::binary_search(action->ancestors.begin(), action->ancestors.end(), *each);
    }));
  return may_be_in(member->name, one.name) ? plain(TypeKind::Bool) : truth(false);
}

TypePtr Typechecker::containment(const Expression& at, const Binary& node,
                                 const Capabilities& known) {
  const TypePtr set = need(*node.left, known, TypeKind::Set, "a set");
  const bool single = node.op == BinaryOperator::Contains;
  const TypePtr right =
      single ? infer(*node.right, known).type : need(*node.right, known, TypeKind::Set, "a set");
  if (set == nullptr || right == nullptr) return nullptr;
  const TypePtr& element = single ? right : right->element;
  if (join(set->element, element) != nullptr) return plain(TypeKind::Bool);
  return wrong(at.at,
               "a set of " + to_string(*set->element) + " never has a " + to_string(*element));
}

Inferred Typechecker::has_tag(const Binary& node, const Capabilities& known) {
  const TypePtr entity = need(*node.left, known, TypeKind::Entity, "an entity");
  const TypePtr name = need(*node.right, known, TypeKind::String, "String");
  if (entity == nullptr || name == nullptr) return {nullptr};
  const auto* type = schema_.find_entity_type(entity->name);
  if (type == nullptr || type->tags == nullptr) return {truth(false)};
  const std::pair key(expression_text(*node.left), tag_of(expression_text(*node.right)));
  if (known.contains(key)) return {truth(true), {key}};
  return {plain(TypeKind::Bool), {key}};
}

TypePtr Typechecker::get_tag(const Expression& at, const Binary& node, const Capabilities& known) {
  const TypePtr entity = need(*node.left, known, TypeKind::Entity, "an entity");
  const TypePtr name = need(*node.right, known, TypeKind::String, "String");
  if (entity == nullptr || name == nullptr) return nullptr;
  const auto* type = schema_.find_entity_type(entity->name);
  if (type == nullptr || type->tags == nullptr)
    return wrong(at.at, "entities of type `" + entity->name + "` have no tags");
  const std::string object = expression_text(*node.left);
  const std::string tag = expression_text(*node.right);
  if (known.contains({object, tag_of(tag)})) return type->tags;
  return wrong(at.at, "there may be no such tag: ask `" + vrm::printable(object, 60) + ".hasTag(" +
                          vrm::printable(tag, 60) + ")` before, with &&");
}

Inferred Typechecker::node(const Expression&, const IsEmpty& node, const Capabilities& known) {
  const TypePtr set = need(*node.set, known, TypeKind::Set, "a set");
  return {set == nullptr ? set : plain(TypeKind::Bool)};
}

Inferred Typechecker::node(const Expression& at, const If& node, const Capabilities& known) {
  Inferred condition = need_bool(*node.condition, known);
  Capabilities with = known;
  with.insert(condition.gained.begin(), condition.gained.end());
  if (condition.type != nullptr && condition.type->kind == TypeKind::False)
    return infer(*node.otherwise, known);
  Inferred then = infer(*node.then, with);
  then.gained.merge(condition.gained);
  if (condition.type != nullptr && condition.type->kind == TypeKind::True) return then;
  Inferred otherwise = infer(*node.otherwise, known);
  if (condition.type == nullptr || then.type == nullptr || otherwise.type == nullptr)
    return {nullptr};
  TypePtr joined = join(then.type, otherwise.type);
  if (joined == nullptr)
    return {wrong(at.at, "the two branches have different types, " + to_string(*then.type) +
                             " and " + to_string(*otherwise.type))};
  std::erase_if(then.gained, [&](const auto& each) { return !otherwise.gained.contains(each); });
  return {std::move(joined), std::move(then.gained)};
}

// Null: actions have no attributes.
const Type* Typechecker::record_of(const Type& object) const {
  if (object.kind != TypeKind::Entity) return &object;
  const auto* type = schema_.find_entity_type(object.name);
  return type == nullptr ? nullptr : type->shape.get();
}

std::vector<std::string> Typechecker::attribute_names(const Type& object) const {
  std::vector<std::string> names;
  if (const Type* record = record_of(object))
    for (const auto& [name, attribute] : record->attributes) names.push_back(name);
  return names;
}

// Null: no such attribute.
const AttributeType* Typechecker::find_attribute(const Type& object,
                                                 const std::string& name) const {
  const Type* record = record_of(object);
  if (record == nullptr) return nullptr;
  const auto found = record->attributes.find(name);
  return found == record->attributes.end() ? nullptr : &found->second;
}

Inferred Typechecker::has_attribute(const Expression& at, const TypePtr& object,
                                    const std::string& key, const std::string& name,
                                    const Capabilities& known) {
  if (object->kind != TypeKind::Entity && object->kind != TypeKind::Record)
    return {wrong(at.at, "expected an entity or a record but saw " + to_string(*object))};
  const auto* attribute = find_attribute(*object, name);
  if (attribute == nullptr) return {truth(false)};
  // An entity may be unknown, and then has nothing.
  const bool there =
      known.contains({key, name}) || (attribute->required && object->kind == TypeKind::Record);
  return {there ? truth(true) : plain(TypeKind::Bool), {{key, name}}};
}

TypePtr Typechecker::attribute_of(const Expression& at, const TypePtr& object,
                                  const std::string& key, const std::string& name,
                                  const Capabilities& known) {
  if (object->kind != TypeKind::Entity && object->kind != TypeKind::Record)
    return wrong(at.at, "expected an entity or a record but saw " + to_string(*object));
  const auto* attribute = find_attribute(*object, name);
  if (attribute == nullptr)
    return wrong(at.at, "`" + vrm::printable(key, 60) + "` has no attribute `" +
                            vrm::printable(name, 60) + "`" +
                            did_you_mean(name, attribute_names(*object)));
  if (attribute->required || known.contains({key, name})) return attribute->type;
  return wrong(at.at, "the attribute `" + vrm::printable(name, 60) + "` is optional: ask `" +
                          vrm::printable(key, 60) + " has " +
                          (is_identifier(name) ? name : quote_string(name)) + "` before, with &&");
}

Inferred Typechecker::node(const Expression& at, const Attribute& node, const Capabilities& known) {
  const TypePtr object = infer(*node.object, known).type;
  if (object == nullptr) return {nullptr};
  return {attribute_of(at, object, expression_text(*node.object), node.name, known)};
}

// a has b.c is a has b && a.b has c.
Inferred Typechecker::node(const Expression& at, const Has& node, const Capabilities& known) {
  TypePtr object = infer(*node.object, known).type;
  if (object == nullptr) return {nullptr};
  std::string key = expression_text(*node.object);
  Capabilities here = known;
  Inferred all{truth(true)};
  for (std::size_t i = 0; i < node.path.size(); ++i) {
    const std::string& name = node.path[i];
    Inferred next = has_attribute(at, object, key, name, here);
    if (next.type == nullptr || next.type->kind == TypeKind::False) return {next.type};
    if (next.type->kind == TypeKind::Bool) all.type = next.type;
    here.insert(next.gained.begin(), next.gained.end());
    all.gained.merge(next.gained);
    if (i + 1 == node.path.size()) break;
    object = attribute_of(at, object, key, name, here);
    if (object == nullptr) return {nullptr};
    key += is_identifier(name) ? "." + name : "[" + quote_string(name) + "]";
  }
  return all;
}

Inferred Typechecker::node(const Expression&, const Like& node, const Capabilities& known) {
  const TypePtr text = need(*node.text, known, TypeKind::String, "String");
  return {text == nullptr ? text : plain(TypeKind::Bool)};
}

// x is T in e is x is T && x in e.
Inferred Typechecker::node(const Expression&, const Is& node, const Capabilities& known) {
  const TypePtr entity = need(*node.entity, known, TypeKind::Entity, "an entity");
  if (entity == nullptr) return {nullptr};
  if (entity->name != node.type) return {truth(false)};
  if (node.group == nullptr) return {truth(true)};
  return {membership(entity, *node.entity, *node.group, known)};
}

Inferred Typechecker::node(const Expression& at, const SetLiteral& node,
                           const Capabilities& known) {
  if (node.elements.empty()) return {wrong(at.at, "an empty set has no type that is known here")};
  TypePtr element = nullptr;
  bool ill = false;
  for (const auto& each : node.elements) {
    TypePtr next = infer(*each, known).type;
    if (next == nullptr) ill = true;
    if (ill) continue;
    TypePtr joined = element == nullptr ? next : join(element, next);
    if (joined == nullptr)
      return {wrong(at.at, "the elements of a set have different types, " + to_string(*element) +
                               " and " + to_string(*next))};
    element = std::move(joined);
  }
  if (ill) return {nullptr};
  auto made = make_set_type(std::move(element));
  if (!made.ok()) return {wrong(at.at, made.error().message)};
  return {std::move(made).value()};
}

Inferred Typechecker::node(const Expression& at, const RecordLiteral& node,
                           const Capabilities& known) {
  std::map<std::string, AttributeType> attributes;
  bool ill = false;
  for (const auto& [name, value] : node.members) {
    TypePtr type = infer(*value, known).type;
    ill = ill || type == nullptr;
    attributes.emplace(name, AttributeType{std::move(type), true});
  }
  if (ill) return {nullptr};
  auto made = make_record_type(std::move(attributes));
  if (!made.ok()) return {wrong(at.at, made.error().message)};
  return {std::move(made).value()};
}

// Which of the arguments are of the types that the function takes: all, or the findings say more.
bool Typechecker::takes(const Call& node, const ExtensionDescription& description,
                        const Capabilities& known) {
  bool all = true;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const TypePtr type = infer(*node.arguments[i], known).type;
    const TypePtr wanted = own_type(description.takes[i]);
    const bool fits = type != nullptr && type->kind == wanted->kind && type->name == wanted->name;
    if (type != nullptr && !fits)
      wrong(node.arguments[i]->at,
            "expected " + to_string(*wanted) + " but saw " + to_string(*type));
    all = all && fits;
  }
  return all;
}

// What makes an extension value takes a literal that it accepts, so that nothing is left to fail.
Inferred Typechecker::node(const Expression& at, const Call& node, const Capabilities& known) {
  const auto& description = describe(node.function);
  const std::string name(description.name);
  if (node.function == Extension::Unknown)
    return {wrong(at.at, "`unknown` has no value until it is replaced")};
  if (node.arguments.size() != description.arguments)
    return {wrong(at.at, "`" + name + "` takes " + std::to_string(description.arguments) +
                             " arguments, and here are " + std::to_string(node.arguments.size()))};
  if (!takes(node, description, known)) return {nullptr};
  if (description.takes[0] == "String") {
    const auto* literal = std::get_if<Literal>(&node.arguments[0]->node);
    if (literal == nullptr)
      return {wrong(node.arguments[0]->at,
                    "`" + name + "` takes a text written here, and no other expression")};
    const std::array<Value, 1> argument{literal->value};
    const auto value = call_extension(node.function, argument);
    if (!value.ok()) return {wrong(node.arguments[0]->at, value.error().message)};
  }
  return {own_type(description.gives)};
}

}  // namespace cedar
