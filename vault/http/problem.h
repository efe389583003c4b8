#pragma once
// The answers a door gives by itself, before or instead of the routes: one body shape, constant
// words.

#include <string>
#include <string_view>

#include "vault/http/strict.h"
#include "vault/routes/request.h"

namespace vrm::http {

// application/problem+json with `error`, `status`, `detail` and `type`; Cache-Control: no-store.
routes::Answer problem(const Refused& refused);

// The same as bytes for the wire, closing the connection; for a connection the parser does not
// hold.
std::string problem_bytes(const Refused& refused);

}  // namespace vrm::http
