#pragma once
// What vaults send to a shop unasked: introductions and events, both signed documents.
//
// An introduction is signed by a key it brings itself: it proves that one party holds that key, not
// who they are. So the first introduction of an issuer is believed, and a later one only when it is
// signed by a key already known. Safe from any thread.

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "examples/shop/folder.h"
#include "examples/shop/records.h"
#include "vault/base/clock.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct GrantRevoked {
  std::string issuer;
  std::string grant_id;
};

class Inbox {
 public:
  Inbox(Folder folder, std::string client_id, const Clock& clock)
      : folder_(std::move(folder)), client_id_(std::move(client_id)), clock_(clock) {}

  // Checks an introduction and remembers the vault. Malformed: not an introduction. BadKey: not
  // signed by a key of its own, or of that vault as we know it. Denied: for another shop, expired,
  // or not yet begun. Conflict: heard before.
  Result<Vault> take_introduction(std::string_view jws);

  // Checks an event. NotFound: from no vault that we know. The other errors are as above.
  Result<GrantRevoked> take_event(std::string_view jws);

 private:
  Result<void> first_time(const std::string& issuer, const std::string& jti, Instant forget_at);

  Folder folder_;
  std::string client_id_;
  const Clock& clock_;
  std::mutex lock_;  // guards vaults.json and heard_
  std::map<std::string, Instant> heard_;
};

}  // namespace vrm::shop
