#pragma once
// A schema as it was written, before its names are looked up: what its two forms, text and JSON, have in common.
//
// Types never change once they are made; copies share them, from any thread.
// Source: docs.cedarpolicy.com/schema, and the answers of the reference where that is silent.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/policy.h"
#include "policies/cedar/position.h"
#include "vault/base/result.h"

namespace cedar {

struct SchemaType;
using SchemaTypePtr = std::shared_ptr<const SchemaType>;

// One attribute of a record.
struct SchemaAttribute {
  SchemaTypePtr type;
  bool required = true;
  std::vector<Annotation> annotations = {};
};

struct SchemaType {
  enum class Kind {
    Bool,
    Long,
    String,
    Extension,       // `name`: ipaddr, decimal, datetime or duration
    Entity,          // `name` is an entity type's
    Common,          // `name` is a common type's, declared or the language's own, such as Bool
    EntityOrCommon,  // `name` is either's: what text writes
    Set,             // of `element`
    Record,          // of `attributes`
  };

  Position at;  // of a schema in JSON: the start
  Kind kind;
  std::string name = {};
  SchemaTypePtr element = nullptr;
  std::map<std::string, SchemaAttribute> attributes = {};
};

// type Name = TYPE;
struct CommonTypeDeclaration {
  Position at;
  std::vector<Annotation> annotations;
  SchemaTypePtr type;
};

// entity Name in [Parent] { attributes } tags TYPE;  or  entity Name enum ["id"];
struct EntityTypeDeclaration {
  Position at;
  std::vector<Annotation> annotations;
  std::vector<std::string> parents = {};  // names of entity types, as written
  SchemaTypePtr shape = nullptr;          // null: no attributes
  SchemaTypePtr tags = nullptr;           // null: no tags
  std::vector<std::string> ids = {};      // of an enum: at least one; else none
};

// An action that another is in: "name", or Namespace::Action::"name".
struct ActionReference {
  std::optional<std::string> type;
  std::string id;
};

// action "name" in ["other"] appliesTo { principal: [T], resource: [T], context: TYPE };
struct ActionDeclaration {
  Position at;
  std::vector<Annotation> annotations;
  std::vector<ActionReference> parents = {};
  std::vector<std::string> principals = {};  // both empty: it applies to nothing
  std::vector<std::string> resources = {};
  SchemaTypePtr context = nullptr;  // null: the empty record
};

struct SchemaNamespace {
  std::vector<Annotation> annotations = {};
  std::map<std::string, CommonTypeDeclaration> common_types = {};
  std::map<std::string, EntityTypeDeclaration> entity_types = {};
  std::map<std::string, ActionDeclaration> actions = {};

  // Malformed: the name is reserved (`Long`, `Record` …; `Action` of an entity type), or declared already. The message says
  // which, and not where.
  vrm::Result<void> declare(const std::string& name, CommonTypeDeclaration declared);
  vrm::Result<void> declare(const std::string& name, EntityTypeDeclaration declared);
  vrm::Result<void> declare(const std::string& name, ActionDeclaration declared);
};

// Namespaces by name; that of what stands in none is "".
struct SchemaFragment {
  std::map<std::string, SchemaNamespace> namespaces = {};
};

SchemaTypePtr make_schema_type(SchemaType type);

// Whether a type is written as a record without attributes, or not at all.
bool is_empty_record(const SchemaTypePtr& type);

}  // namespace cedar
