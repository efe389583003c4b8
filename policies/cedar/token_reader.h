#pragma once
// Walks the tokens of a text, and reads the parts that scopes and expressions share.

#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/entity_uid.h"
#include "policies/cedar/lexer.h"
#include "vault/base/result.h"

namespace cedar {

class TokenReader {
 public:
  // REQUIRES: the last of `tokens`, and no other, is an End. The text behind them lives as long as
  // the reader.
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  // Takes the next token if it is this symbol or word.
  bool take_symbol(std::string_view symbol);
  bool take_word(std::string_view word);

  // Malformed: the next token is another one.
  vrm::Result<void> need_symbol(std::string_view symbol);
  // The next token does not belong where it stands.
  vrm::Error unexpected() const;

  // `A::B`; Malformed: no identifier, or a reserved one.
  vrm::Result<std::string> need_name();
  // `.name` and keys: one identifier. Malformed: none, or a reserved one.
  vrm::Result<std::string> need_identifier();
  // Malformed: no string, or an escape that does not exist.
  vrm::Result<std::string> need_string();

  // Whether an entity literal `A::B::"id"` comes next.
  bool at_entity() const;
  // Malformed: another token, or a reserved identifier.
  vrm::Result<EntityUid> need_entity();

 private:
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace cedar
