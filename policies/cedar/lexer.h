#pragma once
// The words of a text of policies or of a schema.

#include <string_view>
#include <vector>

#include "policies/cedar/position.h"
#include "vault/base/result.h"

namespace cedar {

struct Token {
  enum class Kind {
    Identifier,  // also the keywords: where one may stand is the parser's matter
    Number,
    String,  // `text` is what stands between the quotes
    Slot,    // ?name
    Symbol,
    End,
  };

  Kind kind;
  std::string_view text;
  Position at;

  bool is(std::string_view symbol) const { return kind == Kind::Symbol && text == symbol; }
  bool is_word(std::string_view word) const { return kind == Kind::Identifier && text == word; }
};

// The tokens of `text`, the last one an End; they die with it. Spaces and comments leave none.
// Malformed: not UTF-8, more than 16 MiB, or something that begins no token, such as an open
// string.
vrm::Result<std::vector<Token>> tokens_of(std::string_view text);

struct Comment {
  std::string_view text;  // from the `//` to the end of the line, without blanks there
  Position at;
  bool alone;  // in its line
};

// The comments of `text`; they die with it. Malformed: as tokens_of().
vrm::Result<std::vector<Comment>> comments_of(std::string_view text);

}  // namespace cedar
