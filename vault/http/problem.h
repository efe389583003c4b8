#pragma once
// The answers a door gives by itself, before or instead of the routes: one body shape, constant
// words.

#include <string>
#include <string_view>

#include "vault/http/strict.h"
#include "vault/routes/request.h"

namespace vrm::http {

using routes::problem;

// The same as bytes for the wire, closing the connection; for a connection the parser does not
// hold.
std::string problem_bytes(const Refused& refused);

}  // namespace vrm::http
