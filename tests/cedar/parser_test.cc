#include "policies/cedar/parser.h"

#include <doctest/doctest.h>

using namespace cedar;  // tests only

namespace {

std::shared_ptr<const PolicyBody> policy(std::string_view text) {
  const auto parsed = parse_policies(text);
  REQUIRE_MESSAGE(parsed.ok(), text << ": " << parsed.error().message);
  REQUIRE(parsed.value().size() == 1);
  return parsed.value()[0];
}

std::string refusal_of(std::string_view text) {
  const auto parsed = parse_policies(text);
  REQUIRE_MESSAGE(!parsed.ok(), text);
  CHECK(parsed.error().code == vrm::ErrorCode::Malformed);
  return parsed.error().message;
}

std::string with_condition(std::string_view expression) {
  std::string text = "permit(principal, action, resource) when { ";
  text.append(expression).append(" };");
  return text;
}

template <typename Node>
const Node& node_of(const ExpressionPtr& expression) {
  const auto* node = std::get_if<Node>(&expression->node);
  REQUIRE(node != nullptr);
  return *node;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_SUITE("cedar/parser") {
  TEST_CASE("a policy keeps annotations, effect, scope, conditions and its own text") {
    const std::string text =
        "@id(\"a\\u{62}\") @if @advice(\"\")\n"
        "forbid (principal is Shop::User in Group::\"g\", action in [Action::\"r\", "
        "N::Action::\"w\",], resource == File::\"f\",)\n"
        "when { true } unless { false };";
    const auto body = policy("// before\n" + text + " // behind");
    CHECK(body->source == text);
    CHECK(body->at == Position{2, 1, 10});
    CHECK(body->effect == Effect::Forbid);
    CHECK(find_annotation(*body, "id") == "ab");
    CHECK(find_annotation(*body, "if") == "");
    CHECK_FALSE(body->annotations[1].value.has_value());
    CHECK(body->annotations[2].value == "");
    CHECK_FALSE(find_annotation(*body, "nosuch").has_value());
    CHECK(body->principal.kind == ScopeConstraint::Kind::IsIn);
    CHECK(body->principal.type == "Shop::User");
    CHECK(body->principal.entities[0] == EntityUid("Group", "g"));
    CHECK(body->action.kind == ScopeConstraint::Kind::InAny);
    CHECK(body->action.entities.size() == 2);
    CHECK(body->resource.kind == ScopeConstraint::Kind::Equal);
    REQUIRE(body->conditions.size() == 2);
    CHECK(body->conditions[1].kind == Condition::Kind::Unless);
  }

  TEST_CASE("an empty text and a text of comments hold no policy") {
    CHECK(parse_policies("").value().empty());
    CHECK(parse_policies(" // nothing\n").value().empty());
    CHECK(parse_policies("permit(principal,action,resource);forbid(principal,action,resource);")
              .value()
              .size() == 2);
  }

  TEST_CASE("every kind of scope is read") {
    for (const char* scope :
         {"principal, action, resource", "principal == U::\"a\", action, resource",
          "principal == (U::\"a\"), action, resource", "principal in U::\"a\", action, resource",
          "principal is U, action, resource is A::B",
          "principal, action == Action::\"a\", resource",
          "principal, action == N::Action::\"a\", resource", "principal, action in [], resource",
          "principal, action in ([(Action::\"a\")]), resource",
          "principal == ?principal, action, resource in (?resource)",
          "principal is U in ?principal, action, resource is R in ?resource",
          "principal == when::\"a\", action, resource == principal::\"a\""})
      policy("permit(" + std::string(scope) + ");");
  }

  TEST_CASE("other scopes are refused") {
    for (const char* scope : {"",
                              "principal",
                              "principal, action",
                              "action, principal, resource",
                              "principal, action, resource, context",
                              "principal, principal, resource",
                              "principal action, resource",
                              "principal != U::\"a\", action, resource",
                              "principal < U::\"a\", action, resource",
                              "principal = U::\"a\", action, resource",
                              "principal: U, action, resource",
                              "principal == \"a\", action, resource",
                              "principal == principal, action, resource",
                              "principal in [U::\"a\"], action, resource",
                              "principal == U::\"a\" && true, action, resource",
                              "principal in U::\"a\" in U::\"b\", action, resource",
                              "principal is U == U::\"a\", action, resource",
                              "principal is \"U\", action, resource",
                              "principal is (U), action, resource",
                              "principal is ?principal, action, resource",
                              "principal is U in [U::\"a\"], action, resource",
                              "principal == ?resource, action, resource",
                              "principal == ?other, action, resource",
                              "principal, action == ?action, resource",
                              "principal, action is Action, resource",
                              "principal, action == [Action::\"a\"], resource",
                              "principal, action == U::\"a\", resource",
                              "principal, action == XAction::\"a\", resource",
                              "principal, action in [[Action::\"a\"]], resource",
                              "principal, action in [\"a\"], resource",
                              "principal, action in [Action::\"a\" Action::\"b\"], resource",
                              "principal == if::\"a\", action, resource",
                              "principal == __cedar::U::\"a\", action, resource",
                              "principal == U::{id: \"a\"}, action, resource",
                              "principal == (U::\"a\", action, resource"})
      refusal_of("permit(" + std::string(scope) + ");");
  }

  TEST_CASE("policies of another shape are refused") {
    for (const char* text : {"permit(principal,action,resource)",
                             "permit(principal,action,resource);;",
                             "permit;",
                             ";",
                             "allow(principal,action,resource);",
                             "Permit(principal,action,resource);",
                             "\"permit\"",
                             "permit(principal,action,resource) when {};",
                             "permit(principal,action,resource) when true;",
                             "permit(principal,action,resource) when { true, };",
                             "permit(principal,action,resource) when { true",
                             "permit(principal,action,resource) if { true };",
                             "permit(principal,action,resource) when { true } advice { \"x\" };",
                             "@a() permit(principal,action,resource);",
                             "@a(b) permit(principal,action,resource);",
                             "@a(\"x\",) permit(principal,action,resource);",
                             "@\"a\" permit(principal,action,resource);",
                             "@a::b(\"x\") permit(principal,action,resource);",
                             "@a(\"\\q\") permit(principal,action,resource);",
                             "@a(\"x\")",
                             "@a(\"x\") @a permit(principal,action,resource);"})
      refusal_of(text);
  }

  TEST_CASE("a message names line and column") {
    CHECK(refusal_of("permit(principal, action, resource)\nwhen { 1 / 2 };") ==
          "line 2, column 10: division is not supported");
    CHECK(refusal_of("permit(principal, action, resource)") ==
          "line 1, column 36: unexpected end of input, where `;` was expected");
    CHECK(refusal_of("@é permit(principal, action, resource);") ==
          "line 1, column 2: invalid token");
    CHECK(refusal_of(with_condition("\"é\" == { a: 1, \"\\x61\": 2 }")) ==
          "line 1, column 59: duplicate key \"a\" in record literal");
  }

  TEST_CASE("operators bind as Cedar says") {
    const auto expression = parse_expression("a::\"x\" in b::\"y\" || !true && 1 + 2 * -3 < 4");
    const auto& either = node_of<Or>(expression.value());
    REQUIRE(either.operands.size() == 2);
    CHECK(node_of<Binary>(either.operands[0]).op == BinaryOperator::In);
    const auto& both = node_of<And>(either.operands[1]);
    const auto& less = node_of<Binary>(both.operands[1]);
    CHECK(less.op == BinaryOperator::Less);
    const auto& sum = node_of<Binary>(less.left);
    CHECK(sum.op == BinaryOperator::Add);
    const auto& product = node_of<Binary>(sum.right);
    CHECK(product.op == BinaryOperator::Multiply);
    CHECK(node_of<Literal>(product.right).value == Value(-3));
  }

  TEST_CASE("the tree keeps what was written") {
    CHECK(node_of<Has>(parse_expression("context has a.b.c").value()).path ==
          std::vector<std::string>{"a", "b", "c"});
    CHECK(node_of<Has>(parse_expression("context has \"a.b\"").value()).path ==
          std::vector<std::string>{"a.b"});
    CHECK(node_of<Is>(parse_expression("principal is A::B in principal").value()).group != nullptr);
    CHECK(node_of<Binary>(parse_expression("1 >= 2").value()).op == BinaryOperator::GreaterEqual);
    CHECK(node_of<Attribute>(parse_expression("context[\"a b\"]").value()).name == "a b");
    CHECK(node_of<SetLiteral>(parse_expression("[2, 1, 2,]").value()).elements.size() == 3);
    const auto record = parse_expression("{b: 1, \"a c\": 2, principal: 3}");
    CHECK(node_of<RecordLiteral>(record.value()).members[0].first == "b");
    const auto minus = parse_expression("- -9223372036854775808");
    CHECK(node_of<Literal>(node_of<Negate>(minus.value()).operand).value == Value(INT64_MIN));
    node_of<Negate>(parse_expression("-(1)").value());
    node_of<Negate>(parse_expression("-1.a").value());
    const auto call = parse_expression("ip(\"10.0.0.1\").isInRange(context.net)");
    CHECK(node_of<Call>(call.value()).arguments.size() == 2);
    CHECK_FALSE(node_of<Call>(call.value()).constant.has_value());
    CHECK(node_of<Call>(parse_expression("duration(\"8h\")").value()).constant ==
          Value(Duration{28'800'000}));
    CHECK_FALSE(node_of<Call>(parse_expression("ip(\"x\")").value()).constant.has_value());
  }

  TEST_CASE("expressions of another shape are refused") {
    for (const char* text : {"",
                             "1 2",
                             "foo",
                             "Foo::Bar",
                             "f(1)",
                             "a::ip(\"x\")",
                             "contains([1], 1)",
                             "isIpv4(1)",
                             "[1].contains()",
                             "[1].contains(1, 2)",
                             "[].isEmpty(1)",
                             "\"1.0\".decimal()",
                             "1.nosuch()",
                             "principal.",
                             "principal.\"a\"",
                             "principal.if",
                             "principal.__cedar",
                             "context[1]",
                             "context[(\"s\")]",
                             "context[\"s\",]",
                             "context()",
                             "principal has",
                             "principal has (a)",
                             "principal has a + 1",
                             "principal has a[\"b\"]",
                             "principal has a.b()",
                             "principal has if",
                             "principal has a == true",
                             "1 like 2",
                             "\"a\" like (\"a\")",
                             "\"a\" like \"a\" + \"b\"",
                             "principal is \"U\"",
                             "principal is U::\"a\"",
                             "principal is (U)",
                             "principal is U in a in b",
                             "1 < 2 < 3",
                             "1 == 1 == true",
                             "1 = 1",
                             "1 / 1",
                             "1 % 1",
                             "!!!!!true",
                             "-----1",
                             "!-1",
                             "-!1",
                             "9223372036854775808",
                             "-(9223372036854775808)",
                             "-9223372036854775809",
                             "18446744073709551616",
                             "true && if true then true else true",
                             "if true then 1",
                             "if true else 1",
                             "1 + if true then 1 else 2",
                             "?principal == principal",
                             "?x",
                             "(1",
                             "[1",
                             "[,]",
                             "[1,,2]",
                             "{a}",
                             "{a:}",
                             "{if: 1}",
                             "{a: 1, a: 2}",
                             "{1: 1}",
                             "{(\"a\"): 1}",
                             "{,}",
                             "{a: 1 b: 2}",
                             "User::{id: \"a\"}",
                             "\"\\q\"",
                             "true::\"x\"",
                             "if::\"x\"",
                             "1 in",
                             "&& true",
                             "true &&",
                             "true & true"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_expression(text).ok());
    }
  }

  TEST_CASE("words that are only sometimes keywords may name things") {
    for (const char* text :
         {"principal.permit", "context.principal", "{when: 1, unless: 2, action: 3}",
          "{\"if\": 1}[\"if\"]", "principal has forbid.context", "permit::\"x\"",
          "principal is resource", "context.contains", "User :: \"a\"", "1.foo"}) {
      CAPTURE(text);
      CHECK(parse_expression(text).ok());
    }
  }

  TEST_CASE("nesting has an end, with a clean refusal, and chains have none") {
    const auto nested = [](int levels, const char* open, const char* close) {
      return parse_expression(repeated(open, levels) + "1" + repeated(close, levels));
    };
    CHECK(nested(kMaxNesting - 1, "(", ")").ok());
    for (const int levels : {kMaxNesting, 100'000}) {
      CHECK_FALSE(nested(levels, "(", ")").ok());
      CHECK_FALSE(nested(levels, "[", "]").ok());
      CHECK_FALSE(nested(levels, "{a:", "}").ok());
      CHECK_FALSE(nested(levels, "[].contains(", ")").ok());
      CHECK_FALSE(nested(levels, "if true then 1 else ", "").ok());
    }
    CHECK(parse_expression("true" + repeated(" && true", 20'000)).ok());
    CHECK(parse_expression("true" + repeated(" || true", 20'000)).ok());
    CHECK(parse_expression("1" + repeated(" + 1", 900)).ok());
    CHECK_FALSE(parse_expression("1" + repeated(" + 1", 20'000)).ok());
    CHECK_FALSE(parse_expression("context" + repeated(".a", 20'000)).ok());
    CHECK_FALSE(parse_policies("permit(principal == " + repeated("(", 100'000)).ok());
  }
}
