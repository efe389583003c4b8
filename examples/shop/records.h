#pragma once
// What the shop remembers between two runs, and how it lies in its folder.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "examples/shop/folder.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

// brand.json: who the shop says it is.
struct Brand {
  std::string name;
  std::string base;  // the public address, as https://velo.example

  // The address of the brand document, which is the shop's name to every vault.
  std::string client_id() const { return base + "/vrm-brand.json"; }

  // NotFound: the shop was never opened.
  static Result<Brand> load(const Folder& folder);
  Result<void> save(const Folder& folder) const;
};

// One line of vaults.json: a customer's vault that introduced itself.
struct Vault {
  std::string issuer;
  std::string subject;    // what this shop, and no other, calls that customer
  std::string reference;  // the basket or order the customer came from, "" for none
  std::string jwks;       // the vault's public keys, a JWK set as text
};

// The vaults, the one heard of last at the end; empty when nobody came yet.
Result<std::vector<Vault>> load_vaults(const Folder& folder);
Result<void> save_vaults(const Folder& folder, const std::vector<Vault>& vaults);
// NotFound: none that introduced itself is at `issuer`.
Result<Vault> vault_of(const Folder& folder, std::string_view issuer);
// The one heard of last. NotFound: nobody came yet.
Result<Vault> newest_vault(const Folder& folder);

// ask.json: the question that waits for an answer.
struct Asked {
  std::string issuer;
  std::string auth_req_id;
  std::int64_t interval_s = 5;
  Instant next_poll;                // not before, or the vault answers slow_down
  std::vector<std::string> fields;  // needed and optional; empty when the owner granted unasked

  // From the answer to a question. Malformed: not the answer that the contract tells.
  static Result<Asked> from_answer(std::string_view body, std::string issuer,
                                   std::vector<std::string> fields);
  // NotFound: nothing was asked.
  static Result<Asked> load(const Folder& folder);
  Result<void> save(const Folder& folder) const;
};

// What the shop may read now. Never the data itself: that is read when it is needed.
struct Tokens {
  std::string issuer;
  std::string access_token;
  std::string refresh_token;  // "" when the vault gave none
  Instant expires;
  std::string grant_id;
  std::vector<std::string> fields;  // what was granted, often less than what was asked
  std::string purpose;

  // From the answer of the token endpoint. Malformed: not the answer that the contract tells.
  static Result<Tokens> from_answer(std::string_view body, std::string issuer, Instant now);
  // From the answer to a refresh: without a new refresh token the old one stays good (RFC 6749
  // section 6). Malformed: as above.
  Result<Tokens> refreshed_by(std::string_view body, Instant now) const;
};

// tokens.json: what was granted last, a row a grant; an accepted offer may bring several.
// NotFound: nothing was granted yet.
Result<std::vector<Tokens>> load_tokens(const Folder& folder);
Result<void> save_tokens(const Folder& folder, const std::vector<Tokens>& all);

}  // namespace vrm::shop
