#pragma once
// Reads one expression from tokens, by recursive descent: one function a level of precedence.

#include "policies/cedar/expression.h"
#include "policies/cedar/token_reader.h"

namespace cedar {

class ExpressionParser {
 public:
  // REQUIRES: the reader lives as long as the parser.
  explicit ExpressionParser(TokenReader& reader) : reader_(reader) {}

  // Stops at the first token that cannot continue the expression. Malformed: see parser.h.
  vrm::Result<ExpressionPtr> expression();

 private:
  using Parsed = vrm::Result<ExpressionPtr>;

  Parsed if_then_else();
  Parsed disjunction();
  Parsed conjunction();
  Parsed relation();
  Parsed has(Position at, ExpressionPtr object);
  Parsed like(Position at, ExpressionPtr text);
  Parsed is(Position at, ExpressionPtr entity);
  Parsed sum();
  Parsed product();
  Parsed unary();
  Parsed negation(Position at, int count);
  Parsed member();
  Parsed method(Position at, ExpressionPtr object, const Token& name);
  Parsed primary();
  Parsed number(bool negative);
  Parsed name();
  Parsed function(Position at, const std::string& name);
  Parsed set();
  Parsed record();

  // Elements with commas between them and perhaps one behind, up to and with the closing symbol.
  vrm::Result<std::vector<ExpressionPtr>> list(std::string_view closing);

  TokenReader& reader_;
  int nesting_ = 0;
};

}  // namespace cedar
