#pragma once
// The shop's side of docs/api/brand.md: find a vault's endpoints, ask, poll, refresh, read, give
// back; offer, withdraw, acknowledge.
//
// Each call gives the vault's Answer, whatever its status: a refusal is an answer. An Error means
// that there was no answer, or that it breaks the contract. Where the vault wants a nonce, the call
// is made once more with it. One thread at a time.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/shop/keys.h"
#include "examples/shop/records.h"
#include "examples/shop/rules.h"
#include "examples/shop/web.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm::shop {

// Who calls, and with what it makes proofs.
struct Caller {
  std::string client_id;
  const ShopKeys& keys;
  const Clock& clock;
  Random& random;
};

struct Endpoints {
  std::string issuer;
  std::string ask;
  std::string token;
  std::string revoke;  // "" when the vault has none
  std::string resource;
  std::string data;
  std::vector<std::pair<std::string, std::string>> terms;  // that the vault knows: id, digest

  std::string intent(std::string_view iid) const;
  std::string offer(std::string_view iid, std::string_view oid) const;
};

class VaultClient {
 public:
  // Reads the vault's two metadata documents (RFC 8414, RFC 9728). Malformed: `issuer` is no
  // address, or a document names another issuer or endpoints elsewhere. Unavailable: no answer.
  static Result<VaultClient> find(const Caller& caller, std::string_view issuer);

  const Endpoints& endpoints() const { return endpoints_; }

  // Good: the body has auth_req_id, expires_in and interval. NotFound: the vault knows no such terms.
  Result<Answer> ask(const Wish& wish, std::string_view subject);
  // Good: the body is what Tokens::from_answer reads. Refused with authorization_pending or
  // slow_down until the owner has decided.
  Result<Answer> poll(std::string_view auth_req_id);
  Result<Answer> refresh(std::string_view refresh_token);
  // Gives back what `token` is: by a refresh token the whole grant. Malformed: the vault takes nothing
  // back.
  Result<Answer> give_back(std::string_view token);
  // Good: the body has the data.
  Result<Answer> read(const Tokens& tokens, const std::vector<std::string>& fields,
                      std::string_view purpose);
  // Good: the body is those bytes of a document that was read.
  Result<Answer> read_part(const Tokens& tokens, std::string_view field, std::int64_t part,
                           std::string_view purpose);

  // With the intent's token. Good: the body says how the offer stands.
  Result<Answer> put_offer(std::string_view token, std::string_view iid, std::string_view oid,
                           const std::string& jws);
  Result<Answer> withdraw_offer(std::string_view token, std::string_view iid, std::string_view oid);
  // That there is nothing to offer.
  Result<Answer> pass_intent(std::string_view token, std::string_view iid);
  Result<Answer> show_intent(std::string_view token, std::string_view iid);
  Result<Answer> acknowledge(std::string_view token, std::string_view iid, const std::string& jws);

  // The halves of read(): a proof good for one read, and a read with a proof made before.
  std::string read_proof(const Tokens& tokens);
  Result<Answer> read_with(const std::string& proof, const Tokens& tokens,
                           const std::vector<std::string>& fields, std::string_view purpose);

 private:
  VaultClient(const Caller& caller, Endpoints endpoints)
      : caller_(caller), endpoints_(std::move(endpoints)) {}

  Pairs authenticated_form() const;
  Result<Wish> with_terms(const Wish& wish) const;
  std::string proof(std::string_view method, const std::string& url, std::string_view token);
  Result<Answer> call_with_token(std::string_view token, Call call);
  Result<Answer> call_token_endpoint(const Pairs& grant);
  Result<Answer> send_and_keep_nonce(const Call& call);

  Caller caller_;
  Endpoints endpoints_;
  std::string nonce_;  // the newest that the vault gave
};

}  // namespace vrm::shop
