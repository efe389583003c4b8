#include "policies/cedar/token_reader.h"

#include <algorithm>

#include "policies/cedar/name.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/text.h"

namespace cedar {

const Token& TokenReader::peek(std::size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

Token TokenReader::take() {
  const Token taken = peek();
  if (taken.kind != Token::Kind::End) ++next_;
  return taken;
}

bool TokenReader::take_symbol(std::string_view symbol) {
  if (!peek().is(symbol)) return false;
  take();
  return true;
}

bool TokenReader::take_word(std::string_view word) {
  if (!peek().is_word(word)) return false;
  take();
  return true;
}

vrm::Result<void> TokenReader::need_symbol(std::string_view symbol) {
  if (take_symbol(symbol)) return {};
  auto error = unexpected();
  error.message += ", where `" + std::string(symbol) + "` was expected";
  return error;
}

vrm::Error TokenReader::unexpected() const {
  const Token& token = peek();
  if (token.kind == Token::Kind::End) return malformed_at(token.at, "unexpected end of input");
  if (token.kind == Token::Kind::String)
    return malformed_at(token.at, "unexpected token `\"" + vrm::printable(token.text, 40) + "\"`");
  return malformed_at(token.at, "unexpected token `" + vrm::printable(token.text, 40) + "`");
}

vrm::Result<std::string> TokenReader::need_identifier() {
  if (peek().kind != Token::Kind::Identifier) return unexpected();
  const Token token = take();
  if (is_reserved(token.text))
    return malformed_at(
        token.at, "this identifier is reserved and cannot be used: " + std::string(token.text));
  return std::string(token.text);
}

vrm::Result<std::string> TokenReader::need_name() {
  std::string name = TRY(need_identifier());
  while (peek().is("::") && peek(1).kind == Token::Kind::Identifier) {
    take();
    const std::string part = TRY(need_identifier());
    name += "::" + part;
  }
  return name;
}

vrm::Result<std::string> TokenReader::need_string() {
  if (peek().kind != Token::Kind::String) return unexpected();
  const Token token = take();
  auto text = unescape_string(token.text);
  if (!text.ok()) return malformed_at(token.at, text.error().message);
  return std::move(text).value();
}

bool TokenReader::at_entity() const {
  std::size_t ahead = 0;
  while (peek(ahead).kind == Token::Kind::Identifier && peek(ahead + 1).is("::")) ahead += 2;
  return ahead > 0 && peek(ahead).kind == Token::Kind::String;
}

vrm::Result<EntityUid> TokenReader::need_entity() {
  std::string type = TRY(need_name());
  TRY(need_symbol("::"));
  std::string id = TRY(need_string());
  return EntityUid(std::move(type), std::move(id));
}

}  // namespace cedar
