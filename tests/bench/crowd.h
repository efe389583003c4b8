#pragma once
// Many brands in this process, each with its own keys, document and conversation with the vault;
// their web sites are ManySites.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "examples/shop/bound_token.h"
#include "examples/shop/keys.h"
#include "examples/shop/vault_client.h"
#include "tests/bench/bids.h"
#include "tests/bench/latency.h"
#include "tests/bench/many_sites.h"
#include "tests/bench/rig.h"
#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/crypto/system_random.h"

namespace vrm::bench {

// What a brand reads in a vrm-intent+jwt.
struct HeardIntent {
  std::string issuer;
  std::string iid;
  std::string auth_req_id;
};
// The signature is not looked at: this is no brand. Malformed: not an intent.
Result<HeardIntent> heard_intent(std::string_view jws);
// 7 of "/b7/vrm/intents". Malformed: another path.
Result<std::size_t> brand_of_path(std::string_view path);

class Crowd {
 public:
  static constexpr const char* kTag = "crowd";

  // The owner adds `brands` brands with the tag kTag. Both live longer than this. The errors are
  // those of the rig, of the folders of keys, and of the vault's answers.
  static Result<std::unique_ptr<Crowd>> open(Rig& rig, ManySites& sites, std::size_t brands);

  std::size_t size() const { return members_.size(); }
  const std::string& handle(std::size_t brand) const { return members_[brand]->handle; }

  // Every brand has had exactly one of these messages. Malformed: it has not.
  Result<void> hear(const std::vector<ManySites::Posted>& posted);
  // Each fetches its token for the intent that it heard last. Denied: the vault refused one.
  Result<void> fetch_tokens();
  // The signed bytes, made beforehand.
  Result<std::string> write_bid(std::size_t brand, const Bid& bid) const;
  // Puts an offer, waits for the answer, and tells when the call began. Denied: it was refused.
  // One call a brand at a time.
  Result<Moment> put(std::size_t brand, const std::string& jws);

 private:
  struct Member {
    explicit Member(shop::ShopKeys made) : keys(std::move(made)) {}
    std::string client_id;
    std::string handle;
    shop::ShopKeys keys;
    std::unique_ptr<shop::VaultClient> client;
    HeardIntent heard;
    shop::Pass pass;
  };

  Crowd() = default;
  Result<void> add(Rig& rig, ManySites& sites, const std::string& place);
  Result<void> fetch_token(Member& member);

  SystemClock clock_;
  crypto::SystemRandom random_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace vrm::bench
