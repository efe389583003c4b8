#pragma once
// What the door demands of a request's head beyond what every carrier does (vault/routes/head.h), as
// pure functions over what the parser found.
//
// libmicrohttpd forgives much: a bare LF, folded lines, NUL, two lengths, any Host. Whoever stands
// in front of the door may read such a head differently, and then one request hides in another. So
// a head passes only when it has one reading: laid_out() looks at where the parser's pieces lie,
// refuse_head() at what they say.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vault/routes/head.h"

namespace vrm::http {

using Refused = routes::Refusal;
using routes::split_target;
using routes::Target;
using routes::without_blanks;

struct HeaderView {
  std::string_view name;
  std::string_view value;  // blanks at its end are still there
};

// The views of method, version and headers lie in the parser's buffer.
struct HeadView {
  std::string_view method;
  std::string_view target;  // as sent, still encoded
  const char* target_at =
      nullptr;  // where it stood in the buffer, which the parser has changed since
  std::string_view version;
  std::span<const HeaderView> headers;
  std::size_t bytes = 0;  // from the method's first byte to behind the empty line
};

struct HeadRules {
  std::vector<std::string> hosts;    // lower case; with the port where a client sends it
  std::vector<std::string> methods;  // upper case
  std::size_t bytes = 16 * 1024;
  std::size_t headers = 64;
};

// True when the pieces lie one behind the other with exactly one separator between them. The parser
// works in place, so a bare LF, a bare CR, a folded line, a NUL or a doubled blank breaks an
// equality.
//
// Not seen: NUL LF where CR LF belongs, and LF NUL CR LF or CR LF NUL LF at the end of the head.
// They leave the same zeros in the buffer as CR LF does (docs/decisions/0002).
bool laid_out(const HeadView& head);

// Nothing when the head may pass. REQUIRES: laid_out(head) was true, or the views do not come from
// a parser.
std::optional<Refused> refuse_head(const HeadView& head, const HeadRules& rules);

// The announced length of the body; 0 without one. REQUIRES: refuse_head() had no objection.
std::size_t body_length(const HeadView& head);

}  // namespace vrm::http
