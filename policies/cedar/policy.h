#pragma once
// One policy as it was written: effect, scope and conditions.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/entity_uid.h"
#include "policies/cedar/expression.h"
#include "policies/cedar/position.h"

namespace cedar {

enum class Effect { Permit, Forbid };

// What the scope asks of principal, action or resource.
struct ScopeConstraint {
  enum class Kind {
    Any,    // principal
    Equal,  // principal == User::"a"
    In,     // principal in Group::"g"
    InAny,  // action in [Action::"a", Action::"b"]
    Is,     // principal is User
    IsIn,   // principal is User in Group::"g"
  };
  // ?principal or ?resource may stand for the entity of Equal, In and IsIn.
  enum class Place { Fixed, Slot };

  Position at;
  Kind kind = Kind::Any;
  Place place = Place::Fixed;
  std::string type = {};  // Is, IsIn
  std::vector<EntityUid> entities =
      {};  // InAny: as written; Equal, In, IsIn: one, or none for a slot
};

struct Condition {
  enum class Kind { When, Unless };

  Position at;
  Kind kind;
  ExpressionPtr body;
};

struct Annotation {
  Position at;
  std::string name;
  std::optional<std::string> value;  // nothing: `@name` without parentheses
};

// The text of a policy or, when it has slots, of a template. It never changes once it is made.
struct PolicyBody {
  Position at;
  std::string source;  // exactly as written, from the first annotation to the semicolon
  std::vector<Annotation> annotations;
  Effect effect;
  ScopeConstraint principal;
  ScopeConstraint action;
  ScopeConstraint resource;
  std::vector<Condition> conditions;

  bool has_slot() const {
    return principal.place == ScopeConstraint::Place::Slot ||
           resource.place == ScopeConstraint::Place::Slot;
  }
};

// "" for an annotation without a value. Nothing: there is no such annotation. The view dies with
// `body`.
std::optional<std::string_view> find_annotation(const PolicyBody& body, std::string_view name);

// What stands for the slots of a template.
struct SlotValues {
  std::optional<EntityUid> principal = {};
  std::optional<EntityUid> resource = {};
};

// A policy that decides: written without slots, or a template with its slots filled.
struct Policy {
  std::string id;
  std::shared_ptr<const PolicyBody> body;
  SlotValues slots = {};
  std::string template_id = {};  // "" when it was written as a policy
};

struct Template {
  std::string id;
  std::shared_ptr<const PolicyBody> body;
};

}  // namespace cedar
