#pragma once
// A brand's document (docs/api/brand.md): the JSON at its client_id that says who it is and with which keys it signs.

#include <string>
#include <string_view>

#include "vault/base/result.h"
#include "vault/brands/facts.h"

namespace vrm::brands {

struct Document {
  std::string client_id;
  std::string name;
  std::string host;                   // of the client_id
  std::string jwks;                   // JSON; "" when the document gives jwks_uri instead
  std::string jwks_uri;               // same origin; "" when the document brings its keys
  std::string introduction_endpoint;  // same origin; "" when it has none
  std::string event_endpoint;         // same origin; "" when it has none
  std::string intent_endpoint;        // same origin; "" when it takes no intents
  std::string mailbox_endpoint;       // same origin; "" when it hosts no mailbox
  Facts facts;
};

enum class PlainHttp { Refused, OnLoopback };

// Malformed, with words for the owner: not strict JSON, a member missing or of another type, a client_id that is no
// https address (or, when allowed, http on loopback), an endpoint of another origin, both or neither of jwks and
// jwks_uri, keys that jose::JwkSet refuses or none of them, or what read_facts refuses.
Result<Document> read_document(std::string_view text, PlainHttp plain_http);

// Checks a key set and gives it in the form that is pinned. Malformed: not a set, or no key we can use.
Result<std::string> usable_keys(std::string_view jwks);

// What the owner compares: "SHA256:" and base64url over the thumbprints of the keys, in order.
// REQUIRES: `jwks` came from usable_keys or Document::jwks.
std::string fingerprint_of(std::string_view jwks);

}  // namespace vrm::brands
