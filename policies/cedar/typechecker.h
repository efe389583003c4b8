#pragma once
// Infers the type of an expression for one kind of request, as strict Cedar does.
//
// What can be false for its types alone (`principal is Group` where the principal is a User) is of the type False, and what
// stands behind it in an && is not looked at. An optional attribute may be read where a `has` before it says that it is there:
// such knowledge is a Capability, and flows through && and if, and through || where both sides have it.
// Source: Cedar's formal specification, cedar-lean/Cedar/Validation/Typechecker.lean, as described there; verdicts of the reference.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policies/cedar/expression.h"
#include "policies/cedar/finding.h"
#include "policies/cedar/schema.h"
#include "policies/cedar/type.h"

namespace cedar {

// One kind of request: an action, and types that it applies to.
struct RequestKind {
  std::string principal;
  EntityUid action;
  std::string resource;
  TypePtr context;
};

// An expression, as text, and an attribute or (as `tag `…) a tag that it has.
using Capabilities = std::set<std::pair<std::string, std::string>>;

struct Inferred {
  TypePtr type;  // null: ill-typed, and the findings say why
  Capabilities gained = {};
};

class Typechecker {
 public:
  // REQUIRES: the three live as long as this. Entities and types that the schema lacks were told before: they are ill-typed here
  // without a finding.
  Typechecker(const Schema& schema, const RequestKind& kind, std::vector<Finding>& findings)
      : schema_(schema), kind_(kind), findings_(findings) {}

  Inferred infer(const Expression& expression, const Capabilities& known);

 private:
  Inferred node(const Expression& at, const Literal& literal, const Capabilities& known);
  Inferred node(const Expression& at, Variable variable, const Capabilities& known);
  Inferred node(const Expression& at, const Not& node, const Capabilities& known);
  Inferred node(const Expression& at, const Negate& node, const Capabilities& known);
  Inferred node(const Expression& at, const And& node, const Capabilities& known);
  Inferred node(const Expression& at, const Or& node, const Capabilities& known);
  Inferred node(const Expression& at, const Binary& node, const Capabilities& known);
  Inferred node(const Expression& at, const IsEmpty& node, const Capabilities& known);
  Inferred node(const Expression& at, const If& node, const Capabilities& known);
  Inferred node(const Expression& at, const Attribute& node, const Capabilities& known);
  Inferred node(const Expression& at, const Has& node, const Capabilities& known);
  Inferred node(const Expression& at, const Like& node, const Capabilities& known);
  Inferred node(const Expression& at, const Is& node, const Capabilities& known);
  Inferred node(const Expression& at, const SetLiteral& node, const Capabilities& known);
  Inferred node(const Expression& at, const RecordLiteral& node, const Capabilities& known);
  Inferred node(const Expression& at, const Call& node, const Capabilities& known);

  TypePtr need(const Expression& expression, const Capabilities& known, Type::Kind kind,
               const char* what);
  Inferred need_bool(const Expression& expression, const Capabilities& known);
  TypePtr equality(const Expression& at, const Binary& node, const Capabilities& known);
  TypePtr membership(const TypePtr& member, const Expression& left, const Expression& right,
                     const Capabilities& known);
  TypePtr comparison(const Binary& node, const Capabilities& known);
  TypePtr containment(const Expression& at, const Binary& node, const Capabilities& known);
  Inferred has_tag(const Binary& node, const Capabilities& known);
  TypePtr get_tag(const Expression& at, const Binary& node, const Capabilities& known);
  Inferred has_attribute(const Expression& at, const TypePtr& object, const std::string& key,
                         const std::string& name, const Capabilities& known);
  TypePtr attribute_of(const Expression& at, const TypePtr& object, const std::string& key,
                       const std::string& name, const Capabilities& known);
  bool takes(const Call& node, const ExtensionDescription& description, const Capabilities& known);
  const Type* record_of(const Type& object) const;
  std::vector<std::string> attribute_names(const Type& object) const;
  const AttributeType* find_attribute(const Type& object, const std::string& name) const;
  bool may_be_in(const std::string& member, const std::string& group) const;
  const EntityUid* entity_of(const Expression& expression) const;

  TypePtr wrong(Position at, std::string message);

  const Schema& schema_;
  const RequestKind& kind_;
  std::vector<Finding>& findings_;
};

}  // namespace cedar
