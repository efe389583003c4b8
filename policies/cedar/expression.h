#pragma once
// An expression as it was written: the tree that the parser makes and the evaluator reads.
//
// Nothing is rewritten, so that text and JSON can be made from it again; but a chain `a && b && c`
// is one node with three operands (JSON nests it to the left), and parentheses leave no node. A
// minus in front of a number literal belongs to the number.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "policies/cedar/extension.h"
#include "policies/cedar/pattern.h"
#include "policies/cedar/position.h"
#include "policies/cedar/value.h"

namespace cedar {

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

enum class Variable { Principal, Action, Resource, Context };

enum class BinaryOperator {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Add,
  Subtract,
  Multiply,
  Contains,
  ContainsAll,
  ContainsAny,
  GetTag,
  HasTag,
};

struct Literal {
  Value value;  // bool, long, string or entity
};
struct Not {
  ExpressionPtr operand;
};
struct Negate {
  ExpressionPtr operand;
};
struct And {
  std::vector<ExpressionPtr> operands;  // two or more
};
struct Or {
  std::vector<ExpressionPtr> operands;  // two or more
};
struct Binary {
  BinaryOperator op;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct IsEmpty {
  ExpressionPtr set;
};
struct If {
  ExpressionPtr condition;
  ExpressionPtr then;
  ExpressionPtr otherwise;
};
// object.name and object["name"]
struct Attribute {
  ExpressionPtr object;
  std::string name;
};
// object has a.b.c; `object has "a.b"` has one name
struct Has {
  ExpressionPtr object;
  std::vector<std::string> path;
};
struct Like {
  ExpressionPtr text;
  Pattern pattern;
};
// entity is Type, and entity is Type in group when `group` is not null
struct Is {
  ExpressionPtr entity;
  std::string type;
  ExpressionPtr group;
};
// `constant` of these three is their value where it needs no request; it only saves time.
struct SetLiteral {
  std::vector<ExpressionPtr> elements;
  std::optional<Value> constant;
};
struct RecordLiteral {
  std::vector<std::pair<std::string, ExpressionPtr>> members;
  std::optional<Value> constant;
};
// A method's object is its first argument.
struct Call {
  Extension function;
  std::vector<ExpressionPtr> arguments;
  std::optional<Value> constant;
};

using ExpressionNode = std::variant<Literal, Variable, Not, Negate, And, Or, Binary, IsEmpty, If,
                                    Attribute, Has, Like, Is, SetLiteral, RecordLiteral, Call>;

struct Expression {
  Position at;
  std::uint32_t depth;  // levels of this tree; make_expression keeps it
  ExpressionNode node;
};

// A tree deeper than this is refused, so that walking one needs a bounded stack.
inline constexpr std::uint32_t kMaxExpressionDepth = 1000;

// Fills in depth and constants. Malformed: the tree would be deeper than kMaxExpressionDepth.
// REQUIRES: no operand is null but Is::group.
vrm::Result<ExpressionPtr> make_expression(Position at, ExpressionNode node);

// What stands right under it, from left to right.
std::vector<const Expression*> operands(const Expression& expression);

}  // namespace cedar
