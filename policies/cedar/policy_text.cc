#include "policies/cedar/policy_text.h"

#include <span>

#include "policies/cedar/name.h"
#include "policies/cedar/operators.h"
#include "policies/cedar/string_literal.h"

namespace cedar {

namespace {

constexpr std::size_t kColumns = 100;

// How tightly an expression holds together; a looser one inside a tighter one stands in parentheses.
enum Tightness { kIf, kOr, kAnd, kComparing, kAdding, kMultiplying, kSigned, kReaching };

std::string key_text(const std::string& name) {
  return is_identifier(name) ? name : quote_string(name);
}

std::string pattern_text(const Pattern& pattern) {
  std::string inside;
  bool first = true;
  for (const auto& piece : pattern.pieces()) {
    if (!first) inside += '*';
    first = false;
    const std::string quoted = quote_string(piece);
    for (const char c : std::string_view(quoted).substr(1, quoted.size() - 2)) {
      if (c == '*') inside += '\\';
      inside += c;
    }
  }
  return '"' + inside + '"';
}

class Printer {
 public:
  std::string print(const Expression& expression, Tightness least) const {
    const auto [text, tightness] =
        std::visit([this](const auto& node) { return of(node); }, expression.node);
    return tightness < least ? "(" + text + ")" : text;
  }

 private:
  struct Printed {
    std::string text;
    Tightness tightness;
  };

  Printed of(const Literal& node) const {
    if (const auto* flag = node.value.get<bool>()) return {*flag ? "true" : "false", kReaching};
    if (const auto* number = node.value.get<std::int64_t>())
      return {std::to_string(*number), *number < 0 ? kSigned : kReaching};
    if (const auto* text = node.value.get<std::string>()) return {quote_string(*text), kReaching};
    return {node.value.get<EntityUid>()->to_string(), kReaching};
  }
  Printed of(Variable node) const { return {std::string(to_string(node)), kReaching}; }
  Printed of(const Not& node) const { return {"!" + print(*node.operand, kReaching), kSigned}; }
  // A number behind a minus would be read as a negative number.
  Printed of(const Negate& node) const {
    const auto* literal = std::get_if<Literal>(&node.operand->node);
    const auto inner = print(*node.operand, kReaching);
    const bool bare = literal != nullptr && inner.front() != '(';
    return {bare ? "-(" + inner + ")" : "-" + inner, kSigned};
  }
  Printed of(const And& node) const { return {chained(node.operands, " && ", kComparing), kAnd}; }
  Printed of(const Or& node) const { return {chained(node.operands, " || ", kAnd), kOr}; }
  Printed of(const Binary& node) const {
    const auto& [name, style] = describe(node.op);
    const std::string between = " " + std::string(name) + " ";
    switch (style) {
      case OperatorStyle::Relation:
        return {print(*node.left, kAdding) + between + print(*node.right, kAdding), kComparing};
      case OperatorStyle::Sum:
        return {print(*node.left, kAdding) + between + print(*node.right, kMultiplying), kAdding};
      case OperatorStyle::Product:
        return {print(*node.left, kMultiplying) + between + print(*node.right, kSigned),
                kMultiplying};
      case OperatorStyle::Method:
        break;
    }
    return {print(*node.left, kReaching) + "." + std::string(name) + "(" + print(*node.right, kIf) +
                ")",
            kReaching};
  }
  Printed of(const IsEmpty& node) const {
    return {print(*node.set, kReaching) + ".isEmpty()", kReaching};
  }
  Printed of(const If& node) const {
    return {"if " + print(*node.condition, kIf) + " then " + print(*node.then, kIf) + " else " +
                print(*node.otherwise, kIf),
            kIf};
  }
  Printed of(const Attribute& node) const {
    const auto object = print(*node.object, kReaching);
    return {is_identifier(node.name) ? object + "." + node.name
                                     : object + "[" + quote_string(node.name) + "]",
            kReaching};
  }
  Printed of(const Has& node) const {
    std::string path = key_text(node.path.front());
    for (std::size_t i = 1; i < node.path.size(); ++i) path += "." + node.path[i];
    return {print(*node.object, kAdding) + " has " + path, kComparing};
  }
  Printed of(const Like& node) const {
    return {print(*node.text, kAdding) + " like " + pattern_text(node.pattern), kComparing};
  }
  Printed of(const Is& node) const {
    auto text = print(*node.entity, kAdding) + " is " + node.type;
    if (node.group != nullptr) text += " in " + print(*node.group, kAdding);
    return {std::move(text), kComparing};
  }
  Printed of(const SetLiteral& node) const {
    return {"[" + chained(node.elements, ", ", kIf) + "]", kReaching};
  }
  Printed of(const RecordLiteral& node) const {
    std::string inside;
    for (const auto& [name, value] : node.members)
      inside += (inside.empty() ? "" : ", ") + key_text(name) + ": " + print(*value, kIf);
    return {"{" + inside + "}", kReaching};
  }
  Printed of(const Call& node) const {
    const auto& described = describe(node.function);
    const bool is_method = described.style == CallStyle::Method;
    std::string text = is_method ? print(*node.arguments.front(), kReaching) + "." : "";
    const std::span<const ExpressionPtr> all(node.arguments);
    text += std::string(described.name) + "(" + chained(all.subspan(is_method ? 1 : 0), ", ", kIf) +
            ")";
    return {std::move(text), kReaching};
  }

  std::string chained(std::span<const ExpressionPtr> parts, std::string_view between,
                      Tightness least) const {
    std::string text;
    for (const auto& part : parts) {
      if (!text.empty()) text += between;
      text += print(*part, least);
    }
    return text;
  }
};

std::string constraint_text(std::string_view variable, const ScopeConstraint& constraint) {
  using Kind = ScopeConstraint::Kind;
  std::string text(variable);
  const auto place = [&] {
    return constraint.place == ScopeConstraint::Place::Slot
               ? "?" + std::string(variable)
               : constraint.entities.front().to_string();
  };
  switch (constraint.kind) {
    case Kind::Any:
      return text;
    case Kind::Equal:
      return text + " == " + place();
    case Kind::In:
      return text + " in " + place();
    case Kind::Is:
      return text + " is " + constraint.type;
    case Kind::IsIn:
      return text + " is " + constraint.type + " in " + place();
    case Kind::InAny:
      break;
  }
  std::string list;
  for (const auto& uid : constraint.entities) list += (list.empty() ? "" : ", ") + uid.to_string();
  return text + " in [" + list + "]";
}

// `head { expression }`, a chain of && with a line for each operand where one line is too short.
std::string condition_text(const Condition& condition) {
  const std::string head = condition.kind == Condition::Kind::When ? "when" : "unless";
  const Expression& body = *condition.body;
  const auto whole = head + " { " + expression_text(body) + " }";
  const auto* chain = std::get_if<And>(&body.node);
  if (whole.size() <= kColumns || chain == nullptr) return whole;
  std::string text = head + " {";
  for (const auto& operand : chain->operands) {
    text += &operand == &chain->operands.front() ? "\n  " : " &&\n  ";
    text += Printer().print(*operand, kComparing);
  }
  return text + "\n}";
}

}  // namespace

std::string expression_text(const Expression& expression) {
  return Printer().print(expression, kIf);
}

std::string policy_text(const PolicyBody& policy) {
  std::string text;
  for (const auto& annotation : policy.annotations) {
    text += "@" + annotation.name;
    if (annotation.value) text += "(" + quote_string(*annotation.value) + ")";
    text += "\n";
  }
  const std::string effect = policy.effect == Effect::Permit ? "permit" : "forbid";
  const auto principal = constraint_text("principal", policy.principal);
  const auto action = constraint_text("action", policy.action);
  const auto resource = constraint_text("resource", policy.resource);
  const auto scope = effect + " (" + principal + ", " + action + ", " + resource + ")";
  text += scope.size() <= kColumns
              ? scope
              : effect + " (\n  " + principal + ",\n  " + action + ",\n  " + resource + "\n)";
  for (const auto& condition : policy.conditions) text += "\n" + condition_text(condition);
  return text + ";";
}

}  // namespace cedar
