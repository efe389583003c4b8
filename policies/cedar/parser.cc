#include "policies/cedar/parser.h"

#include <algorithm>

#include "policies/cedar/annotation_parser.h"
#include "policies/cedar/expression_parser.h"
#include "policies/cedar/name.h"
#include "policies/cedar/string_literal.h"
#include "policies/cedar/token_reader.h"

namespace cedar {

namespace {

constexpr std::string_view kScopeShape =
    "policy scopes contain `principal`, `action` and `resource`, in this order";

class PolicyParser {
 public:
  PolicyParser(std::string_view text, TokenReader& reader) : text_(text), reader_(reader) {}

  vrm::Result<std::shared_ptr<const PolicyBody>> policy() {
    PolicyBody body{};
    body.at = reader_.peek().at;
    body.annotations = TRY(parse_annotations(reader_));
    body.effect = TRY(effect());
    TRY(reader_.need_symbol("("));
    body.principal = TRY(constraint("principal"));
    TRY(comma_or("action"));
    body.action = TRY(constraint("action"));
    TRY(comma_or("resource"));
    body.resource = TRY(constraint("resource"));
    reader_.take_symbol(",");
    TRY(reader_.need_symbol(")"));
    while (reader_.peek().kind == Token::Kind::Identifier) {
      Condition next = TRY(condition());
      body.conditions.push_back(std::move(next));
    }
    const Position end = reader_.peek().at;
    TRY(reader_.need_symbol(";"));
    body.source = std::string(text_.substr(body.at.offset, end.offset + 1 - body.at.offset));
    return std::shared_ptr<const PolicyBody>(std::make_shared<PolicyBody>(std::move(body)));
  }

 private:
  vrm::Result<Effect> effect() {
    if (reader_.take_word("permit")) return Effect::Permit;
    if (reader_.take_word("forbid")) return Effect::Forbid;
    if (reader_.peek().kind != Token::Kind::Identifier) return reader_.unexpected();
    return malformed_at(reader_.peek().at,
                        "invalid policy effect: " + std::string(reader_.peek().text) +
                            ": effect must be either `permit` or `forbid`");
  }

  vrm::Result<void> comma_or(std::string_view missing) {
    if (!reader_.peek().is(")")) return reader_.need_symbol(",");
    return missing_variable(missing);
  }

  vrm::Error missing_variable(std::string_view name) {
    return malformed_at(reader_.peek().at,
                        "the scope lacks `" + std::string(name) + "`: " + std::string(kScopeShape));
  }

  vrm::Result<ScopeConstraint> constraint(std::string_view variable) {
    ScopeConstraint constraint{};
    constraint.at = reader_.peek().at;
    if (!reader_.take_word(variable)) return missing_variable(variable);
    if (reader_.peek().is(":"))
      return malformed_at(reader_.peek().at,
                          "type constraints using `:` are not supported: try `is`");
    if (reader_.peek().is_word("is")) {
      TRY(type_constraint(variable, constraint));
      return constraint;
    }
    if (reader_.take_symbol("==")) {
      constraint.kind = ScopeConstraint::Kind::Equal;
    } else if (reader_.take_word("in")) {
      constraint.kind = ScopeConstraint::Kind::In;
    } else {
      return constraint;
    }
    TRY(entities(variable, constraint));
    return constraint;
  }

  vrm::Result<void> type_constraint(std::string_view variable, ScopeConstraint& constraint) {
    const Position at = reader_.take().at;
    if (variable == "action")
      return malformed_at(at, "`is` cannot appear in the action scope: try a `when` condition");
    if (reader_.at_entity() || reader_.peek().kind != Token::Kind::Identifier)
      return malformed_at(reader_.peek().at,
                          "right hand side of an `is` expression must be an entity type name");
    constraint.type = TRY(reader_.need_name());
    constraint.kind = ScopeConstraint::Kind::Is;
    if (!reader_.take_word("in")) return {};
    constraint.kind = ScopeConstraint::Kind::IsIn;
    return entities(variable, constraint);
  }

  // What stands right of == or in: an entity, a slot, or for `action in` a list; perhaps in
  // parentheses.
  vrm::Result<void> entities(std::string_view variable, ScopeConstraint& constraint) {
    int parentheses = 0;
    while (reader_.take_symbol("(")) ++parentheses;
    if (reader_.peek().is("[")) {
      TRY(entity_list(variable, constraint));
    } else if (reader_.peek().kind == Token::Kind::Slot) {
      TRY(slot(variable, constraint));
    } else {
      EntityUid uid = TRY(entity(variable));
      constraint.entities.push_back(std::move(uid));
    }
    for (; parentheses > 0; --parentheses) TRY(reader_.need_symbol(")"));
    return {};
  }

  vrm::Result<void> entity_list(std::string_view variable, ScopeConstraint& constraint) {
    if (variable != "action" || constraint.kind != ScopeConstraint::Kind::In)
      return malformed_at(reader_.peek().at,
                          "expected single entity uid or template slot, found set of entity uids");
    constraint.kind = ScopeConstraint::Kind::InAny;
    reader_.take();
    while (!reader_.take_symbol("]")) {
      int parentheses = 0;
      while (reader_.take_symbol("(")) ++parentheses;
      EntityUid uid = TRY(entity(variable));
      constraint.entities.push_back(std::move(uid));
      for (; parentheses > 0; --parentheses) TRY(reader_.need_symbol(")"));
      if (reader_.take_symbol(",")) continue;
      TRY(reader_.need_symbol("]"));
      break;
    }
    return {};
  }

  vrm::Result<void> slot(std::string_view variable, ScopeConstraint& constraint) {
    const Token token = reader_.take();
    if (variable == "action")
      return malformed_at(token.at, "expected an entity uid, found template slot");
    if (token.text.substr(1) != variable)
      return malformed_at(token.at, "expected an entity uid or matching template slot, found " +
                                        std::string(token.text) + " instead of ?" +
                                        std::string(variable));
    constraint.place = ScopeConstraint::Place::Slot;
    return {};
  }

  vrm::Result<EntityUid> entity(std::string_view variable) {
    const Position at = reader_.peek().at;
    if (!reader_.at_entity())
      return malformed_at(at, "expected an entity uid, such as User::\"alice\"");
    EntityUid uid = TRY(reader_.need_entity());
    if (variable == "action" && !is_action_type(uid.type()))
      return malformed_at(
          at, "expected an entity uid with type `Action` but got `" + uid.to_string() + "`");
    return uid;
  }

  vrm::Result<Condition> condition() {
    const Token word = reader_.take();
    if (word.text != "when" && word.text != "unless")
      return malformed_at(word.at, "invalid policy condition: " + std::string(word.text) +
                                       ": condition must be either `when` or `unless`");
    TRY(reader_.need_symbol("{"));
    if (reader_.peek().is("}"))
      return malformed_at(word.at,
                          "`" + std::string(word.text) + "` condition clause cannot be empty");
    ExpressionPtr body = TRY(ExpressionParser(reader_).expression());
    TRY(reader_.need_symbol("}"));
    const auto kind = word.text == "when" ? Condition::Kind::When : Condition::Kind::Unless;
    return Condition{word.at, kind, std::move(body)};
  }

  std::string_view text_;
  TokenReader& reader_;
};

}  // namespace

vrm::Result<std::vector<std::shared_ptr<const PolicyBody>>> parse_policies(std::string_view text) {
  std::vector<Token> tokens = TRY(tokens_of(text));
  TokenReader reader(std::move(tokens));
  PolicyParser parser(text, reader);
  std::vector<std::shared_ptr<const PolicyBody>> policies;
  while (reader.peek().kind != Token::Kind::End) {
    auto policy = TRY(parser.policy());
    policies.push_back(std::move(policy));
  }
  return policies;
}

vrm::Result<ExpressionPtr> parse_expression(std::string_view text) {
  std::vector<Token> tokens = TRY(tokens_of(text));
  TokenReader reader(std::move(tokens));
  ExpressionPtr parsed = TRY(ExpressionParser(reader).expression());
  if (reader.peek().kind != Token::Kind::End) return reader.unexpected();
  return parsed;
}

}  // namespace cedar
