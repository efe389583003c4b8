#include "policies/cedar/schema.h"

#include <optional>

#include "policies/cedar/finding.h"
#include "policies/cedar/name.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using SchemaKind = SchemaType::Kind;

constexpr std::string_view kOwnNamespace = "__cedar::";

std::string qualified(const std::string& space, const std::string& name) {
  return space.empty() ? name : space + "::" + name;
}

// A type of the language's own by a name that may say so. Null: none.
TypePtr own_type_named(std::string_view name) {
  if (name.starts_with(kOwnNamespace)) return own_type(name.substr(kOwnNamespace.size()));
  return own_type(name);
}

// What came from JSON has no place.
vrm::Error wrong(Position at, const std::string& reason) {
  if (at == Position{}) return vrm::Error{vrm::ErrorCode::Malformed, reason};
  return malformed_at(at, reason);
}

// Where a name may be declared, the nearest first.
std::vector<std::string> candidates(const std::string& space, const std::string& name) {
  if (space.empty() || name.find("::") != name.npos) return {name};
  return {qualified(space, name), name};
}

// Calls `visit` with each name that a type mentions.
template <typename Visit>
void each_name(const SchemaType& type, const Visit& visit) {
  if (!type.name.empty()) visit(type);
  if (type.element != nullptr) each_name(*type.element, visit);
  for (const auto& [name, attribute] : type.attributes) each_name(*attribute.type, visit);
}

}  // namespace

// Looks up the names of one fragment.
class SchemaResolver {
 public:
  explicit SchemaResolver(const SchemaFragment& fragment) : fragment_(fragment) {}

  vrm::Result<Schema> run() {
    gather();
    TRY(check_shadows());
    TRY(common_types());
    TRY(entity_types());
    TRY(actions());
    close_entity_types();
    TRY(close_actions());
    return std::move(schema_);
  }

 private:
  // What is declared where.
  struct Common {
    const CommonTypeDeclaration* declared;
    std::string space;
    TypePtr resolved = nullptr;
  };

  void gather() {
    for (const auto& [space, each] : fragment_.namespaces) {
      for (const auto& [name, declared] : each.common_types)
        common_.emplace(qualified(space, name), Common{&declared, space});
      for (const auto& [name, declared] : each.entity_types)
        schema_.entity_types_.emplace(qualified(space, name), EntityType{declared.at, nullptr});
      for (const auto& [name, declared] : each.actions)
        schema_.actions_.emplace(EntityUid(qualified(space, "Action"), name),
                                 ActionType{declared.at, {}, {}, nullptr});
      if (!each.actions.empty()) action_types_.insert(qualified(space, "Action"));
    }
  }

  // What has a namespace may not hide what has none.
  vrm::Result<void> check_shadows() const {
    const auto bare = fragment_.namespaces.find("");
    if (bare == fragment_.namespaces.end()) return {};
    const SchemaNamespace& all = bare->second;
    for (const auto& [space, each] : fragment_.namespaces) {
      if (space.empty()) continue;
      for (const auto& [name, declared] : each.common_types)
        if (all.common_types.contains(name) || all.entity_types.contains(name))
          return hides(declared.at, qualified(space, name), name);
      for (const auto& [name, declared] : each.entity_types)
        if (all.common_types.contains(name) || all.entity_types.contains(name))
          return hides(declared.at, qualified(space, name), name);
      for (const auto& [name, declared] : each.actions)
        if (all.actions.contains(name))
          return hides(declared.at, EntityUid(qualified(space, "Action"), name).to_string(),
                       EntityUid("Action", name).to_string());
    }
    return {};
  }

  static vrm::Error hides(Position at, const std::string& inner, const std::string& outer) {
    return wrong(at, "`" + vrm::printable(inner, 80) + "` hides `" + vrm::printable(outer, 80) +
                         "`: rename one of them, or move it to a namespace");
  }

  // The common type that a name stands for from inside `space`. Null: none.
  Common* find_common(const std::string& space, const std::string& name) {
    for (const auto& each : candidates(space, name))
      if (const auto found = common_.find(each); found != common_.end()) return &found->second;
    return nullptr;
  }

  // The whole name of an entity type, or of the type of actions.
  std::optional<std::string> find_entity(const std::string& space, const std::string& name) const {
    for (const auto& each : candidates(space, name))
      if (schema_.entity_types_.contains(each) || action_types_.contains(each)) return each;
    return std::nullopt;
  }

  // Common types name one another to any length, so what one needs is resolved before it, without recursion.
  vrm::Result<void> common_types() {
    enum class State { Open, Done };
    std::map<const Common*, State> states;
    for (auto& [first, start] : common_) {
      std::vector<Common*> pending{&start};
      while (!pending.empty()) {
        Common* const here = pending.back();
        const auto [state, is_new] = states.try_emplace(here, State::Open);
        if (!is_new) {
          pending.pop_back();
          if (state->second == State::Done) continue;
          here->resolved = TRY(resolve(*here->declared->type, here->space));
          state->second = State::Done;
          continue;
        }
        Common* itself = nullptr;
        each_name(*here->declared->type, [&](const SchemaType& type) {
          if (type.kind != SchemaKind::Common && type.kind != SchemaKind::EntityOrCommon) return;
          Common* const needed = find_common(here->space, type.name);
          if (needed == nullptr) return;
          const auto known = states.find(needed);
          if (known == states.end()) {
            pending.push_back(needed);
          } else if (known->second == State::Open) {
            itself = needed;
          }
        });
        if (itself != nullptr) return wrong(itself->declared->at, "a common type contains itself");
      }
    }
    return {};
  }

  vrm::Result<TypePtr> resolve(const SchemaType& type, const std::string& space) {
    switch (type.kind) {
      case SchemaKind::Bool:
        return make_type(Type::Kind::Bool);
      case SchemaKind::Long:
        return make_type(Type::Kind::Long);
      case SchemaKind::String:
        return make_type(Type::Kind::String);
      case SchemaKind::Extension:
        return extension(type);
      case SchemaKind::Entity: {
        std::string name = TRY(entity_name(type.name, space, type.at));
        return make_type(Type::Kind::Entity, std::move(name));
      }
      case SchemaKind::Common:
        return named(type, space, false);
      case SchemaKind::EntityOrCommon:
        return named(type, space, true);
      case SchemaKind::Set: {
        TypePtr element = TRY(resolve(*type.element, space));
        return placed(type.at, make_set_type(std::move(element)));
      }
      case SchemaKind::Record:
        return record(type, space);
    }
    VRM_CHECK(false);
  }

  static vrm::Result<TypePtr> extension(const SchemaType& type) {
    TypePtr own = own_type_named(type.name);
    if (own != nullptr && own->kind == Type::Kind::Extension) return own;
    return wrong(type.at, "there is no extension type `" + vrm::printable(type.name, 80) +
                              "`: there are ipaddr, decimal, datetime and duration");
  }

  vrm::Result<TypePtr> named(const SchemaType& type, const std::string& space, bool entities) {
    if (const Common* common = find_common(space, type.name)) return common->resolved;
    if (entities)
      if (auto entity = find_entity(space, type.name))
        return make_type(Type::Kind::Entity, std::move(*entity));
    if (TypePtr own = own_type_named(type.name)) return own;
    return wrong(type.at, "`" + vrm::printable(type.name, 80) +
                              "` is declared nowhere as a common " +
                              (entities ? "or entity type" : "type") +
                              did_you_mean(type.name, declared_types(true, entities)));
  }

  vrm::Result<TypePtr> record(const SchemaType& type, const std::string& space) {
    std::map<std::string, AttributeType> attributes;
    for (const auto& [name, attribute] : type.attributes) {
      TypePtr resolved = TRY(resolve(*attribute.type, space));
      attributes.emplace(name, AttributeType{std::move(resolved), attribute.required});
    }
    return placed(type.at, make_record_type(std::move(attributes)));
  }

  static vrm::Result<TypePtr> placed(Position at, vrm::Result<TypePtr> made) {
    if (made.ok()) return made;
    return wrong(at, made.error().message);
  }

  vrm::Result<std::string> entity_name(const std::string& name, const std::string& space,
                                       Position at) const {
    if (auto found = find_entity(space, name)) return std::move(*found);
    return wrong(at, "`" + vrm::printable(name, 80) + "` is declared nowhere as an entity type" +
                         did_you_mean(name, declared_types(false, true)));
  }

  // For who mistyped one.
  std::vector<std::string> declared_types(bool commons, bool entities) const {
    std::vector<std::string> names;
    if (commons)
      for (const auto& [name, common] : common_) names.push_back(name);
    if (entities)
      for (const auto& [name, type] : schema_.entity_types_) names.push_back(name);
    return names;
  }

  // A type that has to be a record; null is the empty one.
  vrm::Result<TypePtr> record_of(const SchemaTypePtr& type, const std::string& space,
                                 std::string_view what) {
    if (type == nullptr) return make_record_type({});
    TypePtr resolved = TRY(resolve(*type, space));
    if (resolved->kind == Type::Kind::Record) return resolved;
    return wrong(type->at, std::string(what) + " is a record, and this is " + to_string(*resolved));
  }

  vrm::Result<void> entity_types() {
    for (const auto& [space, each] : fragment_.namespaces)
      for (const auto& [name, declared] : each.entity_types) {
        EntityType& made = schema_.entity_types_.at(qualified(space, name));
        made.ids = declared.ids;
        made.shape = TRY(record_of(declared.shape, space, "the shape of an entity type"));
        if (declared.tags != nullptr) made.tags = TRY(resolve(*declared.tags, space));
        for (const auto& parent : declared.parents) {
          std::string found = TRY(entity_name(parent, space, declared.at));
          made.ancestors.insert(std::move(found));
        }
      }
    return {};
  }

  vrm::Result<void> actions() {
    for (const auto& [space, each] : fragment_.namespaces)
      for (const auto& [name, declared] : each.actions) {
        ActionType& made = schema_.actions_.at(EntityUid(qualified(space, "Action"), name));
        made.context = TRY(record_of(declared.context, space, "the context of an action"));
        for (const auto& type : declared.principals) {
          std::string found = TRY(entity_name(type, space, declared.at));
          made.principals.insert(std::move(found));
        }
        for (const auto& type : declared.resources) {
          std::string found = TRY(entity_name(type, space, declared.at));
          made.resources.insert(std::move(found));
        }
        for (const auto& parent : declared.parents) {
          EntityUid found = TRY(action_of(parent, space, declared.at));
          made.parents.push_back(std::move(found));
        }
      }
    return {};
  }

  vrm::Result<EntityUid> action_of(const ActionReference& reference, const std::string& space,
                                   Position at) const {
    for (const auto& type : candidates(space, reference.type.value_or("Action"))) {
      EntityUid uid(type, reference.id);
      if (schema_.actions_.contains(uid)) return uid;
    }
    std::vector<std::string> ids;
    for (const auto& [uid, action] : schema_.actions_) ids.push_back(uid.id());
    return wrong(at, "the action `" + vrm::printable(reference.id, 80) +
                         "`, which this one is in, is declared nowhere" +
                         did_you_mean(reference.id, ids));
  }

  // Types may be in themselves, as folders are in folders.
  void close_entity_types() {
    for (auto& [name, type] : schema_.entity_types_) {
      std::vector<std::string> pending(type.ancestors.begin(), type.ancestors.end());
      while (!pending.empty()) {
        const std::string next = std::move(pending.back());
        pending.pop_back();
        const auto parent = schema_.entity_types_.find(next);
        if (parent == schema_.entity_types_.end()) continue;  // the type of actions
        for (const auto& each : parent->second.ancestors)
          if (type.ancestors.insert(each).second) pending.push_back(each);
      }
    }
  }

  // Actions may not be in themselves.
  vrm::Result<void> close_actions() {
    for (auto& [uid, action] : schema_.actions_) {
      std::set<EntityUid> ancestors;
      std::vector<EntityUid> pending = action.parents;
      while (!pending.empty()) {
        const EntityUid next = std::move(pending.back());
        pending.pop_back();
        if (!ancestors.insert(next).second) continue;
        if (next == uid)
          return wrong(action.at, "the action `" + vrm::printable(uid.id(), 80) + "` is in itself");
        const auto& above = schema_.actions_.at(next).parents;
        pending.insert(pending.end(), above.begin(), above.end());
      }
      action.ancestors.assign(ancestors.begin(), ancestors.end());
    }
    return {};
  }

  const SchemaFragment& fragment_;
  Schema schema_;
  std::map<std::string, Common> common_;
  std::set<std::string> action_types_;  // `Action` of each namespace that has actions
};

vrm::Result<Schema> Schema::resolve(const SchemaFragment& fragment) {
  return SchemaResolver(fragment).run();
}

const EntityType* Schema::find_entity_type(const std::string& name) const {
  const auto found = entity_types_.find(name);
  return found == entity_types_.end() ? nullptr : &found->second;
}

const ActionType* Schema::find_action(const EntityUid& uid) const {
  const auto found = actions_.find(uid);
  return found == actions_.end() ? nullptr : &found->second;
}

std::vector<Entity> Schema::action_entities() const {
  std::vector<Entity> entities;
  for (const auto& [uid, action] : actions_)
    entities.push_back({.uid = uid, .attributes = {}, .tags = {}, .parents = action.parents});
  return entities;
}

}  // namespace cedar
