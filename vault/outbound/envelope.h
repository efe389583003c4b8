#pragma once
// What a mailbox hands over: whole requests in one JSON document (docs/api/brand.md, "Mailbox").
//
//   {"requests":[{"id":"…","method":"POST","path":"/v/{vid}/token","query":"",
//                 "headers":[["content-type","…"],…],"body":"base64url"}]}
//
// The document is the mailbox host's: one mistake in it, and none of it is taken. A request is a
// client's of that host: what a door would refuse is refused here with the same answer, and the
// other requests go on.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vault/base/result.h"
#include "vault/routes/head.h"
#include "vault/routes/request.h"

namespace vrm::outbound {

inline constexpr std::size_t kMostEnvelopeBytes = 128 * 1024;

struct EnvelopeRules {
  std::vector<std::string> methods;
  std::size_t head_bytes = 16 * 1024;  // method, path, query and headers together
  std::size_t headers = 64;
};

struct Enclosed {
  std::string id;  // 1 to 64 of A-Z a-z 0-9 _ -, unlike any other of the envelope
  std::variant<routes::Request, routes::Refusal> content;
};

// `vid` is the issuer that the mailbox is for: no request of its envelopes reaches another. `peer`
// is set in every request. The handler says how long a body may be.
// Malformed: longer than kMostEnvelopeBytes, no JSON as read_json reads it, or of another shape; a
// member `query`, `headers` or `body` may be missing, and further members are not looked at.
Result<std::vector<Enclosed>> read_envelope(std::string_view text, const EnvelopeRules& rules,
                                            const routes::Handler& handler, std::string_view vid,
                                            const std::string& peer);

}  // namespace vrm::outbound
