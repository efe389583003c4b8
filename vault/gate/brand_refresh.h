#pragma once
// A brand's document, fetched from its address once more, and what the vault makes of it
// (docs/decisions/0011-a-brand-that-changes-its-keys.md).
//
// With the pinned keys, names, endpoints and what it says of itself are taken over. With any other set of keys nothing
// is: its grants rest until the owner accepts the keys or leaves it. Only the owner's word pins keys.

#include <string>
#include <string_view>
#include <vector>

#include "vault/brands/brand_book.h"
#include "vault/gate/vault.h"

namespace vrm::gate {

// The document at `url`, with its keys. Errors as brands::Web::get and read_document; Unavailable (brand.not_fetched): no
// JSON there; Denied (brand.other_client_id): it belongs elsewhere.
Result<brands::Document> fetch_document(brands::Web& web, const std::string& url,
                                        brands::PlainHttp plain_http);

// The keys at a `jwks_uri`, in the form that is pinned. Errors as above.
Result<std::string> fetch_keys(brands::Web& web, const std::string& url);

// The brand, of those known but `except`, that one of this name and host looks like; null: none.
brands::BrandPtr lookalike_of(const Rooms& rooms, const std::string& name, const std::string& host,
                              std::string_view except);

struct Refreshed {
  brands::BrandPtr brand;            // as it is now
  bool keys_changed = false;         // its document shows other keys than those pinned
  std::vector<std::string> changes;  // what was taken over: name, endpoints, uses, details, address
};

// Waits for the brand; every change is recorded. Open or serving. NotFound; Unavailable (brand.not_refreshed) or as
// brands::Web::get: nothing was changed.
Result<Refreshed> refresh_brand(Vault& vault, const std::string& handle);

}  // namespace vrm::gate
