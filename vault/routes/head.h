#pragma once
// What every carrier demands of a request before a route sees it, whatever wire it came over.
//
// A door adds what only HTTP has (layout, Host, version); a mailbox what only an envelope has.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "vault/routes/request.h"

namespace vrm::routes {

// Why the carrier itself refuses: a status and a sentence for the client's developer. The sentence
// is a constant.
struct Refusal {
  int status = 400;
  std::string_view why;
};

// Where docs/api/brand.md says what an error of the brands' API means: the `type` of its problem documents.
std::string problem_type(std::string_view error);

// application/problem+json with `error`, `status`, `detail` and `type`; Cache-Control: no-store.
Answer problem(const Refusal& refusal);

struct Target {
  std::string_view path;
  std::string_view query;  // behind the '?', empty when there is none
};

// Splits at the first '?'. Nothing when the path does not start with '/', has an empty or dot
// segment, a percent sign or a byte that no path has; or the query a byte that no query has.
std::optional<Target> split_target(std::string_view target);

// What was seen of one request's headers.
struct HeadersSeen {
  std::size_t hosts = 0;
  std::string_view host;
  std::size_t lengths = 0;
  std::string_view length;
};

// Looks at one header after another. Nothing: it may pass. Refused are names and values with bytes
// that readers disagree about, headers that are not served, a second Host or Content-Length, a
// length that is no plain number, and a Connection that speaks of other headers.
std::optional<Refusal> refuse_header(std::string_view name, std::string_view value,
                                     HeadersSeen& seen);

// Without the blanks and tabs around it (RFC 9110, section 5.5).
std::string_view without_blanks(std::string_view text);

}  // namespace vrm::routes
