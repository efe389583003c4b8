#pragma once
// The brand of the measurement: a vrm-shop inside this process, with one grant, that signs the
// proofs of its reads beforehand.

#include <memory>
#include <string>
#include <vector>

#include "examples/shop/keys.h"
#include "examples/shop/shopfront.h"
#include "examples/shop/vault_client.h"
#include "tests/bench/load.h"
#include "tests/bench/rig.h"
#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/crypto/system_random.h"

namespace vrm::bench {

// Denied: the vault's answer to `call` was another than wanted.
Error unexpected(std::string_view call, const shop::Answer& answer);

class BenchBrand {
 public:
  // The owner adds the brand, sets one field and grants it; the brand fetches its token.
  static Result<std::unique_ptr<BenchBrand>> open(Rig& rig);

  // The owner grants the field once more; the token for it.
  Result<shop::Tokens> another_grant(Rig& rig);
  // `count` grants more, each of a field of its own; nobody fetches their tokens.
  Result<void> grant_many(Rig& rig, int count);
  // One read with that token, whatever is answered.
  Result<shop::Answer> try_read(const shop::Tokens& tokens);

  // A fresh token, so that none runs out while it is measured.
  Result<void> refresh_token();
  // `count` proofs, each good for one read within the next half minute.
  Result<std::vector<std::string>> sign_proofs(std::size_t count);

  // A read whose proof is still to be put in; a fetch of the issuer's keys.
  Requests read_requests(std::span<const std::string> proofs) const;
  Requests constant_requests() const;

 private:
  BenchBrand(shop::Folder folder, shop::ShopKeys keys)
      : folder_(std::move(folder)), keys_(std::move(keys)) {}
  Result<void> be_introduced(Rig& rig);

  SystemClock clock_;
  crypto::SystemRandom random_;
  shop::Folder folder_;
  shop::ShopKeys keys_;
  std::unique_ptr<shop::Shopfront> front_;
  std::unique_ptr<shop::VaultClient> client_;
  shop::Tokens tokens_;
  std::string origin_, host_;
  std::string handle_;  // what the owner calls it
};

}  // namespace vrm::bench
