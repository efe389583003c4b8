#pragma once
// A schema whose names are looked up: which entity types and actions there are, and what they hold.
//
// A schema never changes once it is made and may be read from any thread.
// Source: docs.cedarpolicy.com/schema; Cedar RFC 24 and 70 for how names are looked up.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policies/cedar/entities.h"
#include "policies/cedar/entity_uid.h"
#include "policies/cedar/position.h"
#include "policies/cedar/schema_fragment.h"
#include "policies/cedar/type.h"
#include "vault/base/result.h"

namespace cedar {

struct EntityType {
  Position at;
  TypePtr shape;                      // a record
  TypePtr tags = nullptr;             // null: no tags
  std::vector<std::string> ids = {};  // of an enum: its only entities
  std::set<std::string> ancestors =
      {};  // the types that an entity of this one may be in, through any number of parents
};

struct ActionType {
  Position at;
  std::set<std::string> principals = {};  // both empty: it applies to nothing
  std::set<std::string> resources = {};
  TypePtr context;  // a record
  std::vector<EntityUid> parents = {};
  std::vector<EntityUid> ancestors = {};  // through any number of parents, sorted
};

class Schema {
 public:
  // Malformed, with the place for what came from text: a name that nothing declares; one that hides another of no namespace;
  // common types or actions that contain themselves; a context or shape that is no record; types of more than kMaxTypeDepth
  // levels.
  static vrm::Result<Schema> resolve(const SchemaFragment& fragment);

  // By whole name, `Shop::Customer`.
  const std::map<std::string, EntityType>& entity_types() const { return entity_types_; }
  const std::map<EntityUid, ActionType>& actions() const { return actions_; }

  // Null: no such type or action.
  const EntityType* find_entity_type(const std::string& name) const;
  const ActionType* find_action(const EntityUid& uid) const;

  // The actions as entities, with what they are in: policies that say `action in` need them.
  std::vector<Entity> action_entities() const;

 private:
  friend class SchemaResolver;

  std::map<std::string, EntityType> entity_types_;
  std::map<EntityUid, ActionType> actions_;
};

}  // namespace cedar
