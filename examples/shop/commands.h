#pragma once
// What `vrm-shop` can be told on the command line, besides `serve`. Each gives the exit code:
// 0 done, 1 refused, with the status and the error code in one line.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "examples/shop/folder.h"
#include "examples/shop/rules.h"
#include "examples/shop/vault_client.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"

namespace vrm::shop {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;

// The shop as one command finds it: its folder, its keys, its name.
struct Desk {
  Folder folder;
  ShopKeys keys;
  Brand brand;
  const Clock& clock;
  Random& random;

  // NotFound: the shop was never opened.
  static Result<Desk> open(const std::string& path, const Clock& clock, Random& random);
  Caller caller() const { return {brand.client_id(), keys, clock, random}; }
};

// What was granted is read when `fields` or `purpose` is empty.
struct ReadPlan {
  std::vector<std::string> fields;
  std::string purpose;
  std::string save;  // a new file for the one document among them
};

Result<int> ask(const Desk& desk, const Wish& wish);
// `auth_req_id`: "" for the last question. It polls until the owner has decided or `wait` is over.
Result<int> collect(const Desk& desk, const std::string& auth_req_id, std::chrono::seconds wait);
Result<int> read(const Desk& desk, const ReadPlan& plan);
// Gives back the grants that `plan` names, and forgets their tokens.
Result<int> give_back(const Desk& desk, const ReadPlan& plan);
// An introduction that the owner pasted at the shop's site.
Result<int> meet(const Desk& desk, const std::string& introduction);

// Which client key the shop has; with `rotate` a new one is made first, and the former is lost. Vaults that pinned that
// let its grants rest until their owners accept the new one. What runs goes on with the former: serve again.
Result<int> show_keys(const Desk& desk, bool rotate);

// ATTACKS, for the story and the tests: a vault must refuse both.
// A thief with the shop's token but without its key.
Result<int> misuse_stolen_token(const Desk& thief, const Folder& victim);
// A captured request, sent a second time.
Result<int> misuse_replayed_proof(const Desk& desk, const ReadPlan& plan);

// Prints `answer` as a refusal and gives kRefused.
int refused(const Answer& answer);

}  // namespace vrm::shop
