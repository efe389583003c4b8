#include "policies/cedar/lexer.h"

#include <array>

#include "vault/base/text.h"

namespace cedar {

namespace {

constexpr std::size_t kMaxTextBytes = 16U * 1024 * 1024;

// Longest first where one begins another.
// `/` and `%` are read so that the parser can say what is wrong with them.
constexpr std::array<std::string_view, 28> kSymbols{
    "::", "==", "!=", "<=", ">=", "||", "&&", "@", ".", ",", ";", ":", "(", ")",
    "{",  "}",  "[",  "]",  "<",  ">",  "+",  "-", "*", "!", "=", "/", "%", "?"};

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  vrm::Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (skip(); at_.offset < text_.size(); skip()) {
      const Token token = TRY(next());
      tokens.push_back(token);
      line_of_last_token_ = at_.line;
    }
    tokens.push_back({Token::Kind::End, "", at_});
    return tokens;
  }

  std::vector<Comment>& comments() { return comments_; }

 private:
  std::string_view rest() const { return text_.substr(at_.offset); }

  // One scalar on. REQUIRES: not at the end.
  char32_t advance() {
    std::size_t offset = at_.offset;
    const char32_t scalar = vrm::next_scalar(text_, offset).value_or(U' ');
    at_.offset = static_cast<std::uint32_t>(offset);
    if (scalar == U'\n') {
      ++at_.line;
      at_.column = 1;
    } else {
      ++at_.column;
    }
    return scalar;
  }

  void skip() {
    while (at_.offset < text_.size()) {
      if (rest().starts_with("//")) {
        const Position start = at_;
        while (at_.offset < text_.size() && rest()[0] != '\n' && rest()[0] != '\r') advance();
        keep_comment(start);
        continue;
      }
      const Position before = at_;
      if (!is_space(advance())) {
        at_ = before;
        return;
      }
    }
  }

  void keep_comment(Position start) {
    auto text = text_.substr(start.offset, at_.offset - start.offset);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    comments_.push_back({text, start, start.line != line_of_last_token_});
  }

  // The next `bytes` bytes, all ASCII and on one line.
  std::string_view take(std::size_t bytes) {
    const auto taken = rest().substr(0, bytes);
    at_.offset += static_cast<std::uint32_t>(bytes);
    at_.column += static_cast<std::uint32_t>(bytes);
    return taken;
  }

  std::size_t word_length(std::size_t from) const {
    std::size_t end = from;
    const auto text = rest();
    while (end < text.size() && (is_word_start(text[end]) || is_digit(text[end]))) ++end;
    return end;
  }

  vrm::Result<Token> next() {
    const Position start = at_;
    const char first = rest()[0];
    if (is_word_start(first)) return Token{Token::Kind::Identifier, take(word_length(0)), start};
    if (is_digit(first)) {
      std::size_t end = 0;
      while (end < rest().size() && is_digit(rest()[end])) ++end;
      return Token{Token::Kind::Number, take(end), start};
    }
    if (first == '"') return string();
    if (first == '?' && rest().size() > 1 && is_word_start(rest()[1]))
      return Token{Token::Kind::Slot, take(word_length(1)), start};
    for (const auto symbol : kSymbols)
      if (rest().starts_with(symbol)) return Token{Token::Kind::Symbol, take(symbol.size()), start};
    return malformed_at(start, "invalid token");
  }

  vrm::Result<Token> string() {
    const Position start = at_;
    advance();
    const std::size_t inside = at_.offset;
    while (at_.offset < text_.size()) {
      const std::size_t here = at_.offset;
      const char32_t scalar = advance();
      if (scalar == U'"')
        return Token{Token::Kind::String, text_.substr(inside, here - inside), start};
      if (scalar != U'\\') continue;
      if (at_.offset >= text_.size() || advance() == U'\n') break;
    }
    return malformed_at(start, "invalid token: a string that is not closed");
  }

  std::string_view text_;
  Position at_;
  std::uint32_t line_of_last_token_ = 0;
  std::vector<Comment> comments_;
};

vrm::Result<void> check_text(std::string_view text) {
  if (text.size() > kMaxTextBytes) return malformed_at({}, "the text is longer than 16 MiB");
  if (!vrm::is_utf8(text)) return malformed_at({}, "the text is not UTF-8");
  return {};
}

}  // namespace

vrm::Result<std::vector<Token>> tokens_of(std::string_view text) {
  TRY(check_text(text));
  return Lexer(text).run();
}

vrm::Result<std::vector<Comment>> comments_of(std::string_view text) {
  TRY(check_text(text));
  Lexer lexer(text);
  TRY(lexer.run());
  return std::move(lexer.comments());
}

}  // namespace cedar
