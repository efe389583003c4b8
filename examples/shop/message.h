#pragma once
// What vaults send about intents, each a signed document of a type of its own (docs/api/brand.md,
// "Intents and offers").

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "examples/shop/demand.h"
#include "examples/shop/folder.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

inline constexpr std::size_t kMostMessageBytes = 64 * 1024;

// vrm-intent+jwt
struct IntentMessage {
  std::string issuer;
  std::string iid;
  std::string auth_req_id;
  std::int64_t interval_s = 5;
  Instant until;
  Demand demand;
  std::string demand_text;  // as it came, JSON
};

// vrm-accept+jwt
struct AcceptMessage {
  std::string issuer;
  std::string iid;
  std::string oid;
  std::int64_t rev = 0;
  std::string offer_sha256;
  std::string jti;
  Instant until;
  std::vector<std::string> grants;  // an auth_req_id a purpose
};

// vrm-close+jwt
struct CloseMessage {
  std::string issuer;
  std::string iid;
};

// vrm-cancel+jwt
struct CancelMessage {
  std::string issuer;
  std::string iid;
  std::string acceptance;  // jti of the vrm-accept+jwt
};

using Message = std::variant<IntentMessage, AcceptMessage, CloseMessage, CancelMessage>;

// Malformed: none of the four, or not as the contract tells it. BadKey: not signed by the vault that
// it names. NotFound: of no vault that introduced itself. Denied: for another shop, about another
// person, expired, or from the future.
Result<Message> read_message(std::string_view text, std::string_view client_id,
                             const Folder& folder, Instant now);

}  // namespace vrm::shop
