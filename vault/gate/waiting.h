#pragma once
// What waits for the owner, to be told outside the vault: ids and handles, which are the vault's own words, and nothing
// that a brand wrote.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "vault/gate/vault.h"

namespace vrm::gate {

struct Waiting {
  std::set<std::string> requests;       // ids
  std::map<std::string, int> by_brand;  // how many each handle has
};

// The requests that wait for the owner's decision, but those of muted brands. Nothing: the vault is sealed or there is
// none, so it is not known.
std::optional<Waiting> waiting_in(const Vault& vault);

}  // namespace vrm::gate
