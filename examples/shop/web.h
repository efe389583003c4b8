#pragma once
// One HTTP call to a vault, over cpp-httplib: bounded in time and size, and never redirected.
//
// A vault's address comes from an introduction, that is from a stranger. In production these calls
// leave through a proxy that reaches public addresses only (see README.md).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/base/result.h"

namespace vrm::shop {

struct Url {
  std::string origin;  // https://velo.example:8443
  std::string path;    // starts with '/'; no query, no fragment
};

// Malformed: not http or https, plain http to a machine other than this one, a name or password
// inside, a query, a fragment, or a character that an address has not.
Result<Url> url_from_text(std::string_view text);

// Percent-encodes all but letters, digits and -._~
std::string form_encoded(std::string_view text);

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Call {
  std::string method = "GET";
  std::string url;
  std::string query = {};  // without '?', encoded
  Pairs headers = {};
  Pairs form = {};                // the body of a POST
  std::string jws = {};           // or this is the body, application/jwt
  std::size_t most = 256 * 1024;  // bytes of the answer
};

struct Answer {
  int status = 0;
  std::string body;
  std::string error;      // the member `error` of the body; "" when there is none
  std::string why;        // the vault's own words, safe to print; "" when it gave none
  std::string nonce;      // DPoP-Nonce
  std::string caching;    // Cache-Control
  std::string challenge;  // WWW-Authenticate
  std::string type;       // Content-Type
  int retry_after_s = 0;  // Retry-After, 0 when there is none

  bool good() const { return status == 200; }
  // In one line: `401 invalid_token`.
  std::string in_words() const;
};

// Malformed: `call.url` is none. Unavailable: no connection, no answer in time, or too long a one.
Result<Answer> send(const Call& call);

}  // namespace vrm::shop
