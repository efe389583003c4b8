#include "policies/cedar/expression_parser.h"

#include <algorithm>

#include "policies/cedar/integer.h"
#include "policies/cedar/name.h"
#include "policies/cedar/operators.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/string_literal.h"

namespace cedar {

namespace {

constexpr int kMaxUnary = 4;

std::optional<BinaryOperator> operator_of(const Token& token, OperatorStyle style) {
  if (token.kind != Token::Kind::Symbol && token.kind != Token::Kind::Identifier)
    return std::nullopt;
  const auto op = find_operator(token.text);
  return op && describe(*op).style == style ? op : std::nullopt;
}

std::optional<BinaryOperator> relation_of(const Token& token) {
  return operator_of(token, OperatorStyle::Relation);
}

std::optional<BinaryOperator> set_method(std::string_view name) {
  const auto op = find_operator(name);
  return op && describe(*op).style == OperatorStyle::Method ? op : std::nullopt;
}

vrm::Error wrong_count(Position at, std::string_view method, std::size_t wanted, std::size_t got) {
  const auto arguments = [](std::size_t count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
  };
  return malformed_at(at, "call to `" + std::string(method) + "` requires exactly " +
                              arguments(wanted) + ", but got " + arguments(got));
}

}  // namespace

vrm::Result<ExpressionPtr> ExpressionParser::expression() {
  if (nesting_ >= kMaxNesting)
    return malformed_at(reader_.peek().at, "the expression is nested too deeply");
  ++nesting_;
  auto parsed =
      reader_.peek().is_word("if") && !reader_.peek(1).is("::") ? if_then_else() : disjunction();
  --nesting_;
  return parsed;
}

ExpressionParser::Parsed ExpressionParser::if_then_else() {
  const Position at = reader_.take().at;
  ExpressionPtr condition = TRY(expression());
  if (!reader_.take_word("then")) return reader_.unexpected();
  ExpressionPtr then = TRY(expression());
  if (!reader_.take_word("else")) return reader_.unexpected();
  ExpressionPtr otherwise = TRY(expression());
  return make_expression(at, If{std::move(condition), std::move(then), std::move(otherwise)});
}

ExpressionParser::Parsed ExpressionParser::disjunction() {
  const Position at = reader_.peek().at;
  ExpressionPtr first = TRY(conjunction());
  if (!reader_.peek().is("||")) return first;
  std::vector<ExpressionPtr> operands;
  operands.push_back(std::move(first));
  while (reader_.take_symbol("||")) {
    ExpressionPtr next = TRY(conjunction());
    operands.push_back(std::move(next));
  }
  return make_expression(at, Or{std::move(operands)});
}

ExpressionParser::Parsed ExpressionParser::conjunction() {
  const Position at = reader_.peek().at;
  ExpressionPtr first = TRY(relation());
  if (!reader_.peek().is("&&")) return first;
  std::vector<ExpressionPtr> operands;
  operands.push_back(std::move(first));
  while (reader_.take_symbol("&&")) {
    ExpressionPtr next = TRY(relation());
    operands.push_back(std::move(next));
  }
  return make_expression(at, And{std::move(operands)});
}

ExpressionParser::Parsed ExpressionParser::relation() {
  const Position at = reader_.peek().at;
  ExpressionPtr left = TRY(sum());
  if (reader_.take_word("has")) return has(at, std::move(left));
  if (reader_.take_word("like")) return like(at, std::move(left));
  if (reader_.take_word("is")) return is(at, std::move(left));
  if (reader_.peek().is("="))
    return malformed_at(reader_.peek().at, "'=' is not a valid operator in Cedar: try '=='");
  const auto op = relation_of(reader_.peek());
  if (!op) return left;
  reader_.take();
  ExpressionPtr right = TRY(sum());
  if (relation_of(reader_.peek()))
    return malformed_at(reader_.peek().at,
                        "multiple relational operators (>, ==, in, etc.) must be used with "
                        "parentheses to make ordering explicit");
  return make_expression(at, Binary{*op, std::move(left), std::move(right)});
}

ExpressionParser::Parsed ExpressionParser::has(Position at, ExpressionPtr object) {
  std::vector<std::string> path;
  if (reader_.peek().kind == Token::Kind::String) {
    std::string attribute = TRY(reader_.need_string());
    path.push_back(std::move(attribute));
  } else {
    do {
      std::string attribute = TRY(reader_.need_identifier());
      path.push_back(std::move(attribute));
    } while (reader_.take_symbol("."));
  }
  return make_expression(at, Has{std::move(object), std::move(path)});
}

ExpressionParser::Parsed ExpressionParser::like(Position at, ExpressionPtr text) {
  if (reader_.peek().kind != Token::Kind::String)
    return malformed_at(reader_.peek().at,
                        "right hand side of a `like` expression must be a pattern literal");
  const Token literal = reader_.take();
  auto pattern = unescape_pattern(literal.text);
  if (!pattern.ok()) return malformed_at(literal.at, pattern.error().message);
  return make_expression(at, Like{std::move(text), std::move(pattern).value()});
}

ExpressionParser::Parsed ExpressionParser::is(Position at, ExpressionPtr entity) {
  if (reader_.at_entity() || reader_.peek().kind != Token::Kind::Identifier)
    return malformed_at(reader_.peek().at,
                        "right hand side of an `is` expression must be an entity type name");
  std::string type = TRY(reader_.need_name());
  if (!reader_.take_word("in"))
    return make_expression(at, Is{std::move(entity), std::move(type), nullptr});
  ExpressionPtr group = TRY(sum());
  return make_expression(at, Is{std::move(entity), std::move(type), std::move(group)});
}

ExpressionParser::Parsed ExpressionParser::sum() {
  const Position at = reader_.peek().at;
  ExpressionPtr left = TRY(product());
  for (;;) {
    const auto op = operator_of(reader_.peek(), OperatorStyle::Sum);
    if (!op) return left;
    reader_.take();
    ExpressionPtr right = TRY(product());
    left = TRY(make_expression(at, Binary{*op, std::move(left), std::move(right)}));
  }
}

ExpressionParser::Parsed ExpressionParser::product() {
  const Position at = reader_.peek().at;
  ExpressionPtr left = TRY(unary());
  for (;;) {
    if (reader_.peek().is("/")) return malformed_at(reader_.peek().at, "division is not supported");
    if (reader_.peek().is("%"))
      return malformed_at(reader_.peek().at, "remainder/modulo is not supported");
    if (!reader_.take_symbol("*")) return left;
    ExpressionPtr right = TRY(unary());
    left = TRY(
        make_expression(at, Binary{BinaryOperator::Multiply, std::move(left), std::move(right)}));
  }
}

ExpressionParser::Parsed ExpressionParser::unary() {
  const Token first = reader_.peek();
  if (!first.is("!") && !first.is("-")) return member();
  int count = 0;
  while (reader_.take_symbol(first.text)) ++count;
  if (count > kMaxUnary)
    return malformed_at(first.at, "too many occurrences of `" + std::string(first.text) +
                                      "`: at most 4 may be chained");
  if (first.is("-")) return negation(first.at, count);
  ExpressionPtr operand = TRY(member());
  for (; count > 0; --count) operand = TRY(make_expression(first.at, Not{std::move(operand)}));
  return operand;
}

// The last minus belongs to a bare number literal, so that the least long can be written.
ExpressionParser::Parsed ExpressionParser::negation(Position at, int count) {
  const Token& after = reader_.peek(1);
  const bool bare = reader_.peek().kind == Token::Kind::Number && !after.is(".") &&
                    !after.is("[") && !after.is("(");
  ExpressionPtr operand;
  if (bare) {
    operand = TRY(number(true));
    --count;
  } else {
    operand = TRY(member());
  }
  for (; count > 0; --count) operand = TRY(make_expression(at, Negate{std::move(operand)}));
  return operand;
}

ExpressionParser::Parsed ExpressionParser::member() {
  const Position at = reader_.peek().at;
  ExpressionPtr object = TRY(primary());
  for (;;) {
    if (reader_.take_symbol(".")) {
      const Token token = reader_.peek();
      std::string attribute = TRY(reader_.need_identifier());
      if (reader_.peek().is("(")) {
        object = TRY(method(at, std::move(object), token));
      } else {
        object = TRY(make_expression(at, Attribute{std::move(object), std::move(attribute)}));
      }
    } else if (reader_.take_symbol("[")) {
      std::string attribute = TRY(reader_.need_string());
      TRY(reader_.need_symbol("]"));
      object = TRY(make_expression(at, Attribute{std::move(object), std::move(attribute)}));
    } else {
      return object;
    }
  }
}

ExpressionParser::Parsed ExpressionParser::method(Position at, ExpressionPtr object,
                                                  const Token& name) {
  reader_.take();  // the parenthesis
  std::vector<ExpressionPtr> arguments = TRY(list(")"));
  if (name.text == "isEmpty") {
    if (!arguments.empty()) return wrong_count(name.at, name.text, 0, arguments.size());
    return make_expression(at, IsEmpty{std::move(object)});
  }
  if (const auto op = set_method(name.text)) {
    if (arguments.size() != 1) return wrong_count(name.at, name.text, 1, arguments.size());
    return make_expression(at, Binary{*op, std::move(object), std::move(arguments[0])});
  }
  const auto extension = find_extension(name.text);
  if (!extension)
    return malformed_at(name.at, "`" + std::string(name.text) + "` is not a valid method");
  if (describe(*extension).style == CallStyle::Function)
    return malformed_at(name.at, "`" + std::string(name.text) + "` is a function, not a method");
  arguments.insert(arguments.begin(), std::move(object));
  return make_expression(at, Call{*extension, std::move(arguments), {}});
}

ExpressionParser::Parsed ExpressionParser::primary() {
  const Token token = reader_.peek();
  switch (token.kind) {
    case Token::Kind::Number:
      return number(false);
    case Token::Kind::String: {
      std::string text = TRY(reader_.need_string());
      return make_expression(token.at, Literal{std::move(text)});
    }
    case Token::Kind::Identifier:
      return name();
    case Token::Kind::Slot:
      return malformed_at(token.at, "found template slot " + std::string(token.text) +
                                        " in a condition: slots may only stand in the scope");
    case Token::Kind::Symbol:
      if (token.text == "[") return set();
      if (token.text == "{") return record();
      if (token.text == "(") {
        reader_.take();
        ExpressionPtr inner = TRY(expression());
        TRY(reader_.need_symbol(")"));
        return inner;
      }
      return reader_.unexpected();
    case Token::Kind::End:
      return reader_.unexpected();
  }
  return reader_.unexpected();
}

ExpressionParser::Parsed ExpressionParser::number(bool negative) {
  const Token token = reader_.take();
  const auto value = signed_number(token.text, negative);
  if (!value)
    return malformed_at(token.at, "integer literal `" + std::string(token.text.substr(0, 40)) +
                                      "` is too large: the maximum is `9223372036854775807`");
  return make_expression(token.at, Literal{*value});
}

ExpressionParser::Parsed ExpressionParser::name() {
  const Token token = reader_.peek();
  if (token.is_word("true") || token.is_word("false")) {
    reader_.take();
    return make_expression(token.at, Literal{token.text == "true"});
  }
  if (reader_.at_entity()) {
    EntityUid uid = TRY(reader_.need_entity());
    return make_expression(token.at, Literal{std::move(uid)});
  }
  const std::string text = TRY(reader_.need_name());
  if (reader_.peek().is("(")) return function(token.at, text);
  if (const auto variable = find_variable(text)) return make_expression(token.at, *variable);
  return malformed_at(token.at, "invalid variable: " + text);
}

ExpressionParser::Parsed ExpressionParser::function(Position at, const std::string& name) {
  if (set_method(name) || name == "isEmpty")
    return malformed_at(at, "`" + name + "` is a method, not a function");
  const auto extension = find_extension(name);
  if (!extension) return malformed_at(at, "`" + name + "` is not a valid function");
  if (describe(*extension).style == CallStyle::Method)
    return malformed_at(at, "`" + name + "` is a method, not a function");
  reader_.take();  // the parenthesis
  std::vector<ExpressionPtr> arguments = TRY(list(")"));
  return make_expression(at, Call{*extension, std::move(arguments), {}});
}

ExpressionParser::Parsed ExpressionParser::set() {
  const Position at = reader_.take().at;
  std::vector<ExpressionPtr> elements = TRY(list("]"));
  return make_expression(at, SetLiteral{std::move(elements), {}});
}

ExpressionParser::Parsed ExpressionParser::record() {
  const Position at = reader_.take().at;
  std::vector<std::pair<std::string, ExpressionPtr>> members;
  std::vector<std::pair<std::string, Position>> names;
  while (!reader_.take_symbol("}")) {
    const Token token = reader_.peek();
    std::string key =
        TRY(token.kind == Token::Kind::String ? reader_.need_string() : reader_.need_identifier());
    TRY(reader_.need_symbol(":"));
    ExpressionPtr value = TRY(expression());
    names.emplace_back(key, token.at);
    members.emplace_back(std::move(key), std::move(value));
    if (reader_.take_symbol(",")) continue;
    TRY(reader_.need_symbol("}"));
    break;
  }
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return std::pair(std::string_view(a.first), a.second.offset) <
           std::pair(std::string_view(b.first), b.second.offset);
  });
  for (std::size_t i = 1; i < names.size(); ++i)
    if (names[i].first == names[i - 1].first)
      return malformed_at(names[i].second,
                          "duplicate key " + quote_string(names[i].first) + " in record literal");
  return make_expression(at, RecordLiteral{std::move(members), {}});
}

vrm::Result<std::vector<ExpressionPtr>> ExpressionParser::list(std::string_view closing) {
  std::vector<ExpressionPtr> elements;
  while (!reader_.take_symbol(closing)) {
    ExpressionPtr element = TRY(expression());
    elements.push_back(std::move(element));
    if (reader_.take_symbol(",")) continue;
    TRY(reader_.need_symbol(closing));
    break;
  }
  return elements;
}

}  // namespace cedar
