#pragma once
// A brand as the vault knows it: its document, the keys pinned when it was added, and what the owner thinks of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/jose/jwk.h"
#include "vault/store/store.h"

namespace vrm::brands {

enum class Standing {
  Known,
  Blocked,  // the owner wants nothing to do with it
  KeysChanged,  // its document shows other keys than those pinned; nothing is served until the owner looked
};

std::string_view to_string(Standing standing);

struct Brand {
  std::string handle;  // what the owner types: a-z 0-9 -, unique
  std::string name;    // as the brand writes it
  std::string client_id;
  std::string host;  // of the client_id, with a port when it is not the scheme's own
  std::string jwks;  // the pinned key set, JSON
  std::string fingerprint;
  std::string introduction_endpoint;  // "" when it has none
  std::string event_endpoint;         // "" when it has none
  std::string intent_endpoint;        // "" when it takes no intents
  std::string mailbox;  // where the vault fetches its calls; "" when it calls the vault's own door
  bool address_checked = false;  // the document was fetched from its client_id
  bool introduced = false;       // the introduction was delivered
  Instant known_since;
  Standing standing = Standing::Known;
  std::vector<std::string> tags;
  bool muted = false;                  // what it asks waits without a word to the owner
  std::optional<Instant> muted_until;  // nothing: until the owner says otherwise

  bool is_muted(Instant now) const { return muted && (!muted_until || now < *muted_until); }

  store::RowId row{};
  store::KeyId key{};  // the brand's own data key: all that the vault keeps about it
};

Bytes write_brand(const Brand& brand);
// Corrupt: not what write_brand wrote.
Result<Brand> read_brand(BytesView record);

}  // namespace vrm::brands
