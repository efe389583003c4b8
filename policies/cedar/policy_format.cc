#include "policies/cedar/policy_format.h"

#include <algorithm>
#include <vector>

#include "policies/cedar/lexer.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/policy_text.h"

namespace cedar {

namespace {

using Tokens = std::vector<Token>;

// Escapes of a string may change; where it stands does not.
bool same_token(const Token& one, const Token& other) {
  return one.kind == other.kind && (one.kind == Token::Kind::String || one.text == other.text);
}

// Parentheses and commas come and go, so what does not match is looked for a little further on.
constexpr std::size_t kLookAhead = 12;

// For each token as it was written, the one that it became, or the one before it.
std::vector<std::size_t> matches(const Tokens& written, const Tokens& laid_out) {
  std::vector<std::size_t> found(written.size(), 0);
  std::size_t next = 0;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const std::size_t end = std::min(laid_out.size(), next + kLookAhead);
    std::size_t here = next;
    while (here < end && !same_token(written[i], laid_out[here])) ++here;
    if (here < end) next = here + 1;
    found[i] = next == 0 ? 0 : next - 1;
  }
  return found;
}

struct Line {
  std::vector<std::string> above = {};
  std::string text;
  std::string behind = {};
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back({.text = std::string(text.substr(0, end))});
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string joined(const std::vector<Line>& lines) {
  std::string out;
  for (const auto& [above, text, behind] : lines) {
    const std::string indent = text.substr(0, text.find_first_not_of(' '));
    for (const auto& comment : above) out += indent + comment + "\n";
    out += text + (behind.empty() ? "" : " " + behind) + "\n";
  }
  return out;
}

class Formatter {
 public:
  Formatter(Tokens tokens, std::vector<Comment> comments)
      : tokens_(std::move(tokens)), comments_(std::move(comments)) {}

  // Comments up to a place, in lines of their own, with a blank line where there was one.
  std::string between(const Position& until) {
    std::string out;
    for (; next_ < comments_.size() && comments_[next_].at.offset < until.offset; ++next_) {
      out += comments_[next_].text;
      out += "\n";
      const bool last =
          next_ + 1 == comments_.size() || comments_[next_ + 1].at.offset >= until.offset;
      const auto below = last ? until.line : comments_[next_ + 1].at.line;
      if (below > comments_[next_].at.line + 1) out += "\n";
    }
    return out;
  }

  // One policy with the comments inside it and behind it in its last line.
  vrm::Result<std::string> policy(const PolicyBody& body) {
    const std::string text = policy_text(body);
    const Tokens laid_out = TRY(tokens_of(text));
    const auto first = std::find_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
      return token.at.offset >= body.at.offset;
    });
    const auto end = std::find_if(first, tokens_.end(), [&](const Token& token) {
      return token.at.offset >= body.at.offset + body.source.size();
    });
    const Tokens written(first, end);
    const auto became = matches(written, laid_out);
    std::vector<Line> lines = lines_of(text);
    const auto last_line = written.back().at.line;
    for (; next_ < comments_.size(); ++next_) {
      const Comment& comment = comments_[next_];
      const bool inside = comment.at.offset < written.back().at.offset;
      if (!inside && (comment.alone || comment.at.line != last_line)) break;
      place(comment, written, became, laid_out, lines);
    }
    return joined(lines);
  }

 private:
  static void place(const Comment& comment, const Tokens& written,
                    const std::vector<std::size_t>& became, const Tokens& laid_out,
                    std::vector<Line>& lines) {
    const auto behind = std::find_if(written.begin(), written.end(), [&](const Token& token) {
      return token.at.offset > comment.at.offset;
    });
    const auto next = static_cast<std::size_t>(behind - written.begin());
    const std::size_t token = comment.alone ? next : next - 1;
    Line& line = lines.at(laid_out[became[token]].at.line - 1);
    if (comment.alone || !line.behind.empty()) {
      line.above.emplace_back(comment.text);
    } else {
      line.behind = comment.text;
    }
  }

  Tokens tokens_;
  std::vector<Comment> comments_;
  std::size_t next_ = 0;  // of the comments, the first that was not written yet
};

}  // namespace

vrm::Result<std::string> format_policies(std::string_view text) {
  const auto policies = TRY(parse_policies(text));
  Tokens tokens = TRY(tokens_of(text));
  const Position end = tokens.back().at;
  std::vector<Comment> comments = TRY(comments_of(text));
  Formatter formatter(std::move(tokens), std::move(comments));
  std::string out;
  for (const auto& policy : policies) {
    if (!out.empty()) out += "\n";
    out += formatter.between(policy->at);
    out += TRY(formatter.policy(*policy));
  }
  const std::string rest = formatter.between(end);
  if (!out.empty() && !rest.empty()) out += "\n";
  out += rest;
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace cedar
