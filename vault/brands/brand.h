#pragma once
// A brand as the vault knows it: its document, the keys pinned when it was added, and what the owner thinks of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/brands/facts.h"
#include "vault/jose/jwk.h"
#include "vault/store/store.h"

namespace vrm::brands {

enum class Standing {
  Known,
  Blocked,  // the owner wants nothing to do with it
  KeysChanged,  // its document shows other keys than those pinned; nothing is served until the owner looked
};

std::string_view to_string(Standing standing);

// How far a brand is to be believed, at a glance: the worst that is known of it, unless the owner looked and marked it.
enum class Trust {
  Blocked,
  KeysChanged,
  Lookalike,  // it looks like another brand that was known when it was added
  Unchecked,  // its document came from a file and was never fetched from its address
  Known,
  Trusted,  // the owner said so
};

std::string_view to_string(Trust trust);

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

  Facts facts;           // what its document says besides
  bool trusted = false;  // the owner's mark; gone when its keys change
  std::string
      looks_like;  // handle of the brand that it looked like when it was added or renamed, "" for none
  Instant keys_since;  // when these keys were pinned; before there was a change, as known_since
  Instant checked_at;  // when its document was last fetched from its address; 0: never
  std::string former_name;  // what it called itself before; "" when it never changed
  Instant renamed_at;
  // The keys that its document showed when it was fetched last, where they are not the pinned ones. They verify nothing.
  std::string shown_jwks;
  std::string shown_fingerprint;
  Instant shown_at;  // since when the document shows other keys
  // Tokens from this moment or before are refused: the key that asked for them may have been the one that went.
  Instant tokens_after;
  std::string
      wants_terms;  // id of the terms that the owner wants it to name when it asks; "" for none
  bool wants_signed = false;  // and to sign

  store::RowId row{};
  store::KeyId key{};  // the brand's own data key: all that the vault keeps about it
};

Trust trust_of(const Brand& brand);

Bytes write_brand(const Brand& brand);
// Corrupt: not what write_brand wrote.
Result<Brand> read_brand(BytesView record);

}  // namespace vrm::brands
